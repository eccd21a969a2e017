"""Fuses ranked lists into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from rag.records import ChunkIds, Contribution, Fusion, Hits

if TYPE_CHECKING:
    from rag.records.base import IdArray, ScoreArray

RRF_K = 60
"""Rank constant of reciprocal rank fusion, from Cormack, Clarke & Büttcher (2009)."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage in the fused list, with the contribution of each list to its score."""

    chunk_id: str
    score: float
    contributions: Mapping[str, Contribution]


class Ranking(Sequence[Fused]):
    """A fused list, best first. Records of passages are created on access.

    Few of a thousand are ever accessed, and creating them all for each query would trigger Python's
    garbage collector again and again.
    """

    def __init__(
        self, ids: ChunkIds, scores: ScoreArray, lists: Mapping[str, tuple[Hits, IdArray, float]]
    ) -> None:
        self._ids = ids
        self._scores = scores
        self._lists = lists  # by name: hits, rank of each passage in them (0: absent), weight

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> Fused: ...
    @overload
    def __getitem__(self, place: slice) -> Ranking: ...
    def __getitem__(self, place: int | slice) -> Fused | Ranking:
        """One passage, or a slice of the list."""
        if isinstance(place, slice):
            return self.take(place)
        contributions = {
            name: Contribution(rank, float(hits.scores[rank - 1]), weight)
            for name, (hits, ranks, weight) in self._lists.items()
            if (rank := int(ranks[place]))
        }
        return Fused(self._ids[place], float(self._scores[place]), contributions)

    def take(self, places: slice | IdArray) -> Ranking:
        """The passages at ``places``, in that order."""
        lists = {
            name: (hits, ranks[places], weight)
            for name, (hits, ranks, weight) in self._lists.items()
        }
        return Ranking(self._ids.of(self._ids.keys[places]), self._scores[places], lists)


def fuse(
    lists: Mapping[str, Hits], weights: Mapping[str, float], method: Fusion, depth: int
) -> Ranking:
    """One list, best first; ties are broken by the best rank in any list, then by corpus order.

    ``minmax`` is the weighted sum of each list's scores, scaled to 0..1 within the list. ``rrf`` is the
    unweighted sum of 1 / (60 + rank). A list contributes only to its first ``depth`` passages. The others
    come last, so longer lists do not change the scores and ranks before them. A single list keeps its
    own scores.
    """
    # Asked for the index too, NumPy does not import its masked arrays, which take 40 ms of a first search.
    keys, _ = np.unique(np.concatenate([h.ids.keys for h in lists.values()]), return_index=True)
    scores = np.zeros(len(keys))
    best = np.full(len(keys), np.iinfo(np.int64).max)
    contributions: dict[str, tuple[Hits, IdArray, float]] = {}
    for name, hits in lists.items():
        weight = 1.0 if method == "rrf" or len(lists) == 1 else weights[name]
        gains = hits.scores if len(lists) == 1 else _gains(hits, method, depth)
        own = np.searchsorted(keys, hits.ids.keys)
        ranks = np.zeros(len(keys), np.int64)
        ranks[own] = np.arange(1, len(own) + 1)
        scores[own] += weight * gains
        best[own] = np.minimum(best[own], ranks[own])
        contributions[name] = (hits, ranks, weight)
    order = np.lexsort((keys, best, -scores))
    ids = next(iter(lists.values())).ids.of(keys)
    return Ranking(ids, scores, contributions).take(order)


def _gains(hits: Hits, method: Fusion, depth: int) -> ScoreArray:
    head = hits.scores[:depth]
    gains = np.zeros(len(hits.scores))
    gains[: len(head)] = (
        1.0 / (RRF_K + np.arange(1, len(head) + 1)) if method == "rrf" else minmax(head)
    )
    return gains


def minmax(scores: ScoreArray) -> ScoreArray:
    """Scores scaled so that the worst is 0 and the best is 1; all are 1 if they are equal.

    >>> minmax(np.array([4.0, 3.0, 2.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
