"""Where an index is kept and found again: the front of this room.

Nobody else names a concrete store. ``rag.protocols`` has what one can do: ``Store`` and ``StoreWriter``.
"""

from rag.stores.base import (
    inspect,
    intact_passages,
    open_store,
    read_facts,
    salvaged_facts,
    writer,
)

__all__ = [
    "inspect",
    "intact_passages",
    "open_store",
    "read_facts",
    "salvaged_facts",
    "writer",
]
