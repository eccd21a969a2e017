"""BM25 over inverted postings in plain arrays, scored vectorised over the query's terms only.

The score is that of ``rank_bm25.BM25Okapi`` (Robertson & Zaragoza 2009, with the library's floor of
``epsilon`` times the average idf for terms in more than half of the passages), term for term.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rag.index.manifest import Bm25Parameters
from rag.index.ranking import bar, best

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.types import BoolArray, Hits, IdArray, ScoreArray

# Terms whose postings' weights are kept from query to query. The terms that take long are those that
# many passages hold, and these are the ones that keep coming back.
_WEIGHED_TERMS = 256


@dataclass(frozen=True, slots=True)
class Postings:
    """Which passages hold which term, how often.

    The passages of ``terms[i]`` are ``chunks[offsets[i]:offsets[i + 1]]``, ascending, and ``counts``
    says how often each holds it.
    """

    terms: Sequence[str]
    """Sorted by code point."""
    offsets: npt.NDArray[np.int64]
    chunks: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]
    """Terms in each passage, repeats counted: (passages,)."""


def build_postings(
    total: int,
    added: Mapping[int, Sequence[str]],
    old: Postings | None = None,
    kept: IdArray | None = None,
) -> Postings:
    """Postings of ``total`` passages: ``added`` gives the terms of the new ones by number.

    ``kept`` (old passages,) maps each passage of ``old`` to its new number, or -1 where it is gone.
    The result is the same as if all passages were added afresh.
    """
    vocabulary: dict[str, int] = {}
    columns: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]] = []
    lengths = np.zeros(total, np.int32)

    if old is not None and kept is not None:
        vocabulary = {term: i for i, term in enumerate(old.terms)}
        moved = kept[old.chunks]
        alive = moved >= 0
        term_of = np.repeat(np.arange(len(old.terms)), np.diff(old.offsets))
        columns.append((term_of[alive], moved[alive].astype(np.int32), old.counts[alive]))
        lengths[kept[kept >= 0]] = old.lengths[kept >= 0]

    new_terms: list[int] = []
    new_chunks: list[int] = []
    new_counts: list[int] = []
    for number, terms in added.items():
        lengths[number] = len(terms)
        for term, count in Counter(terms).items():
            new_terms.append(vocabulary.setdefault(term, len(vocabulary)))
            new_chunks.append(number)
            new_counts.append(count)
    columns.append(
        (
            np.array(new_terms, np.int64),
            np.array(new_chunks, np.int32),
            np.array(new_counts, np.int32),
        )
    )

    term_of, chunks, counts = (np.concatenate(column) for column in zip(*columns, strict=True))
    # Number the terms that still occur in sorted order, then sort the postings by (term, passage): by
    # one key of both, since those of an older index are in this order but for the few that are new.
    names = list(vocabulary)
    holding = np.bincount(term_of, minlength=len(names))
    living = sorted(np.flatnonzero(holding).tolist(), key=names.__getitem__)
    renumber = np.zeros(len(names), np.int64)
    renumber[living] = np.arange(len(living))
    order = np.argsort(renumber[term_of] * total + chunks, kind="stable")
    return Postings(
        terms=[names[i] for i in living],
        offsets=np.concatenate(([0], np.cumsum(holding[living]))).astype(np.int64),
        chunks=chunks[order].astype(np.int32),
        counts=counts[order].astype(np.int32),
        lengths=lengths,
    )


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """BM25 over postings. Immutable, so safe to use from many threads."""

    postings: Postings
    parameters: Bm25Parameters
    _idf: ScoreArray = field(init=False, repr=False)
    _norms: ScoreArray = field(init=False, repr=False)
    _weights: Callable[[int, int], ScoreArray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_idf", _idf(self.postings, self.parameters.epsilon))
        object.__setattr__(self, "_norms", _length_norms(self.postings.lengths, self.parameters))
        object.__setattr__(self, "_weights", lru_cache(_WEIGHED_TERMS)(self._weigh))

    def frequency(self, term: str) -> int:
        """How many passages hold a term."""
        number = self._number(term)
        return 0 if number is None else len(self._holding(number))

    def rarity(self, term: str) -> float:
        """How much a term tells passages apart: log(1 + (N - n + 0.5) / (n + 0.5)).

        Above 0 even for a term that every passage holds, and largest for one that none does.
        """
        holding = self.frequency(term)
        return math.log1p((len(self.postings.lengths) - holding + 0.5) / (holding + 0.5))

    def search(self, terms: Sequence[str], depth: int, allowed: BoolArray | None = None) -> Hits:
        """The best ``depth`` of the passages that hold a query term; ``allowed`` is (passages,).

        A repeated query term counts as often as it is repeated, as in the definition.
        """
        repeats = {
            number: times
            for term, times in Counter(terms).items()
            if (number := self._number(term)) is not None
        }
        scores = np.zeros(len(self.postings.lengths))
        for number, times in repeats.items():
            np.add.at(scores, self._holding(number), self._weights(number, times))
        if allowed is not None:
            scores *= allowed
        # A score above 0 is that of a passage that holds a term. Where enough have one, the others,
        # among them those that hold a term of no or of negative weight, need not be looked for.
        enough = bar(scores, depth)
        ids = np.flatnonzero(scores >= enough) if enough > 0 else self._any(repeats, allowed)
        return best(ids, scores[ids], depth)

    def _any(self, numbers: Iterable[int], allowed: BoolArray | None) -> IdArray:
        """The passages that hold any of these terms, and are allowed, ascending."""
        found = np.zeros(len(self.postings.lengths), bool)
        for number in numbers:
            found[self._holding(number)] = True
        return np.flatnonzero(found if allowed is None else found & allowed)

    def _holding(self, number: int) -> npt.NDArray[np.int32]:
        """The passages that hold a term, ascending."""
        return self.postings.chunks[self._slice(number)]

    def _weigh(self, number: int, times: int) -> ScoreArray:
        """What a term in a query so many times adds to the score of each passage that holds it."""
        counts = self.postings.counts[self._slice(number)].astype(np.float64)
        gain = counts * (self.parameters.k1 + 1) / (counts + self._norms[self._holding(number)])
        weights: ScoreArray = times * self._idf[number] * gain
        return weights

    def _slice(self, number: int) -> slice:
        offsets = self.postings.offsets
        return slice(int(offsets[number]), int(offsets[number + 1]))

    def _number(self, term: str) -> int | None:
        terms = self.postings.terms
        at = bisect_left(terms, term)
        return at if at < len(terms) and terms[at] == term else None


def _idf(postings: Postings, epsilon: float) -> ScoreArray:
    """Inverse document frequency of each term, (terms,), by the rule of ``BM25Okapi``.

    On a handful of passages the library's average idf is not positive, and so its floor would turn the
    ranking upside down (one passage) or make it blank (two). There, and only there, the form that is
    positive everywhere takes its place: log(1 + (N - n + 0.5) / (n + 0.5)).
    """
    passages = len(postings.lengths)
    holding = np.diff(postings.offsets)
    odds = (passages - holding + 0.5) / (holding + 0.5)
    idf = np.log(odds)
    average = idf.mean() if len(idf) else 0.0
    if average <= 0:
        return np.log1p(odds)
    return np.where(idf < 0, epsilon * average, idf)


def _length_norms(lengths: npt.NDArray[np.int32], parameters: Bm25Parameters) -> ScoreArray:
    """``k1 * (1 - b + b * length / average)`` of each passage, (passages,)."""
    average = lengths.mean() if lengths.any() else 1.0
    return parameters.k1 * (1 - parameters.b + parameters.b * lengths / average)
