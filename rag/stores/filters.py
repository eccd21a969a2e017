"""Filters on documents."""

from __future__ import annotations

from fnmatch import fnmatchcase

from rag.records import DocumentInfo, Filters


def passes(filters: Filters, document: DocumentInfo) -> bool:
    """Whether a document passes all filters that are set."""
    if filters.publisher is not None and (
        (document.publisher or "").casefold() != filters.publisher.casefold()
    ):
        return False
    if filters.path is not None and not fnmatchcase(document.doc_id, filters.path):
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
