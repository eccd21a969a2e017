"""Ranked lists into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.types import Contribution, Fusion, Hits

if TYPE_CHECKING:
    from rag.types import ScoreArray

RRF_K = 60
"""Rank constant of reciprocal rank fusion, from Cormack, Clarke & Büttcher (2009)."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage's place in the fused list, and what each list gave it."""

    chunk: int
    score: float
    contributions: Mapping[str, Contribution]


def fuse(
    lists: Mapping[str, Hits], weights: Mapping[str, float], method: Fusion, depth: int
) -> list[Fused]:
    """One list, best first; equal scores by their best rank in any list, then in corpus order.

    ``minmax``: weighted sum of each list's scores scaled to 0..1 within the list. ``rrf``: sum of
    1 / (60 + rank), unweighted. A passage that a list does not hold gets nothing from it, nor does
    one that stands deeper than ``depth`` there: it only follows the others, whose scores and ranks are
    therefore the same however long the lists are. A single list keeps its own scores.
    """
    scores: dict[int, float] = {}
    ranks: dict[int, int] = {}
    contributions: dict[int, dict[str, Contribution]] = {}
    for name, hits in lists.items():
        weight = 1.0 if method == "rrf" or len(lists) == 1 else weights[name]
        gains = hits.scores if len(lists) == 1 else _gains(hits, method, depth)
        rows = zip(hits.ids.tolist(), hits.scores.tolist(), gains.tolist(), strict=True)
        for rank, (chunk, score, gain) in enumerate(rows, 1):
            scores[chunk] = scores.get(chunk, 0.0) + weight * gain
            ranks[chunk] = min(rank, ranks.get(chunk, rank))
            contributions.setdefault(chunk, {})[name] = Contribution(rank, score, weight)
    order = sorted(scores, key=lambda chunk: (-scores[chunk], ranks[chunk], chunk))
    return [Fused(chunk, scores[chunk], contributions[chunk]) for chunk in order]


def _gains(hits: Hits, method: Fusion, depth: int) -> ScoreArray:
    head = hits.scores[:depth]
    gains = np.zeros(len(hits.scores))
    gains[: len(head)] = (
        1.0 / (RRF_K + np.arange(1, len(head) + 1)) if method == "rrf" else minmax(head)
    )
    return gains


def minmax(scores: ScoreArray) -> ScoreArray:
    """Scores scaled so that the list's worst is 0 and its best 1; all 1 where they are equal.

    >>> minmax(np.array([4.0, 3.0, 2.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
