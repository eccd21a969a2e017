"""The default store: one generation of plain files, the large ones memory-mapped."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import proxy

import numpy as np

from rag.errors import IndexCorrupt
from rag.records import Block, Chunk, Document, DocumentInfo, Filters, Hits, Scope, Terms
from rag.stores.local import generation as layout
from rag.stores.local.dense import DenseIndex
from rag.stores.local.disk import hash_file, map_array
from rag.stores.local.documents import (
    BLOCK_COLUMNS,
    Documents,
    Lines,
    SourceRecord,
    StoredDocument,
    TextLines,
    blocks_of,
)
from rag.stores.local.filters import passing
from rag.stores.local.generation import chunk_of
from rag.stores.local.lease import Lease
from rag.stores.local.lexical import LexicalIndex
from rag.stores.local.manifest import Manifest, check_sizes, mend, read_current, read_manifest
from rag.stores.local.postings import Postings

if TYPE_CHECKING:
    import numpy.typing as npt

    from rag.records.base import BoolArray, FloatArray

# Texts decoded last: the passages of one answer come from a few documents, again and again.
_DECODED_DOCUMENTS = 64

# Masks of the filters and of the scopes asked for last: one byte a passage each.
_MASKS = 8


class LocalStore:
    """One generation, opened for reading; see the ``Store`` protocol.

    Everything is opened up front, so a generation stays readable after a newer one replaces it. The
    files that are parsed are hashed first; of the memory-mapped ones the size and shape are checked.
    The lease keeps its files from being removed until the store is closed or collected.
    """

    def __init__(self, index: Path, lease: Lease | None = None) -> None:
        self.index = index
        self._lease = lease
        self.manifest = read_manifest(index)
        check_sizes(index, self.manifest)
        self.folder = self.manifest.corpus.resolve(index)
        shown = self.manifest.corpus.shown(index)
        folder = index / self.manifest.generation
        try:
            # What stands before an id in a path, found once: joining paths is slow.
            before = str(shown / "_").removesuffix("_")
            self._documents = Documents(_checked(folder, self.manifest, layout.DOCUMENTS), before)
            if len(self._documents) != self.manifest.documents:
                raise _altered(folder / layout.DOCUMENTS)
            self._blocks = map_array(folder / layout.BLOCKS, np.int32, (-1, len(BLOCK_COLUMNS)))
            self._texts = _map_bytes(folder / layout.TEXTS)
            self._chunks = map_array(
                folder / layout.CHUNKS, np.int64, (self.manifest.chunks, len(layout.CHUNK_COLUMNS))
            )
            dimension = self.manifest.recipe.embedder.dimension
            self.vectors: FloatArray = map_array(
                folder / layout.VECTORS, np.float32, (self.manifest.chunks, dimension)
            )
            signs = None
            if self.manifest.first_pass is not None:
                shape = (self.manifest.chunks, -(-dimension // 8))
                signs = map_array(folder / layout.SIGNS, np.uint8, shape)
            self.lexical_index = LexicalIndex(
                _open_postings(folder, self.manifest), self.manifest.recipe.bm25
            )
        except OSError as error:
            message = f"{error.filename}: {error.strerror}"
            raise IndexCorrupt(message, fix=mend(index)) from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            message = f"{folder}: cannot be read ({error})"
            raise IndexCorrupt(message, fix=mend(index)) from error
        self._dense_index = DenseIndex(self.vectors, signs, self.manifest.first_pass)
        # By proxy: a store that refers to itself would not be collected when its last user is done.
        own = proxy(self)
        self._decoded = lru_cache(_DECODED_DOCUMENTS)(partial(LocalStore._decode, own))
        self._passing = lru_cache(_MASKS)(partial(LocalStore._pass, own))
        self._allowed = lru_cache(_MASKS)(partial(LocalStore._allow, own))

    def close(self) -> None:
        """Let go of the generation: a build may remove its files from now on."""
        if self._lease:
            self._lease.release()

    @property
    def generation(self) -> str:
        """Name of the generation that is open."""
        return self.manifest.generation

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.infos

    def info(self, number: int) -> DocumentInfo:
        """One document without its text; quicker than ``documents`` where few are wanted."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.info(number)

    def number(self, doc_id: str) -> int | None:
        """The number of the document with exactly this id."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.number(doc_id)

    def require(self, doc_id: str) -> int:
        """The number of a document that must be there, since the index itself named it."""
        number = self.number(doc_id)
        if number is None:
            raise KeyError(doc_id)
        return number

    def sources(self) -> dict[str, SourceRecord]:
        """What the build knew of each source file, by id, in corpus order."""
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents.sources()

    def source(self, number: int) -> SourceRecord:
        """What the build knew of a document's source file."""
        return self._stored(number).source

    def source_path(self, number: int) -> Path:
        """The absolute path of a document's source file."""
        return self.folder / self._stored(number).document.doc_id

    def document(self, number: int) -> Document:
        """One document with its text and blocks."""
        return self._decoded(number)

    def stored(self, number: int) -> tuple[Document, bytes, int, npt.NDArray[np.int64]]:
        """One document as it is kept: without its text, and this in UTF-8; then its passages.

        These are the number of the first, and their rows of ``chunks.npy``: (its chunks, 5).
        """
        stored = self._stored(number)
        text = self._text(stored)
        document = replace(stored.document, blocks=self._blocks_of(stored, len(text)))
        return document, text, stored.chunks[0], self._chunks[slice(*stored.chunks)]

    def chunks(self, numbers: Iterable[int]) -> list[Chunk]:
        """The chunks of these numbers."""
        return [self._chunk(*self._chunks[number].tolist()) for number in numbers]

    def document_number(self, chunk: int) -> int:
        """The number of the document that holds a chunk."""
        return int(self._chunks[chunk, 0])

    def lexical(
        self, terms: Sequence[str], phrases: Sequence[Terms], depth: int, scope: Scope
    ) -> Hits:
        """Up to ``depth`` chunks in scope that hold a term, by BM25."""
        with self._noticing_damage():
            return self.lexical_index.search(terms, depth, self._allowed(scope), phrases)

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """Up to ``depth`` chunks in scope, by cosine."""
        with self._noticing_damage():
            allowed = self._allowed(scope)
        return self._dense_index.search(vector, depth, allowed)

    def _allow(self, scope: Scope) -> BoolArray | None:
        """Which passages are in scope: (chunks,); None for all."""
        if not scope:
            return None
        allowed = np.ones(self.manifest.chunks, bool)
        if scope.filters:
            allowed &= self._passing(scope.filters)
        for run in scope.required:
            allowed &= self.lexical_index.holding(run)
        for run in scope.excluded:
            allowed &= ~self.lexical_index.holding(run)
        return allowed

    def _pass(self, filters: Filters) -> BoolArray:
        """Which passages are of documents that pass the filters: (chunks,)."""
        allowed: BoolArray = passing(filters, self.documents())[self._document_of]
        return allowed

    def _chunk(self, document: int, start: int, end: int, h_start: int, h_end: int) -> Chunk:
        doc_id = self._stored(document).document.doc_id
        return chunk_of(doc_id, start, end, h_start, h_end)

    @cached_property
    def _document_of(self) -> npt.NDArray[np.int64]:
        """The number of each chunk's document: (chunks,)."""
        return np.ascontiguousarray(self._chunks[:, 0])

    def _stored(self, number: int) -> StoredDocument:
        with self._noticing_damage(layout.DOCUMENTS):
            return self._documents[number]

    @contextmanager
    def _noticing_damage(self, name: str = "") -> Iterator[None]:
        """Contents that were not checked at opening, and lead nowhere or cannot be parsed, are damage."""
        try:
            yield
        except (ValueError, KeyError, TypeError, IndexError) as error:
            path = self.index / self.generation / name
            raise IndexCorrupt(
                f"{path}: altered since it was written ({error})", fix=mend(self.index)
            ) from error

    def _blocks_of(self, stored: StoredDocument, length: int) -> tuple[Block, ...]:
        begin, end = stored.blocks
        with self._noticing_damage(layout.BLOCKS):
            return blocks_of(self._blocks[begin:end], length)

    def _text(self, stored: StoredDocument) -> bytes:
        begin, end = stored.text
        return self._texts[begin:end]

    def _decode(self, number: int) -> Document:
        stored = self._stored(number)
        with self._noticing_damage(layout.TEXTS):
            text = self._text(stored).decode()
        return replace(
            stored.document,
            path=self._documents.path(stored.document.doc_id),
            text=text,
            blocks=self._blocks_of(stored, len(text)),
        )


