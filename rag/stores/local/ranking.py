"""The best of many scores, found without sorting them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import IdArray, ScoreArray

# Scores of which only the largest is looked at: more make the bar quicker to find, fewer make it higher.
_GROUP = 32


@dataclass(frozen=True, slots=True)
class Best:
    """Numbers of passages int64 (n,) and their scores float64 (n,), best first."""

    rows: IdArray
    scores: ScoreArray


def best(rows: IdArray, scores: npt.NDArray[np.floating], depth: int) -> Best:
    """The ``depth`` best of scored passages (n,), ascending; best first, equal scores in their order."""
    near = np.flatnonzero(scores >= bar(scores, depth))
    rows, scores = rows[near], scores[near]
    if len(rows) > depth:
        threshold = np.partition(scores, len(scores) - depth)[len(scores) - depth]
        above = scores > threshold
        ties = np.flatnonzero(scores == threshold)[: depth - int(above.sum())]
        above[ties] = True
        rows, scores = rows[above], scores[above]
    order = np.lexsort((rows, -scores))
    return Best(rows[order].astype(np.int64), scores[order].astype(np.float64))


def bar(scores: npt.NDArray[np.floating], depth: int) -> float:
    """A score (n,) that at least ``depth`` of them reach, and few more; -inf where they are too few.

    Of groups of scores, whichever they are, ``depth`` have a largest one that reaches the ``depth``-th
    best of these, which is therefore no higher than the ``depth``-th best score of all. A group is of
    scores that lie far apart, not of neighbours, since passages of one article are good together.
    """
    groups = len(scores) // _GROUP
    if groups < depth:
        return -np.inf
    largest = scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0)
    return float(np.partition(largest, groups - depth)[groups - depth])
