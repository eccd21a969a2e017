"""Title, publisher, date and URL of an article, each with where it was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from rag.corpus.head import Head, web_url
from rag.corpus.publisher import find_publisher
from rag.corpus.sidecar import Correction
from rag.english.datelines import Dateline, iso_date, read_dateline
from rag.records import Block

_LONGEST_TITLE = 300
_FROM_SIDECAR = "metadata.jsonl"
_FROM_FRONT_MATTER = "front matter"
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
    front: Mapping[str, str],
    correction: Correction | None,
    *,
    month_first: bool | None = None,
) -> Metadata:
    """The metadata of a document: correction before front matter before what the text shows.

    ``blocks`` are the final ones, ``front`` the scalars of Markdown front matter.
    """
    meta = Metadata(PurePosixPath(doc_id).stem, None, None, None, None, {"title": "file name"})
    _title(text, head, front, meta)
    _publisher(text, head, blocks, front, meta)
    _published(text, head, blocks, front, meta, month_first)
    if url := next(
        (u for k in ("url", "link", "permalink") if (u := web_url(front.get(k, "")))), None
    ):
        meta.url, meta.evidence["url"] = url, _FROM_FRONT_MATTER
    elif head.url:
        meta.url, meta.evidence["url"] = head.url[0], _at(text, head.url[1], "URL line")
    if correction is not None:
        _correct(meta, correction)
    return meta


def _at(text: str, block: Block, how: str) -> str:
    line = text.count("\n", 0, block.start) + 1
    return f"line {line}: {how}"


def _title(text: str, head: Head, front: Mapping[str, str], meta: Metadata) -> None:
    if title := _clean_title(front.get("title", "")):
        meta.title, meta.evidence["title"] = title, _FROM_FRONT_MATTER
    elif head.title and (title := _clean_title(text[head.title.start : head.title.end])):
        meta.title, meta.evidence["title"] = title, _at(text, head.title, head.why)


def _clean_title(title: str) -> str:
    """One line without Markdown's emphasis and link targets."""
    title = re.sub(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)", r"\1", title[:2000])
    title = re.sub(r"(\*\*|__|`)(.{1,300}?)\1", r"\2", title)
    return " ".join(title.split())[:_LONGEST_TITLE].strip()


def _publisher(
    text: str, head: Head, blocks: list[Block], front: Mapping[str, str], meta: Metadata
) -> None:
    for key in ("publisher", "site", "site_name", "source", "publication"):
        value = " ".join(front.get(key, "").split())
        if value and len(value) <= 120 and not web_url(value):
            meta.publisher, meta.evidence["publisher"] = value, _FROM_FRONT_MATTER
            return
    found = find_publisher(text, head, blocks)
    if found:
        meta.publisher, meta.evidence["publisher"] = found[0], _at(text, found[1], found[2])


def _published(
    text: str,
    head: Head,
    blocks: list[Block],
    front: Mapping[str, str],
    meta: Metadata,
    month_first: bool | None,
) -> None:
    for key in ("date", "published", "publish_date", "pubdate", "date_published", "updated"):
        line = read_dateline(front.get(key, "")[:100], month_first=month_first)
        if line:
            _take_date(meta, line, _FROM_FRONT_MATTER)
            return
    found = [*head.datelines, *_labelled_in_tail(text, blocks, month_first)]
    # The day of the last change is better than none, but the day of publication is meant.
    found.sort(key=lambda item: item[0].label.startswith(("updated", "last", "modified")))
    if found:
        line, block = found[0]
        _take_date(meta, line, _at(text, block, "dateline"))


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
