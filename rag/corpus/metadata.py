"""Title, publisher, date and URL of an article, each with where it was found."""

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
# Labelled dates ("Published: …") may also stand in the last lines of an article.
_TAIL_BLOCKS = 12


@dataclass(slots=True)
class Metadata:
    """What is known of an article; ``evidence`` has a key for each of the others that was found."""

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
    found: Sequence[Stated],
    correction: Correction | None,
    *,
    month_first: bool | None = None,
) -> Metadata:
    """The metadata of a document: correction before the file's own metadata before what the text shows.

    ``blocks`` are the final ones, ``found`` is what the file's own metadata say.
    """
    meta = Metadata(PurePosixPath(doc_id).stem, None, None, None, None, {"title": "file name"})
    _title(text, head, found, meta)
    _publisher(text, head, blocks, found, meta)
    _published(text, head, blocks, found, meta, month_first)
    _url(text, head, found, meta)
    if correction is not None:
        _correct(meta, correction)
    return meta


def _stated(found: Sequence[Stated], field: str) -> Iterator[tuple[str, str]]:
    """The values that a file's own metadata give a field, each on one line and with its evidence."""
    for each in found:
        if each.field == field and (value := " ".join(each.value.split())):
            yield value, each.evidence


def _at(text: str, block: Block, how: str) -> str:
    line = text.count("\n", 0, block.start) + 1
    return f"line {line}: {how}"


def _title(text: str, head: Head, found: Sequence[Stated], meta: Metadata) -> None:
    for value, evidence in _stated(found, "title"):
        if title := _clean_title(value):
            meta.title, meta.evidence["title"] = title, evidence
            return
    if head.title and (title := _clean_title(text[head.title.start : head.title.end])):
        meta.title, meta.evidence["title"] = title, _at(text, head.title, head.why)


def _clean_title(title: str) -> str:
    """One line without Markdown's emphasis and link targets."""
    title = re.sub(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)", r"\1", title[:2000])
    title = re.sub(r"(\*\*|__|`)(.{1,300}?)\1", r"\2", title)
    return " ".join(title.split())[:_LONGEST_TITLE].strip()


def _publisher(
    text: str, head: Head, blocks: list[Block], found: Sequence[Stated], meta: Metadata
) -> None:
    for value, evidence in _stated(found, "publisher"):
        if len(value) <= 120 and not web_url(value):
            meta.publisher, meta.evidence["publisher"] = value, evidence
            return
    if named := find_publisher(text, head, blocks):
        meta.publisher, meta.evidence["publisher"] = named[0], _at(text, named[1], named[2])


def _published(
    text: str,
    head: Head,
    blocks: list[Block],
    found: Sequence[Stated],
    meta: Metadata,
    month_first: bool | None,
) -> None:
    for value, evidence in _stated(found, "published"):
        if line := read_dateline(value[:100], month_first=month_first):
            _take_date(meta, line, evidence)
            return
    dated = [*head.datelines, *_labelled_in_tail(text, blocks, month_first)]
    # The day of the last change is better than none, but the day of publication is meant.
    dated.sort(key=lambda item: item[0].label.startswith(("updated", "last", "modified")))
    if dated:
        line, block = dated[0]
        _take_date(meta, line, _at(text, block, "dateline"))


def _url(text: str, head: Head, found: Sequence[Stated], meta: Metadata) -> None:
    for value, evidence in _stated(found, "url"):
        if web_url(value):
            meta.url, meta.evidence["url"] = value, evidence
            return
    if head.url:
        meta.url, meta.evidence["url"] = head.url[0], _at(text, head.url[1], "URL line")


def _take_date(meta: Metadata, line: Dateline, where: str) -> None:
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
    found = []
    for block in blocks[-_TAIL_BLOCKS:]:
        if block.end - block.start <= 120:
            line = read_dateline(text[block.start : block.end], month_first=month_first)
            if line and line.label:
                found.append((line, block))
    return found


def _correct(meta: Metadata, correction: Correction) -> None:
    """Apply a correction; an empty string takes away what was found."""
    for name in ("title", "publisher", "published", "url"):
        value = getattr(correction, name)
        if value is not None:
            setattr(meta, name, value or None)
            meta.evidence[name] = _FROM_SIDECAR
    if correction.published is not None and not (
        meta.published_text and iso_date(meta.published_text) == correction.published
    ):
        meta.published_text = correction.published or None
