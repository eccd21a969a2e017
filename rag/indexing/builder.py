"""Builds the next snapshot of an index from the changes: split, embed, store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.corpus.chunk import CHUNKER_ID, chunk, indexed_parts, indexed_text
from rag.errors import IndexMismatch
from rag.indexing.changes import Changes
from rag.indexing.embed import embed
from rag.indexing.integrity import salvaged_vectors
from rag.indexing.plan import BuildPlan, Fresh, Repair
from rag.models import load_embedder
from rag.protocols import Embedder, Progress, Store, StoreWriter, VectorCache
from rag.records import Corpus, EmbedderInfo, IndexedDocument, IndexFacts, Recipe
from rag.settings import Settings
from rag.stores.advice import rebuild
from rag.stores.analyzer import ANALYZER_ID, document_terms

if TYPE_CHECKING:
    from rag.records.base import FloatArray


@dataclass(frozen=True, slots=True)
class Builder:
    """Turns changes into the next snapshot of an index. For one build only."""

    index: Path
    settings: Settings
    plan: BuildPlan
    last: Store | None
    """The snapshot to carry documents over from, or None."""
    progress: Progress

    def build(
        self, changes: Changes, corpus: Corpus, writer: StoreWriter
    ) -> tuple[IndexFacts, int]:
        """Write the snapshot and make it current. Returns its facts and how many passages were embedded.

        Raises the errors of ``rag.build``.
        """
        writer.begin(self.last)
        documents = [
            (document, source, chunk(document, self.settings.chunk_chars))
            for document, source in changes.read
        ]
        texts = [indexed_text(document, c) for document, _, chunks in documents for c in chunks]
        info, vectors, embedded = self._vectors(texts, changes, writer)
        for doc_id in changes.removed:
            writer.delete(doc_id)
        for doc_id, source in changes.touched.items():
            writer.touch(doc_id, source)
        begin = 0
        for document, source, chunks in documents:
            own = slice(begin, begin + len(chunks))
            terms = [
                document_terms(indexed_parts(document, each), document.language) for each in chunks
            ]
            writer.put(IndexedDocument(document, source, chunks, terms, vectors[own]))
            begin = own.stop
        recipe = Recipe(info, ANALYZER_ID, CHUNKER_ID, self.settings.chunk_chars)
        return writer.commit(corpus, recipe), embedded

    def _vectors(
        self, texts: Sequence[str], changes: Changes, writer: StoreWriter
    ) -> tuple[EmbedderInfo, FloatArray, int]:
        """The embedder, the vectors of the texts (texts, dimension), and how many were embedded."""
        if self.last is not None and not texts:
            info = self.last.facts.recipe.embedder
            return info, np.empty((0, info.dimension), np.float32), 0
        embedder = self._embedder()
        cache = writer.cache(embedder.info)
        salvaged = salvaged_vectors(self.index) if isinstance(self.plan, Repair) else {}

        def known(text: str) -> FloatArray | None:
            if isinstance(self.plan, Fresh):
                return None
            [vector] = cache.get([text])
            return salvaged.get(text) if vector is None else vector

        vectors, embedded = embed(texts, known, embedder, cache, self.progress)
        self._tidy(cache, texts, vectors, changes)
        return embedder.info, vectors, embedded

    def _embedder(self) -> Embedder:
        self.progress("load model", 0, 1)
        embedder = load_embedder(self.plan.model, self.settings.precision, self.plan.named)
        self.progress("load model", 1, 1)
        if self.last is not None and embedder.info != self.last.facts.recipe.embedder:
            raise IndexMismatch(
                f"{self.index} was built with other weights or settings of {embedder.info.id}",
                fix=rebuild(self.index),
            )
        return embedder

    def _tidy(
        self, cache: VectorCache, texts: Sequence[str], vectors: FloatArray, changes: Changes
    ) -> None:
        """Rewrite the cache with only the vectors in use, if it may hold many others, or damage."""
        in_use = len(texts)
        if self.last is not None:
            gone = (*changes.removed, *changes.changed)
            in_use += self.last.facts.chunks
            in_use -= sum(len(self.last.chunks_of(doc_id)) for doc_id in gone)
        if not (isinstance(self.plan, Fresh | Repair) or cache.is_wasteful(in_use)):
            return
        rows = {text: row for row, text in enumerate(texts)}
        in_cache, pieces = list(rows), [vectors[list(rows.values())]]
        for text, vector in self._unchanged(changes):
            if text not in rows:
                in_cache.append(text)
                pieces.append(vector)
        cache.rewrite(in_cache, np.concatenate(pieces))

    def _unchanged(self, changes: Changes) -> Iterator[tuple[str, FloatArray]]:
        """The texts of the documents that are carried over, each with its vector (1, dimension)."""
        if self.last is None:
            return
        gone = {*changes.removed, *changes.changed}
        for doc_id in self.last.sources():
            if doc_id not in gone:
                document = self.last.document(doc_id)
                for each in self.last.chunks_of(doc_id):
                    yield indexed_text(document, each), self.last.vectors([each.chunk_id])
