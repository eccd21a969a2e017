"""A ranked list once more, by what a reader says of its first passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from rag.records import Contribution
from rag.search.fuse import Fused

RERANKED: Final = 20
"""How many passages are read again. Fixed, so that ranks do not depend on how many are asked for."""

WEIGHT: Final = 0.15
"""Of relevance beside the score, both between 0 and 1; ``docs/evaluation.md`` says why this much."""


def rerank(
    ranked: Sequence[Fused], relevance: Sequence[float], weight: float = WEIGHT
) -> list[Fused]:
    """A ranking by the weighted sum of its scores and a ``relevance`` (0..1), best first.

    Scores count as shares of the best. ``relevance`` is of the first passages; those behind them only
    follow. Equal ones stay in the order they had.
    """
    if not ranked:
        return []
    best = ranked[0].score if ranked[0].score > 0 else 1.0
    read = np.array(relevance, np.float64)
    ranks = np.empty(len(read), np.int64)
    ranks[np.argsort(-read, kind="stable")] = np.arange(1, len(read) + 1)
    first = [
        Fused(
            fused.chunk_id,
            (1 - weight) * fused.score / best + weight * own,
            {**fused.contributions, "rerank": Contribution(rank, own, weight)},
        )
        for fused, own, rank in zip(ranked, read.tolist(), ranks.tolist(), strict=False)
    ]
    rest = [
        replace(fused, score=(1 - weight) * fused.score / best) for fused in ranked[len(read) :]
    ]
    return sorted(first, key=lambda fused: -fused.score) + rest
