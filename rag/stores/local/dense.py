"""Nearest passages by cosine: FAISS's inner product with every vector, or with the likely ones."""

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

    Signs = npt.NDArray[np.uint8]

EXACT: Final = 200_000
"""Up to so many passages, all are compared; a filter that leaves no more is searched so too."""

_FEW = 20_000  # up to so many, numpy compares them as fast, and FAISS need not be imported
_CANDIDATES = 20_000  # of a first pass, at least
_PER_RESULT = 20  # candidates for each passage asked for, at least
_RECALL = 0.995  # of the sample: 0.99 is promised
_MARGIN = 2  # times the candidates that reach it, for no sample is all questions
_SAMPLE = 100
_COSINE = 0.6  # of a question with the passage that answers it, about
_BLOCK = 65_536


class DenseIndex:
    """Unit vectors (passages, dimension), float32, compared where they lie, in a mapped file too.

    Among more than ``EXACT`` passages, if ``signs`` and ``first_pass`` are given, only the candidates
    are compared whose signs agree with the question's most often; what they score is exact.

    A search takes one thread, the caller's. FAISS's own search takes one for each processor and is then
    slower by far as soon as anything else runs; it copies the vectors; and of equally good passages at
    the end of the list it finds any. FAISS is imported at the first search that needs it: a lexical one
    does without, and so does a small index. Safe to use from many threads.
    """

    def __init__(
        self, vectors: FloatArray, signs: Signs | None = None, first_pass: FirstPass | None = None
    ) -> None:
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self._signs = signs
        self._candidates = first_pass.candidates if first_pass else len(vectors)

    def search(self, vector: FloatArray, depth: int, allowed: BoolArray | None = None) -> Best:
        """The best ``depth`` passages; ``allowed`` (passages,) is applied before ranking."""
        dimension = self.vectors.shape[1]
        vector = np.ascontiguousarray(vector, np.float32)
        if vector.shape != (dimension,):
            raise ValueError(f"a vector of shape {vector.shape} among vectors of {dimension}")
        ids = np.arange(len(self.vectors)) if allowed is None else np.flatnonzero(allowed)
        if self._signs is not None and len(ids) > EXACT:
            ids = self._likely(vector, ids, max(self._candidates, _PER_RESULT * depth))
        return best(ids, self._products(vector, ids), depth)

    def _likely(self, vector: FloatArray, ids: IdArray, count: int) -> IdArray:
        """The ``count`` of these passages (n,) whose signs are most like the vector's, ties included."""
        if count >= len(ids):
            return ids
        distances = self._distances(vector)[ids]
        likely: IdArray = ids[distances <= np.partition(distances, count - 1)[count - 1]]
        return likely

    def _distances(self, vector: FloatArray) -> npt.NDArray[np.int32]:
        """In how many signs a vector (dimension,) differs from each passage: (passages,)."""
        import faiss

        assert self._signs is not None  # noqa: S101  # for the type checker
        distances = np.empty(len(self._signs), np.int32)
        own = sign_codes(vector[None, :])
        with _one_thread():
            faiss.hammings(
                faiss.swig_ptr(own),
                faiss.swig_ptr(self._signs),
                1,
                len(self._signs),
                own.shape[1],
                faiss.swig_ptr(distances),
            )
        return distances

    def _products(self, vector: FloatArray, ids: IdArray) -> npt.NDArray[np.float32]:
        """The inner product of a vector (dimension,) with each of the vectors of these ids (n,): (n,).

        One row at a time, so that equal vectors have equal products.
        """
        if len(self.vectors) <= _FEW:
            with np.errstate(invalid="ignore", over="ignore"):  # damaged vectors may hold anything
                found: npt.NDArray[np.float32] = np.vecdot(self.vectors, vector)
            return found if len(ids) == len(found) else found[ids]
        import faiss

        products = np.empty(len(ids), np.float32)
        arrays = (products, vector, self.vectors, ids)
        with _one_thread():
            faiss.fvec_inner_products_by_idx(*map(faiss.swig_ptr, arrays), len(vector), 1, len(ids))
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


# ---------------------------------------------------------------- the first pass


def sign_codes(vectors: FloatArray) -> Signs:
    """The signs of vectors (n, dimension): uint8 (n, dimension / 8, rounded up).

    A bit is set where the vector is above 0, the first dimension in the highest bit; bits left over are 0.
    """
    blocks = range(0, len(vectors), _BLOCK)
    codes = [np.packbits(vectors[begin : begin + _BLOCK] > 0, axis=1) for begin in blocks]
    return np.concatenate(codes) if codes else np.packbits(vectors > 0, axis=1)


def quantize(vectors: FloatArray) -> tuple[Signs, FirstPass] | tuple[None, None]:
    """What makes a search among these vectors (n, dimension) fast; None, None where it is exact.

    Made of the vectors alone, so that it can be made again of them whenever it is lost.
    """
    if len(vectors) <= EXACT:
        return None, None
    signs = sign_codes(vectors)
    measured = _measured(vectors, signs)
    return (signs, measured) if measured else (None, None)


def _measured(vectors: FloatArray, signs: Signs) -> FirstPass | None:
    """How many candidates find what comparing all vectors finds; None where too many would be needed.

    Measured on passages put as far from themselves as a question is from its answer, which is harder than
    to find the neighbours of a passage itself; then doubled, for questions may be harder still: of 200 real
    ones among a million passages, as many as the sample needed found 0.989, twice as many 0.996. What is
    recorded is the recall before that. The same vectors give the same result.
    """
    exact = DenseIndex(vectors)
    sample = _questions(vectors)
    wanted = [set(exact.search(question, 10).rows.tolist()) for question in sample]
    candidates = _CANDIDATES
    while candidates <= len(vectors) // 4:
        index = DenseIndex(vectors, signs, FirstPass(candidates, 1.0))
        found = [set(index.search(question, 10).rows.tolist()) for question in sample]
        shared = sum(len(one & other) for one, other in zip(wanted, found, strict=True))
        recall = shared / sum(map(len, wanted))
        if recall >= _RECALL:
            return FirstPass(_MARGIN * candidates, recall)
        candidates *= 2
    return None


def _questions(vectors: FloatArray) -> FloatArray:
    """Unit vectors, each at a cosine of about ``_COSINE`` with one of ``vectors``: (sample, dimension)."""
    random = np.random.default_rng(0)
    drawn = vectors[np.sort(random.integers(0, len(vectors), _SAMPLE))]
    noise = random.standard_normal(drawn.shape, np.float32)
    noise *= np.sqrt(1 - _COSINE**2) / np.linalg.norm(noise, axis=1, keepdims=True)
    questions = _COSINE * drawn + noise
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    return questions.astype(np.float32)
