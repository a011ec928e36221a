"""Results are computed once, and calculations take turns."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from models.compute import Gate, computed_once, forget_results, largest, store_megabytes, tell_waiting


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    forget_results()


def test_thirty_viewers_who_ask_the_same_cost_one_calculation() -> None:
    calls: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    @computed_once
    def slow(text: str) -> str:
        calls.append(text)
        begun.set()
        go_on.wait(10)
        return text.upper()

    with ThreadPoolExecutor(30) as pool:
        answers = [pool.submit(slow, "a") for _ in range(30)]
        begun.wait(10)
        go_on.set()
        assert [answer.result() for answer in answers] == ["A"] * 30
    assert calls == ["a"]


def test_callbacks_and_spelling_of_the_call_do_not_count_but_values_do() -> None:
    calls: list[int] = []

    @computed_once
    def times(number: int, factor: int = 2, *, on_progress: Any = None) -> int:
        calls.append(number)
        return factor * number

    assert (times(1, on_progress=print), times(1, on_progress=len), times(2)) == (2, 2, 4)
    assert (times(number=1), times(1, 2), times(2, factor=2)) == (2, 2, 4)
    assert calls == [1, 2]
    assert times(2, 3) == 6


def test_two_functions_that_are_asked_the_same_both_answer() -> None:
    @computed_once
    def upper(text: str) -> str:
        return text.upper()

    @computed_once
    def title(text: str) -> str:
        return text.title()

    assert (upper("one text"), title("one text")) == ("ONE TEXT", "One Text")


def test_who_waits_for_the_same_calculation_of_another_is_told_and_can_leave() -> None:
    begun, told = threading.Event(), threading.Event()

    @computed_once
    def slow() -> str:
        begun.set()
        assert told.wait(10)
        return "done"

    def leave(ahead: int) -> None:
        told.set()
        raise InterruptedError

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slow)
        assert begun.wait(10)
        with tell_waiting(leave), pytest.raises(InterruptedError):
            slow()
        assert first.result() == "done"


def test_the_store_is_bounded_and_the_least_recently_used_goes_first() -> None:
    calls: list[int] = []

    @computed_once
    def eight_megabytes(number: int) -> bytes:
        calls.append(number)
        return bytes(2**23)

    for number in range(10):
        eight_megabytes(number)
        eight_megabytes(0)
        assert store_megabytes() <= 64 * 2**20 / 1e6
    eight_megabytes(9)
    eight_megabytes(1)
    assert calls == [*range(10), 1]


def test_long_questions_count_in_the_store() -> None:
    @computed_once
    def length(text: str, others: tuple[str, ...]) -> int:
        return len(text)

    tracemalloc.start()
    try:
        for number in range(2000):
            length(f"{number} " + "x" * 20_000, (f"{number} " + "y" * 20_000,))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 1e6 < 2 * store_megabytes(), "the texts themselves would be 80 MB"
    assert length("a" * 101, ()) == 101
    assert length("b" * 102, ()) == 102


def test_an_error_is_not_kept() -> None:
    calls: list[int] = []

    @computed_once
    def fails_once(number: int) -> int:
        calls.append(number)
        if len(calls) == 1:
            raise RuntimeError
        return number

    with pytest.raises(RuntimeError):
        fails_once(1)
    assert fails_once(1) == 1


def test_a_gate_lets_them_in_in_order_and_tells_the_place_in_the_line() -> None:
    gate = Gate(1)
    told: list[tuple[str, int]] = []
    entered: list[str] = []
    waits = {name: threading.Event() for name in "ab"}

    def viewer(name: str) -> None:
        def tell(ahead: int) -> None:
            told.append((name, ahead))
            waits[name].set()

        with tell_waiting(tell), gate.turn():
            entered.append(name)

    threads = []
    with gate.turn():
        for name in "ab":
            threads.append(threading.Thread(target=viewer, args=(name,)))
            threads[-1].start()
            assert waits[name].wait(10)
        assert entered == []
    for thread in threads:
        thread.join(10)
    assert entered == ["a", "b"]
    assert told[0] == ("a", 1)
    assert ("b", 2) in told
    assert told[-1] == ("b", 0)


def test_a_gate_of_two_lets_two_calculate_at_once_and_a_third_wait() -> None:
    gate, met, told = Gate(2), threading.Barrier(2), threading.Event()

    def viewer() -> None:
        with gate.turn():
            met.wait(10)  # breaks where only one is let in

    with ThreadPoolExecutor(3) as pool, gate.turn():
        with gate.turn():

            def third() -> None:
                with tell_waiting(lambda ahead: told.set()), gate.turn():
                    pass

            waiting = pool.submit(third)
            assert told.wait(10)
        waiting.result(10)
    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(viewer), pool.submit(viewer)]:
            one.result(20)


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True)])
def test_who_measures_is_alone_although_there_are_two_places(first: bool, second: bool) -> None:
    gate, told, entered, ahead = Gate(2), threading.Event(), threading.Event(), []

    def tell(number: int) -> None:
        ahead.append(number)
        told.set()

    def viewer() -> None:
        with tell_waiting(tell), gate.turn(alone=second):
            entered.set()

    with ThreadPoolExecutor(1) as pool:
        with gate.turn(alone=first):
            waiting = pool.submit(viewer)
            assert told.wait(10)
            assert not entered.is_set()
        waiting.result(10)
    assert entered.is_set()
    assert ahead == [1, 0], "calculations before this one, not places"


def test_who_leaves_while_waiting_gives_up_the_place() -> None:
    gate = Gate(1)

    def leave(ahead: int) -> None:
        raise InterruptedError

    def viewer() -> None:
        with tell_waiting(leave), pytest.raises(InterruptedError), gate.turn():
            pass

    with ThreadPoolExecutor(1) as pool, gate.turn():
        pool.submit(viewer).result(10)
    with gate.turn():
        pass


@pytest.mark.parametrize("k", [1, 5, 40])
def test_the_largest_are_those_of_a_stable_sort(k: int) -> None:
    row = np.random.default_rng(0).integers(0, 9, 30).astype(np.float32)  # many are equal
    assert largest(row, k).tolist() == np.argsort(-row, kind="stable")[:k].tolist()
