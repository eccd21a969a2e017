"""The sides that run in their own processes: python -m benchmarks.sides NAME.

Each imports its libraries only when it is called, so that no side pays for the imports of another.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args

from benchmarks.measure import in_turn
from benchmarks.worker import serve

DOCUMENTS = 10
"""Results of a query."""

_PASSAGES = 100  # they nearly always contain ten documents

Ranked = dict[str, float]


def _timed(search: Callable[[str], Ranked], queries: Sequence[str]) -> list[list[Any]]:
    """For each query: its seconds, and the documents with their scores."""
    found = []
    for query in queries:
        begun = time.perf_counter()
        ranked = search(query)
        found.append([time.perf_counter() - begun, ranked])
    return found


class Side:
    """Base of all sides: reports the memory of its process."""

    def resident(self) -> float:
        """The resident memory now, in MB."""
        import psutil

        return float(psutil.Process().memory_info().rss / 1e6)

    def peak(self) -> float:
        """The peak of the resident memory, in MB."""
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


class CompiledModel(Side):
    """The default model as the tool runs it."""

    def load(self) -> str:
        """Open the model; its precision."""
        from rag.models import load_embedder

        self._embedder = load_embedder()
        return self._embedder.precision

    def embed(self, texts: Sequence[str]) -> list[Any]:
        """Seconds to embed passages, and their vectors."""
        begun = time.perf_counter()
        vectors = self._embedder.embed_documents(texts)
        return [time.perf_counter() - begun, vectors.tolist()]

    def queries(self, texts: Sequence[str]) -> list[float]:
        """Seconds for each question, one at a time."""
        times = []
        for text in texts:
            begun = time.perf_counter()
            self._embedder.embed_queries([text])
            times.append(time.perf_counter() - begun)
        return times


class SentenceTransformersModel(Side):
    """The same weights with sentence-transformers, used as its documentation shows."""

    def load(self) -> str:
        """Load the model; its precision."""
        from sentence_transformers import SentenceTransformer

        from rag.models.weights import locate_model

        self._model: Any = SentenceTransformer(str(locate_model(None).folder))
        return "fp32"

    def embed(self, texts: Sequence[str]) -> list[Any]:
        """Seconds to embed passages, and their vectors."""
        begun = time.perf_counter()
        vectors = self._model.encode(list(texts), normalize_embeddings=True)
        return [time.perf_counter() - begun, vectors.tolist()]

    def queries(self, texts: Sequence[str]) -> list[float]:
        """Seconds for each question, one at a time."""
        times = []
        for text in texts:
            begun = time.perf_counter()
            self._model.encode([text], normalize_embeddings=True)
            times.append(time.perf_counter() - begun)
        return times


class Rag(Side):
    """The tool itself, on a folder of articles named by number."""

    def build(self, corpus: str, index: str) -> None:
        """Index a folder that ``write_articles`` wrote."""
        import rag

        rag.build(corpus, index)

    def load(self, index: str) -> None:
        """Open an index."""
        import rag

        self._retriever = rag.Retriever.open(index)

    def search(self, queries: Sequence[str]) -> list[list[Any]]:
        """For each query: its seconds, and documents by their best passage."""
        return _timed(self._search, queries)

    def _search(self, query: str) -> Ranked:
        ranked: Ranked = {}
        for passage in self._retriever.search(query, _PASSAGES):
            ranked.setdefault(passage.doc_id, passage.score)
            if len(ranked) == DOCUMENTS:
                break
        return ranked


class Txtai(Side):
    """txtai with a dense and a sparse index and stored texts, as its documentation shows."""

    def build(self, corpus: str, index: str) -> None:
        """Index a folder that ``write_articles`` wrote, one file per document."""
        from txtai import Embeddings

        from rag.models.weights import locate_model

        embeddings: Any = Embeddings(path=str(locate_model(None).folder), hybrid=True, content=True)
        embeddings.index(
            (path.name, " ".join(path.read_text(encoding="utf-8").split()), None)
            for path in sorted(Path(corpus).glob("*.txt"))
        )
        embeddings.save(index)

    def load(self, index: str) -> None:
        """Open an index."""
        from txtai import Embeddings

        self._embeddings: Any = Embeddings()
        self._embeddings.load(index)

    def search(self, queries: Sequence[str]) -> list[list[Any]]:
        """For each query: its seconds, and documents with their scores."""
        return _timed(self._search, queries)

    def _search(self, query: str) -> Ranked:
        return {row["id"]: row["score"] for row in self._embeddings.search(query, DOCUMENTS)}


class OpenIndex(Side):
    """An open index, searched through ``Retriever``."""

    def load(self, index: str) -> float:
        """Open an index; returns the seconds without imports."""
        import rag

        rag.Retriever  # noqa: B018  # imports it
        begun = time.perf_counter()
        self._retriever = rag.Retriever.open(index)
        self._index = Path(index)
        return time.perf_counter() - begun

    def search(self, queries: Sequence[str], rounds: int) -> dict[str, list[float]]:
        """The seconds of each query in each mode."""
        from rag.records import Mode

        searches = {
            mode: partial(self._retriever.search, mode=mode, k=DOCUMENTS) for mode in get_args(Mode)
        }
        return in_turn(searches, queries, rounds)

    def memory(self) -> dict[str, float]:
        """The resident memory in MB and, if the system reports it, how much of it is mapped files."""
        try:
            lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        except OSError:
            return {"resident": self.resident()}
        facts = dict(line.split(":", 1) for line in lines)
        resident, mapped = (
            int(facts[name].removesuffix("kB")) * 1024 / 1e6 for name in ("VmRSS", "RssFile")
        )
        return {"resident": resident, "mapped": mapped}

    def recall(self, queries: Sequence[str]) -> float:
        """The share of the ten exactly nearest passages that dense search finds."""
        from rag.models import load_embedder
        from rag.stores.local.dense import DenseIndex
        from rag.stores.local.local import open_local_store

        store, embedder = open_local_store(self._index), load_embedder()
        exact = DenseIndex(store.dense_index.vectors)
        found = 0
        for query in queries:
            hits = exact.search(embedder.embed_queries([query])[0], DOCUMENTS)
            nearest = set(store.ids(hits.rows))
            ours = self._retriever.search(query, DOCUMENTS, mode="dense")
            found += len(nearest & {passage.chunk_id for passage in ours})
        return found / (DOCUMENTS * len(queries))


SIDES: dict[str, Callable[[], object]] = {
    "compiled": CompiledModel,
    "sentence-transformers": SentenceTransformersModel,
    "rag": Rag,
    "served": OpenIndex,
    "txtai": Txtai,
}

if __name__ == "__main__":
    serve(SIDES[sys.argv[1]]())
