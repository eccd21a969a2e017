"""An index on Milvus: where it is, and its name there. Each method imports what it needs."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.files import absolute
from rag.records import MILVUS, Chunk, Document, IndexFacts, Inspection

if TYPE_CHECKING:
    from rag.records.base import FloatArray
    from rag.stores.milvus.store import MilvusStore
    from rag.stores.milvus.writer import MilvusWriter

_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class MilvusIndex:
    """See the ``StoredIndex`` protocol."""

    folder: Path
    """The index folder. Its name is that of the index on the server."""
    store: str
    """The setting, which ``Settings`` has checked."""

    @property
    def url(self) -> str:
        """What the setting names: the URL of a server, or the folder of milvus-lite."""
        return self.store.removeprefix(MILVUS)

    @property
    def lite_folder(self) -> Path | None:
        """The folder of milvus-lite; None for a server."""
        return None if "://" in self.url else absolute(self.url)

    @property
    def name(self) -> str:
        """The name of the index there: letters, digits and underscores, the same on every machine.

        >>> MilvusIndex(Path("/home/ada/index"), "milvus+a.db").name
        'rag_index'
        >>> MilvusIndex(Path("news 2024"), "milvus+a.db").name
        'rag_news_2024_3d962bf7'
        """
        own = self.folder.name or "index"
        plain = re.sub("[^A-Za-z0-9_]", "_", own)[:_LONGEST]
        if plain == own:
            return f"rag_{own}"
        return f"rag_{plain}_{zlib.crc32(own.encode('utf-8', 'surrogatepass')):08x}"

    def folders(self) -> Sequence[Path]:
        """The index folder, and that of milvus-lite."""
        return (self.folder, self.lite_folder) if self.lite_folder else (self.folder,)

    def generation(self) -> str:
        """The name of the current snapshot."""
        from rag.stores.milvus.connection import Connection
        from rag.stores.milvus.manifest import current

        with closing(Connection(self)) as connection:
            return current(connection).generation

    def facts(self) -> IndexFacts:
        """What the current snapshot holds."""
        from rag.stores.milvus.connection import Connection
        from rag.stores.milvus.manifest import current, read_manifest

        with closing(Connection(self)) as connection:
            generation = current(connection)
            return read_manifest(connection, generation).facts(self, generation)

    def salvaged_facts(self) -> IndexFacts | None:
        """The facts, if they can be read."""
        try:
            return self.facts()
        except (IndexCorrupt, IndexMismatch, IndexNotFound):
            return None

    def open(self) -> MilvusStore:
        """Open the current snapshot. Raises StoreUnavailable besides."""
        from rag.stores.milvus.store import open_milvus_store

        return open_milvus_store(self)

    def writer(self) -> AbstractContextManager[MilvusWriter]:
        """Lock the index on this machine and write to it. Raises StoreUnavailable besides."""
        from rag.stores.milvus.writer import open_writer

        return open_writer(self)

    def inspect(self) -> Inspection:
        """Check every row against its checksum, and every number."""
        from rag.stores.milvus.check import inspect

        return inspect(self)

    def intact_passages(self) -> Iterator[tuple[Document, Chunk, FloatArray]]:
        """Every passage that is whole; raises IndexCorrupt if the list of documents is damaged."""
        from rag.stores.milvus.check import intact_passages

        return intact_passages(self)
