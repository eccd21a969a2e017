"""Reranks the first passages of a list by the reader's relevance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from rag.records import Contribution
from rag.search.fuse import Fused

RERANKED: Final = 20
"""How many passages the reader reads. Fixed, so that ranks do not depend on ``k``."""

WEIGHT: Final = 0.15
"""The weight of relevance; the score has the rest. ``docs/evaluation.md`` explains the value."""


def rerank(
    ranked: Sequence[Fused], relevance: Sequence[float], weight: float = WEIGHT
) -> list[Fused]:
    """A ranking by the weighted sum of score and ``relevance`` (0..1), best first.

    Scores are divided by the best score. ``relevance`` has one value for each of the first passages; all
    others come after these. Ties keep their order.
    """
    if not ranked:
        return []
    best = ranked[0].score if ranked[0].score > 0 else 1.0
    relevances = np.array(relevance, np.float64)
    ranks = np.empty(len(relevances), np.int64)
    ranks[np.argsort(-relevances, kind="stable")] = np.arange(1, len(relevances) + 1)
    first = [
        Fused(
            fused.chunk_id,
            (1 - weight) * fused.score / best + weight * own,
            {**fused.contributions, "rerank": Contribution(rank, own, weight)},
        )
        for fused, own, rank in zip(ranked, relevances.tolist(), ranks.tolist(), strict=False)
    ]
    rest = [
        replace(fused, score=(1 - weight) * fused.score / best)
        for fused in ranked[len(relevances) :]
    ]
    return sorted(first, key=lambda fused: -fused.score) + rest
