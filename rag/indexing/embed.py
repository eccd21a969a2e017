"""Texts → vectors: those that are known already, and the rest from the model, batch by batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.protocols import Embedder, Progress, VectorCache

if TYPE_CHECKING:
    from rag.records.base import FloatArray

    Known = Callable[[str], FloatArray | None]
    """The vector (dimension,) of a text, None where it has to be made."""

# Passages handed to the model at once: enough to sort by length, few enough that progress moves and
# an interrupted build has lost little.
_BATCH = 128


def embed(
    texts: Sequence[str], known: Known, embedder: Embedder, cache: VectorCache, progress: Progress
) -> tuple[FloatArray, int]:
    """The vectors of texts (texts, dimension), and how many had to be made.

    Equal texts share one; what is made goes into the cache batch by batch.
    """
    vectors = np.empty((len(texts), embedder.info.dimension), np.float32)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[text].append(place)
    missing = []
    for text, own in places.items():
        vector = known(text)
        if vector is None:
            missing.append(text)
        else:
            vectors[own] = vector
    # Longest first: texts of like length share a batch, so little is spent on padding.
    missing.sort(key=len, reverse=True)
    for begin in range(0, len(missing), _BATCH):
        progress("embed", begin, len(missing))
        batch = missing[begin : begin + _BATCH]
        made = embedder.embed_documents(batch)
        cache.append(batch, made)
        for text, vector in zip(batch, made, strict=True):
            vectors[places[text]] = vector
    progress("embed", len(missing), len(missing))
    return vectors, len(missing)
