"""A small knowledge graph: its triples as sentences, and what of it lies around the words of a text.

KagNet (Lin et al. 2019) reasons over such a piece of a graph; ERNIE (Zhang et al. 2019) puts a graph's entities into a
model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from models.results import CandidatePath, GraphNode, KnowledgeGraph, Triple

__all__ = ["neighbourhood", "read_triples", "sentence_of"]

_MOST_CANDIDATES = 20
_ROUNDS = 8  # of sorting the columns of the graph; four are enough for most
_NO_ARTICLE = {
    "water", "food", "bread", "butter", "cheese", "milk", "meat", "beef", "pork", "ham", "sugar", "salt",
    "flour", "wood", "timber", "metal", "iron", "steel", "gold", "silver", "copper", "tin", "lead", "aluminum",
    "glass", "paper", "plastic", "leather", "wool", "cotton", "silk", "fabric", "sand", "clay", "bronze",
    "brass", "rain", "snow", "ice", "wind", "weather", "precipitation", "clothing", "footwear", "furniture",
    "tea", "coffee", "wine", "beer", "juice", "alcohol", "lemonade", "grass", "hair", "blood", "skin", "fur",
    "cement", "soap", "money", "cutlery", "spring", "summer", "autumn", "winter", "citrus", "ceramic", "fruit",
    "africa", "antarctica", "waterfowl",
}  # fmt: skip
_MANY = {"scissors", "pliers", "stairs", "trousers", "baked goods", "grapes"}


def _noun(word: str) -> str:
    """With its article: "a spade", "an axe", "water"."""
    if word in _NO_ARTICLE or word in _MANY or word.endswith(" transport"):
        return word
    return f"{'an' if word[0] in 'aeiou' and not word.startswith('uni') else 'a'} {word}"


def _particle(word: str, pair: tuple[str, str]) -> str:
    """The word with the particle that its last syllable takes: after a final consonant the first of the pair."""
    final = (ord(word[-1]) - 0xAC00) % 28 if "가" <= word[-1] <= "힣" else 0
    closed = final > 0 and not (pair[0] == "으로" and final == 8)  # ㄹ takes 로
    return word + pair[0 if closed else 1]


def sentence_of(head: str, relation: str, tail: str, language: str = "en") -> str:
    """A triple as a sentence.

    >>> sentence_of("spade", "is-a", "hand tool")
    'A spade is a kind of hand tool.'
    """
    if language == "ko":
        topic = _particle(head, ("은", "는"))
        return {
            "is-a": f"{topic} {tail}의 한 종류이다.",
            "has-part": f"{_particle(tail, ('은', '는'))} {head}의 한 부분이다.",
            "made-of": f"{topic} {_particle(tail, ('으로', '로'))} 만든다.",
            "opposite-of": f"{head}의 반대말은 {tail}이다.",
            "used-for": f"{topic} {tail}에 쓴다.",
            "found-in": f"{topic} {tail}에 있다.",
        }[relation]
    is_ = "are" if head in _MANY else "is"
    place = tail.capitalize() if tail in ("africa", "antarctica") else f"the {tail}"
    sentence = {
        "is-a": f"{_noun(head)} {is_} a kind of {tail}.",
        "has-part": f"{_noun(tail)} is part of {_noun(head)}.",
        "made-of": f"{_noun(head)} {is_} made of {tail}.",
        "opposite-of": f"{head} is the opposite of {tail}.",
        "used-for": f"{_noun(head)} {is_} used for {tail}.",
        "found-in": f"{_noun(head)} {is_} found in {place}.",
    }[relation]
    return sentence[0].upper() + sentence[1:]


def read_triples(lines: Sequence[str], language: str = "en") -> tuple[Triple, ...]:
    """The rows of ``triples.tsv`` in one language; the first line names the columns."""
    rows = [line.split("\t") for line in lines[1:]]
    return tuple(Triple(h, r, t, source, sentence_of(h, r, t, own)) for h, r, t, own, source in rows if own == language)


def _mentioned(names: set[str], text: str) -> list[str]:
    """Names of the graph in a text, in their order there; a plural s and Korean particles may follow."""
    text, found = text.lower(), []
    for name in names:
        if name not in text:  # patterns are slow to compile, and more than Python keeps
            continue
        ending = r"" if re.search("[가-힣]", name) else r"(?:s|es)?\b"
        if match := re.search(rf"(?<!\w){re.escape(name)}{ending}", text):
            found.append((match.start(), -len(name), name))
    return [name for *_, name in sorted(found)]


def neighbourhood(
    triples: Sequence[Triple],
    text: str,
    candidates: Sequence[str] = (),
    *,
    hops: int = 2,
    most: int = 30,
    per_word: int = 3,
) -> KnowledgeGraph:
    """The triples within some hops of the words of a text and of the candidates for its blank, and the paths between them.

    At most ``most`` triples, and ``per_word`` that begin a hop away. Those between two words come first (KagNet's schema
    graphs are made of such paths, Lin et al. 2019, section 2), then what is near.
    """
    import networkx as nx

    graph = nx.Graph()
    graph.add_edges_from((one.head, one.tail) for one in triples)
    text, candidates = text[:2000], list(dict.fromkeys(candidates))[:_MOST_CANDIDATES]
    words = _mentioned(set(graph), f"{text} {' '.join(candidates)[:1000]}")[:12]
    distance = dict.fromkeys(words, 0)
    for word in words:
        for name, far in nx.single_source_shortest_path_length(graph, word, cutoff=hops).items():
            distance[name] = min(far, distance.get(name, far))
    on_path: set[frozenset[str]] = set()
    for number, one in enumerate(words):
        for other in words[:number]:
            if nx.has_path(graph, one, other):
                path = nx.shortest_path(graph, one, other)
                if len(path) - 1 <= 2 * hops:
                    on_path |= {frozenset(pair) for pair in pairwise(path)}

    def nearness(one: Triple) -> tuple[bool, int, int]:
        ends = sorted((distance.get(one.head, 99), distance.get(one.tail, 99)))
        return frozenset((one.head, one.tail)) not in on_path, ends[0], ends[1]

    near = [one for one in triples if nearness(one)[1] < hops and nearness(one)[2] <= hops]
    near.sort(key=nearness)
    shown: list[Triple] = []
    further: dict[str, int] = {}  # triples drawn from a word that is not the text's
    for triple in near:
        hub = min((triple.head, triple.tail), key=lambda name: (distance[name], name))
        if frozenset((triple.head, triple.tail)) not in on_path and distance[hub] > 0:
            further[hub] = further.get(hub, 0) + 1
            if further[hub] > per_word:
                continue
        if len(shown) < most:
            shown.append(triple)
    drawn = nx.Graph()
    drawn.add_nodes_from(words)
    drawn.add_edges_from((one.head, one.tail) for one in shown)
    places = _layout(drawn, {name: distance[name] for name in drawn})
    nodes = tuple(GraphNode(name, distance[name], *places[name]) for name in drawn)
    concepts = _mentioned(set(graph), text)[:12]
    relations = {frozenset((one.head, one.tail)): one.relation for one in reversed(triples)}
    paths = tuple(_path(graph, relations, concepts, one) for one in candidates)
    return KnowledgeGraph(nodes, tuple(shown), len(near) - len(shown), tuple(concepts), paths)


def _path(
    graph: Any, relations: Mapping[frozenset[str], str], concepts: Sequence[str], candidate: str
) -> CandidatePath:
    """The shortest of the paths between the concepts of a question and those of a candidate."""
    import networkx as nx

    own = _mentioned(set(graph), candidate[:100])
    paths = [nx.shortest_path(graph, one, other) for one in concepts for other in own if nx.has_path(graph, one, other)]
    words: list[str] = min(paths, key=len, default=[])
    return CandidatePath(
        candidate, tuple(own), tuple(words), tuple(relations[frozenset(pair)] for pair in pairwise(words))
    )


def _layout(graph: Any, hops: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """A column for each number of hops, from left to right; x counts columns, y goes from 0 to 1.

    Within a column words go where their neighbours are on average, over and over (the barycentric method of Sugiyama et
    al. 1981), so that few lines cross.
    """
    import networkx as nx

    order = list(dict.fromkeys(name for start in graph for name in nx.dfs_preorder_nodes(graph, start)))
    columns = [[name for name in order if hops[name] == column] for column in range(max(hops.values(), default=0) + 1)]
    places: dict[str, tuple[float, float]] = {}

    def put(number: int, column: Sequence[str]) -> None:
        places.update({name: (number, 1 - (row + 0.5) / len(column)) for row, name in enumerate(column)})

    for number, column in enumerate(columns):
        put(number, column)
    for _ in range(_ROUNDS):
        for number, column in enumerate(columns):
            column.sort(key=lambda name: -sum(places[one][1] for one in graph[name]) / max(1, len(graph[name])))
            put(number, column)
    return places
