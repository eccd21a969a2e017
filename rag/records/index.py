"""Reports about a whole index, and about saved answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rag.records.answer import Citation
from rag.records.base import Record
from rag.records.corpus import Corpus, Root
from rag.records.document import Skipped

LOCAL: Final = "local"
"""The store that is the index folder itself."""
MILVUS: Final = "milvus+"
"""How the address of a store on Milvus begins."""
STORES_GROUP: Final = "rag.stores"
"""The entry point group in which other packages declare stores, by how their addresses begin."""


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
    """Everything besides the articles that decides the content of an index."""

    embedder: EmbedderInfo
    analyzer: str
    chunker: str
    chunk_chars: int
    bm25: Bm25Parameters = Bm25Parameters()


@dataclass(frozen=True, slots=True)
class IndexFacts(Record):
    """The content of an index, and its place."""

    index: str
    """Where it is stored."""
    generation: str
    """The name of this state of the index; each build makes a new one."""
    created: str
    """ISO 8601 with time zone."""
    corpus: Corpus
    recipe: Recipe
    documents: int
    chunks: int
    terms: int
    languages: tuple[str, ...] = ("en",)
    """The languages of the documents: ISO 639-1 codes, sorted."""
    store: str = "local"
    """What holds it: the folder itself, or the address of a server."""


@dataclass(frozen=True, slots=True)
class Footprint(Record):
    """The storage that an index uses."""

    bytes: int
    """Of everything there, with the embedding cache."""
    generations: tuple[str, ...]
    """All of them, oldest first."""
    held: tuple[str, ...]
    """Those besides the current one that a process still has open; a later build removes them."""


@dataclass(frozen=True, slots=True)
class BuildReport(Record):
    """What a build did. Document ids in corpus order; ``seconds`` is wall time."""

    corpus: str
    """The folders as the user named them, separated by ", "; ``folders`` are their absolute paths."""
    index: str
    generation: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    kept: tuple[str, ...]
    """Indexed documents that cannot be read now, and stay as they were indexed."""
    skipped: tuple[Skipped, ...]
    documents: int
    chunks: int
    embedded: int
    """Newly embedded passages; the others came from the cache."""
    warnings: tuple[str, ...]
    repaired: tuple[str, ...]
    """Damaged files that the build replaced, relative to the index folder."""
    dry_run: bool
    seconds: float
    folders: tuple[str, ...] = ()
    copies: int = 0
    """How many files have the same bytes as another one, which is indexed for both."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """How many files and folders were passed over quietly, by reason; a folder counts once."""
    store: str = "local"
    """What holds the index: the folder itself, or the address of a server."""


@dataclass(frozen=True, slots=True)
class Staleness(Record):
    """How the corpus folders differ from the index; all empty means not at all."""

    corpus: str
    """The folders; if one is missing, that one."""
    missing: bool = False
    """A corpus folder itself is gone."""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    """Documents that are there, perhaps, but cannot be read now."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """How many files and folders are passed over quietly, by reason; a folder counts once."""

    def __bool__(self) -> bool:
        differs = self.added or self.changed or self.removed or self.unreachable
        return bool(self.missing or differs)


@dataclass(frozen=True, slots=True)
class IndexStatus(Record):
    """What an index holds, its models, its size, and how the corpus folder differs from it."""

    index: str
    generation: str
    created: str
    corpus: str
    """The absolute paths of the folders, separated by ", "."""
    documents: int
    chunks: int
    terms: int
    embedder: EmbedderInfo
    reader: str
    analyzer: str
    chunker: str
    chunk_chars: int
    bytes: int
    """Of the whole index folder, with the embedding cache."""
    generations: tuple[str, ...]
    """All of them, oldest first."""
    held: tuple[str, ...]
    """Those besides this one that a process still has open; a later build removes them."""
    stale: Staleness
    cache: str
    """The cache folder of the user, shared by all indexes."""
    cache_bytes: int
    roots: tuple[Root, ...]
    skipped: tuple[Skipped, ...]
    """What the last build could not read."""
    store: str = "local"
    """What holds it: the folder itself, or the address of a server."""


@dataclass(frozen=True, slots=True)
class Damage(Record):
    """One fault of an index: the file, relative to the index folder, and what is wrong."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Inspection(Record):
    """The result of reading every byte of an index."""

    damages: tuple[Damage, ...]
    facts: IndexFacts | None
    """What the index says of itself; None if it is too damaged."""
    files: int
    """How many files were read, or collections of a server; ``bytes`` is their size."""
    bytes: int


@dataclass(frozen=True, slots=True)
class CheckReport(Record):
    """Whether an index is whole: every file's bytes, every offset, every vector."""

    ok: bool
    index: str
    generation: str
    """Name of the current generation; "" if it is unknown."""
    files: int
    """How many were read; ``bytes`` is their size."""
    bytes: int
    documents: int
    chunks: int
    damages: tuple[Damage, ...]
    fix: str
    """How to repair it; "" if nothing is wrong."""
    seconds: float
    store: str = "local"
    """What holds the index: the folder itself, or the address of a server."""


@dataclass(frozen=True, slots=True)
class VerifiedCitation(Record):
    """A saved citation with its ``state`` now, and the place of its quote now.

    ``now_start`` is an offset into the file's text, ``now_line`` its 1-based line; None if the file
    does not have the quote.
    """

    citation: Citation
    now_start: int | None
    now_line: int | None

    def to_dict(self) -> dict[str, Any]:
        """The fields of the citation, then those of this record."""
        return self.citation.to_dict() | {"now_start": self.now_start, "now_line": self.now_line}


@dataclass(frozen=True, slots=True)
class Verification(Record):
    """Whether all citations of saved answers are current; true if there are none.

    ``corpus`` is the folder they were checked against, or several separated by ", "; None if each
    names its own.
    """

    ok: bool
    citations: tuple[VerifiedCitation, ...]
    corpus: str | None
