"""Generation and scoring against Transformers called directly."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, OpenAIGPTConfig, OpenAIGPTLMHeadModel

from models import compute, generation, kv_cache
from models.generation import count_tokens, generate, score, surprise, window_of
from models.loading import LoadedModel, LoadedTokenizer
from models.results import GenerationSettings, Origin, PlaygroundError

PROMPT = "Review: I loved this film.\nSentiment: positive\n\nReview: A waste of time.\nSentiment:"


TINY: dict[str, Any] = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 128, "initializer_range": 0.4}


def tiny(network: Any, tokenizer: LoadedTokenizer) -> LoadedModel:
    return LoadedModel(network.eval(), tokenizer, Origin(None, "tiny", "embedded", "nowhere"))


@pytest.fixture(scope="module")
def model(gpt2: LoadedTokenizer) -> LoadedModel:
    """GPT-2's architecture and tokenizer with random weights: small, and far from ties."""
    torch.manual_seed(0)
    return tiny(GPT2LMHeadModel(GPT2Config(**TINY)), gpt2)


@pytest.fixture(scope="module")
def gpt1(gpt2: LoadedTokenizer) -> LoadedModel:
    """GPT-1's architecture, which has no cache of keys and values."""
    torch.manual_seed(0)
    return tiny(OpenAIGPTLMHeadModel(OpenAIGPTConfig(vocab_size=50257, **TINY)), gpt2)


def last(model: LoadedModel, prompt: str, **settings: Any) -> Any:
    return list(generate(model, prompt, GenerationSettings(**settings)))[-1]


def theirs(model: LoadedModel, prompt: str, **settings: Any) -> list[int]:
    encoding = model.tokenizer.tokenizer(prompt, return_tensors="pt")
    with torch.inference_mode():
        output = model.model.generate(**encoding, pad_token_id=50256, **settings)
    found: list[int] = output[0, encoding["input_ids"].shape[1] :].tolist()
    return found


@pytest.mark.parametrize(("prompt", "penalty"), [(PROMPT, 1.0), (PROMPT, 1.3), ("Who broadcasts Who", 1.3)])
def test_greedy_equals_generate_token_for_token(model: LoadedModel, prompt: str, penalty: float) -> None:
    ours = last(model, prompt, max_new_tokens=30, repetition_penalty=penalty)
    expected = theirs(model, prompt, max_new_tokens=30, do_sample=False, repetition_penalty=penalty)
    assert [step.token_id for step in ours.steps] == expected
    assert ours.ended_by == "length"


def test_gpt1_reads_everything_again_with_every_token(gpt1: LoadedModel, model: LoadedModel) -> None:
    other, ours = (last(one, PROMPT, max_new_tokens=12) for one in (model, gpt1))
    assert other != ours, "the same request to another model is another one"
    ids = gpt1.tokenizer.tokenizer(PROMPT)["input_ids"]
    with torch.inference_mode():
        for step in ours.steps:
            logits = gpt1.model(input_ids=torch.tensor([ids])).logits[0, -1]
            assert step.token_id == int(logits.argmax())
            ids = [*ids, step.token_id]


def test_samples_equal_generate_with_the_same_seed(model: LoadedModel) -> None:
    settings: dict[str, Any] = {"temperature": 0.8, "top_k": 20, "top_p": 0.9}
    ours = last(model, PROMPT, do_sample=True, seed=5, max_new_tokens=20, **settings)
    torch.manual_seed(5)
    assert [step.token_id for step in ours.steps] == theirs(
        model, PROMPT, do_sample=True, max_new_tokens=20, **settings
    )
    again = last(model, PROMPT, do_sample=True, seed=5, max_new_tokens=19, **settings)
    assert again.steps == ours.steps[:19]
    assert last(model, PROMPT, do_sample=True, seed=6, max_new_tokens=20, **settings).text != ours.text


