"""Filters on documents."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from rag.records import DocumentInfo, Filters

_WORD = re.compile(r"\w+")


def passes(filters: Filters, document: DocumentInfo) -> bool:
    """Whether a document passes all filters that are set."""
    publisher = (document.publisher or "").casefold()
    if filters.publisher is not None and publisher != filters.publisher.casefold():
        return False
    if filters.path is not None and not fnmatchcase(document.doc_id, filters.path):
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
    return f" {' '.join(_WORD.findall(title.casefold()))} "
