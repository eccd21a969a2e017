"""What errors say of an index that cannot be used as it is, and the commands that they suggest."""

from __future__ import annotations

import shlex
from pathlib import Path

from rag.errors import IndexMismatch
from rag.protocols import StoredIndex
from rag.records import LOCAL, EmbedderInfo, IndexFacts


def rebuild(index: StoredIndex, corpus: str = "") -> str:
    """Advice for an index that does not fit; pass ``corpus`` if the index cannot name its own."""
    return f"rebuild it with: {_command(index.folder, index.store, corpus, '--full')}"


def rebuild_open(facts: IndexFacts) -> str:
    """The same for an index that is open."""
    return f"rebuild it with: {_command(Path(facts.index), facts.store, '', '--full')}"


def build(index: StoredIndex) -> str:
    """Advice where there is no index yet."""
    return f"build one with: {_command(index.folder, index.store, 'FOLDER-OF-ARTICLES', '')}"


def mend(index: StoredIndex, corpus: str = "") -> str:
    """Advice for a damaged index: like ``rebuild``, but intact vectors are not computed again."""
    return f"repair it with: {_command(index.folder, index.store, corpus, '--repair')}"


def model_changed(index: StoredIndex, stored: EmbedderInfo, current: EmbedderInfo) -> IndexMismatch:
    """The error for an index whose embedder has other weights or settings now."""
    before, now = stored.to_dict(), current.to_dict()
    difference = next(
        f"{name}: {before[name]}, now {now[name]}" for name in before if before[name] != now[name]
    )
    return IndexMismatch(
        f"{index.folder} was built with other weights or settings of {stored.id} ({difference})",
        fix=rebuild(index),
    )


def _command(folder: Path, store: str, corpus: str, option: str) -> str:
    words = ["rag index", *filter(None, (corpus, option))]
    if folder != Path("index").absolute():
        words.append(f"--index {shlex.quote(str(folder))}")
    if store != LOCAL:
        words.append(f"--store {shlex.quote(store)}")
    return " ".join(words)
