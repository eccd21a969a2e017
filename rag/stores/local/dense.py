"""Nearest passages by cosine, exact up to 200,000 and by binary quantization with rescoring beyond."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.stores.local.manifest import FirstPass
from rag.stores.local.ranking import Best, best

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import BoolArray, FloatArray, IdArray

    Codes = npt.NDArray[np.uint8]

EXACT: Final = 200_000
"""The most passages that are all compared. With more, a filter may leave few enough for this."""

_SMALL = 20_000  # passages that numpy compares as fast as FAISS, which then need not be imported
_CANDIDATES = 20_000  # fewest candidates of a first pass
_PER_RESULT = 20  # fewest candidates per result
_RECALL = 0.995  # to reach on the sample; the promise is 0.99
_MARGIN = 2  # factor on the candidates that reach it: a sample is not all questions
_SAMPLE = 100
_COSINE = 0.6  # about that of a question with the passage that answers it
_BLOCK = 65_536


class DenseIndex:
    """Search among unit vectors, float32 (passages, dimension); a memory-mapped array is not copied.

    With more than ``EXACT`` passages, and if ``codes`` and ``first_pass`` are given, a first pass selects
    the candidates whose binary codes are nearest to the question's. Scores are always exact.

    A search runs in the caller's thread. FAISS's own search starts one thread per processor, which is far
    slower when anything else runs; it copies the vectors; and it breaks ties arbitrarily. Lexical
    searches and small indexes never import FAISS. Thread-safe.
    """

    def __init__(
        self, vectors: FloatArray, codes: Codes | None = None, first_pass: FirstPass | None = None
    ) -> None:
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self._codes = codes
        self._candidates = first_pass.candidates if first_pass else len(vectors)

    def search(self, vector: FloatArray, depth: int, allowed: BoolArray | None = None) -> Best:
        """The best ``depth`` passages, of those that ``allowed`` (passages,) marks."""
        dimension = self.vectors.shape[1]
        vector = np.ascontiguousarray(vector, np.float32)
        if vector.shape != (dimension,):
            raise ValueError(f"a vector of shape {vector.shape} among vectors of {dimension}")
        ids = np.arange(len(self.vectors)) if allowed is None else np.flatnonzero(allowed)
        if self._codes is not None and len(ids) > EXACT:
            ids = self._nearest_codes(vector, ids, max(self._candidates, _PER_RESULT * depth))
        return best(ids, self._products(vector, ids), depth)

    def _nearest_codes(self, vector: FloatArray, ids: IdArray, count: int) -> IdArray:
        """The ``count`` of these passages (n,) whose codes are nearest to the vector's, and all ties."""
        if count >= len(ids):
            return ids
        distances = self._distances(vector)[ids]
        nearest: IdArray = ids[distances <= np.partition(distances, count - 1)[count - 1]]
        return nearest

    def _distances(self, vector: FloatArray) -> npt.NDArray[np.int32]:
        """The Hamming distance of a vector's code (dimension,) from each passage's: (passages,)."""
        import faiss

        assert self._codes is not None  # noqa: S101  # for the type checker
        distances = np.empty(len(self._codes), np.int32)
        own = binary_codes(vector[None, :])
        with _one_thread():
            faiss.hammings(
                faiss.swig_ptr(own),
                faiss.swig_ptr(self._codes),
                1,
                len(self._codes),
                own.shape[1],
                faiss.swig_ptr(distances),
            )
        return distances

    def _products(self, vector: FloatArray, ids: IdArray) -> npt.NDArray[np.float32]:
        """The inner products of a vector (dimension,) with the vectors of these ids (n,): (n,).

        Computed row by row, so that equal vectors have equal products.
        """
        products: npt.NDArray[np.float32]
        if len(self.vectors) <= _SMALL:
            with np.errstate(invalid="ignore", over="ignore"):  # damaged vectors may hold anything
                products = np.vecdot(self.vectors, vector)
            return products if len(ids) == len(products) else products[ids]
        import faiss

        products = np.empty(len(ids), np.float32)
        arrays = (products, vector, self.vectors, ids)
        with _one_thread():
            faiss.fvec_inner_products_by_idx(*map(faiss.swig_ptr, arrays), len(vector), 1, len(ids))
        return products


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep FAISS from starting threads. OpenMP has this setting for each calling thread."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


# ---------------------------------------------------------------- the first pass


def binary_codes(vectors: FloatArray) -> Codes:
    """One bit per dimension of vectors (n, dimension): uint8 (n, dimension / 8, rounded up).

    A bit is 1 if the number is above 0. The first dimension is the highest bit; unused bits are 0.
    """
    blocks = range(0, len(vectors), _BLOCK)
    codes = [np.packbits(vectors[begin : begin + _BLOCK] > 0, axis=1) for begin in blocks]
    return np.concatenate(codes) if codes else np.packbits(vectors > 0, axis=1)


def quantize(vectors: FloatArray) -> tuple[Codes, FirstPass] | tuple[None, None]:
    """Binary codes and first pass for these vectors (n, dimension); None, None if search is exact.

    The result depends on the vectors alone, so it can always be computed again.
    """
    if len(vectors) <= EXACT:
        return None, None
    codes = binary_codes(vectors)
    first_pass = _tune_first_pass(vectors, codes)
    return (codes, first_pass) if first_pass else (None, None)


def _tune_first_pass(vectors: FloatArray, codes: Codes) -> FirstPass | None:
    """The number of candidates that finds what exact search finds; None if that takes too many.

    The sample is of passages with noise, as far from the original as a question is from its answer. The
    number is then doubled, since questions may be harder: for 200 real questions and a million passages,
    the number that the sample needed had recall 0.989, twice that 0.996. The recall in the result is the
    one before doubling. Deterministic.
    """
    exact = DenseIndex(vectors)
    sample = _noisy_sample(vectors)
    expected = [set(exact.search(question, 10).rows.tolist()) for question in sample]
    candidates = _CANDIDATES
    while candidates <= len(vectors) // 4:
        index = DenseIndex(vectors, codes, FirstPass(candidates, 1.0))
        results = [set(index.search(question, 10).rows.tolist()) for question in sample]
        shared = sum(len(one & other) for one, other in zip(expected, results, strict=True))
        recall = shared / sum(map(len, expected))
        if recall >= _RECALL:
            return FirstPass(_MARGIN * candidates, recall)
        candidates *= 2
    return None


def _noisy_sample(vectors: FloatArray) -> FloatArray:
    """Unit vectors, each with a cosine of about ``_COSINE`` to one of ``vectors``: (sample, dimension)."""
    random = np.random.default_rng(0)
    sample = vectors[np.sort(random.integers(0, len(vectors), _SAMPLE))]
    noise = random.standard_normal(sample.shape, np.float32)
    noise *= np.sqrt(1 - _COSINE**2) / np.linalg.norm(noise, axis=1, keepdims=True)
    questions = _COSINE * sample + noise
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    return questions.astype(np.float32)