def open_store(index: Path) -> LocalStore:
    """Open the current generation. A swap that happens meanwhile is followed, not taken for damage.

    Raises IndexNotFound, IndexMismatch (another format) or IndexCorrupt.
    """
    while True:
        generation, _ = read_current(index)
        lease = Lease(index, generation)
        try:
            store = LocalStore(index, lease)
        except IndexCorrupt:
            lease.release()
            if read_current(index)[0] == generation:
                raise
            continue
        if store.generation == generation:
            return store
        store.close()  # swapped before it was leased: what was opened may be removed


def verify(store: LocalStore) -> None:
    """Hash every file of an open generation, before anything of it is carried over.

    Raises IndexCorrupt for the first whose content is not what the manifest says.
    """
    folder = store.index / store.generation
    for name, record in store.manifest.files.items():
        if hash_file(folder / name) != record:
            raise _altered(folder / name)


def _altered(path: Path) -> IndexCorrupt:
    return IndexCorrupt(f"{path}: altered since it was written", fix=mend(path.parent.parent))


def _checked(folder: Path, manifest: Manifest, name: str) -> Lines:
    """The lines of a file whose hash is the manifest's."""
    path = folder / name
    data = _map_bytes(path)
    if hashlib.sha256(data).hexdigest() != manifest.files[name].sha256:
        raise _altered(path)
    return Lines(data)


def _map_bytes(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        if path.stat().st_size == 0:  # an empty file cannot be mapped
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _open_postings(folder: Path, manifest: Manifest) -> Postings:
    offsets = map_array(folder / layout.POSTING_OFFSETS, np.int64, (manifest.terms + 1,))
    chunks = map_array(folder / layout.POSTING_CHUNKS, np.int32, (-1,))
    holding = np.diff(offsets)
    # Every term is held by some passage, and by no more than there are.
    if (
        offsets[0]
        or offsets[-1] != len(chunks)
        or not ((holding > 0) & (holding <= manifest.chunks)).all()
    ):
        raise _altered(folder / layout.POSTING_OFFSETS)
    lengths = map_array(folder / layout.LENGTHS, np.int32, (manifest.chunks,))
    sequence = map_array(folder / layout.SEQUENCE, np.int32, (-1,))
    # A passage's terms are found by the lengths of those before it.
    if lengths.min(initial=0) < 0 or lengths.sum(dtype=np.int64) != len(sequence):
        raise _altered(folder / layout.LENGTHS)
    return Postings(
        terms=TextLines(_checked(folder, manifest, layout.TERMS)),
        offsets=offsets,
        chunks=chunks,
        counts=map_array(folder / layout.POSTING_COUNTS, np.int32, chunks.shape),
        lengths=lengths,
        sequence=sequence,
    )
