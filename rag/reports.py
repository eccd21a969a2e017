"""What is told about an index as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Record


@dataclass(frozen=True, slots=True)
class Damage(Record):
    """One thing that is wrong with an index: the file, relative to the index folder, and what it is."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class CheckReport(Record):
    """Whether an index is whole: every file's bytes, every offset, every vector."""

    ok: bool
    index: str
    generation: str
    """Name of the current generation; "" where it cannot be told."""
    files: int
    """How many were looked at, and their size in bytes below."""
    bytes: int
    documents: int
    chunks: int
    damages: tuple[Damage, ...]
    fix: str
    """What mends it; "" where nothing is wrong."""
    seconds: float
