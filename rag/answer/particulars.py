"""What an article says of itself: its date, author, publisher or title, as its own text writes it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from rag.answer.candidates import Inquiry
from rag.answer.cite import Source, cite
from rag.answer.extract import Extraction
from rag.english.particulars import Asked
from rag.records import Document, Part
from rag.text.lines import line_starts
from rag.text.sentences import trimmed

_SURE: Final = 0.9
"""The confidence: the article is the one that search puts first, and it has all words of the topic."""


def particular(inquiry: Inquiry, asked: Asked, source: Source) -> Extraction | None:
    """The particular with the line that it stands in.

    None if the article lacks a word of the topic, or does not write the particular in its text.
    """
    document = source.document
    topic = set(inquiry.analyzer(asked.topic))
    if not topic <= set(inquiry.analyzer.all_terms(f"{document.title}\n{document.text}")):
        return None
    written = _written(document, asked)
    start = document.text.find(written) if written else -1
    if start < 0:
        return None
    end = start + len(written)
    citation = cite(1, source, _line(document.text, start, end), (start, end))
    return Extraction(_SURE, (Part(document.text[start:end], (1,)),), (citation,), support=1)


def _written(document: Document, asked: Asked) -> str:
    """The particular as the article writes it; "" if it does not."""
    found = {
        "published": document.published_text,
        "author": document.author,
        "publisher": document.publisher,
        "title": document.title,
    }[asked.particular]
    return found or ""


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    """The line around a span, without white space at its ends."""
    starts = [*line_starts(text), len(text)]
    begin, stop = starts[bisect_right(starts, start) - 1], starts[bisect_left(starts, end)]
    return next(trimmed(text, begin, stop))
