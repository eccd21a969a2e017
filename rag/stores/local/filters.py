"""Which documents pass a filter."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from rag.records import DocumentInfo, Filters

if TYPE_CHECKING:
    from rag.records.base import BoolArray


def passing(filters: Filters, documents: Iterable[DocumentInfo]) -> BoolArray:
    """Which of the documents pass everything that is given: (documents,)."""
    return np.array([_passes(filters, document) for document in documents], bool)


def _passes(filters: Filters, document: DocumentInfo) -> bool:
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
