"""The commands that errors suggest for an index that cannot be used as it is."""

from __future__ import annotations

import shlex
from pathlib import Path

from rag.records import LOCAL


def rebuild(index: Path, corpus: str = "", store: str = LOCAL) -> str:
    """Advice for an index that does not fit; pass ``corpus`` if the index cannot name its own."""
    return f"rebuild it with: {_command(index, corpus, '--full', store)}"


def build(index: Path, store: str) -> str:
    """Advice where there is no index yet."""
    return f"build one with: {_command(index, 'FOLDER-OF-ARTICLES', '', store)}"


def mend(index: Path, corpus: str = "", store: str = LOCAL) -> str:
    """Advice for a damaged index: like ``rebuild``, but intact vectors are not computed again."""
    return f"repair it with: {_command(index, corpus, '--repair', store)}"


def _command(index: Path, corpus: str, option: str, store: str) -> str:
    words = ["rag index", *filter(None, (corpus, option))]
    if index != Path("index").absolute():
        words.append(f"--index {shlex.quote(str(index))}")
    if store != LOCAL:
        words.append(f"--store {shlex.quote(store)}")
    return " ".join(words)
