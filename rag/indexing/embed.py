"""Turns texts into vectors: from the cache if possible, else from a crew, batch by batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import ModelRefused
from rag.indexing.crew import Crew
from rag.models.vectors import unit_rows
from rag.protocols import Progress, VectorCache
from rag.records import EmbedderInfo

if TYPE_CHECKING:
    from rag.records.base import FloatArray

    Known = Callable[[str], FloatArray | None]
    """The vector (dimension,) of a text, or None if it must be embedded."""

BATCH: Final = 64
"""Texts that are embedded together: few enough to keep many workers busy, and to lose few if one dies."""


def embed(
    texts: Sequence[str],
    known: Known,
    info: EmbedderInfo,
    crew: Crew,
    cache: VectorCache,
    progress: Progress,
) -> tuple[FloatArray, int]:
    """The vectors of the texts, float32 (texts, dimension), and how many texts were embedded.

    Equal texts are embedded once, by ``crew``, whose embedders are those of ``info``. New vectors go into
    the cache batch by batch. A known vector that is not finite or not of length 1, which a damaged model
    may have left, is embedded again; a new one is refused with ModelRefused.
    """
    vectors = np.empty((len(texts), info.dimension), np.float32)
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        rows[text].append(row)
    missing = []
    for text, own in rows.items():
        vector = known(text)
        if vector is None or not unit_rows(vector[None]).all():
            missing.append(text)
        else:
            vectors[own] = vector
    # By length, so that texts in a batch need little padding.
    missing.sort(key=len, reverse=True)
    batches = [missing[begin : begin + BATCH] for begin in range(0, len(missing), BATCH)]
    progress("embed", 0, len(missing))
    done = 0
    for batch, new_vectors in zip(batches, crew.embed(batches), strict=True):
        if not unit_rows(new_vectors).all():
            raise ModelRefused(
                f"{info.id}: it gives vectors that are not finite or not of length 1",
                fix="prepare it anew with: rag cache clear",
            )
        cache.append(batch, new_vectors)
        for text, vector in zip(batch, new_vectors, strict=True):
            vectors[rows[text]] = vector
        done += len(batch)
        progress("embed", done, len(missing))
    return vectors, len(missing)
