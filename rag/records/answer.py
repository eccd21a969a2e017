"""Answers and their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rag.records.base import Record, State, Status, Verdict
from rag.records.search import Filters, IndexInfo, Passage


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a language model."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Citation(Record):
    """Where a part of the answer comes from; ``quote`` is ``document.text[start:end]``.

    ``answer_start`` and ``answer_end`` locate the answer within ``start..end``. ``sha256`` is of the
    source file's bytes when indexed; ``state`` compares it with the file as it is now. ``start_utf16`` and
    ``end_utf16`` are the same span in UTF-16 code units, as JavaScript counts; None in answers saved by
    versions that had no such fields. ``link`` opens the source at the quote where it can: the words on its
    web page, the page of a PDF. ``copies`` are the ids of the article in files with the same bytes.
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
    start_utf16: int | None = None
    end_utf16: int | None = None
    link: str | None = None
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part(Record):
    """A verbatim span of the corpus, and the numbers of the citations that contain it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Alternative(Record):
    """Another candidate answer. ``support`` is as in ``Answer``.

    ``evidence`` says what spoke for and against it, in natural logarithms of odds.
    """

    answer: str
    confidence: float
    citations: tuple[Citation, ...]
    support: int = 1
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected(Record):
    """A generated sentence that its sources do not say, and what they lack."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer(Record):
    """A cited answer, or an abstention that says why and still carries the nearest passages.

    ``alternatives`` are less likely candidates. ``disagreement`` is empty if the articles agree; otherwise
    it has the answers that differ, newest first, with this one. ``support`` counts the independent
    publishers that give this answer; an article of an unknown publisher counts as one, its copies do not.
    ``filters`` are those in force; ``inferred`` are those among them that come from the question's words
    ``inferred_from``. ``read`` is how many passages the reader read in time. Every front end must
    show ``warnings`` with the answer. ``evidence`` is as in ``Alternative``. ``certainty`` says the
    confidence in words; it is "" for an abstention.
    ``verdict`` is what the answer says to a yes-or-no question; None for any other, and in doubt.
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
    warnings: tuple[str, ...]
    index: IndexInfo
    support: int = 0
    disagreement: tuple[Alternative, ...] = ()
    filters: Filters | None = None
    inferred: Filters | None = None
    inferred_from: str = ""
    read: int = 0
    generated: bool = False
    rejected: tuple[Rejected, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)
    certainty: str = ""
    verdict: Verdict | None = None
