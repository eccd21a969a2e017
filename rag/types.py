"""The records that rooms hand to each other.

Standard library and numpy only. Records are frozen; offsets are Unicode code points into
``Document.text`` and half-open, so ``text[start:end]`` is always the quoted text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from rag.errors import InvalidFilter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]
    ScoreArray = npt.NDArray[np.float64]
    IdArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

Terms = tuple[str, ...]
"""Index terms in a row: a word, or a phrase."""

Mode = Literal["hybrid", "lexical", "dense"]
Fusion = Literal["minmax", "rrf"]
Precision = Literal["auto", "bf16", "fp32"]
Status = Literal["answered", "abstained"]
State = Literal["current", "changed", "missing"]


class Record:
    """Base of the records users hold: plain data with a JSON form."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON has it: dicts in the documented order, lists, strings, numbers, None."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}  # type: ignore[attr-defined]  # every subclass is a dataclass


def _plain(value: object) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


# ---------------------------------------------------------------- the corpus


@dataclass(frozen=True, slots=True)
class Block(Record):
    """A stretch of a document: ``kind`` is title, heading, paragraph, list, table or boilerplate."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Document(Record):
    """One article.

    ``text`` is the citable text, for ``.txt`` and ``.md`` the decoded file itself. ``published`` is an
    ISO date or None; ``published_text`` is the date as the article writes it. ``blocks`` are in
    reading order and do not overlap. ``locator`` holds the offset at which each page begins and is
    empty where the format has no pages. ``evidence`` says where title, publisher and date were found.
    """

    doc_id: str
    path: str
    text: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    blocks: tuple[Block, ...] = ()
    locator: tuple[int, ...] = ()
    published_text: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)

    def line(self, offset: int) -> int:
        r"""The 1-based line of an offset; lines are counted by ``\n``."""
        return self.text.count("\n", 0, offset) + 1

    def page(self, offset: int) -> int | None:
        """The 1-based page of an offset, or None where the format has no pages."""
        pages = sum(1 for begin in self.locator if begin <= offset)
        return pages or None


@dataclass(frozen=True, slots=True)
class Chunk(Record):
    """A passage to be indexed: offsets into its document, and the heading it stands under."""

    chunk_id: str
    doc_id: str
    start: int
    end: int
    heading: tuple[int, int] | None = None
    """Offsets of the heading in the same document, or None."""


@dataclass(frozen=True, slots=True)
class Skipped(Record):
    """A file of the corpus that was not indexed, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentInfo(Record):
    """What the index knows of a document without its text, as ``rag list`` shows it."""

    doc_id: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    published_text: str | None
    url: str | None
    sha256: str
    """Of the source file's bytes when indexed."""
    size: int
    """Of the source file, in bytes."""
    chunks: int


# ---------------------------------------------------------------- search


@dataclass(frozen=True, slots=True)
class Filters(Record):
    """Which documents may be searched. Everything given must hold.

    ``since`` and ``until`` are dates or ISO date strings, inclusive, and kept as such strings;
    documents without a date pass them only with ``undated``. ``publisher`` is compared without regard
    to case; ``path`` is a glob on ``doc_id`` (``*`` also crosses ``/``).

    Raises InvalidFilter for a date that is none, or a ``since`` after ``until``.
    """

    since: str | dt.date | None = None
    until: str | dt.date | None = None
    publisher: str | None = None
    path: str | None = None
    undated: bool = False

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            object.__setattr__(self, name, _iso_date(name, getattr(self, name)))
        for name in ("publisher", "path"):
            object.__setattr__(self, name, getattr(self, name) or None)
        if self.since and self.until and str(self.since) > str(self.until):
            raise InvalidFilter(
                f"since ({self.since}) is after until ({self.until}): no article can match",
                fix="swap the two dates",
            )

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.publisher or self.path)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which passages a search may find.

    Those of documents that pass the filters, if they hold all of ``required`` and none of ``excluded``:
    terms, or several in a row.
    """

    filters: Filters | None = None
    required: tuple[Terms, ...] = ()
    excluded: tuple[Terms, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.filters or self.required or self.excluded)


def _iso_date(name: str, value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise InvalidFilter(
            f"{name}: {value!r} is not a date", fix="write it as YYYY-MM-DD"
        ) from None


@dataclass(frozen=True, slots=True)
class Hits:
    """A ranked list out of one half of the store, best first; ties in corpus order.

    ``ids`` int64 (n,) chunk numbers, ``scores`` float64 (n,).
    """

    ids: IdArray
    scores: ScoreArray


@dataclass(frozen=True, slots=True)
class Contribution(Record):
    """How one list ranked a passage: 1-based rank, the list's own score, its weight in the fusion."""

    rank: int
    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class Passage(Record):
    """A retrieved passage; ``text`` is ``document.text[start:end]``."""

    chunk_id: str
    doc_id: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    start: int
    end: int
    line: int | None
    page: int | None
    heading: str | None
    text: str
    score: float
    contributions: Mapping[str, Contribution] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexInfo(Record):
    """Which index and which models produced a result."""

    generation: str
    embedder: str
    reader: str


