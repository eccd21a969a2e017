"""The seams between rooms: small Protocols, so that what stands behind one can be replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rag.records import (
    Chunk,
    Document,
    DocumentInfo,
    EmbedderInfo,
    Entailment,
    Excerpt,
    Extracted,
    Footprint,
    Hits,
    IndexedDocument,
    IndexFacts,
    Message,
    Reading,
    Recipe,
    Scope,
    SourceRecord,
    Terms,
)

if TYPE_CHECKING:
    from rag.records.base import FloatArray


class Format(Protocol):
    """A file format that articles come in. ``rag.formats.base`` says how to add one."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` are a file of this format. Cheap: a look, not a parse.

        Content decides. ``name``, the file's name or path, is a hint where content cannot tell:
        Markdown is text too.
        """

    def parse(self, data: bytes, name: str) -> Extracted:
        """The citable text of a file, its blocks, pages and metadata; the same for the same data.

        Raises UnreadableFile with the reason if there is nothing to read.
        """


class Analyzer(Protocol):
    """Text to index terms, the same at build and at query."""

    @property
    def id(self) -> str:
        """Names the rules and their version; stored in the manifest."""

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, repeats kept."""


class Progress(Protocol):
    """Told how far a long job has come."""

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """``done`` of ``total`` units of ``stage`` are finished."""


class Embedder(Protocol):
    """Text to unit-length vectors, so that a dot product is a cosine."""

    @property
    def info(self) -> EmbedderInfo:
        """What identifies the vectors this embedder makes."""

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
        """One reading an excerpt, in the same order; spans are offsets into its text."""


@runtime_checkable
class EntailmentReader(Protocol):
    """A reader that can also tell whether a text supports a statement. Not every reader can."""

    def entailments(self, statement: str, texts: Sequence[str]) -> list[Entailment]:
        """How probably each text supports and contradicts the statement, in the same order."""


class Generator(Protocol):
    """Writes prose: a language model."""

    @property
    def id(self) -> str:
        """Names the model and where it runs."""

    def generate(self, messages: Sequence[Message]) -> Iterator[str]:
        """The model's reply to the messages, in pieces as they come. Raises GenerationFailed."""


class Store(Protocol):
    """One state of an index, opened for reading. Safe to use from many threads.

    Documents go by their ids, chunks by theirs; both have an order, that of the corpus: by document id,
    and within a document as they are read. What leads nowhere because the index was altered raises
    IndexCorrupt.
    """

    @property
    def facts(self) -> IndexFacts:
        """Where it is kept, how it was made, how much it holds."""

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order."""

    def document(self, doc_id: str) -> Document:
        """One document with its text and blocks. Raises DocumentNotFound."""

    def sources(self) -> Mapping[str, SourceRecord]:
        """The source files of all documents by id, in corpus order; without their paths."""

    def source(self, doc_id: str) -> SourceRecord:
        """The source file of one document. Raises DocumentNotFound."""

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks of these ids, in the order of the ids. Raises DocumentNotFound."""

    def chunks_of(self, doc_id: str) -> list[Chunk]:
        """All chunks of a document. Raises DocumentNotFound."""

    def vectors(self, ids: Iterable[str]) -> FloatArray:
        """The vectors of these chunks: float32 (ids, dimension). Raises DocumentNotFound."""

    def lexical(
        self, terms: Sequence[str], phrases: Sequence[Terms], depth: int, scope: Scope
    ) -> Hits:
        """Up to ``depth`` chunks in scope that hold a term, by BM25; a phrase counts as one more term."""

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """Up to ``depth`` chunks in scope, by cosine with ``vector`` (dimension,)."""

    def document_frequency(self, term: str) -> int:
        """How many chunks hold a term."""

    def idf(self, term: str) -> float:
        """How much a term tells chunks apart: log(1 + (N - n + 0.5) / (n + 0.5)), n of N chunks hold it.

        Above 0 even for a term that every chunk holds, and largest for one that none does.
        """

    def footprint(self) -> Footprint:
        """The room that the index takes now."""

    def close(self) -> None:
        """Let go of this state of the index: a build may remove it from now on."""


class VectorCache(Protocol):
    """The vectors of one embedder by text, kept from build to build so that no text is embedded twice."""

    def get(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector (dimension,) of each text; None where it is not known."""

    def append(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Keep the vectors (texts, dimension) of these texts; they are found from the next build on."""

    def is_wasteful(self, texts: int) -> bool:
        """Whether most of what is kept is of no use where so many texts are in use."""

    def rewrite(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Keep these texts and their vectors, and no others."""


class StoreWriter(Protocol):
    """Makes the next state of an index. Readers see nothing of it until it is committed.

    For one thread, and the only writer of its index. Of several calls on one document the last counts.
    """

    def begin(self, previous: Store | None) -> None:
        """Start from what a store of this index holds, or from nothing. To be called first.

        What is neither put nor deleted afterwards is carried over. Raises IndexCorrupt where that is
        damaged.
        """

    def cache(self, embedder: EmbedderInfo) -> VectorCache:
        """The vectors that are known already."""

    def put(self, indexed: IndexedDocument) -> None:
        """Add a document, or put it in the place of the one that has its id."""

    def touch(self, doc_id: str, source: SourceRecord) -> None:
        """Carry a document over, but note another state of its source file. Raises DocumentNotFound."""

    def delete(self, doc_id: str) -> None:
        """Leave a document out."""

    def commit(self, corpus: Path, recipe: Recipe) -> IndexFacts:
        """Make it the current state of the index, in one step; on failure the previous one stays.

        ``corpus`` is the folder of the articles. Nothing may be called after this but ``begin``.
        """
