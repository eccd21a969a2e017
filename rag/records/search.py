"""The input of a search, and its results."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, overload

from rag.errors import InvalidFilter
from rag.records.base import Record, Terms
from rag.records.reading import Excerpt

if TYPE_CHECKING:
    from rag.records.base import IdArray, ScoreArray

MAX_QUERY: Final = 10_000
"""Longest query in characters; the model reads only the first 256 tokens anyway."""


@dataclass(frozen=True, slots=True)
class Filters(Record):
    """Which documents a search may find: those that pass all filters that are set.

    ``since`` and ``until`` are dates, or ISO days, months or years ("2025-03-14", "2025-03", "2025"): from
    the first day of ``since`` to the last of ``until``. They are kept as ISO days. Documents without a date
    pass them only with ``undated``. ``publisher`` is compared without regard
    to case; ``path`` is a glob on ``doc_id`` (``*`` also crosses ``/``); ``title`` are words that the title
    has in a row.

    Raises InvalidFilter for an invalid date, or a ``since`` after ``until``.
    """

    since: str | dt.date | None = None
    until: str | dt.date | None = None
    publisher: str | None = None
    path: str | None = None
    undated: bool = False
    title: str | None = None

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            object.__setattr__(self, name, _iso_day(name, getattr(self, name)))
        for name in ("publisher", "path", "title"):
            object.__setattr__(self, name, getattr(self, name) or None)
        if self.since and self.until and str(self.since) > str(self.until):
            raise InvalidFilter(
                f"since ({self.since}) is after until ({self.until}): no article can match",
                fix="swap the two dates",
            )

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.publisher or self.path or self.title)


@dataclass(frozen=True, slots=True)
class Forms:
    """One word of a question, and the terms under which an index may have it."""

    written: str
    """In lower case, without accents."""
    words: tuple[Terms, ...]
    """Its terms in each language, as many as there are languages; a word may be several terms in a row."""
    others: tuple[Terms, ...] = ()
    """The terms of other ways to write it: "email" for "e-mail"."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which passages a search may find.

    Those of documents that pass the filters, with one alternative of each of ``required`` and none of
    ``excluded``; an alternative is a term, or several in a row.
    """

    filters: Filters | None = None
    required: tuple[tuple[Terms, ...], ...] = ()
    excluded: tuple[Terms, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.filters or self.required or self.excluded)


def _iso_day(name: str, value: object) -> str | None:
    """The first day of a ``since`` or the last of an ``until``, as ISO; None if there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    written, is_last = str(value), name == "until"
    if len(written) == len("YYYY"):
        written += "-12" if is_last else "-01"
    is_month = len(written) == len("YYYY-MM")
    try:
        day = dt.date.fromisoformat(written + "-01" * is_month)
    except ValueError:
        raise InvalidFilter(
            f"{value!r} is not a date", fix="write it as YYYY-MM-DD, YYYY-MM or YYYY"
        ) from None
    if is_month and is_last:
        day = day.replace(day=monthrange(day.year, day.month)[1])
    return day.isoformat()


class ChunkIds(Sequence[str]):
    """Ids of chunks, each made on request, because few of a thousand candidates are shown.

    ``keys``, int64 (n,), represent them. Within one store, equal keys mean equal ids, and the earlier chunk
    of the corpus has the smaller key. ``id_of`` gives the id of a key.
    """

    __slots__ = ("_id_of", "keys")

    def __init__(self, keys: IdArray, id_of: Callable[[int], str]) -> None:
        self.keys = keys
        self._id_of = id_of

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> ChunkIds: ...
    def __getitem__(self, place: int | slice) -> str | ChunkIds:
        """One id, or the ids of a slice."""
        if isinstance(place, slice):
            return self.of(self.keys[place])
        return self._id_of(int(self.keys[place]))

    def of(self, keys: IdArray) -> ChunkIds:
        """The ids of other keys of the same store."""
        return ChunkIds(keys, self._id_of)


@dataclass(frozen=True, slots=True)
class Hits:
    """A ranked list from one half of the store, best first; ties are in corpus order.

    ``scores`` is float64 (n,), one for each of the ids.
    """

    ids: ChunkIds
    scores: ScoreArray


@dataclass(frozen=True, slots=True)
class Collection:
    """What BM25 has to know of chunks that are ranked together though they lie in several stores."""

    mean_length: float
    """Of all their chunks, in terms."""
    idf: Mapping[Terms, float]
    """For each term or phrase of the query, among all of them."""


@dataclass(frozen=True, slots=True)
class Contribution(Record):
    """How one list ranked a passage: 1-based rank, its score there, and the weight of the list."""

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
    index: str | None = None
    """The index that it is from, if there are several."""

    @property
    def excerpt(self) -> Excerpt:
        """What a reader sees of it."""
        return Excerpt(self.title, self.heading, self.text)


@dataclass(frozen=True, slots=True)
class IndexInfo(Record):
    """The index and the models behind a result."""

    generation: str
    embedder: str
    reader: str


@dataclass(frozen=True, slots=True)
class SearchResult(Record):
    """Passages, best first, with the time of each stage."""

    query: str
    passages: tuple[Passage, ...]
    timings_ms: Mapping[str, float]
    index: IndexInfo
    warnings: tuple[str, ...] = ()
    """Every front end must show these beside the passages."""


@dataclass(frozen=True, slots=True)
class DocumentRanking(Record):
    """Documents, best first, as ``(doc_id, score of the best passage)``."""

    query: str
    documents: tuple[tuple[str, float], ...]
    timings_ms: Mapping[str, float]
    index: IndexInfo
