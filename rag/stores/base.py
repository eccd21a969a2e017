"""The one place that chooses a store: an index is a folder of plain files, or lies on a server.

The setting ``store`` is "local" for the folder itself. Anything else is the name of a kind of store, a plus
sign and an address, as in "milvus+http://HOST:19530". The index there is named after the folder. The folder
then holds only what belongs to this machine: the lock of a build and the vector cache.

A kind of store is a class with the methods of ``rag.protocols.StoredIndex``, made with the folder and the
setting. To add one, put the class in a folder in ``rag/stores`` and enter it in ``BUILT_IN`` below. Or put
it in your own package, and declare an entry point with the name that its addresses begin with::

    [project.entry-points."rag.stores"]
    shelf = "my_package:ShelfIndex"

Then ``rag index --store shelf+ADDRESS`` builds there, and every other command reads from there.

Such a class opens a ``Store`` to read from, and a ``StoreWriter`` to build with. ``rag.stores.memory`` is a
complete one, and the shortest. Add yours to ``KINDS`` in ``tests/stores/test_contract.py``; it is finished
when the tests pass. No other code names a kind of store.

Making an index object must import nothing and touch nothing, so that each command pays only for what it
does: import client libraries in the methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from rag.errors import StoreUnavailable
from rag.protocols import Store, StoredIndex
from rag.records import LOCAL, STORES_GROUP

BUILT_IN: Final = {
    "local": "rag.stores.local.index:LocalIndex",
    "milvus": "rag.stores.milvus.index:MilvusIndex",
}
"""The class of each kind of store, by the name that its addresses begin with."""


def index_at(folder: Path, store: str = LOCAL) -> StoredIndex:
    """The index of a folder, which need not exist, in a store as the setting names it.

    Raises StoreUnavailable if the store is of another package, and that cannot be loaded.
    """
    index: StoredIndex = _kind(store.partition("+")[0])(folder, store)
    return index


def open_store(folder: Path) -> Store:
    """Open the current snapshot of the index in a folder. Raises as ``StoredIndex.open`` does."""
    return index_at(folder).open()


def open_stores(
    indexes: Sequence[StoredIndex],
    open_: Callable[[StoredIndex], Store] = lambda index: index.open(),
) -> Store:
    """Open one index as it is, or several as one store; ``rag.stores.labels`` says how they are named.

    Several are searched even if some of them cannot be opened. Raises what opening raises.
    """
    if len(indexes) == 1:
        return open_(indexes[0])
    from rag.stores.labels import names_of
    from rag.stores.united import united

    names = names_of([index.folder for index in indexes])
    return united(names, lambda number: open_(indexes[number]))


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


@cache
def _kind(name: str) -> Callable[[Path, str], StoredIndex]:
    """The class that makes the indexes of a kind of store."""
    value = BUILT_IN.get(name) or _declared(name)
    module, _, class_name = value.partition(":")
    try:
        kind: Callable[[Path, str], StoredIndex] = getattr(import_module(module), class_name)
    except Exception as error:  # importing third-party code may raise anything
        raise StoreUnavailable(
            f"the store {value} cannot be loaded ({type(error).__name__}: {error})",
            fix="install its package anew, or remove it",
        ) from error
    return kind


def _declared(name: str) -> str:
    """The class that another package declares for a kind of store, as ``module:Class``."""
    from importlib.metadata import entry_points

    for point in entry_points(group=STORES_GROUP, name=name):
        return point.value
    raise StoreUnavailable(f"no package provides the store {name}", fix="install the one that does")
