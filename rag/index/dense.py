"""Exact nearest passages by cosine: FAISS's inner product with every vector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from rag.index.ranking import best

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.types import BoolArray, FloatArray, Hits, IdArray


class DenseIndex:
    """Unit vectors (passages, dimension), float32, scanned where they lie, in a mapped file too.

    A scan takes one thread, the caller's. FAISS's own search takes one for each processor and is then
    slower by far as soon as anything else runs; it copies the vectors; and of equally good passages at
    the end of the list it finds any. FAISS is imported at the first search, so that a lexical search
    does without. Safe to use from many threads.
    """

    def __init__(self, vectors: FloatArray) -> None:
        self._vectors = np.ascontiguousarray(vectors, np.float32)

    def search(self, vector: FloatArray, depth: int, allowed: BoolArray | None = None) -> Hits:
        """The best ``depth`` passages; ``allowed`` (passages,) is applied before ranking."""
        ids = np.arange(len(self._vectors)) if allowed is None else np.flatnonzero(allowed)
        return best(ids, self._products(vector, ids), depth)

    def _products(self, vector: FloatArray, ids: IdArray) -> npt.NDArray[np.float32]:
        """The inner product of a vector (dimension,) with each of the vectors of these ids (n,): (n,)."""
        import faiss

        dimension = self._vectors.shape[1]
        vector = np.ascontiguousarray(vector, np.float32)
        if vector.shape != (dimension,):
            raise ValueError(f"a vector of shape {vector.shape} among vectors of {dimension}")
        products = np.empty(len(ids), np.float32)
        arrays = (products, vector, self._vectors, ids)
        with _one_thread():
            faiss.fvec_inner_products_by_idx(*map(faiss.swig_ptr, arrays), dimension, 1, len(ids))
        return products


@contextmanager
def _one_thread() -> Iterator[None]:
    """No threads are started by FAISS within. OpenMP keeps this setting for each calling thread."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
