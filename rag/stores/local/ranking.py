"""The best of many scores, found without sorting them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rag.records import Hits

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import IdArray

# Scores of which only the largest is looked at: more make the bar quicker to find, fewer make it higher.
_GROUP = 32


def best(ids: IdArray, scores: npt.NDArray[np.floating], depth: int) -> Hits:
    """The ``depth`` best of scored ids (n,), ascending; best first, equal scores in the order of ids."""
    near = np.flatnonzero(scores >= bar(scores, depth))
    ids, scores = ids[near], scores[near]
    if len(ids) > depth:
        threshold = np.partition(scores, len(scores) - depth)[len(scores) - depth]
        above = scores > threshold
        ties = np.flatnonzero(scores == threshold)[: depth - int(above.sum())]
        above[ties] = True
        ids, scores = ids[above], scores[above]
    order = np.lexsort((ids, -scores))
    return Hits(ids[order].astype(np.int64), scores[order].astype(np.float64))


def bar(scores: npt.NDArray[np.floating], depth: int) -> float:
    """A score (n,) that at least ``depth`` of them reach, and few more; -inf where they are too few.

    Of groups of scores, whichever they are, ``depth`` have a largest one that reaches the ``depth``-th
    best of these, which is therefore no higher than the ``depth``-th best score of all. A group takes
    every so-manieth score, not neighbours, since passages of one article are good together.
    """
    groups = len(scores) // _GROUP
    if groups < depth:
        return -np.inf
    largest = scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0)
    return float(np.partition(largest, groups - depth)[groups - depth])
