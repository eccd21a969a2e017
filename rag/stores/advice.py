"""What to do about an index that cannot be used as it is: the commands that errors name."""

from __future__ import annotations

import shlex
from pathlib import Path


def rebuild(index: Path, corpus: str = "") -> str:
    """The advice on an index of another kind; ``corpus`` stands for a folder it can no longer name."""
    return f"rebuild it with: {_command(index, corpus, '--full')}"


def mend(index: Path, corpus: str = "") -> str:
    """The advice on a damaged index: like ``rebuild``, but what is intact is not embedded anew."""
    return f"repair it with: {_command(index, corpus, '--repair')}"


def _command(index: Path, corpus: str, how: str) -> str:
    words = ["rag index", *([corpus] if corpus else []), how]
    if index != Path("index").absolute():
        words.append(f"--index {shlex.quote(str(index))}")
    return " ".join(words)
