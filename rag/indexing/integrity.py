"""Whether an index is whole; and of one that is not, what is still good."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.corpus.chunk import indexed_text
from rag.errors import IndexCorrupt
from rag.records import CheckReport
from rag.settings import Settings
from rag.stores import inspect, intact_passages
from rag.stores.advice import mend

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
    found = inspect(folder)
    facts = found.facts
    return CheckReport(
        ok=not found.damages,
        index=str(given),
        generation=facts.generation if facts else "",
        files=found.files,
        bytes=found.bytes,
        documents=facts.documents if facts else 0,
        chunks=facts.chunks if facts else 0,
        damages=found.damages,
        fix=mend(folder, "" if facts else "FOLDER") if found.damages else "",
        seconds=round(time.perf_counter() - begun, 3),
    )


def salvaged_vectors(index: Path) -> Mapping[str, FloatArray]:
    """The vectors of an index by the text they were made of, if every file they hang on is intact."""
    try:
        return {
            indexed_text(document, chunk): vector
            for document, chunk, vector in intact_passages(index)
        }
    except IndexCorrupt:
        return {}
