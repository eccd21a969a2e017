"""BM25 of passages whose terms are known: the scores of the local store, passage by passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.records import Bm25Parameters, Terms


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores passages for one query."""

    idf: Mapping[Terms, float]
    """Of each term or phrase."""
    times: Mapping[Terms, int]
    """How often the query has it."""
    mean: float
    """The mean length of a passage, in terms."""
    parameters: Bm25Parameters

    def __call__(self, terms: Sequence[str], length: int) -> float | None:
        """The score of a passage; None if it has no term or phrase of the query."""
        score = None
        norm = norm_of(length, self.mean, self.parameters)
        for run, times in self.times.items():
            often = count(run, terms)
            if often:
                gain = self.idf[run] * (often * (self.parameters.k1 + 1) / (often + norm))
                score = (score or 0.0) + times * gain
        return score


def norm_of(length: int, mean: float, parameters: Bm25Parameters) -> float:
    """``k1 * (1 - b + b * length / mean)``."""
    return parameters.k1 * (1 - parameters.b + parameters.b * length / mean)


def weight(often: int, length: int, mean: float, parameters: Bm25Parameters) -> float:
    """What a term that a passage has ``often`` adds to its score, apart from its idf."""
    return often * (parameters.k1 + 1) / (often + norm_of(length, mean, parameters))


def drift(weighed: float, mean: float) -> float:
    """The largest factor by which a score may exceed the one from weights of another mean length."""
    return max(1.0, mean / weighed)


def count(run: Terms, terms: Sequence[str]) -> int:
    """How often ``terms`` has ``run``, its terms side by side and in order."""
    if len(run) == 1:
        return terms.count(run[0])
    found, at = 0, 0
    while True:
        try:
            at = terms.index(run[0], at)
        except ValueError:
            return found
        found += tuple(terms[at : at + len(run)]) == run
        at += 1
