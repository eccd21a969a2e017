"""Exact nearest passages by cosine: FAISS over the vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rag.index.lexical import best
from rag.types import Hits

if TYPE_CHECKING:
    from rag.types import BoolArray, FloatArray


class DenseIndex:
    """A flat inner-product index over unit vectors (passages, dimension), float32.

    FAISS is imported and filled at the first search, so that a lexical search needs neither.
    Searching is safe from many threads once filled; ``prepare`` fills it.
    """

    def __init__(self, vectors: FloatArray) -> None:
        self._vectors = vectors
        self._faiss: Any = None  # faiss ships no types

    def prepare(self) -> None:
        """Import FAISS and hand it the vectors; later calls do nothing."""
        if self._faiss is None:
            import faiss

            flat = faiss.IndexFlatIP(self._vectors.shape[1])
            flat.add(np.ascontiguousarray(self._vectors))
            self._faiss = flat

    def search(self, vector: FloatArray, depth: int, allowed: BoolArray | None = None) -> Hits:
        """The best ``depth`` passages; ``allowed`` (passages,) is applied before ranking."""
        self.prepare()
        depth = min(depth, len(self._vectors) if allowed is None else int(allowed.sum()))
        if depth == 0:
            return Hits(np.empty(0, np.int64), np.empty(0, np.float64))
        import faiss

        parameters = None
        if allowed is not None:
            bitmap = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bitmap))
        scores, ids = self._faiss.search(vector[None, :], depth, params=parameters)
        return best(ids[0], scores[0].astype(np.float64), depth)
