"""Turns texts into vectors: from the cache if possible, else from the model, batch by batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.errors import ModelRefused
from rag.models.vectors import unit_rows
from rag.protocols import Embedder, Progress, VectorCache

if TYPE_CHECKING:
    from rag.records.base import FloatArray

    Known = Callable[[str], FloatArray | None]
    """The vector (dimension,) of a text, or None if it must be embedded."""

# Passages per call of the model: few enough that progress is visible and an interrupted build loses little.
BATCH: Final = 128


def embed(
    texts: Sequence[str],
    known: Known,
    embedder: Embedder,
    cache: VectorCache,
    progress: Progress,
    batch_size: int = BATCH,
) -> tuple[FloatArray, int]:
    """The vectors of the texts, float32 (texts, dimension), and how many texts were embedded.

    Equal texts are embedded once. New vectors go into the cache batch by batch. A known vector that is not
    finite or not of length 1, which a damaged model may have left, is embedded again; a new one is refused
    with ModelRefused.
    """
    vectors = np.empty((len(texts), embedder.info.dimension), np.float32)
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
    for begin in range(0, len(missing), batch_size):
        progress("embed", begin, len(missing))
        batch = missing[begin : begin + batch_size]
        new_vectors = embedder.embed_documents(batch)
        if not unit_rows(new_vectors).all():
            raise ModelRefused(
                f"{embedder.info.id}: it gives vectors that are not finite or not of length 1",
                fix="prepare it anew with: rag cache clear",
            )
        cache.append(batch, new_vectors)
        for text, vector in zip(batch, new_vectors, strict=True):
            vectors[rows[text]] = vector
    progress("embed", len(missing), len(missing))
    return vectors, len(missing)