@dataclass(frozen=True, slots=True)
class SearchResult(Record):
    """Passages, best first, with how long each stage took."""

    query: str
    passages: tuple[Passage, ...]
    timings_ms: Mapping[str, float]
    index: IndexInfo


@dataclass(frozen=True, slots=True)
class DocumentRanking(Record):
    """Documents, best first, as ``(doc_id, score of the best passage)``."""

    query: str
    documents: tuple[tuple[str, float], ...]
    timings_ms: Mapping[str, float]
    index: IndexInfo


# ---------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a document that may answer: offsets, and the probability that it does.

    ``evidence`` says what spoke for it and against it, each in natural logarithms of odds.
    """

    start: int
    end: int
    score: float
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one passage: candidate spans, best first; ``relevance`` in 0..1."""

    relevance: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Stance:
    """How probably a passage supports a statement, and contradicts it; the rest: it leaves it open."""

    supports: float
    contradicts: float


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a language model."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Citation(Record):
    """Where a part of the answer comes from; ``quote`` is ``document.text[start:end]``.

    ``answer_start`` and ``answer_end`` locate the answer within ``start..end``. ``sha256`` is of the
    source file's bytes when indexed; ``state`` compares it with the file as it is now.
    """

    n: int
    doc_id: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    start: int
    end: int
    line: int | None
    page: int | None
    quote: str
    answer_start: int
    answer_end: int
    sha256: str
    state: State


@dataclass(frozen=True, slots=True)
class Part(Record):
    """A verbatim span of the corpus and the numbers of the citations that hold it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Alternative(Record):
    """Another candidate answer. ``support`` counts the independent publishers that hold it.

    ``evidence`` says what spoke for it and against it, each in natural logarithms of odds.
    """

    answer: str
    confidence: float
    citations: tuple[Citation, ...]
    support: int = 1
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Struck(Record):
    """A generated sentence that is not shown as fact, and what its sources lack."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer(Record):
    """A cited answer, or an abstention that says why and still carries the nearest passages.

    ``alternatives`` are less likely candidates. ``disagreement`` is empty where the articles agree;
    otherwise it holds the answers that differ, the given one among them, newest first. ``support`` counts
    the independent publishers of the given one. ``filters`` are those in force, ``inferred`` those of them
    that were read out of the question, from its words ``inferred_from``. ``read`` is how many of the
    passages were read in time. ``evidence`` is as in ``Alternative``.
    """

    question: str
    status: Status
    answer: str | None
    confidence: float
    reason: str | None
    citations: tuple[Citation, ...]
    parts: tuple[Part, ...]
    alternatives: tuple[Alternative, ...]
    passages: tuple[Passage, ...]
    timings_ms: Mapping[str, float]
    index: IndexInfo
    support: int = 0
    disagreement: tuple[Alternative, ...] = ()
    filters: Filters | None = None
    inferred: Filters | None = None
    inferred_from: str = ""
    read: int = 0
    generated: bool = False
    struck: tuple[Struck, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)


# ---------------------------------------------------------------- models


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
