"""Finds the title, publisher, date and URL of an article, and records where each was found."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from rag.corpus.head import Head, web_url
from rag.corpus.language import language_of
from rag.corpus.publisher import find_publisher, is_outlet
from rag.corpus.sidecar import Correction
from rag.english.furniture import place_line
from rag.english.lexicon import NOTHING
from rag.records import Block, Stated
from rag.records.document import line_at
from rag.text.datelines import Dateline, iso_date, read_date, read_dateline
from rag.text.markup import shown

_LONGEST_TITLE = 300
_LONGEST_NAME = 120
_FROM_SIDECAR = "metadata.jsonl"
# The last lines of an article may also have a labelled date ("Published: …").
_TAIL_BLOCKS = 12
_LEADS = 5  # paragraphs


@dataclass(slots=True)
class Metadata:
    """The metadata of an article; ``evidence`` says where each field that is not None was found."""

    title: str
    evidence: dict[str, str]
    publisher: str | None = None
    published: str | None = None
    published_text: str | None = None
    updated: str | None = None
    author: str | None = None
    url: str | None = None
    language: str = "en"


def find_metadata(
    text: str,
    doc_id: str,
    head: Head,
    blocks: list[Block],
    stated: Sequence[Stated],
    correction: Correction | None,
    *,
    month_first: bool | None = None,
) -> Metadata:
    """The metadata of a document. A correction comes first, then the file's metadata, then its text.

    ``blocks`` have their final kinds; ``stated`` is the file's own metadata.
    """
    meta = Metadata(PurePosixPath(doc_id).stem, {"title": "file name"})
    _title(text, head, stated, meta)
    _publisher(text, head, blocks, stated, meta)
    _author(text, head, stated, meta)
    _dates(text, head, blocks, stated, meta, month_first)
    _url(text, head, stated, meta)
    _language(text, stated, meta)
    for value, _ in _values(stated, "encoding"):
        meta.evidence["encoding"] = value
    for name in ("title", "publisher", "author"):
        # File names on a Mac have their accents as characters of their own.
        setattr(meta, name, unicodedata.normalize("NFC", getattr(meta, name) or "") or None)
    if correction is not None:
        _correct(meta, correction)
    return meta


def _values(stated: Sequence[Stated], field: str) -> Iterator[tuple[str, str]]:
    """The values that a file's own metadata has for a field, each as one line and with its evidence.

    Values that say that there is none ("null", "Untitled") are left out.
    """
    for each in stated:
        value = unicodedata.normalize("NFC", " ".join(each.value.split()))
        if each.field == field and value.strip(" -~").lower() not in NOTHING:
            yield value, each.evidence


def _evidence(text: str, block: Block, how: str) -> str:
    return f"line {line_at(text, block.start)}: {how}"


def _title(text: str, head: Head, stated: Sequence[Stated], meta: Metadata) -> None:
    for value, evidence in _values(stated, "title"):
        if title := _clean(value):
            meta.title, meta.evidence["title"] = title, evidence
            return
    if head.title and (title := _clean(text[head.title.start : head.title.end])):
        meta.title, meta.evidence["title"] = title, _evidence(text, head.title, head.why)


def _clean(written: str) -> str:
    """A title or name as one line, without markup, and with each letter as one character."""
    return " ".join(unicodedata.normalize("NFC", shown(written[:2000])).split())[
        :_LONGEST_TITLE
    ].strip()


def _publisher(
    text: str, head: Head, blocks: list[Block], stated: Sequence[Stated], meta: Metadata
) -> None:
    for value, evidence in _values(stated, "publisher"):
        if len(value) <= _LONGEST_NAME and not web_url(value):
            meta.publisher, meta.evidence["publisher"] = value, evidence
            return
    if named := find_publisher(text, head, blocks):
        meta.publisher, meta.evidence["publisher"] = named[0], _evidence(text, named[1], named[2])


def _author(text: str, head: Head, stated: Sequence[Stated], meta: Metadata) -> None:
    for written, evidence in _values(stated, "author"):
        value = _clean(written)
        if len(value) <= _LONGEST_NAME and not web_url(value) and not is_outlet(value):
            meta.author, meta.evidence["author"] = value, evidence
            return
    for name, block in head.authors:
        if not is_outlet(name):
            meta.author, meta.evidence["author"] = name, _evidence(text, block, "byline")
            return


def _dates(
    text: str,
    head: Head,
    blocks: list[Block],
    stated: Sequence[Stated],
    meta: Metadata,
    month_first: bool | None,
) -> None:
    """Set the first whole date, or else the first, of publication, else of signing, else of a change."""
    published, updated, signed = (
        [
            (line, evidence)
            for value, evidence in _values(stated, field)
            if (line := read_date(value, month_first=month_first))
        ]
        for field in ("published", "updated", "signed")
    )
    for line, block in [
        *head.datelines,
        *_labelled_in_tail(text, blocks, month_first),
        *_in_lead(text, blocks, month_first),
    ]:
        where = _evidence(text, block, "dateline")
        (updated if line.is_update else published).append((line, where))
        if behind := line.behind(month_first=month_first):
            (updated if behind.is_update else published).append((behind, where))
    known = published or signed or updated
    if known:
        _set_date(meta, *next((each for each in known if each[0].day), known[0]))
    for line, where in updated:
        if line.day and published and line.day.isoformat() > (meta.published or ""):
            meta.updated, meta.evidence["updated"] = line.day.isoformat(), where
            return


def _language(text: str, stated: Sequence[Stated], meta: Metadata) -> None:
    codes = (value for value in _values(stated, "language") if _begins_with_code(value[0]))
    value, evidence = next(codes, ("", ""))
    code = value[:2].lower() or None
    meta.language = language_of(text, code)
    if meta.language == code:
        meta.evidence["language"] = evidence


def _begins_with_code(written: str) -> bool:
    """Whether a language is given as a code: "en", "pt-BR", but not "English"."""
    code = written[:2]
    return len(code) == 2 and code.isascii() and code.isalpha() and not written[2:3].isalpha()


def _url(text: str, head: Head, stated: Sequence[Stated], meta: Metadata) -> None:
    for value, evidence in _values(stated, "url"):
        if web_url(value):
            meta.url, meta.evidence["url"] = value, evidence
            return
    if head.url:
        meta.url, meta.evidence["url"] = head.url[0], _evidence(text, head.url[1], "URL line")


def _set_date(meta: Metadata, line: Dateline, where: str) -> None:
    meta.published_text = line.written
    meta.published = line.day.isoformat() if line.day else None
    if line.ambiguous:
        where += ", day or month first?"
    elif line.day is None:
        where += ", not a whole date"
    meta.evidence["published"] = where


def _labelled_in_tail(
    text: str, blocks: list[Block], month_first: bool | None
) -> list[tuple[Dateline, Block]]:
    datelines = []
    for block in blocks[-_TAIL_BLOCKS:]:
        if block.end - block.start <= 120:
            line = read_dateline(text[block.start : block.end], month_first=month_first)
            if line and line.label:
                datelines.append((line, block))
    return datelines


def _in_lead(
    text: str, blocks: list[Block], month_first: bool | None
) -> Iterator[tuple[Dateline, Block]]:
    """The whole date before the first sentence: "OSLO, Oct. 31, 2025 (Newswire) -- The pier …".

    In a press release, a summary may stand before it.
    """
    paragraphs = (block for block in blocks if block.kind == "paragraph")
    for lead in islice(paragraphs, _LEADS):
        words = text[lead.start : lead.end].replace("\u00a0", " ")
        place = place_line(words)
        if place and place["date"] and place.end() < len(words):
            line = read_dateline(place["date"], month_first=month_first)
            if line and line.day:
                yield line, lead
                return


def _correct(meta: Metadata, correction: Correction) -> None:
    """Apply a correction; an empty string removes a value."""
    for name in ("title", "publisher", "published", "url"):
        value = getattr(correction, name)
        if value is not None:
            setattr(meta, name, value or None)
            meta.evidence[name] = _FROM_SIDECAR
    if correction.published is not None and not (
        meta.published_text and iso_date(meta.published_text) == correction.published
    ):
        meta.published_text = correction.published or None