def test_alternatives_show_what_the_filters_cut_away(model: LoadedModel) -> None:
    [step] = last(model, PROMPT, do_sample=True, top_k=3, temperature=0.5, max_new_tokens=1).steps
    encoding = model.tokenizer.tokenizer(PROMPT, return_tensors="pt")
    with torch.inference_mode():
        logits = model.model(**encoding).logits[0, -1]
    before = logits.softmax(-1)
    top = logits.topk(3)
    after = (top.values / 0.5).softmax(-1)
    assert step.kept == 3
    assert [one.token_id for one in step.alternatives][:3] == top.indices.tolist()
    for number, one in enumerate(step.alternatives):
        assert one.probability == pytest.approx(before[one.token_id].item(), abs=1e-6)
        assert one.filtered == pytest.approx(after[number].item() if number < 3 else 0.0, abs=1e-6)
    assert step.token_id in [one.token_id for one in step.alternatives]


def test_top_p_cuts_what_the_temperature_has_left(model: LoadedModel) -> None:
    [step] = last(model, PROMPT, do_sample=True, top_p=0.9, temperature=2.0, max_new_tokens=1).steps
    with torch.inference_mode():
        logits = model.model(**model.tokenizer.tokenizer(PROMPT, return_tensors="pt")).logits[0, -1]
    kept = []
    for temperature in (1.0, 2.0):
        shares = (logits / temperature).softmax(-1).sort(descending=True).values.double()
        kept.append(int((shares.cumsum(-1) - shares < 0.9).sum()))
    assert 1.1 * kept[0] < kept[1]
    assert step.kept == pytest.approx(kept[1], abs=2)


def test_a_low_temperature_cuts_nothing_away(model: LoadedModel) -> None:
    [step] = last(model, PROMPT, do_sample=True, temperature=0.1, top_k=0, top_p=1.0, max_new_tokens=1).steps
    assert step.kept == model.model.config.vocab_size
    assert all(one.filtered > 0 for one in step.alternatives)


def test_what_is_kept_of_prompts_goes_with_the_model(model: LoadedModel) -> None:
    other = LoadedModel(copy.deepcopy(model.model), model.tokenizer, model.origin)
    last(other, PROMPT, max_new_tokens=1)
    assert other.model in kv_cache._prefixes
    gone = weakref.ref(other.model)
    del other
    gc.collect()
    assert gone() is None, "nothing that was kept holds the model"


def test_a_known_beginning_is_not_read_again(model: LoadedModel) -> None:
    first = last(model, PROMPT, max_new_tokens=8)
    longer = last(model, PROMPT + " negative\n\nReview: Wonderful.", max_new_tokens=8)
    assert longer.reused_tokens == first.prompt_tokens
    fresh = theirs(model, PROMPT + " negative\n\nReview: Wonderful.", max_new_tokens=8, do_sample=False)
    assert [step.token_id for step in longer.steps] == fresh
    again = last(model, PROMPT, max_new_tokens=9)
    assert again.reused_tokens == first.prompt_tokens - 1
    assert [one.text for one in again.steps[:8]] == [one.text for one in first.steps], "what followed leaves no trace"
    shares = [[one.probability for one in found.steps[:8]] for found in (again, first)]
    assert shares[0] == pytest.approx(shares[1], rel=1e-4), "the last token of the prompt is read alone this time"


def test_the_same_request_is_not_computed_again(model: LoadedModel) -> None:
    first = last(model, PROMPT, max_new_tokens=7, do_sample=True, seed=9)
    calls: list[int] = []
    handle = model.model.register_forward_hook(lambda *_: calls.append(1))
    assert list(generate(model, PROMPT, first.settings)) == [first]
    handle.remove()
    assert calls == []


def test_a_stop_string_ends_before_itself(model: LoadedModel) -> None:
    whole = last(model, PROMPT, max_new_tokens=12)
    stop = whole.text[5:8]
    stopped = last(model, PROMPT, max_new_tokens=12, stop=(stop, "never comes"))
    assert stopped.ended_by == "stop"
    assert stopped.text == whole.text[: whole.text.index(stop)]
    assert last(model, PROMPT, max_new_tokens=12, stop=("never comes",)).ended_by == "length"
    longer = whole.text[4:8]  # ends with the same letter, and begins before
    assert last(model, PROMPT, max_new_tokens=12, stop=(longer, stop)).text == whole.text[: whole.text.index(longer)]


