"""Removes what neither the current generation nor the one before it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.stores.milvus.connection import Connection
from rag.stores.milvus.expressions import all_of, among
from rag.stores.milvus.manifest import Manifest, current_or_none, read_manifest
from rag.stores.milvus.schema import Name

LISTED: Final = 1_000
"""Numbers in one expression."""


def drop_rows(connection: Connection, manifest: Manifest) -> None:
    """Remove the rows of documents that were left out before the current generation, and of failed builds.

    Call it at the beginning of the next build, when ``manifest`` is that of the current generation.
    """
    known = among("build", manifest.builds)
    for collection in (manifest.passages, manifest.shared):
        for begin in range(0, len(manifest.buried), LISTED):
            own = among("document", manifest.buried[begin : begin + LISTED])
            connection.delete(collection, all_of((own, known)))
        failed = f"generation <= {manifest.number}"
        connection.delete(collection, all_of((failed, f"not ({known})")))


def drop_collections(connection: Connection) -> None:
    """Drop the collections of older generations, and of builds that failed or came too late."""
    current = current_or_none(connection)
    if current is None:
        return
    needed = set()
    for generation, manifest in _last_two(connection, current):
        needed |= {str(generation), manifest.passages, manifest.shared}
    for name in connection.collections():
        own = Name.parse(connection.index.name, name)
        if own is not None and own.number <= current.number and name not in needed:
            connection.drop(name)


def _last_two(connection: Connection, current: Name) -> Iterator[tuple[Name, Manifest]]:
    manifest = read_manifest(connection, current)
    yield current, manifest
    previous = Name.parse(connection.index.name, manifest.previous)
    if previous is not None and connection.has(str(previous)):
        with suppress(IndexCorrupt, IndexMismatch, IndexNotFound):
            yield previous, read_manifest(connection, previous)
