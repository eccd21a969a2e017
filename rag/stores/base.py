"""The one place where a store is chosen. There is one kind so far: a folder of plain files.

To add another, implement ``Store`` and ``StoreWriter`` of ``rag.protocols``, enter it in ``KINDS`` of
``tests/stores/test_contract.py`` until that passes, and choose it here. ``rag.stores.memory`` shows the
least that it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.protocols import Store, StoreWriter
from rag.records import Chunk, Document, IndexFacts, Inspection

if TYPE_CHECKING:
    from rag.records.base import FloatArray


def open_store(index: Path) -> Store:
    """Open an index as it is now. A build that ends meanwhile is followed, not taken for damage.

    Raises IndexNotFound, IndexMismatch (another format) or IndexCorrupt.
    """
    from rag.stores.local.local import open_local_store

    return open_local_store(index)


def writer(index: Path) -> AbstractContextManager[StoreWriter]:
    """The index for oneself, to write to; it is made where there is none.

    At the end, what is no longer needed is removed. Raises IndexLocked while another one has it, OSError
    where nothing can be written.
    """
    from rag.stores.local.writer import open_writer

    return open_writer(index)


def read_facts(index: Path) -> IndexFacts:
    """What an index says of itself, without opening it.

    Raises IndexNotFound, IndexMismatch (another format) or IndexCorrupt.
    """
    from rag.stores.local.manifest import read_manifest

    return read_manifest(index).facts(index)


def salvaged_facts(index: Path) -> IndexFacts | None:
    """What a damaged index still says of itself; None where it is silent, or where there is none."""
    from rag.stores.local.check import salvaged_manifest

    manifest = salvaged_manifest(index)
    return manifest.facts(index) if manifest else None


def inspect(index: Path) -> Inspection:
    """Look at every byte of an index, and every number in it.

    Raises IndexNotFound, or IndexMismatch for another format.
    """
    from rag.stores.local.check import inspect as inspect_local

    return inspect_local(index)


def intact_passages(index: Path) -> Iterator[tuple[Document, Chunk, FloatArray]]:
    """Every passage of a damaged index with its document and its vector (dimension,).

    Raises IndexCorrupt where these are damaged themselves.
    """
    from rag.stores.local.check import intact_passages as intact_locally

    return intact_locally(index)
