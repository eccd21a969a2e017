"""The interfaces between packages: small Protocols, each of which can be implemented anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rag.records import (
    Chunk,
    Collection,
    Corpus,
    Document,
    DocumentInfo,
    EmbedderInfo,
    Entailment,
    Excerpt,
    Extracted,
    Footprint,
    Forms,
    Hits,
    IndexedDocument,
    IndexFacts,
    Inspection,
    Member,
    Message,
    Reading,
    Recipe,
    Scope,
    Skipped,
    SkippedSource,
    SourceRecord,
    Terms,
)

if TYPE_CHECKING:
    from rag.records.base import FloatArray


class Format(Protocol):
    """A file format of articles. ``rag.formats.base`` says how to add one."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` is a file of this format. Must be cheap: do not parse.

        The content decides. ``name``, the file's name or path, is a hint when the content cannot tell:
        Markdown is plain text too.
        """

    def parse(self, data: bytes, name: str) -> Extracted:
        """The citable text of a file, its blocks, pages and metadata. Must be deterministic.

        Raises UnreadableFile, with the reason, if there is nothing to read.
        """


class Container(Protocol):
    """A file format that holds articles in other formats. ``rag.formats.base`` says how to add one."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` is a container of this format. As in ``Format``."""

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:
        """The articles in a file, one at a time, each to be read by the format that accepts it.

        Must be deterministic. What cannot be read is skipped with its reason. Raises UnreadableFile if
        nothing can be read, or nothing more after the first articles.
        """


class Analyzer(Protocol):
    """Turns text into index terms, by the same rules for articles and questions."""

    @property
    def id(self) -> str:
        """Names the rules and their version; stored in the manifest."""

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, with repeats."""

    def all_terms(self, text: str) -> list[str]:
        """The terms of a text, and those of the other spellings of its words."""

    def forms(self, text: str) -> list[Forms]:
        """The forms that each word of a text may have in an index; function words are left out."""


class Vocabulary(Protocol):
    """The terms of an index."""

    def document_frequency(self, term: str) -> int:
        """The number of chunks that contain a term."""

    def phrase_frequency(self, run: Terms) -> int:
        """The number of chunks that contain these terms side by side, in this order."""

    def terms_with(self, prefix: str) -> Sequence[str]:
        """The terms of all chunks that begin with ``prefix``, sorted by code point."""


class Progress(Protocol):
    """Reports the progress of a long job."""

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """``done`` of ``total`` units of ``stage`` are finished."""


class Embedder(Protocol):
    """Turns text into unit vectors, so that a dot product is a cosine."""

    @property
    def info(self) -> EmbedderInfo:
        """Everything that determines this embedder's vectors."""

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages: float32 (len(texts), dimension)."""

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of questions: float32 (len(texts), dimension)."""


class Reader(Protocol):
    """Finds answers in texts."""

    @property
    def id(self) -> str:
        """Names the reader; part of every answer's ``index``."""

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """One reading per excerpt, in the same order; spans are offsets into the excerpt's text."""


@runtime_checkable
class EntailmentReader(Protocol):
    """A reader that also judges whether a text supports a statement. Not every reader can."""

    def entailments(self, statement: str, texts: Sequence[str]) -> list[Entailment]:
        """The probabilities that each text supports or contradicts the statement, in the same order."""


