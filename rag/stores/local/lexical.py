"""BM25 on inverted postings in plain arrays, vectorised over the terms of the query.

The score equals that of ``rank_bm25.BM25Okapi`` (Robertson & Zaragoza 2009). As in that library, a term in
more than half of the passages has ``epsilon`` times the average idf. A phrase counts as one more term,
with its own frequency and document frequency.
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.records import Bm25Parameters, Collection
from rag.stores.local.postings import Postings
from rag.stores.local.ranking import Best, best, lower_bound

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records import Terms
    from rag.records.base import BoolArray, IdArray, ScoreArray

    Numbers = npt.NDArray[np.int32]
    Weights = tuple[Numbers, ScoreArray]
    """Passages, ascending, and what a term or phrase adds to the score of each."""

# Size of the weight cache in bytes. Terms in many passages take longest to weigh, and come up most often.
_CACHE_BYTES = 128 << 20


class _WeightCache:
    """The weights of the terms and phrases used last, up to ``_CACHE_BYTES``."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[int, ...], Weights] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, run: tuple[int, ...], weigh: Callable[[tuple[int, ...]], Weights]) -> Weights:
        """The weights of a run of terms, from ``weigh`` if they are not cached."""
        with self._lock:
            entry = self._entries.get(run)
            if entry is not None:
                self._entries.move_to_end(run)
                return entry
        weights = weigh(run)
        with self._lock:
            if run not in self._entries:
                self._entries[run] = weights
                self._bytes += _size(weights)
            while self._bytes > _CACHE_BYTES:
                self._bytes -= _size(self._entries.popitem(last=False)[1])
        return weights


