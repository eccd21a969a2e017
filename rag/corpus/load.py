"""Turns files into Documents: the format extracts the text, then boilerplate and metadata are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from rag.corpus.articles import Article, articles
from rag.corpus.boilerplate import CONTENT, mark
from rag.corpus.head import read_head
from rag.corpus.metadata import find_metadata
from rag.corpus.sidecar import Correction
from rag.errors import UnreadableFile
from rag.formats.base import parse
from rag.records import Block, Document, Skipped
from rag.text.datelines import month_comes_first


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read, with its bytes and the corrections of the documents in it, by their ids."""

    file: str
    """Its id: the path in the corpus, with "/"."""
    path: str
    data: bytes
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    only: str | None = None
    """The id of the one document that is wanted; None for all."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as it was read; ``content`` is as in ``SourceRecord``."""

    document: Document
    content: str = ""


def load_all(job: Job, begin: int = 0, failure: str = "") -> Iterator[Loaded | Skipped]:
    """The articles of a file, in its own order; what cannot be read is skipped with its reason.

    Yields one result for each item of ``articles``, from number ``begin`` on. If an earlier attempt failed
    at that item, it is not read again but skipped, with ``failure`` as the reason. Raises nothing, whatever
    the file holds.
    """
    try:
        for number, each in enumerate(articles(job.file, job.data)):
            if number < begin:
                continue
            if isinstance(each, Skipped):
                yield each
            elif number == begin and failure:
                yield Skipped(each.doc_id, failure)
            elif job.only in (None, each.doc_id):
                yield _loaded(each, job)
    except UnreadableFile as error:
        yield Skipped(job.file, error.message)


def _loaded(article: Article, job: Job) -> Loaded | Skipped:
    try:
        document = load(
            article.doc_id,
            job.path + article.doc_id.removeprefix(job.file),
            article.data,
            job.corrections.get(article.doc_id),
            name=article.name,
        )
    except UnreadableFile as error:
        return Skipped(article.doc_id, error.message)
    content = hashlib.sha256(article.data).hexdigest() if article.is_member else ""
    return Loaded(document, content)


def load(
    doc_id: str,
    path: str,
    data: bytes,
    correction: Correction | None = None,
    *,
    name: str | None = None,
) -> Document:
    """The article with the bytes ``data``. ``name`` (None: ``doc_id``) tells its format.

    ``text`` is the text that the file's format extracts; blocks are offsets into it.

    Raises UnreadableFile if no format can read the data, or if it holds no text.
    """
    extracted = parse(data, name or doc_id)
    text = extracted.text
    month_first = month_comes_first(text)
    title, plain_blocks = _marked_title(extracted.blocks)
    head = read_head(text, plain_blocks, month_first=month_first, marked_title=title)
    blocks = head.blocks
    if not extracted.furniture_marked:
        blocks = mark(
            text,
            blocks,
            headings_are_marked=extracted.headings_marked,
            authors=[name for name, _ in head.authors],
        )
    meta = find_metadata(
        text, doc_id, head, blocks, extracted.found, correction, month_first=month_first
    )
    if correction is not None and correction.title is not None:
        blocks = _demote_title(text, blocks, correction.title)
    return Document(
        doc_id=doc_id,
        path=path,
        text=text,
        title=meta.title,
        publisher=meta.publisher,
        published=meta.published,
        url=meta.url,
        blocks=tuple(_make_searchable(blocks)),
        locator=extracted.locator,
        published_text=meta.published_text,
        evidence=meta.evidence,
        language=meta.language,
        author=meta.author,
        updated=meta.updated,
        notes=extracted.notes,
    )


def _marked_title(blocks: tuple[Block, ...]) -> tuple[int | None, list[Block]]:
    """The number of the block that the format marks as the title, and the blocks with it as a heading."""
    title = next((n for n, block in enumerate(blocks) if block.kind == "title"), None)
    return title, [replace(b, kind="heading") if b.kind == "title" else b for b in blocks]


def _demote_title(text: str, blocks: list[Block], title: str) -> list[Block]:
    """The blocks, with the title turned into a heading if it differs from the corrected title."""
    return [
        Block(block.start, block.end, "heading")
        if block.kind == "title" and text[block.start : block.end].split() != title.split()
        else block
        for block in blocks
    ]


def _make_searchable(blocks: list[Block]) -> list[Block]:
    """The blocks; if there is nothing but title and headings, they become paragraphs.

    Otherwise no search could find the document.
    """
    if any(block.kind in CONTENT for block in blocks):
        return blocks
    return [
        Block(block.start, block.end, "paragraph") if block.kind in ("title", "heading") else block
        for block in blocks
    ]