class Generator(Protocol):
    """A language model."""

    def generate(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply to the messages, piece by piece as it arrives. Raises GenerationFailed."""


class Store(Vocabulary, Protocol):
    """One snapshot of an index, open for reading. Thread-safe.

    Documents and chunks have ids. Corpus order sorts documents by id, and the chunks of a document by
    position. Any method raises IndexCorrupt if it meets a file that was altered.
    """

    @property
    def facts(self) -> IndexFacts:
        """Where the index is, how it was built, and how much it holds."""

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks. Raises DocumentNotFound."""

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files of all documents by id, in corpus order, without their paths."""

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document. Raises DocumentNotFound."""

    def skipped(self) -> Sequence[SkippedSource]:
        """What the build could not read, by path."""

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks with these ids, in the same order. Raises DocumentNotFound."""

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document. Raises DocumentNotFound."""

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of the chunks with these ids: float32 (ids, dimension). Raises DocumentNotFound."""

    def lexical(
        self,
        terms: Sequence[str],
        phrases: Sequence[Terms],
        depth: int,
        scope: Scope,
        collection: Collection | None = None,
    ) -> Hits:
        """The ``depth`` best chunks in scope by BM25; a phrase counts as one more term.

        Chunks without any of the terms are left out. With a ``collection``, scores are those of a larger
        index that the chunks would be part of.
        """

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """The ``depth`` best chunks in scope by cosine with ``vector`` (dimension,)."""

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term: log(1 + (N - n + 0.5) / (n + 0.5)).

        n of the N chunks contain the term. Always above 0; largest for a term that no chunk contains.
        """

    def length(self) -> int:
        """The number of terms in all chunks, with repeats."""

    def footprint(self) -> Footprint:
        """The disk space that the index takes now."""

    def close(self) -> None:
        """Release this snapshot: from now on, a build may remove it."""


class VectorCache(Protocol):
    """The vectors of one embedder by text, kept between builds so that no text is embedded twice."""

    def get(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector (dimension,) of each text, or None if the cache does not have it."""

    def append(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Add the vectors (texts, dimension) of these texts. The next build can ``get`` them."""

    def is_wasteful(self, texts: int) -> bool:
        """Whether most cached vectors are unused, if ``texts`` texts are in use."""

    def rewrite(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Replace everything in the cache by these vectors (texts, dimension)."""


class StoreWriter(Protocol):
    """Writes the next snapshot of an index. Readers see nothing of it before ``commit``.

    For one thread, and the only writer of its index. If calls conflict, the last one on a document wins.
    """

    def begin(self, previous: Store | None) -> None:
        """Start from a snapshot of this index, or from nothing. Call this first.

        Documents that are neither put nor deleted are carried over. Raises IndexCorrupt if a file of
        ``previous`` is damaged.
        """

    def cache(self, embedder: EmbedderInfo) -> VectorCache:
        """The cached vectors of this embedder."""

    def put(self, indexed: IndexedDocument) -> None:
        """Add a document, or replace the one with its id."""

    def touch(self, doc_id: str, source: SourceRecord) -> None:
        """Carry a document over with a new record of its source file. Raises DocumentNotFound."""

    def delete(self, doc_id: str) -> None:
        """Leave a document out."""

    def skip(self, skipped: Sequence[SkippedSource]) -> None:
        """Record what could not be read, by path, in place of what was recorded before."""

    def commit(self, corpus: Corpus, recipe: Recipe) -> IndexFacts:
        """Make this the current snapshot, in one step; if that fails, the previous one stays.

        After this, only ``begin`` may be called.
        """


class StoredIndex(Protocol):
    """An index in its place, built or not. ``rag.stores.base`` says how to add a kind.

    Unless they say otherwise, all methods raise IndexNotFound if there is no index, and IndexMismatch for
    one of another format.
    """

    @property
    def folder(self) -> Path:
        """The index folder. What belongs to this machine alone is here, wherever the index is."""

    @property
    def store(self) -> str:
        """What holds the index, as the setting names it: "local" for the folder itself."""

    def folders(self) -> Sequence[Path]:
        """The folders that a build writes to. Raises nothing."""

    def generation(self) -> str:
        """The name of the current snapshot: another one after each build. Raises IndexCorrupt.

        Must be cheap: a server asks every second.
        """

    def facts(self) -> IndexFacts:
        """What the current snapshot holds, without opening it. Raises IndexCorrupt."""

    def salvaged_facts(self) -> IndexFacts | None:
        """The facts that can still be read from a damaged index, or None. Raises nothing."""

    def open(self) -> Store:
        """Open the current snapshot, even while a build replaces it. Raises IndexCorrupt."""

    def writer(self) -> AbstractContextManager[StoreWriter]:
        """Lock the index, or a new one if there is none, and write to it.

        At the end, snapshots that are no longer needed are removed. Raises IndexLocked if another build has
        the lock, OSError if it cannot be written.
        """

    def inspect(self) -> Inspection:
        """Check every byte of the index and every number in it. Damage is reported, not raised."""

    def intact_passages(self) -> Iterator[tuple[Document, Chunk, FloatArray]]:
        """Every passage of a damaged index, with its document and its vector (dimension,).

        Raises IndexCorrupt if the damage leaves no way to tell which passages or vectors are intact.
        """
