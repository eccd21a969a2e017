"""The best of many scores, without sorting them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import IdArray, ScoreArray

# Scores per group in ``lower_bound``: more make it faster, fewer make the bound tighter.
_GROUP = 32


@dataclass(frozen=True, slots=True)
class Best:
    """The best passages: their rows, int64 (n,), and scores, float64 (n,), best first."""

    rows: IdArray
    scores: ScoreArray


def best(rows: IdArray, scores: npt.NDArray[np.floating], depth: int) -> Best:
    """The ``depth`` best of these rows (n,), which are ascending; ties go to the lower row."""
    likely = np.flatnonzero(scores >= lower_bound(scores, depth))
    rows, scores = rows[likely], scores[likely]
    if len(rows) > depth:
        threshold = np.partition(scores, len(scores) - depth)[len(scores) - depth]
        above = scores > threshold
        ties = np.flatnonzero(scores == threshold)[: depth - int(above.sum())]
        above[ties] = True
        rows, scores = rows[above], scores[above]
    order = np.lexsort((rows, -scores))
    return Best(rows[order].astype(np.int64), scores[order].astype(np.float64))


def lower_bound(scores: npt.NDArray[np.floating], depth: int) -> float:
    """A score that at least ``depth`` of ``scores`` (n,) reach, and few more; -inf if n is small.

    Split the scores into groups and take the largest of each: the ``depth``-th best of these cannot be
    higher than the ``depth``-th best of all. A group takes scores that are far apart, since neighbouring
    passages, of one article, tend to score high together.
    """
    groups = len(scores) // _GROUP
    if groups < depth:
        return -np.inf
    largest = scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0)
    return float(np.partition(largest, groups - depth)[groups - depth])
