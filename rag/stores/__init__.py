"""Index storage. Import from here only: no other package names a concrete store.

``rag.protocols`` defines the interface: ``Store`` and ``StoreWriter``.
"""

from rag.stores.base import (
    current_generation,
    failures_of,
    folders_of,
    index_of,
    inspect,
    intact_passages,
    open_store,
    open_stores,
    parts_of,
    read_facts,
    salvaged_facts,
    writer,
)

__all__ = [
    "current_generation",
    "failures_of",
    "folders_of",
    "index_of",
    "inspect",
    "intact_passages",
    "open_store",
    "open_stores",
    "parts_of",
    "read_facts",
    "salvaged_facts",
    "writer",
]
