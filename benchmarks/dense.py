"""Exact search among all vectors, beside a flat FAISS index."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.measure import OURS, Options, Row, Section, in_turn, median, say, section
from benchmarks.texts import Recombined, load_collection, mixed_vectors, texts_of
from rag.models import load_embedder
from rag.stores.local.dense import DenseIndex

if TYPE_CHECKING:
    from rag.records.base import FloatArray

    Search = Callable[[FloatArray], object]

FLAT: Final = "FAISS flat"
DEPTH: Final = 100
_BASE: Final = 256
_QUERIES: Final = 20


def dense(options: Options) -> Section:
    """Searches among 10,000 vectors, and among as many as ``options.passages``."""
    collection = load_collection(options.data, options.split)
    texts = Recombined(texts_of(collection))
    embedder = load_embedder()
    base = embedder.embed_documents(texts.passages(_BASE))
    queries = embedder.embed_queries(texts.passages(_QUERIES, 1))
    sizes = sorted({10_000, options.passages})
    rows, recalls = [], []
    for size in sizes:
        say(f"  {size:,} vectors")
        times, recall = _scan(mixed_vectors(base, size), queries, options.rounds)
        recalls.append(recall)
        rows.append(Row(f"{size:,} vectors", "ms", times))
    return section(
        "dense",
        "Scan of all vectors",
        f"Unit vectors of {base.shape[1]} dimensions, fp32, mixed from passages of {collection.name},"
        f" to a top {DEPTH}, one query on each side in turn. Recall@10 of ours against the exact scan:"
        f" {min(recalls):.3f} at least.",
        rows,
        ("faiss-cpu", "numpy"),
    )


def _scan(vectors: FloatArray, queries: FloatArray, rounds: int) -> tuple[dict[str, float], float]:
    """Milliseconds per query on each side, and our recall of the exact top ten."""
    import faiss

    ours = DenseIndex(vectors)
    flat: Any = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    calls: dict[str, Search] = {
        OURS: lambda query: ours.search(query, DEPTH),
        FLAT: lambda query: flat.search(query[None, :], DEPTH),
    }
    times = in_turn(calls, list(queries), rounds)
    shared = 0
    for query in queries:
        exact = flat.search(query[None, :], 10)[1][0]
        shared += len(np.intersect1d(ours.search(query, 10).rows, exact))
    return {side: median(spent) * 1000 for side, spent in times.items()}, shared / (
        10 * len(queries)
    )
