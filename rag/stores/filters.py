"""Filters on documents."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase

from rag.english.words import lower_words
from rag.records import DocumentInfo, Filters


def _composed(text: str) -> str:
    """The text with "é" as one character: file names often have two."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """A name for comparison, however it is capitalized."""
    return _composed(text).casefold()


def passes(filters: Filters, document: DocumentInfo) -> bool:
    """Whether a document passes all filters that are set."""
    if filters.publisher is not None and (
        folded(document.publisher or "") != folded(filters.publisher)
    ):
        return False
    if filters.path is not None and not any(
        fnmatchcase(_composed(doc_id), _composed(filters.path))
        for doc_id in (document.doc_id, *document.copies)
    ):
        return False
    if filters.title is not None and _plain(filters.title) not in _plain(document.title):
        return False
    return _in_time(filters, document.published)


def _in_time(filters: Filters, published: str | None) -> bool:
    if not (filters.since or filters.until):
        return True
    if published is None:
        return filters.undated
    # ISO dates sort as text.
    return str(filters.since or "") <= published and (
        not filters.until or published <= str(filters.until)
    )


def _plain(title: str) -> str:
    """The words of a title in lower case, each between two spaces."""
    return f" {' '.join(lower_words(title.casefold()))} "
