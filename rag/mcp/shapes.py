"""What the tools return, as JSON schemas tell it to a host."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict


class Found(TypedDict):
    """One passage; ``id`` can be fetched, ``url`` is never empty."""

    id: str
    title: str
    url: str
    text: str
    publisher: str | None
    published: str | None
    doc_id: str
    start: int
    end: int
    score: float


class SearchResults(TypedDict):
    """Passages, best first."""

    results: list[Found]
    warnings: list[str]


class Fetched(TypedDict):
    """A page of one article. ``metadata`` says which part it is and where the next page begins."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, Any]
