"""What a build does once it is known what changed: corpus → models → index, as a new generation."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.corpus.chunk import CHUNKER_ID, chunk, indexed_text
from rag.errors import IndexMismatch
from rag.indexing.changes import Changes, Entry
from rag.models import load_embedder
from rag.protocols import Embedder, Progress
from rag.records import Chunk, Document, EmbedderInfo
from rag.settings import Settings
from rag.stores.analyzer import EnglishAnalyzer
from rag.stores.local import (
    CacheRecord,
    CorpusFolder,
    EmbeddingCache,
    Generation,
    LocalStore,
    Manifest,
    Recipe,
    SourceRecord,
    build_postings,
    rebuild,
    write_generation,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import FloatArray

# Passages handed to the model at once: enough to sort by length, few enough that progress moves and
# an interrupted build has lost little.
_EMBED_BATCH = 128


@dataclass(slots=True)
class Builder:
    """Turns a change into a generation. Made for one build."""

    index: Path
    settings: Settings
    model: str | None
    last: LocalStore | None
    """What is carried over from; None builds afresh."""
    full: bool
    """Embed everything anew."""
    salvaged: Mapping[str, FloatArray] | None
    """If a damaged index is repaired: vectors by text that are good, besides those of the cache."""
    progress: Progress
    analyzer: EnglishAnalyzer = field(default_factory=EnglishAnalyzer)

    def build(self, changes: Changes, corpus: CorpusFolder) -> tuple[Manifest, int]:
        """Write the generation and make it current; its manifest, and how many passages were embedded.

        Call under the build lock. Raises as ``rag.build`` does.
        """
        rows: list[npt.NDArray[np.int64]] = []
        written: list[tuple[SourceRecord, Document, bytes, int]] = []
        new_texts: dict[int, str] = {}
        moved = np.full(self.last.manifest.chunks if self.last else 0, -1, np.int64)
        total = 0
        for number, entry in enumerate(changes.documents.values()):
            if entry.document is None:
                document, text, own = self._kept(entry, number, moved, total)
            else:
                document, text = entry.document, entry.document.text.encode()
                chunks = chunk(document, self.settings.chunk_chars)
                own = _rows(number, chunks)
                new_texts |= {total + i: indexed_text(document, c) for i, c in enumerate(chunks)}
            rows.append(own)
            written.append((entry.source, document, text, len(own)))
            total += len(own)

        embedder, vectors, cache, embedded = self._vectors(total, new_texts, moved)
        postings = build_postings(
            total,
            ((number, self.analyzer(text)) for number, text in new_texts.items()),
            self.last.lexical_index.postings if self.last else None,
            moved,
        )
        manifest = write_generation(
            self.index,
            Generation(written, np.concatenate(rows), vectors, postings),
            corpus,
            Recipe(embedder, self.analyzer.id, CHUNKER_ID, self.settings.chunk_chars),
            cache,
        )
        return manifest, embedded

    def _kept(
        self, entry: Entry, number: int, moved: npt.NDArray[np.int64], first: int
    ) -> tuple[Document, bytes, npt.NDArray[np.int64]]:
        """A document of the last generation, its text and chunk rows; notes where its chunks move to."""
        assert self.last is not None
        assert entry.kept is not None
        document, text, begin, rows = self.last.stored(entry.kept)
        own = rows.copy()
        own[:, 0] = number
        moved[begin : begin + len(own)] = np.arange(first, first + len(own))
        return document, text, own

    def _vectors(
        self, total: int, new_texts: Mapping[int, str], moved: npt.NDArray[np.int64]
    ) -> tuple[EmbedderInfo, FloatArray, CacheRecord, int]:
        """All vectors (total, dimension), whose they are, where they are kept, how many were made now."""
        if self.last is not None and not new_texts:
            info, state = self.last.manifest.recipe.embedder, self.last.manifest.embeddings
            return info, self._carried(total, info.dimension, moved), state, 0
        embedder = self._embedder()
        cache = EmbeddingCache(self.index, fingerprint(embedder.info), embedder.info.dimension)
        vectors = self._carried(total, embedder.info.dimension, moved)
        embedded = self._embed(embedder, cache, new_texts, vectors)
        if self.full or self.salvaged is not None or cache.is_wasteful(total):
            rows = self._rows_by_text(new_texts, moved)
            cache.rewrite(list(rows), vectors[list(rows.values())])
        return embedder.info, vectors, cache.state, embedded

    def _carried(self, total: int, dimension: int, moved: npt.NDArray[np.int64]) -> FloatArray:
        """(total, dimension): the vectors of the last generation where they belong now, the rest empty."""
        vectors = np.empty((total, dimension), np.float32)
        if self.last is not None:
            kept = moved >= 0
            vectors[moved[kept]] = self.last.vectors[kept]
        return vectors

    def _embedder(self) -> Embedder:
        self.progress("load model", 0, 1)
        embedder = load_embedder(self.model, self.settings.precision)
        self.progress("load model", 1, 1)
        if self.last is not None and embedder.info != self.last.manifest.recipe.embedder:
            raise IndexMismatch(
                f"{self.index} was built with other weights or settings of {embedder.info.id}",
                fix=rebuild(self.index),
            )
        return embedder

    def _embed(
        self,
        embedder: Embedder,
        cache: EmbeddingCache,
        texts: Mapping[int, str],
        vectors: FloatArray,
    ) -> int:
        """Fill in the vectors of texts by row: known ones, and new ones, kept in the cache batch by batch.

        Returns how many are new.
        """
        places: defaultdict[str, list[int]] = defaultdict(list)
        for row, text in texts.items():
            places[text].append(row)
        missing = []
        for text, rows in places.items():
            known = None if self.full else self._known(text, cache)
            if known is None:
                missing.append(text)
            else:
                vectors[rows] = known
        # Longest first: texts of like length share a batch, so little is spent on padding.
        missing.sort(key=len, reverse=True)
        for begin in range(0, len(missing), _EMBED_BATCH):
            self.progress("embed", begin, len(missing))
            batch = missing[begin : begin + _EMBED_BATCH]
            made = embedder.embed_documents(batch)
            cache.append(batch, made)
            for text, vector in zip(batch, made, strict=True):
                vectors[places[text]] = vector
        self.progress("embed", len(missing), len(missing))
        return len(missing)

    def _known(self, text: str, cache: EmbeddingCache) -> FloatArray | None:
        [vector] = cache.get([text])
        return self.salvaged.get(text) if vector is None and self.salvaged else vector

    def _rows_by_text(
        self, new_texts: Mapping[int, str], moved: npt.NDArray[np.int64]
    ) -> dict[str, int]:
        """What the vectors were made of, and a row for each."""
        rows = {text: row for row, text in new_texts.items()}
        if self.last is not None:
            for before in np.flatnonzero(moved >= 0).tolist():
                [kept] = self.last.chunks([before])
                document = self.last.document(self.last.document_number(before))
                rows[indexed_text(document, kept)] = int(moved[before])
        return rows


def _rows(document: int, chunks: Sequence[Chunk]) -> npt.NDArray[np.int64]:
    """Rows of ``chunks.npy`` for one document: (chunks, 5)."""
    rows = [(document, c.start, c.end, *(c.heading or (-1, -1))) for c in chunks]
    return np.array(rows, np.int64).reshape(len(rows), 5)


def fingerprint(info: EmbedderInfo) -> str:
    """SHA-256 (hex) of everything that changes an embedder's vectors."""
    return hashlib.sha256(repr(info).encode()).hexdigest()
