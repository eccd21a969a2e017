"""Citations: made from offsets, and checked against the file before anyone sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rag.corpus.scan import source_state
from rag.errors import IndexCorrupt
from rag.records import Citation, Document, State


@dataclass(frozen=True)
class Source:
    """A document, its file, and the hash of that when indexed."""

    document: Document
    path: Path
    sha256: str

    @cached_property
    def state(self) -> State:
        """How the file stands now; it is read for this, once, and only where it is cited."""
        return source_state(self.path, self.sha256)


def cite(
    n: int, source: Source, quote: tuple[int, int], answer: tuple[int, int] | None = None
) -> Citation:
    """Citation ``n`` of a quote and of the answer within it (default: all of it), both as offsets.

    Raises IndexCorrupt for offsets that do not lie within the text: a citation that cannot be sliced
    is never shown.
    """
    document = source.document
    (start, end), (answer_start, answer_end) = quote, answer or quote
    if not 0 <= start <= answer_start < answer_end <= end <= len(document.text):
        raise IndexCorrupt(
            f"{document.doc_id}: the index points outside its text ({start}:{end})",
            fix="build the index afresh with: rag index --full",
        )
    return Citation(
        n=n,
        doc_id=document.doc_id,
        path=document.path,
        title=document.title,
        publisher=document.publisher,
        published=document.published,
        url=document.url,
        start=start,
        end=end,
        line=document.line(start),
        page=document.page(start),
        quote=document.text[start:end],
        answer_start=answer_start,
        answer_end=answer_end,
        sha256=source.sha256,
        state=source.state,
    )