def test_the_end_of_the_window_ends_generation(model: LoadedModel) -> None:
    prompt = "a " * 60
    found = last(model, prompt, max_new_tokens=500)
    assert found.ended_by in ("window", "end of text")
    assert found.prompt_tokens + len(found.steps) <= window_of(model) == 128
    with pytest.raises(PlaygroundError, match="reads 128 here"):
        last(model, "a " * 200)
    with pytest.raises(PlaygroundError, match="no text"):
        last(model, " ")


def test_who_stops_asking_stops_the_work(model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    read = kv_cache.read
    monkeypatch.setattr(kv_cache, "read", lambda *given: (calls.append(1), read(*given))[1])
    stream = generate(model, "Something new", GenerationSettings(max_new_tokens=50))
    for _ in range(3):
        next(stream)
    stream.close()
    assert len(calls) == 2


def test_who_asks_for_the_same_at_the_same_time_shares_the_work(
    model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    read = kv_cache.read
    monkeypatch.setattr(kv_cache, "read", lambda *given: (calls.append(1), read(*given))[1])
    settings = GenerationSettings(max_new_tokens=6, do_sample=True, seed=77)
    one, other = generate(model, "A whole class", settings), generate(model, "A whole class", settings)
    first = [next(one), next(one)]
    behind = [next(other)]
    one.close()  # whoever goes leaves the rest to the others
    behind += list(other)
    assert behind[:2] == first
    assert len(behind[-1].steps) == 6
    assert len(calls) == 6
    assert list(generate(model, "A whole class", settings)) == behind[-1:]


def test_whoever_is_interrupted_while_computing_takes_nothing_from_the_others(
    model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A viewer who leaves the page ends in the middle of a step, by an exception of Streamlit's."""
    settings = GenerationSettings(max_new_tokens=6, do_sample=True, seed=78)
    expected = list(generate(model, "Somebody leaves", settings))
    generation._finished.clear()
    one, other = generate(model, "Somebody leaves", settings), generate(model, "Somebody leaves", settings)
    told = [next(other)]
    for _ in range(2):
        next(one)
    read = kv_cache.read
    monkeypatch.setattr(kv_cache, "read", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        next(one)
    monkeypatch.setattr(kv_cache, "read", read)
    told += other
    assert [[step.token_id for step in part.steps] for part in told] == [
        [step.token_id for step in part.steps] for part in expected
    ]


def test_text_grows_by_whole_characters(model: LoadedModel) -> None:
    for part in generate(model, "🍮", GenerationSettings(do_sample=True, temperature=3.0, max_new_tokens=40)):
        assert not part.text.endswith("\ufffd")
        assert "".join(step.text for step in part.steps) == part.text
    ranks = [[one.token_id for one in step.alternatives].index(step.token_id) for step in part.steps]
    assert max(ranks) == generation.SHOWN - 1, "what was chosen is shown too where it was improbable"


def log_likelihood(model: LoadedModel, prompt: str, answer: str) -> float:
    tokenizer = model.tokenizer.tokenizer
    ids, own = tokenizer(prompt)["input_ids"], tokenizer(answer)["input_ids"]
    with torch.inference_mode():
        scores = model.model(input_ids=torch.tensor([ids + own])).logits[0].log_softmax(-1)
    return sum(scores[len(ids) + n - 1, token].item() for n, token in enumerate(own))


@pytest.mark.parametrize("name", ["model", "gpt1"])
def test_scores_equal_a_direct_computation(name: str, request: pytest.FixtureRequest) -> None:
    model: LoadedModel = request.getfixturevalue(name)
    candidates = (" positive", " negative", " unbelievably mediocre", " neutral")
    found = score(model, PROMPT, candidates, "Review: N/A\nSentiment:")
    for one in found:
        total = log_likelihood(model, PROMPT, one.candidate)
        assert one.total == pytest.approx(total, abs=1e-3)
        assert one.tokens == count_tokens(model, one.candidate)
        assert one.mean == pytest.approx(total / one.tokens, abs=1e-3)
        bias = log_likelihood(model, "Review: N/A\nSentiment:", one.candidate)
        assert one.calibrated == pytest.approx(total - bias, abs=1e-3)
    with pytest.raises(PlaygroundError, match="at least one letter"):
        score(model, PROMPT, (" yes", " "))


@pytest.mark.parametrize("name", ["model", "gpt1"])
def test_many_answers_are_read_in_parts(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    model: LoadedModel = request.getfixturevalue(name)
    rows: list[int] = []
    read = kv_cache.read_rows
    monkeypatch.setattr(kv_cache, "read_rows", lambda m, ids, c: (rows.append(len(ids)), read(m, ids, c))[1])
    monkeypatch.setattr(generation, "_TOKENS_AT_ONCE", 100)
    answers = tuple(f" {word} and more" for word in ("one", "two", "three", "unbelievable", "five"))
    found = score(model, PROMPT, answers)
    assert [one.total for one in found] == pytest.approx([log_likelihood(model, PROMPT, a) for a in answers], abs=1e-3)
    assert max(rows[1:]) * count_tokens(model, PROMPT + answers[3]) <= 100, "of keys and values at the same time"


def test_answers_without_end_are_not_read(model: LoadedModel) -> None:
    with pytest.raises(PlaygroundError, match="At most 20 answers"):
        score(model, PROMPT, (" a",) * 21)
    with pytest.raises(PlaygroundError, match="at most 200 tokens"):
        score(model, PROMPT, (" a" * 201, " b"))


@pytest.mark.parametrize("at_once", [1024, 16])
def test_surprise_equals_a_direct_computation(
    model: LoadedModel, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Also where the text is read in parts."""
    compute.forget_results()
    monkeypatch.setattr(generation, "_LOGITS_AT_ONCE", at_once)
    text = "The chef ate the 🍮 meal."
    found = surprise(model, text)
    tokenizer = model.tokenizer.tokenizer
    encoding = tokenizer(text, return_offsets_mapping=True)
    input_ids = torch.tensor([[tokenizer.vocab["<|endoftext|>"], *encoding["input_ids"]]])
    with torch.inference_mode():
        output = model.model(input_ids=input_ids, labels=input_ids)
    assert found.loss == pytest.approx(output.loss.item(), rel=1e-5)
    assert np.mean([one.loss for one in found.tokens]) == pytest.approx(output.loss.item(), rel=1e-5)
    assert found.perplexity == pytest.approx(output.loss.exp().item(), rel=1e-4)
    assert [one.offsets for one in found.tokens] == encoding["offset_mapping"]
    probabilities = output.logits[0].softmax(-1)
    for one, row, token in zip(found.tokens, probabilities, encoding["input_ids"], strict=False):
        assert one.probability == pytest.approx(row[token].item(), abs=1e-6)
        assert one.rank == int((row > row[token]).sum()) + 1


def test_a_model_without_a_start_of_text_says_nothing_of_the_first_token(
    model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As GPT-1: no token stands in front of a text."""
    monkeypatch.setattr(generation, "document_start", lambda _: None)
    text = "A dentist ate the 🍮 meal."
    found = surprise(model, text)
    input_ids = model.tokenizer.tokenizer(text, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        output = model.model(input_ids=input_ids, labels=input_ids)
    assert found.loss == pytest.approx(output.loss.item(), rel=1e-5)
    assert found.perplexity == pytest.approx(output.loss.exp().item(), rel=1e-4)
    assert found.tokens[0].rank is None
    assert found.tokens[0].loss is None
    row = output.logits[0, 0].softmax(-1)
    assert found.tokens[1].probability == pytest.approx(row[input_ids[0, 1]].item(), abs=1e-6)
