"""Builds the next snapshot of an index from the changes: split, embed, store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from rag.corpus.chunk import CHUNKER_ID, chunk, indexed_parts, indexed_text
from rag.indexing.changes import Changes
from rag.indexing.crew import Crew, crew_of
from rag.indexing.crew_member import Assignment
from rag.indexing.embed import embed
from rag.indexing.integrity import salvaged_vectors
from rag.indexing.plan import BuildPlan, Fresh, Repair
from rag.models import load_embedder
from rag.protocols import Embedder, Progress, Store, StoredIndex, StoreWriter, VectorCache
from rag.records import (
    Chunk,
    Corpus,
    Document,
    EmbedderInfo,
    IndexedDocument,
    IndexFacts,
    Recipe,
    SourceRecord,
)
from rag.settings import Settings
from rag.stores.advice import model_changed
from rag.stores.analyzer import ANALYZER_ID, document_terms

if TYPE_CHECKING:
    from rag.records.base import FloatArray


_BLOCK: Final = 4_096
"""Passages that are embedded together: enough to sort them by length and for 64 workers, few enough to keep
in memory."""

Cut = tuple[Document, SourceRecord, list[Chunk]]


@dataclass(slots=True)
class Builder:
    """Turns what has changed into the next snapshot of an index. For one build only."""

    index: StoredIndex
    settings: Settings
    plan: BuildPlan
    last: Store | None
    """The snapshot to carry documents over from, or None."""
    progress: Progress
    embedded: int = 0
    """How many passages were embedded so far."""
    passages: int = 0
    """How many were cut."""
    _ready: tuple[EmbedderInfo, Crew, VectorCache, Mapping[str, FloatArray]] | None = None
    _vectors: dict[str, FloatArray] = field(default_factory=dict)
    """The vectors of this build by text: rows of larger arrays."""

    def build(
        self,
        documents: Iterable[tuple[Document, SourceRecord]],
        changes: Callable[[], Changes],
        corpus: Corpus,
        writer: StoreWriter,
    ) -> IndexFacts:
        """Write the snapshot and make it current.

        Documents are cut and embedded block by block as they come; ``changes`` is called after the last of
        them, and may raise. Raises the errors of ``rag.build``.
        """
        writer.begin(self.last)
        block: list[Cut] = []
        size = 0
        for document, source in documents:
            chunks = chunk(document, self.settings.chunk_chars)
            block.append((document, source, chunks))
            size += len(chunks)
            if size >= _BLOCK:
                self._put(block, writer)
                block, size = [], 0
        self._put(block, writer)
        found = changes()
        for doc_id in found.removed:
            writer.delete(doc_id)
        for doc_id, source in found.touched.items():
            writer.touch(doc_id, source)
        writer.skip(found.skipped)
        if self.last is None or self._ready is not None:
            info = self._prepared(writer)[0]
            self._tidy(writer, found)
        else:
            info = self.last.facts.recipe.embedder
        recipe = Recipe(info, ANALYZER_ID, CHUNKER_ID, self.settings.chunk_chars)
        return writer.commit(corpus, recipe)

    def _put(self, block: list[Cut], writer: StoreWriter) -> None:
        """Embed some documents and hand them to the writer."""
        texts = [indexed_text(document, c) for document, _, chunks in block for c in chunks]
        self.passages += len(texts)
        vectors = self._embed(texts, writer) if texts else None
        begin = 0
        for document, source, chunks in block:
            own = slice(begin, begin + len(chunks))
            begin = own.stop
            terms = [
                document_terms(indexed_parts(document, each), document.language) for each in chunks
            ]
            rows = np.empty((0, 0), np.float32) if vectors is None else vectors[own]
            writer.put(IndexedDocument(document, source, chunks, terms, rows))

    def _embed(self, texts: list[str], writer: StoreWriter) -> FloatArray:
        """The vectors of the texts (texts, dimension)."""
        info, crew, cache, salvaged = self._prepared(writer)

        def known(text: str) -> FloatArray | None:
            if (vector := self._vectors.get(text)) is not None:
                return vector
            if isinstance(self.plan, Fresh):
                return None
            [vector] = cache.get([text])
            return salvaged.get(text) if vector is None else vector

        def progress(stage: str, done: int, _: int) -> None:
            self.progress(stage, self.embedded + done, self.passages)

        vectors, new = embed(texts, known, info, crew, cache, progress)
        self._vectors.update(zip(texts, vectors, strict=True))
        self.embedded += new
        return vectors

    def _prepared(
        self, writer: StoreWriter
    ) -> tuple[EmbedderInfo, Crew, VectorCache, Mapping[str, FloatArray]]:
        """The embedder, who embeds, the cached vectors and those salvaged from a damaged index."""
        if self._ready is None:
            embedder = self._embedder()
            info, settings, plan = embedder.info, self.settings, self.plan
            assignment = Assignment.like(embedder, plan.model, settings.precision, plan.named)
            crew = crew_of(settings.workers, embedder, assignment)
            salvaged = salvaged_vectors(self.index) if isinstance(self.plan, Repair) else {}
            self._ready = info, crew, writer.cache(info), salvaged
        return self._ready

    def _embedder(self) -> Embedder:
        self.progress("load model", 0, 1)
        embedder = load_embedder(self.plan.model, self.settings.precision, self.plan.named)
        self.progress("load model", 1, 1)
        if self.last is not None and embedder.info != self.last.facts.recipe.embedder:
            raise model_changed(self.index, self.last.facts.recipe.embedder, embedder.info)
        return embedder

    def close(self) -> None:
        """End the workers that embed."""
        if self._ready is not None:
            self._ready[1].close()

    def _tidy(self, writer: StoreWriter, changes: Changes) -> None:
        """Rewrite the cache with only the vectors in use, if it may hold many others, or damage."""
        _, _, cache, _ = self._prepared(writer)
        in_use = self.passages
        if self.last is not None:
            gone = (*changes.removed, *changes.changed)
            in_use += self.last.facts.chunks
            in_use -= sum(len(self.last.chunks_of(doc_id)) for doc_id in gone)
        if not (isinstance(self.plan, Fresh | Repair) or cache.is_wasteful(in_use)):
            return
        vectors = dict(self._vectors)
        for text, vector in self._unchanged(changes):
            vectors.setdefault(text, vector)
        if vectors:
            cache.rewrite(list(vectors), np.stack(list(vectors.values())))

    def _unchanged(self, changes: Changes) -> Iterator[tuple[str, FloatArray]]:
        """The texts of the documents that are carried over, each with its vector (dimension,)."""
        if self.last is None:
            return
        gone = {*changes.removed, *changes.changed}
        for doc_id in self.last.sources():
            if doc_id not in gone:
                document = self.last.document(doc_id)
                for each in self.last.chunks_of(doc_id):
                    [vector] = self.last.vectors([each.chunk_id])
                    yield indexed_text(document, each), vector
