"""The graph against networkx and brute force, its triples as sentences."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import networkx
import pytest

from components.content import examples_of, lines_of
from models.knowledge_graph import neighbourhood, read_triples, sentence_of
from models.results import Triple
from training.wordnet_triples import OTHER_SENSES, OURS, WORDS

TRIPLES = read_triples(lines_of("knowledge", "triples.tsv"))


def test_the_bundled_triples_are_words_of_the_list_and_say_where_they_come_from() -> None:
    assert 300 <= len(TRIPLES) <= 700
    own = {(one.head, one.relation, one.tail) for one in TRIPLES if one.source == "this project"}
    assert own == {tuple(one) for one in OURS}
    for one in TRIPLES:
        if one.source == "WordNet 3.0":
            assert {one.head, one.tail} <= WORDS
            assert (one.head, one.relation, one.tail) not in OTHER_SENSES
    assert len(read_triples(lines_of("knowledge", "triples.tsv"), "ko")) > 30


@pytest.mark.parametrize(
    ("triple", "language", "sentence"),
    [
        (("spade", "is-a", "hand tool"), "en", "A spade is a kind of hand tool."),
        (("bird", "has-part", "wing"), "en", "A wing is part of a bird."),
        (("axe", "made-of", "steel"), "en", "An axe is made of steel."),
        (("uniform", "made-of", "wool"), "en", "A uniform is made of wool."),
        (("scissors", "used-for", "cutting paper"), "en", "Scissors are used for cutting paper."),
        (("cold", "opposite-of", "hot"), "en", "Cold is the opposite of hot."),
        (("삽", "is-a", "연장"), "ko", "삽은 연장의 한 종류이다."),
        (("치즈", "made-of", "우유"), "ko", "치즈는 우유로 만든다."),
        (("떡", "made-of", "쌀"), "ko", "떡은 쌀로 만든다."),
        (("두부", "made-of", "콩"), "ko", "두부는 콩으로 만든다."),
    ],
)
def test_a_triple_as_a_sentence(triple: tuple[str, str, str], language: str, sentence: str) -> None:
    assert sentence_of(*triple, language) == sentence


@pytest.mark.parametrize("hops", [1, 2])
def test_nothing_is_further_than_the_hops(hops: int) -> None:
    found = neighbourhood(TRIPLES, "The birds sat on a hammer.", hops=hops, most=1000, per_word=1000)
    starts = {node.name for node in found.nodes if node.hops == 0}
    assert starts == {"bird", "hammer"}
    graph = networkx.Graph([(one.head, one.tail) for one in TRIPLES])
    near = {
        name
        for start in starts
        for name, far in networkx.single_source_shortest_path_length(graph, start).items()
        if far <= hops
    }
    assert {node.name for node in found.nodes} == near
    assert found.left_out == 0
    far = {node.name: node.hops for node in found.nodes}
    assert all(min(far[one.head], far[one.tail]) < hops for one in found.triples), "each is a step from what is nearer"
    assert found == neighbourhood(TRIPLES, "The birds sat on a hammer.", hops=hops, most=1000, per_word=1000)


def test_a_word_that_many_are_related_to_does_not_fill_the_picture() -> None:
    edges = [
        ("hammer", "head"),
        *((f"thing {n}", "head") for n in range(9)),
        *(("hammer", f"part {n}") for n in range(5)),
    ]
    triples = tuple(Triple(head, "has-part", tail, "this project", "") for head, tail in edges)
    found = neighbourhood(triples, "A hammer.", per_word=2)
    assert sum(node.hops == 1 for node in found.nodes) == 6
    assert sum(node.hops == 2 for node in found.nodes) == 2
    assert found.left_out == 7


def test_a_korean_sentence_finds_its_words() -> None:
    korean = read_triples(lines_of("knowledge", "triples.tsv"), "ko")
    found = neighbourhood(korean, "꽃을 심으려고 삽으로 땅을 팠다.")
    assert {node.name for node in found.nodes if node.hops == 0} == {"꽃", "삽"}
    assert "삽은 땅 파기에 쓴다." in [one.sentence for one in found.triples]


def test_each_hop_has_its_column_and_lines_that_need_not_cross_do_not() -> None:
    edges = [("saw", "wood"), ("cup", "tea"), ("gun", "war"), ("wood", "tree"), ("tea", "leaf"), ("war", "peace")]
    triples = tuple(Triple(head, "is-a", tail, "this project", "") for head, tail in edges)
    places = {one.name: one for one in neighbourhood(triples, "A gun, a cup and a saw.").nodes}
    assert all(one.x == one.hops for one in places.values())
    for column in (("saw", "cup", "gun"), ("wood", "tea", "war"), ("tree", "leaf", "peace")):
        assert sorted({places[name].y for name in column}) == pytest.approx([1 / 6, 1 / 2, 5 / 6])
    for head, tail in edges:
        assert places[head].y == places[tail].y


def test_paths_between_the_words_come_first() -> None:
    path = [("hammer", "tool"), ("tool", "kit"), ("saw", "kit")]
    edges = [*(("hammer", f"thing {n}") for n in range(20)), *path]
    triples = tuple(Triple(head, "is-a", tail, "this project", "") for head, tail in edges)
    found = neighbourhood(triples, "A saw and a hammer.", most=3)
    assert {(one.head, one.tail) for one in found.triples} == set(path)
    assert found.concepts == ("saw", "hammer"), "in the order of the text"
    assert found.left_out == 20
    neighbours = neighbourhood(triples, "A tool for a hammer.").nodes
    assert {one.name for one in neighbours if one.hops == 0} == {"tool", "hammer"}
    assert neighbourhood(triples, "Nothing of it.").nodes == ()


def test_paths_to_the_candidates_equal_those_of_networkx() -> None:
    """The example's claims too: two steps to spade and rake, four to shovel and hammer, no path to the gun."""
    values = examples_of("knowledge")[6].values
    candidates = [*values["candidates"].split(", "), "hand tools", "bulldozer"]
    found = {
        one.candidate: one
        for one in neighbourhood(TRIPLES, "To plant a flower he dug the ground with a [MASK].", candidates).paths
    }
    graph = networkx.Graph()
    graph.add_edges_from((one.head, one.tail) for one in TRIPLES)
    for name in ("spade", "rake", "shovel", "hammer"):
        assert list(found[name].words) == networkx.shortest_path(graph, "flower", name)
        for pair, relation in zip(itertools.pairwise(found[name].words), found[name].relations, strict=True):
            ends = [(one.head, one.tail) for one in TRIPLES if one.relation == relation]
            assert pair in ends or pair[::-1] in ends
    assert [len(one.relations) for one in found.values()] == [2, 2, 4, 4, 0, 3, 0]
    assert found["hand tools"].words[-1] == "tool"  # nearer than "hand tool"
    assert (found["gun"].concepts, found["gun"].words) == (("gun",), ())
    assert (found["bulldozer"].concepts, found["bulldozer"].words) == ((), ())
    assert not networkx.has_path(graph, "flower", "gun")
    assert not networkx.has_path(graph, "plant", "gun")


def test_of_two_relations_between_the_same_words_the_first_is_named() -> None:
    triples = tuple(Triple("axe", relation, "wood", "this project", "") for relation in ("used-for", "made-of"))
    [path] = neighbourhood(triples, "An axe.", ["wood"]).paths
    assert (path.words, path.relations) == (("axe", "wood"), ("used-for",))


def test_the_graph_has_the_same_places_after_each_start() -> None:
    """Python orders a set of strings anew at each start."""
    script = (
        "from components.content import lines_of; from models.knowledge_graph import neighbourhood, read_triples;"
        "triples = read_triples(lines_of('knowledge', 'triples.tsv'), 'en');"
        "print(neighbourhood(triples, 'A plant, a gun and a hammer.').nodes)"
    )
    starts = [
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    ]
    assert starts[0] == starts[1] != b""
