"""The seams between rooms: small Protocols, so that what stands behind one can be replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rag.records import (
    Chunk,
    Document,
    DocumentInfo,
    EmbedderInfo,
    Entailment,
    Excerpt,
    Hits,
    Message,
    Reading,
    Scope,
    Terms,
)

if TYPE_CHECKING:
    from rag.records.base import FloatArray


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
    """One generation of an index, opened for reading. Safe to use from many threads."""

    @property
    def generation(self) -> str:
        """Name of the generation that is open."""

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents in corpus order; a document's number is its place here."""

    def document(self, number: int) -> Document:
        """One document with its text and blocks."""

    def chunks(self, numbers: Iterable[int]) -> list[Chunk]:
        """The chunks of these numbers."""

    def lexical(
        self, terms: Sequence[str], phrases: Sequence[Terms], depth: int, scope: Scope
    ) -> Hits:
        """Up to ``depth`` chunks in scope that hold a term, by BM25; a phrase counts as one more term."""

    def dense(self, vector: FloatArray, depth: int, scope: Scope) -> Hits:
        """Up to ``depth`` chunks in scope, by cosine with ``vector`` (dimension,)."""
