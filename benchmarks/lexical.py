"""BM25 over many passages, beside rank-bm25 and bm25s."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import chain
from typing import Any, Final

import numpy as np

from benchmarks.measure import OURS, Options, Row, Section, in_turn, median, say, section
from benchmarks.texts import Recombined, load_collection, texts_of
from rag.records import Bm25Parameters
from rag.stores.analyzer import TextAnalyzer
from rag.stores.local.lexical import LexicalIndex
from rag.stores.local.postings import build_postings

RANK_BM25: Final = "rank-bm25"
BM25S: Final = "bm25s"
BM25S_NUMBA: Final = "bm25s with numba"

DEPTH: Final = 100
_TERMS: Final = 6
_QUERIES: Final = 20

Search = Callable[[list[str]], object]


def lexical(options: Options) -> Section:
    """Indexing and searching, and the difference of our scores from rank-bm25's."""
    collection = load_collection(options.data, options.split)
    corpus = _terms(Recombined(texts_of(collection)), options.passages)
    queries = _queries(corpus, _QUERIES)
    building: dict[str, float] = {}
    searches: dict[str, Search] = {}
    engines: dict[str, Any] = {}
    for side, make in _makers().items():
        say(f"  {side}: index {len(corpus):,} passages")
        begun = time.perf_counter()
        engines[side], searches[side] = make(corpus)
        building[side] = time.perf_counter() - begun
    say(f"  {len(queries)} queries on each side in turn")
    times = in_turn(searches, queries, options.rounds)
    apart = max(_difference(engines[OURS], engines[RANK_BM25], query) for query in queries)
    words = np.mean([len(terms) for terms in corpus])
    return section(
        "lexical",
        "BM25",
        f"{len(corpus):,} passages of {words:.0f} terms recombined from {collection.name}, queries of"
        f" {_TERMS} terms of one passage, to a top {DEPTH}; the same terms on all sides, one query on"
        " each side in turn, each asked once before, so that our weights of its terms are remembered."
        " Largest difference between our score of any passage and rank-bm25's:"
        f" {apart:.1e}.",
        (
            Row("one query", "ms", {s: median(t) * 1000 for s, t in times.items()}),
            Row("index made of the terms", "s", building),
        ),
        ("numpy", RANK_BM25, BM25S, *(["numba"] if BM25S_NUMBA in searches else [])),
    )


def _terms(texts: Recombined, count: int) -> list[list[str]]:
    """The terms of passages; each stretch is analyzed once."""
    analyzer = TextAnalyzer()
    known = [analyzer(stretch) for stretch in texts.stretches]
    return [list(chain.from_iterable(known[number] for number in row)) for row in texts.draw(count)]


def _queries(corpus: Sequence[Sequence[str]], count: int) -> list[list[str]]:
    """Queries of different terms, each from one passage."""
    random = np.random.default_rng(1)
    queries = []
    for number in random.integers(0, len(corpus), count).tolist():
        terms = sorted(set(corpus[number]))
        queries.append(random.choice(terms, min(_TERMS, len(terms)), replace=False).tolist())
    return queries


# ---------------------------------------------------------------- the engines


def _makers() -> dict[str, Callable[[list[list[str]]], tuple[Any, Search]]]:
    makers = {OURS: _ours, RANK_BM25: _rank_bm25, BM25S: _bm25s("numpy")}
    if find_spec("numba"):
        makers[BM25S_NUMBA] = _bm25s("numba")
    return makers


def _ours(corpus: list[list[str]]) -> tuple[Any, Search]:
    index = LexicalIndex(build_postings(len(corpus), enumerate(corpus)), Bm25Parameters())
    return index, lambda query: index.search(query, DEPTH)


def _rank_bm25(corpus: list[list[str]]) -> tuple[Any, Search]:
    from rank_bm25 import BM25Okapi

    index = BM25Okapi(corpus)
    numbers = range(len(corpus))
    return index, lambda query: index.get_top_n(query, numbers, DEPTH)


def _bm25s(backend: str) -> Callable[[list[list[str]]], tuple[Any, Search]]:
    def make(corpus: list[list[str]]) -> tuple[Any, Search]:
        import bm25s

        index = bm25s.BM25(backend=backend)
        index.index(corpus, show_progress=False)
        depth = min(DEPTH, len(corpus))
        return index, lambda query: index.retrieve([query], k=depth, show_progress=False)

    return make


def _difference(ours: LexicalIndex, okapi: Any, query: list[str]) -> float:
    """The largest difference between the scores of a passage."""
    expected = okapi.get_scores(query)
    hits = ours.search(query, len(expected))
    scores = np.zeros(len(expected))
    scores[hits.rows] = hits.scores
    return float(np.abs(scores - expected).max())
