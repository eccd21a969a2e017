"""Whether an index is whole; and of one that is not, what is still good."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.corpus.chunk import indexed_text
from rag.errors import IndexCorrupt, IndexMismatch, IndexNotFound
from rag.records import CheckReport, Damage
from rag.settings import Settings
from rag.stores.local import (
    CURRENT,
    Manifest,
    damages,
    generations,
    intact_passages,
    mend,
    newest_manifest,
    read_manifest,
)

if TYPE_CHECKING:
    from rag.records.base import FloatArray


def check(index: str | Path | None = None, *, settings: Settings | None = None) -> CheckReport:
    """Check every byte of an index, and every offset and vector in it.

    ``index`` None is the settings' folder. Damage is reported, not raised. Raises IndexNotFound where
    there is no index, IndexMismatch for one that another version wrote.
    """
    begun = time.perf_counter()
    given = Path(index or (settings or Settings()).index).expanduser()
    folder = given.absolute()
    found = tuple(all_damages(folder))
    manifest = salvaged_manifest(folder)
    return CheckReport(
        ok=not found,
        index=str(given),
        generation=manifest.generation if manifest else "",
        files=len(manifest.files) if manifest else 0,
        bytes=sum(record.size for record in manifest.files.values()) if manifest else 0,
        documents=manifest.documents if manifest else 0,
        chunks=manifest.chunks if manifest else 0,
        damages=found,
        fix=mend(folder, "" if manifest else "FOLDER") if found else "",
        seconds=round(time.perf_counter() - begun, 3),
    )


def all_damages(index: Path) -> list[Damage]:
    """Everything that is wrong with an index; a lost ``CURRENT`` is damage if there are generations.

    Raises IndexNotFound or IndexMismatch.
    """
    while True:
        before = _pointer(index)
        try:
            found = list(damages(index))
        except IndexNotFound:
            if not index.is_dir() or not generations(index):
                raise
            found = [Damage(CURRENT, "is gone")]
        # What a build has replaced meanwhile may be gone without being damaged.
        if not found or _pointer(index) == before:
            return found


def _pointer(index: Path) -> bytes:
    try:
        return (index / CURRENT).read_bytes()
    except OSError:
        return b""


def salvaged_manifest(index: Path) -> Manifest | None:
    """The manifest that says how an index was made, even if ``CURRENT`` is damaged; None without one."""
    try:
        return read_manifest(index)
    except (IndexCorrupt, IndexMismatch, IndexNotFound):
        return newest_manifest(index) if index.is_dir() else None


def salvaged_vectors(index: Path, manifest: Manifest) -> Mapping[str, FloatArray]:
    """The vectors of a generation by the text they were made of, if every file they hang on is intact."""
    try:
        return {
            indexed_text(document, chunk): vector
            for document, chunk, vector in intact_passages(index, manifest)
        }
    except IndexCorrupt:
        return {}
