"""Filters on documents."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase

from rag.records import DocumentInfo, Filters


def _composed(text: str) -> str:
    """The text with "é" as one character: file names often have two."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _folded(text: str) -> str:
    return _composed(text).casefold()


def passes(filters: Filters, document: DocumentInfo) -> bool:
    """Whether a document passes all filters that are set."""
    if filters.publisher is not None and (
        _folded(document.publisher or "") != _folded(filters.publisher)
    ):
        return False
    if filters.path is not None and not fnmatchcase(
        _composed(document.doc_id), _composed(filters.path)
    ):
        return False
    if filters.since or filters.until:
        if document.published is None:
            return filters.undated
        # ISO dates sort as text.
        if filters.since and document.published < str(filters.since):
            return False
        if filters.until and document.published > str(filters.until):
            return False
    return True
