"""BM25 over inverted postings in plain arrays, scored vectorised over the query's terms only.

The score is that of ``rank_bm25.BM25Okapi`` (Robertson & Zaragoza 2009, with the library's floor of
``epsilon`` times the average idf for terms in more than half of the passages), term for term. A phrase
counts as one more term, with a document frequency and a frequency of its own.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rag.records import Bm25Parameters
from rag.stores.local.postings import Postings
from rag.stores.local.ranking import Best, bar, best

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records import Terms
    from rag.records.base import BoolArray, IdArray, ScoreArray

    Numbers = npt.NDArray[np.int32]
    Weights = tuple[Numbers, ScoreArray]
    """Some passages, ascending, and what a term or phrase adds to the score of each."""

# Bytes of weights that are kept from query to query. The terms that take long are those that many
# passages hold, and these are the ones that keep coming back.
_REMEMBERED = 128 << 20


class _Remembered:
    """Weights of the terms and phrases asked for last, within ``_REMEMBERED`` bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, ...], Weights] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, run: tuple[int, ...], weigh: Callable[[tuple[int, ...]], Weights]) -> Weights:
        """The weights of a run of terms, from ``weigh`` if they are not remembered."""
        with self._lock:
            known = self._kept.get(run)
            if known is not None:
                self._kept.move_to_end(run)
                return known
        weights = weigh(run)
        with self._lock:
            if run not in self._kept:
                self._kept[run] = weights
                self._bytes += _size(weights)
            while self._bytes > _REMEMBERED:
                self._bytes -= _size(self._kept.popitem(last=False)[1])
        return weights


def _size(weights: Weights) -> int:
    return sum(array.nbytes for array in weights if array.base is None) + 256


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """BM25 over postings. Immutable, so safe to use from many threads."""

    postings: Postings
    parameters: Bm25Parameters
    _starts: IdArray = field(init=False, repr=False)
    _idf: ScoreArray = field(init=False, repr=False)
    _average_idf: float = field(init=False, repr=False)
    _norms: ScoreArray = field(init=False, repr=False)
    _remembered: _Remembered = field(init=False, repr=False, default_factory=_Remembered)

    def __post_init__(self) -> None:
        lengths, holding = self.postings.lengths, np.diff(self.postings.offsets)
        average = float(_plain_idf(holding, len(lengths)).mean()) if len(holding) else 0.0
        idf = _idf(holding, len(lengths), self.parameters.epsilon, average)
        starts = np.cumsum(lengths, dtype=np.int64) - lengths
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_average_idf", average)
        object.__setattr__(self, "_idf", idf)
        object.__setattr__(self, "_norms", _length_norms(lengths, self.parameters))

    def document_frequency(self, term: str) -> int:
        """How many passages hold a term."""
        number = self.postings.number(term)
        return 0 if number is None else len(self.postings.holding(number)[0])

    def idf(self, term: str) -> float:
        """How much a term tells passages apart: log(1 + (N - n + 0.5) / (n + 0.5))."""
        holding = self.document_frequency(term)
        return math.log1p((len(self.postings.lengths) - holding + 0.5) / (holding + 0.5))

    def holding(self, run: Terms) -> BoolArray:
        """Which passages hold a term, or several in a row: (passages,)."""
        found = np.zeros(len(self.postings.lengths), bool)
        numbers = self._numbers(run)
        if numbers is not None:
            found[self._weights(numbers)[0]] = True
        return found

    def search(
        self,
        terms: Sequence[str],
        depth: int,
        allowed: BoolArray | None = None,
        phrases: Sequence[Terms] = (),
    ) -> Best:
        """The best ``depth`` of the passages that hold a query term; ``allowed`` is (passages,).

        A repeated query term counts as often as it is repeated, as in the definition, and so does a
        phrase: terms of which a passage that holds them in a row, in this order, scores the higher.
        """
        runs = Counter(
            numbers
            for run in (*((term,) for term in terms), *phrases)
            if (numbers := self._numbers(run)) is not None
        )
        scores = np.zeros(len(self.postings.lengths))
        for run, times in runs.items():
            chunks, weights = self._weights(run)
            np.add.at(scores, chunks, weights if times == 1 else times * weights)
        if allowed is not None:
            scores *= allowed
        # A score above 0 is that of a passage that holds a term. Where enough have one, the others,
        # among them those that hold a term of no or of negative weight, need not be looked for.
        enough = bar(scores, depth)
        ids = np.flatnonzero(scores >= enough) if enough > 0 else self._any(runs, allowed)
        return best(ids, scores[ids], depth)

    def _any(self, runs: Iterable[tuple[int, ...]], allowed: BoolArray | None) -> IdArray:
        """The passages that hold any of these, and are allowed, ascending."""
        found = np.zeros(len(self.postings.lengths), bool)
        for run in runs:
            found[self._weights(run)[0]] = True
        return np.flatnonzero(found if allowed is None else found & allowed)

    def _numbers(self, run: Sequence[str]) -> tuple[int, ...] | None:
        """The numbers of a run of terms, None if one of them is nowhere held."""
        numbers = tuple(map(self.postings.number, run))
        return None if None in numbers else numbers  # type: ignore[return-value]

    def _weights(self, run: tuple[int, ...]) -> Weights:
        return self._remembered.get(run, self._weigh)

    def _weigh(self, run: tuple[int, ...]) -> Weights:
        """What a term, or several in a row, adds to the score of each passage that holds it."""
        if len(run) == 1:
            chunks, counts = self.postings.holding(run[0])
            idf = self._idf[run[0]]
        else:
            chunks, counts = self.postings.holding_phrase(run, self._starts)
            passages = len(self.postings.lengths)
            idf = _idf(
                np.array([len(chunks)]), passages, self.parameters.epsilon, self._average_idf
            )[0]
        often = counts.astype(np.float64)
        return chunks, idf * (often * (self.parameters.k1 + 1) / (often + self._norms[chunks]))


def _plain_idf(holding: IdArray, passages: int) -> ScoreArray:
    """log((N - n + 0.5) / (n + 0.5)) of terms that n = ``holding`` of N passages hold: (terms,)."""
    idf: ScoreArray = np.log(_odds(holding, passages))
    return idf


def _odds(holding: IdArray, passages: int) -> ScoreArray:
    odds: ScoreArray = (passages - holding + 0.5) / (holding + 0.5)
    return odds


def _idf(holding: IdArray, passages: int, epsilon: float, average: float) -> ScoreArray:
    """Inverse document frequency of terms or phrases, (n,), by the rule of ``BM25Okapi``.

    ``average`` is the mean of the plain form over the terms of the index. On a handful of passages it
    is not positive, and so the library's floor would turn the ranking upside down (one passage) or make
    it blank (two). There, and only there, the form that is positive everywhere takes its place:
    log(1 + (N - n + 0.5) / (n + 0.5)).
    """
    if average <= 0:
        return np.log1p(_odds(holding, passages))
    idf = _plain_idf(holding, passages)
    return np.where(idf < 0, epsilon * average, idf)


def _length_norms(lengths: Numbers, parameters: Bm25Parameters) -> ScoreArray:
    """``k1 * (1 - b + b * length / average)`` of each passage, (passages,)."""
    average = lengths.mean() if lengths.any() else 1.0
    norms: ScoreArray = parameters.k1 * (1 - parameters.b + parameters.b * lengths / average)
    return norms
