"""Documents that tell the same story in the same words, or are pages of one address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.records.base import Record

Likeness = Literal[
    "first", "same bytes", "same text", "same address", "near copy", "corrected version"
]


@dataclass(frozen=True, slots=True)
class Copy(Record):
    """A document of a group of copies; ``likeness`` says how it resembles one listed before it.

    A corrected version is a later version of the same article: it has the same address, or the same title
    and publisher and a later change.
    """

    doc_id: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    updated: str | None
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class CopyGroup(Record):
    """Documents that are copies of one another, the earliest first."""

    copies: tuple[Copy, ...]
