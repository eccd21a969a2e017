"""BM25 over the passages of a generation, with the scores of the local store.

The rows have the weights of their terms, but computed with the mean length that passages had when the
collection was begun. So Milvus finds candidates, they are scored again by their own terms, and more are
fetched until none can be missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from rag.records import Collection, Terms
from rag.stores.local.lexical import okapi_idf
from rag.stores.milvus import codec
from rag.stores.milvus.bm25 import Scorer, count, drift
from rag.stores.milvus.connection import MOST, Row
from rag.stores.milvus.expressions import all_of, among, with_words
from rag.stores.milvus.manifest import Manifest
from rag.stores.milvus.passages import SPAN, Passages, terms_in
from rag.stores.milvus.schema import LEXICAL
from rag.stores.milvus.vocabulary import Vocabulary

_FIELDS: Final = ("id", *SPAN, "length", "terms")
_LEAST: Final = 1e-6
"""The weight of a term whose idf is 0: Milvus finds no passage by weight 0."""
_SLACK: Final = 1 + 1e-4
"""For Milvus's sums, which have the precision of float32."""
_PHRASES: Final = 4_096
_SHARING: Final = 64
"""How many rows to fetch beyond those with a term: other terms may share its dimension."""

Scores = dict[str, tuple[Row, float]]
"""By the ids of rows; the score of passages that have something of the query."""


class LexicalIndex:
    """BM25 of the passages. Thread-safe."""

    def __init__(self, passages: Passages, vocabulary: Vocabulary, manifest: Manifest) -> None:
        self._passages = passages
        self._vocabulary = vocabulary
        self._manifest = manifest
        self._phrase_frequency: Callable[[Terms], int] = lru_cache(_PHRASES)(
            lambda run: sum(1 for _ in self._with_phrase(run, ""))
        )

    def frequency(self, run: Terms) -> int:
        """The number of passages that contain these terms side by side."""
        if len(run) == 1:
            return self._vocabulary.frequency(run[0])
        return self._phrase_frequency(run) if self._has(run) else 0

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term, always above 0."""
        frequency = np.array([self._vocabulary.frequency(term)])
        return float(okapi_idf(frequency, self._manifest.chunks, 0.0, average=0.0)[0])

    def containing(self, run: Terms) -> str:
        """The expression for the passages with these terms side by side; "" if there are none."""
        if not self._has(run):
            return ""
        if len(run) == 1:
            return with_words(run)
        rows = [row["id"] for row in self._with_phrase(run, "")]
        return among("id", rows) if rows else ""

    def search(
        self,
        terms: Sequence[str],
        phrases: Sequence[Terms],
        depth: int,
        where: str,
        collection: Collection | None,
    ) -> list[tuple[Row, float]]:
        """The best ``depth`` passages for which an expression holds, and some more, each with its score."""
        typed = Counter((*((term,) for term in terms), *phrases))
        times = {run: number for run, number in typed.items() if self._has(run)}
        scorer = self._scorer(times, collection)
        found = self._having_phrases(scorer, where)
        weights: defaultdict[int, float] = defaultdict(float)
        for run, number in times.items():
            if len(run) == 1:
                weights[codec.dimension_of(run[0])] += number * max(scorer.idf[run], _LEAST)
        if weights:
            found |= self._heaviest(weights, scorer, depth, where)
        return list(found.values())

    # ------------------------------------------------------------ inside

    def _has(self, run: Terms) -> bool:
        """Whether each term of a run is in some passage, be they together or not."""
        return all(self._vocabulary.frequency(term) for term in run)

    def _scorer(self, times: Mapping[Terms, int], collection: Collection | None) -> Scorer:
        manifest, parameters = self._manifest, self._manifest.recipe.bm25
        if collection is not None:
            idf = {run: collection.idf[run] for run in times}
            return Scorer(idf, times, collection.mean_length, parameters)
        frequencies = np.array([self.frequency(run) for run in times], np.int64)
        idfs = okapi_idf(frequencies, manifest.chunks, parameters.epsilon, manifest.average_idf)
        idf = dict(zip(times, idfs.tolist(), strict=True))
        return Scorer(idf, times, manifest.mean_length, parameters)

    def _heaviest(
        self, weights: Mapping[int, float], scorer: Scorer, depth: int, where: str
    ) -> Scores:
        """The best passages that have a term of the query, and some more."""
        limit = min(depth + depth // 8 + 16, MOST)
        margin = drift(self._manifest.weighed, scorer.mean) * _SLACK
        seen: set[str] = set()
        found: Scores = {}
        while True:
            matches = self._passages.search(LEXICAL, dict(weights), limit, where, _FIELDS)
            found |= _scored((m.row for m in matches if m.row["id"] not in seen), scorer)
            seen.update(match.row["id"] for match in matches)
            if len(matches) < limit or limit == MOST:
                return found
            scores = sorted((score for _, score in found.values()), reverse=True)
            if len(scores) >= depth and scores[depth - 1] > matches[-1].score * margin:
                return found
            limit = min(2 * limit, MOST)

    def _having_phrases(self, scorer: Scorer, where: str) -> Scores:
        """The passages with a phrase of the query."""
        found: Scores = {}
        for run in scorer.times:
            if len(run) > 1:
                found |= _scored(self._with_phrase(run, where, _FIELDS), scorer)
        return found

    def _with_phrase(
        self, run: Terms, where: str, fields: Sequence[str] = ("id", "terms")
    ) -> Iterator[Row]:
        """The rows with these terms side by side: those that may have them are fetched and looked at."""
        rows = self._with_rarest(run, where, fields)
        if rows is None:
            rows = self._passages.rows(all_of((where, with_words(run))), fields)
        for row in rows:
            if count(run, terms_in(row)):
                yield row

    def _with_rarest(self, run: Terms, where: str, fields: Sequence[str]) -> Iterable[Row] | None:
        """The rows with the rarest of some terms; None if they are too many.

        The index of the terms finds them at once, where a filter may look at all rows for each page.
        """
        rarest = min(run, key=self._vocabulary.frequency)
        limit = self._vocabulary.frequency(rarest) + _SHARING
        if limit > MOST:
            return None
        weights = {codec.dimension_of(rarest): 1.0}
        matches = self._passages.search(LEXICAL, weights, limit, where, fields)
        return [match.row for match in matches] if len(matches) < limit else None


def _scored(rows: Iterator[Row], scorer: Scorer) -> Scores:
    scored = ((row, scorer(terms_in(row), row["length"])) for row in rows)
    return {row["id"]: (row, score) for row, score in scored if score is not None}
