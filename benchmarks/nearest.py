"""Compares ways to find the nearest of very many vectors, with real questions.

    python -m benchmarks.nearest COLLECTION[:SPLIT] … --passages 200000 --hnsw

The vectors are mixed from those of real passages. ``docs/evaluation.md`` has the figures that this prints.
Times are processor time of one thread for a top 500. Recall@10 is relative to exact search. Memory is what
each way needs besides the vectors.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import numpy as np

from benchmarks.measure import median, percentile, say
from benchmarks.texts import load_collection, mixed_vectors, texts_of
from rag.models import load_embedder
from rag.stores.local.dense import DenseIndex, quantize
from rag.stores.local.ranking import best

if TYPE_CHECKING:
    from rag.records.base import FloatArray, IdArray

    Search = Callable[[FloatArray], IdArray]

DEPTH: Final = 500
_QUESTIONS: Final = 200
_AT_ONCE: Final = 100_000

Way = tuple[str, "Search", float, float]
"""Name, search, megabytes besides the vectors, processor seconds to build it."""


def ways(vectors: FloatArray, hnsw: bool) -> Iterator[Way]:
    """The ways to compare, each built in turn and freed before the next."""
    exact = DenseIndex(vectors)
    yield "all vectors", lambda question: exact.search(question, DEPTH).rows, 0.0, 0.0
    yield _binary(vectors)
    yield _scalar(vectors, exact)
    yield from _inverted(vectors, exact)
    if hnsw:
        yield from _graph(vectors)


def _binary(vectors: FloatArray) -> Way:
    with patch("rag.stores.local.dense.EXACT", len(vectors) - 1):
        begun = time.process_time()
        codes, first_pass = quantize(vectors)
        spent = time.process_time() - begun
    index = DenseIndex(vectors, codes, first_pass)
    size = 0.0 if codes is None else codes.nbytes / 1e6

    def search(question: FloatArray) -> IdArray:
        with patch("rag.stores.local.dense.EXACT", 0):
            return index.search(question, DEPTH).rows

    return f"binary quantization, {first_pass}", search, size, spent


def _scalar(vectors: FloatArray, exact: DenseIndex) -> Way:
    """Eight bits per dimension; twice as many results as needed, rescored exactly."""
    import faiss

    begun = time.process_time()
    index: Any = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors[:_AT_ONCE])
    index.add(vectors)
    spent = time.process_time() - begun

    def search(question: FloatArray) -> IdArray:
        return _again(exact, question, index.search(question[None, :], 2 * DEPTH)[1][0])

    return "SQ8, then exact", search, vectors.size / 1e6, spent


def _inverted(vectors: FloatArray, exact: DenseIndex) -> Iterator[Way]:
    """Clusters; compares all vectors of those nearest to the question."""
    import faiss

    cells = 4 * int(len(vectors) ** 0.5)
    begun = time.process_time()
    kmeans: Any = faiss.Kmeans(
        vectors.shape[1], cells, niter=10, seed=1, spherical=True, max_points_per_centroid=64
    )
    kmeans.train(vectors)
    quantizer: Any = faiss.IndexFlatIP(vectors.shape[1])
    quantizer.add(kmeans.centroids)
    cell_of = quantizer.search(vectors, 1)[1][:, 0]
    spent = time.process_time() - begun
    order = np.argsort(cell_of, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(cell_of, minlength=cells))[:-1])
    for probes in (cells // 16, cells // 8, cells // 5):

        def search(question: FloatArray, probes: int = probes) -> IdArray:
            near = np.argpartition(-(kmeans.centroids @ question), probes)[:probes]
            return _again(exact, question, np.concatenate([members[cell] for cell in near]))

        size = (order.nbytes // 2 + kmeans.centroids.nbytes) / 1e6
        yield f"IVF, {probes} of {cells} cells, exact", search, size, spent


def _graph(vectors: FloatArray) -> Iterator[Way]:
    import faiss

    begun = time.process_time()
    index: Any = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 80
    index.add(vectors)
    spent = time.process_time() - begun
    for width in (500, 2000):

        def search(question: FloatArray, width: int = width) -> IdArray:
            index.hnsw.efSearch = width
            found: IdArray = index.search(question[None, :], DEPTH)[1][0]
            return found

        yield f"HNSW, efSearch {width}", search, len(vectors) * 4 * 66 / 1e6, spent


def _again(exact: DenseIndex, question: FloatArray, ids: IdArray) -> IdArray:
    ids = np.sort(ids)
    return best(ids, exact._products(question, ids), DEPTH).rows  # noqa: SLF001  # the same arithmetic


def main() -> None:
    """Print a table in Markdown, each row as soon as it is measured."""
    import faiss

    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("collections", nargs="+", metavar="COLLECTION[:SPLIT]")
    parser.add_argument("--passages", type=int, default=200_000)
    parser.add_argument("--hnsw", action="store_true", help="takes minutes to build")
    arguments = parser.parse_args()
    vectors, questions = _mixed(arguments.collections, arguments.passages)
    print("| | p50 | p99 | recall@10 | memory | built in |\n|---|---:|---:|---:|---:|---:|")
    nearest = [set(DenseIndex(vectors).search(q, 10).rows.tolist()) for q in questions]
    for name, search, size, spent in ways(vectors, arguments.hnsw):
        before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        times, shared = [], 0
        for question, wanted in zip(questions, nearest, strict=True):
            begun = time.thread_time()
            found = search(question)
            times.append((time.thread_time() - begun) * 1000)
            shared += len(wanted & set(found[:10].tolist()))
        faiss.omp_set_num_threads(before)
        print(
            f"| {name} | {median(times):.1f} ms | {percentile(times, 99):.1f} ms"
            f" | {shared / (10 * len(questions)):.4f} | {size:,.0f} MB | {spent:.0f} s |",
            flush=True,
        )


def _mixed(where: list[str], count: int) -> tuple[FloatArray, FloatArray]:
    """Vectors mixed from those of all passages of the collections, and vectors of their questions."""
    embedder = load_embedder()
    base, questions = [], []
    for place in where:
        folder, _, split = place.partition(":")
        collection = load_collection(Path(folder), split or "test")
        say(f"embed {collection.name}")
        base.append(embedder.embed_documents(texts_of(collection)))
        questions.append(embedder.embed_queries(list(collection.queries.values())))
    random = np.random.default_rng(0)
    asked = random.permutation(np.concatenate(questions))[:_QUESTIONS]
    texts = np.concatenate(base)
    vectors = np.empty((count, texts.shape[1]), np.float32)
    for begin in range(0, count, _AT_ONCE):
        part = vectors[begin : begin + _AT_ONCE]
        part[:] = mixed_vectors(texts, len(part), begin)
    return vectors, asked


if __name__ == "__main__":
    main()
