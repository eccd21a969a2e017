"""An index in a folder of plain files. Each method imports what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.records import LOCAL, Chunk, Document, IndexFacts, Inspection

if TYPE_CHECKING:
    from rag.records.base import FloatArray
    from rag.stores.local.local import LocalStore
    from rag.stores.local.writer import LocalWriter


@dataclass(frozen=True, slots=True)
class LocalIndex:
    """See the ``StoredIndex`` protocol."""

    folder: Path
    store: str = LOCAL

    def folders(self) -> Sequence[Path]:
        """The folder itself."""
        return (self.folder,)

    def generation(self) -> str:
        """The name of the current snapshot."""
        from rag.stores.local.manifest import read_current

        return read_current(self.folder)[0]

    def facts(self) -> IndexFacts:
        """What the current snapshot holds."""
        from rag.stores.local.manifest import read_manifest

        return read_manifest(self.folder).facts(self.folder)

    def salvaged_facts(self) -> IndexFacts | None:
        """The facts that can still be read, even if ``CURRENT`` is damaged."""
        from rag.stores.local.check import salvaged_manifest

        manifest = salvaged_manifest(self.folder)
        return manifest.facts(self.folder) if manifest else None

    def open(self) -> LocalStore:
        """Open the current snapshot."""
        from rag.stores.local.local import open_local_store

        return open_local_store(self.folder)

    def writer(self) -> AbstractContextManager[LocalWriter]:
        """Lock the folder and write to it."""
        from rag.stores.local.writer import open_writer

        return open_writer(self.folder)

    def inspect(self) -> Inspection:
        """Check every byte and every number."""
        from rag.stores.local.check import inspect

        return inspect(self.folder)

    def intact_passages(self) -> Iterator[tuple[Document, Chunk, FloatArray]]:
        """Every passage; raises IndexCorrupt if a file with passages or vectors is damaged."""
        from rag.stores.local.check import intact_passages

        return intact_passages(self.folder)
