"""Finds the title, publisher, date and URL of an article, and records where each was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from rag.corpus.head import Head, web_url
from rag.corpus.publisher import find_publisher
from rag.corpus.sidecar import Correction
from rag.english.datelines import Dateline, iso_date, read_dateline
from rag.records import Block, Stated

_LONGEST_TITLE = 300
_FROM_SIDECAR = "metadata.jsonl"
# The last lines of an article may also have a labelled date ("Published: …").
_TAIL_BLOCKS = 12


@dataclass(slots=True)
class Metadata:
    """The metadata of an article; ``evidence`` says where each field that is not None was found."""

    title: str
    publisher: str | None
    published: str | None
    published_text: str | None
    url: str | None
    evidence: dict[str, str]


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
    meta = Metadata(PurePosixPath(doc_id).stem, None, None, None, None, {"title": "file name"})
    _title(text, head, stated, meta)
    _publisher(text, head, blocks, stated, meta)
    _published(text, head, blocks, stated, meta, month_first)
    _url(text, head, stated, meta)
    for value, _ in _values(stated, "encoding"):
        meta.evidence["encoding"] = value
    if correction is not None:
        _correct(meta, correction)
    return meta


def _values(stated: Sequence[Stated], field: str) -> Iterator[tuple[str, str]]:
    """The values that a file's own metadata has for a field, each as one line and with its evidence."""
    for each in stated:
        if each.field == field and (value := " ".join(each.value.split())):
            yield value, each.evidence


def _evidence(text: str, block: Block, how: str) -> str:
    line = text.count("\n", 0, block.start) + 1
    return f"line {line}: {how}"


def _title(text: str, head: Head, stated: Sequence[Stated], meta: Metadata) -> None:
    for value, evidence in _values(stated, "title"):
        if title := _clean_title(value):
            meta.title, meta.evidence["title"] = title, evidence
            return
    if head.title and (title := _clean_title(text[head.title.start : head.title.end])):
        meta.title, meta.evidence["title"] = title, _evidence(text, head.title, head.why)


def _clean_title(title: str) -> str:
    """The title as one line, without Markdown emphasis and link targets."""
    title = re.sub(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)", r"\1", title[:2000])
    title = re.sub(r"(\*\*|__|`)(.{1,300}?)\1", r"\2", title)
    return " ".join(title.split())[:_LONGEST_TITLE].strip()


def _publisher(
    text: str, head: Head, blocks: list[Block], stated: Sequence[Stated], meta: Metadata
) -> None:
    for value, evidence in _values(stated, "publisher"):
        if len(value) <= 120 and not web_url(value):
            meta.publisher, meta.evidence["publisher"] = value, evidence
            return
    if named := find_publisher(text, head, blocks):
        meta.publisher, meta.evidence["publisher"] = named[0], _evidence(text, named[1], named[2])


def _published(
    text: str,
    head: Head,
    blocks: list[Block],
    stated: Sequence[Stated],
    meta: Metadata,
    month_first: bool | None,
) -> None:
    for value, evidence in _values(stated, "published"):
        if line := read_dateline(value[:100], month_first=month_first):
            _set_date(meta, line, evidence)
            return
    dated = [*head.datelines, *_labelled_in_tail(text, blocks, month_first)]
    # The date of the last change is better than no date, but the date of publication comes first.
    dated.sort(key=lambda item: item[0].label.startswith(("updated", "last", "modified")))
    if dated:
        line, block = dated[0]
        _set_date(meta, line, _evidence(text, block, "dateline"))


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
