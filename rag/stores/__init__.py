"""Index storage. Import from here only: no other package names a concrete store.

``rag.protocols`` defines the interface: ``StoredIndex``, ``Store`` and ``StoreWriter``.
"""

from rag.stores.base import (
    failures_of,
    index_at,
    index_of,
    open_store,
    open_stores,
    parts_of,
)

__all__ = [
    "failures_of",
    "index_at",
    "index_of",
    "open_store",
    "open_stores",
    "parts_of",
]
