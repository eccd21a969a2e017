"""Index storage. Import from here only: no other package names a concrete store.

``rag.protocols`` defines the interface: ``Store`` and ``StoreWriter``.
"""

from rag.stores.base import (
    current_generation,
    inspect,
    intact_passages,
    open_store,
    read_facts,
    salvaged_facts,
    writer,
)

__all__ = [
    "current_generation",
    "inspect",
    "intact_passages",
    "open_store",
    "read_facts",
    "salvaged_facts",
    "writer",
]