def _size(weights: Weights) -> int:
    return sum(array.nbytes for array in weights if array.base is None) + 256


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """BM25 on postings. Thread-safe."""

    postings: Postings
    parameters: Bm25Parameters
    _starts: IdArray = field(init=False, repr=False)
    _idf: ScoreArray = field(init=False, repr=False)
    _average_idf: float = field(init=False, repr=False)
    _norms: ScoreArray = field(init=False, repr=False)
    _cache: _WeightCache = field(init=False, repr=False, default_factory=_WeightCache)

    def __post_init__(self) -> None:
        lengths, frequencies = self.postings.lengths, np.diff(self.postings.offsets)
        average = float(plain_idf(frequencies, len(lengths)).mean()) if len(frequencies) else 0.0
        idf = okapi_idf(frequencies, len(lengths), self.parameters.epsilon, average)
        starts = np.cumsum(lengths, dtype=np.int64) - lengths
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_average_idf", average)
        object.__setattr__(self, "_idf", idf)
        object.__setattr__(self, "_norms", _length_norms(lengths, self.parameters))

    @property
    def length(self) -> int:
        """The number of terms in all passages."""
        return len(self.postings.sequence)

    def document_frequency(self, term: str) -> int:
        """The number of passages that contain a term."""
        number = self.postings.number(term)
        return 0 if number is None else len(self.postings.passages_with(number)[0])

    def terms_with(self, prefix: str) -> Sequence[str]:
        """The terms that begin with a prefix, sorted."""
        terms = self.postings.terms
        begin = bisect_left(terms, prefix)
        end = bisect_left(terms, True, begin, key=lambda term: not term.startswith(prefix))
        return terms[begin:end]

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term: log(1 + (N - n + 0.5) / (n + 0.5))."""
        frequency = self.document_frequency(term)
        return math.log1p((len(self.postings.lengths) - frequency + 0.5) / (frequency + 0.5))

    def phrase_frequency(self, run: Terms) -> int:
        """The number of passages that contain these terms side by side."""
        numbers = self._numbers(run)
        return 0 if numbers is None else len(self._weights(numbers)[0])

    def contains(self, run: Terms) -> BoolArray:
        """Which passages contain these terms side by side: (passages,)."""
        matches = np.zeros(len(self.postings.lengths), bool)
        numbers = self._numbers(run)
        if numbers is not None:
            matches[self._weights(numbers)[0]] = True
        return matches

    def search(
        self,
        terms: Sequence[str],
        depth: int,
        allowed: BoolArray | None = None,
        phrases: Sequence[Terms] = (),
        collection: Collection | None = None,
    ) -> Best:
        """The best ``depth`` passages with a query term, of those that ``allowed`` (passages,) marks.

        A term counts as often as the query repeats it, and so does a phrase, which adds to the score of
        passages that contain its terms side by side, in this order. The scores are those within the
        ``collection``, if there is one.
        """
        typed = Counter((*((term,) for term in terms), *phrases))
        runs = {
            numbers: times
            for run, times in typed.items()
            if (numbers := self._numbers(run)) is not None
        }
        weigh = self._weights if collection is None else self._within(collection, typed)
        scores = np.zeros(len(self.postings.lengths))
        for run, times in runs.items():
            chunks, weights = weigh(run)
            np.add.at(scores, chunks, weights if times == 1 else times * weights)
        if allowed is not None:
            scores *= allowed
        # Only a passage with a query term has a score above 0. If enough passages have one, there is no
        # need to look for those with a score of 0 or less.
        threshold = lower_bound(scores, depth)
        ids = np.flatnonzero(scores >= threshold) if threshold > 0 else self._any(runs, allowed)
        return best(ids, scores[ids], depth)

    def _any(self, runs: Iterable[tuple[int, ...]], allowed: BoolArray | None) -> IdArray:
        """The allowed passages that contain any of these runs, ascending."""
        matches = np.zeros(len(self.postings.lengths), bool)
        for run in runs:
            matches[self._weights(run)[0]] = True
        return np.flatnonzero(matches if allowed is None else matches & allowed)

    def _numbers(self, run: Sequence[str]) -> tuple[int, ...] | None:
        """The numbers of a run of terms, or None if no passage contains one of them."""
        numbers = tuple(map(self.postings.number, run))
        return None if None in numbers else numbers  # type: ignore[return-value]

    def _weights(self, run: tuple[int, ...]) -> Weights:
        return self._cache.get(run, self._weigh)

    def _weigh(self, run: tuple[int, ...]) -> Weights:
        """What a run of terms adds to the score of each passage that contains it."""
        chunks, counts = self._counts(run)
        if len(run) == 1:
            idf = self._idf[run[0]]
        else:
            idf = okapi_idf(
                np.array([len(chunks)]),
                len(self.postings.lengths),
                self.parameters.epsilon,
                self._average_idf,
            )[0]
        return chunks, idf * self._saturated(counts, self._norms[chunks])

    def _within(
        self, collection: Collection, runs: Iterable[Terms]
    ) -> Callable[[tuple[int, ...]], Weights]:
        """What ``_weigh`` is within a collection."""
        norms = _length_norms(self.postings.lengths, self.parameters, collection.mean_length)
        idf = {self._numbers(run): collection.idf[run] for run in runs}

        def weigh(run: tuple[int, ...]) -> Weights:
            chunks, counts = self._counts(run)
            return chunks, idf[run] * self._saturated(counts, norms[chunks])

        return weigh

    def _counts(self, run: tuple[int, ...]) -> tuple[Numbers, Numbers]:
        if len(run) == 1:
            return self.postings.passages_with(run[0])
        return self.postings.passages_with_phrase(run, self._starts)

    def _saturated(self, counts: Numbers, norms: ScoreArray) -> ScoreArray:
        often = counts.astype(np.float64)
        saturated: ScoreArray = often * (self.parameters.k1 + 1) / (often + norms)
        return saturated


def plain_idf(frequencies: IdArray, passages: int) -> ScoreArray:
    """log((N - n + 0.5) / (n + 0.5)), n of N passages contain a term: (terms,)."""
    idf: ScoreArray = np.log(_odds(frequencies, passages))
    return idf


def _odds(frequencies: IdArray, passages: int) -> ScoreArray:
    odds: ScoreArray = (passages - frequencies + 0.5) / (frequencies + 0.5)
    return odds


NO_AVERAGE: Final = 1e-9
"""A mean idf up to this counts as not positive, so that the order of summation decides nothing."""


def okapi_idf(frequencies: IdArray, passages: int, epsilon: float, average: float) -> ScoreArray:
    """The inverse document frequencies of terms or phrases, (n,), by the rule of ``BM25Okapi``.

    ``average`` is the mean plain idf of all terms in the index. With only a few passages it is not
    positive, and the library's rule would reverse the ranking (one passage) or make all scores 0 (two).
    Then, and only then, this uses the form that is always positive: log(1 + (N - n + 0.5) / (n + 0.5)).
    """
    if average <= NO_AVERAGE:
        return np.log1p(_odds(frequencies, passages))
    idf = plain_idf(frequencies, passages)
    return np.where(idf < 0, epsilon * average, idf)


def _length_norms(
    lengths: Numbers, parameters: Bm25Parameters, average: float | None = None
) -> ScoreArray:
    """``k1 * (1 - b + b * length / average)`` of each passage, (passages,)."""
    if average is None:
        average = lengths.mean() if lengths.any() else 1.0
    norms: ScoreArray = parameters.k1 * (1 - parameters.b + parameters.b * lengths / average)
    return norms
