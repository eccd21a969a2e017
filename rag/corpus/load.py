"""One file to a Document: decode, find blocks, mark furniture, read metadata."""

from __future__ import annotations

from rag.corpus.boilerplate import CONTENT, mark
from rag.corpus.head import read_head
from rag.corpus.metadata import find_metadata
from rag.corpus.scan import decode
from rag.corpus.sidecar import Correction
from rag.english.datelines import month_comes_first
from rag.formats import markdown, plain
from rag.records import Block, Document


def load(doc_id: str, path: str, data: bytes, correction: Correction | None = None) -> Document:
    """The article in ``data``, the bytes of the file ``doc_id``.

    ``text`` is the decoded file without its byte order mark, line ends as they are; blocks are
    offsets into it. Markdown is told by the ending of ``doc_id``; anything else is plain text.

    Raises UnreadableFile for data that are no text, or hold none.
    """
    text = decode(data)
    month_first = month_comes_first(text)
    if doc_id.lower().endswith((".md", ".markdown")):
        parsed = markdown.parse(text)
        head = read_head(text, parsed.blocks, month_first=month_first, first_h1=parsed.first_h1)
        blocks = mark(text, head.blocks, headings_are_marked=True)
        front = parsed.front
    else:
        head = read_head(text, plain.parse(text), month_first=month_first)
        blocks = mark(text, head.blocks)
        front = {}
    meta = find_metadata(text, doc_id, head, blocks, front, correction, month_first=month_first)
    if correction is not None and correction.title is not None:
        blocks = _without_title(text, blocks, correction.title)
    return Document(
        doc_id=doc_id,
        path=path,
        text=text,
        title=meta.title,
        publisher=meta.publisher,
        published=meta.published,
        url=meta.url,
        blocks=tuple(_findable(blocks)),
        published_text=meta.published_text,
        evidence=meta.evidence,
    )


def _without_title(text: str, blocks: list[Block], title: str) -> list[Block]:
    """A line that was taken for the title, and by the correction is not, is a heading."""
    return [
        Block(block.start, block.end, "heading")
        if block.kind == "title" and text[block.start : block.end].split() != title.split()
        else block
        for block in blocks
    ]


def _findable(blocks: list[Block]) -> list[Block]:
    """An article of nothing but title and headings is a note; only as paragraphs can they be found."""
    if any(block.kind in CONTENT for block in blocks):
        return blocks
    return [
        Block(block.start, block.end, "paragraph") if block.kind in ("title", "heading") else block
        for block in blocks
    ]
