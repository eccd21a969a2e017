"""Notes about the articles that an answer cites: what they correct, lack, and mean by "last Friday"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import shorten
from typing import Final

from rag.asking.reading import ReadingSession
from rag.english.dates import day_meant
from rag.english.sentences import corrects
from rag.records import Citation

_SAID: Final = frozenset(("paragraph", "list", "boilerplate"))
_LONGEST: Final = 300
"""Characters of a correction that are shown."""


def shortcomings(session: ReadingSession, doc_ids: Iterable[str]) -> Iterator[str]:
    """What a reader should know of these articles, such as that only the part before a paywall is here."""
    for doc_id in dict.fromkeys(doc_ids):
        document = session.source(doc_id).document
        for note in document.notes:
            yield f"{document.path}: {note}"


def citation_notes(session: ReadingSession, citations: Sequence[Citation]) -> Iterator[str]:
    """What the cited articles correct, and which days “last Friday” and the like are."""
    for doc_id in dict.fromkeys(citation.doc_id for citation in citations):
        document = session.source(doc_id).document
        quoted = [(c.start, c.end) for c in citations if c.doc_id == doc_id]
        for block in document.blocks:
            text = document.text[block.start : block.end]
            shown = any(start < block.end and block.start < end for start, end in quoted)
            if block.kind in _SAID and not shown and corrects(text):
                correction = shorten(text, _LONGEST, placeholder=" …")
                yield f"“{document.title}” has a correction: “{correction}”"
    for citation in citations:
        begin, end = citation.answer_start - citation.start, citation.answer_end - citation.start
        answer = citation.quote[begin:end]
        meant = day_meant(answer, citation.quote, citation.published)
        if meant:
            yield f"“{answer}” is {meant}, counted from the day of the article"
