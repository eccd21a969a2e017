"""What is told about an index as a whole, and about answers once saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rag.records.answer import Citation
from rag.records.base import Record
from rag.records.document import Skipped


@dataclass(frozen=True, slots=True)
class EmbedderInfo(Record):
    """Everything about an embedder that changes its vectors."""

    id: str
    weights_sha256: str
    dimension: int
    max_tokens: int
    pooling: str
    query_prompt: str
    document_prompt: str


@dataclass(frozen=True, slots=True)
class Bm25Parameters(Record):
    """``rank_bm25.BM25Okapi``'s parameters, at its defaults."""

    k1: float = 1.5
    b: float = 0.75
    epsilon: float = 0.25


@dataclass(frozen=True, slots=True)
class Recipe(Record):
    """Everything besides the articles that decides what an index holds."""

    embedder: EmbedderInfo
    analyzer: str
    chunker: str
    chunk_chars: int
    bm25: Bm25Parameters = Bm25Parameters()


@dataclass(frozen=True, slots=True)
class IndexFacts(Record):
    """What an index is made of, and where."""

    index: str
    """Where it is kept."""
    generation: str
    """Names this state of the index; a build makes another."""
    created: str
    """ISO 8601 with time zone."""
    corpus: str
    """The folder of the articles as the user named it, if that still leads there."""
    folder: str
    """The same folder, absolute."""
    recipe: Recipe
    documents: int
    chunks: int
    terms: int


@dataclass(frozen=True, slots=True)
class Footprint(Record):
    """The room that an index takes."""

    bytes: int
    """Of everything kept there, the embedding cache included."""
    generations: tuple[str, ...]
    """All that there are, oldest first."""
    held: tuple[str, ...]
    """Those besides the current one that readers hold; a build removes them once these let go."""


@dataclass(frozen=True, slots=True)
class BuildReport(Record):
    """What a build did. Document ids in corpus order; ``seconds`` is wall time."""

    corpus: str
    index: str
    generation: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    skipped: tuple[Skipped, ...]
    documents: int
    chunks: int
    embedded: int
    """Passages embedded anew; the rest came from the cache."""
    warnings: tuple[str, ...]
    repaired: tuple[str, ...]
    """Damaged files in whose place new ones were written, relative to the index folder."""
    dry_run: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Staleness(Record):
    """How the corpus folder differs from what was indexed; all empty means not at all."""

    corpus: str
    missing: bool = False
    """The corpus folder itself is gone."""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class IndexStatus(Record):
    """What is indexed, by which model, how large, and how stale against the corpus folder."""

    index: str
    generation: str
    created: str
    corpus: str
    documents: int
    chunks: int
    terms: int
    embedder: EmbedderInfo
    reader: str
    analyzer: str
    chunker: str
    chunk_chars: int
    bytes: int
    """Of the whole index folder, the embedding cache included."""
    generations: tuple[str, ...]
    """All that there are, oldest first."""
    held: tuple[str, ...]
    """Those besides this one that readers hold; a build removes them once these let go."""
    stale: Staleness
    cache: str
    """The user's cache folder, shared by all indexes."""
    cache_bytes: int


@dataclass(frozen=True, slots=True)
class Damage(Record):
    """One thing that is wrong with an index: the file, relative to the index folder, and what it is."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Inspection(Record):
    """What was found when every byte of an index was looked at."""

    damages: tuple[Damage, ...]
    facts: IndexFacts | None
    """What the index still says of itself; None where it cannot."""
    files: int
    """How many were looked at, and their size in bytes below."""
    bytes: int


@dataclass(frozen=True, slots=True)
class CheckReport(Record):
    """Whether an index is whole: every file's bytes, every offset, every vector."""

    ok: bool
    index: str
    generation: str
    """Name of the current generation; "" where it cannot be told."""
    files: int
    """How many were looked at, and their size in bytes below."""
    bytes: int
    documents: int
    chunks: int
    damages: tuple[Damage, ...]
    fix: str
    """What mends it; "" where nothing is wrong."""
    seconds: float


@dataclass(frozen=True, slots=True)
class VerifiedCitation(Record):
    """A saved citation, its ``state`` as it is now, and where its quote stands now.

    ``now_start`` is an offset into the file's text, ``now_line`` its 1-based line; None where the file
    does not hold the quote.
    """

    citation: Citation
    now_start: int | None
    now_line: int | None

    def to_dict(self) -> dict[str, Any]:
        """The citation's own fields, with those of this record behind them."""
        return self.citation.to_dict() | {"now_start": self.now_start, "now_line": self.now_line}


@dataclass(frozen=True, slots=True)
class Verification(Record):
    """Whether all citations of saved answers are current; so they are where there are none.

    ``corpus`` is the folder they were checked against, None where each names its own.
    """

    ok: bool
    citations: tuple[VerifiedCitation, ...]
    corpus: str | None
