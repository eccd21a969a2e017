"""The one place that chooses a store: an index is a folder of plain files, or lies on a Milvus server.

``store`` is "local" for the folder itself, else the address of the server, where the index has the name of
the folder; the folder then holds only what is of this machine, the lock of a build and the vector cache.

To add another, implement ``Store`` and ``StoreWriter`` of ``rag.protocols``, add it to ``KINDS`` in
``tests/stores/test_contract.py``, and when that passes, choose it here. ``rag.stores.memory`` is the
smallest example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.protocols import Store, StoreWriter
from rag.records import LOCAL, Chunk, Document, IndexFacts, Inspection

if TYPE_CHECKING:
    from rag.records.base import FloatArray
    from rag.stores.milvus.address import Address


def _address(index: Path, store: str) -> Address:
    """The address of an index on a server."""
    from rag.stores.milvus.address import Address

    return Address(store, index)


def open_store(index: Path, store: str = LOCAL) -> Store:
    """Open the current snapshot of an index, even while a build replaces it.

    Raises IndexNotFound, IndexMismatch (another format), IndexCorrupt or StoreUnavailable.
    """
    if store != LOCAL:
        from rag.stores.milvus.store import open_milvus_store

        return open_milvus_store(_address(index, store))
    from rag.stores.local.local import open_local_store

    return open_local_store(index)


def open_stores(
    indexes: Sequence[Path],
    store: str = LOCAL,
    open_: Callable[[Path, str], Store] = open_store,
) -> Store:
    """Open one index as it is, or several as one store; ``rag.stores.united`` says how they are named.

    Several are searched even if some of them cannot be opened. Raises what opening raises.
    """
    if len(indexes) == 1:
        return open_(indexes[0], store)
    from rag.stores.united import names_of, united

    return united(names_of(indexes), lambda number: open_(indexes[number], store))


def parts_of(store: Store) -> Mapping[str, Store]:
    """The indexes that a store is made of, by name; a single one has the name ""."""
    from rag.stores.united import UnitedStore

    return store.parts if isinstance(store, UnitedStore) else {"": store}


def failures_of(store: Store) -> tuple[str, ...]:
    """Warnings about indexes that are left out of a store."""
    from rag.stores.united import UnitedStore

    return store.failures if isinstance(store, UnitedStore) else ()


def index_of(store: Store, doc_id: str) -> str | None:
    """The name of the index that a document is from, if there are several."""
    from rag.stores.united import UnitedStore

    return store.index_of(doc_id) if isinstance(store, UnitedStore) else None


def writer(index: Path, store: str = LOCAL) -> AbstractContextManager[StoreWriter]:
    """Lock an index and write to it; the folder is made if it does not exist.

    At the end, snapshots that are no longer needed are removed. Raises IndexLocked if another build has
    the lock, OSError if the folder cannot be written.
    """
    if store != LOCAL:
        from rag.stores.milvus.writer import open_writer as open_milvus_writer

        return open_milvus_writer(_address(index, store))
    from rag.stores.local.writer import open_writer

    return open_writer(index)


def folders_of(index: Path, store: str = LOCAL) -> list[Path]:
    """The folders that a build of an index writes to."""
    served = None if store == LOCAL else _address(index, store).folder
    return [index, *([served] if served else [])]


def current_generation(index: Path, store: str = LOCAL) -> str:
    """The name of the current snapshot of an index: another one after each build.

    Raises IndexNotFound or IndexCorrupt.
    """
    if store != LOCAL:
        from rag.stores.milvus.check import generation

        return generation(_address(index, store))
    from rag.stores.local.manifest import read_current

    return read_current(index)[0]


def read_facts(index: Path, store: str = LOCAL) -> IndexFacts:
    """The facts of an index, without opening it.

    Raises IndexNotFound, IndexMismatch (another format) or IndexCorrupt.
    """
    if store != LOCAL:
        from rag.stores.milvus.check import read_facts as read_milvus_facts

        return read_milvus_facts(_address(index, store))
    from rag.stores.local.manifest import read_manifest

    return read_manifest(index).facts(index)


def salvaged_facts(index: Path, store: str = LOCAL) -> IndexFacts | None:
    """The facts that can still be read from a damaged index, or None."""
    if store != LOCAL:
        from rag.stores.milvus.check import salvaged_facts as salvaged_milvus_facts

        return salvaged_milvus_facts(_address(index, store))
    from rag.stores.local.check import salvaged_manifest

    manifest = salvaged_manifest(index)
    return manifest.facts(index) if manifest else None


def inspect(index: Path, store: str = LOCAL) -> Inspection:
    """Check every byte of an index and every number in it.

    Raises IndexNotFound, or IndexMismatch for another format.
    """
    if store != LOCAL:
        from rag.stores.milvus.check import inspect as inspect_milvus

        return inspect_milvus(_address(index, store))
    from rag.stores.local.check import inspect as inspect_local

    return inspect_local(index)


def intact_passages(
    index: Path, store: str = LOCAL
) -> Iterator[tuple[Document, Chunk, FloatArray]]:
    """Every passage of a damaged index, with its document and its vector (dimension,).

    Raises IndexCorrupt if the files of passages or vectors are damaged.
    """
    if store != LOCAL:
        from rag.stores.milvus.check import intact_passages as intact_on_milvus

        return intact_on_milvus(_address(index, store))
    from rag.stores.local.check import intact_passages as intact_locally

    return intact_locally(index)
