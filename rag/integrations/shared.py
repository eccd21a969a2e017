"""What the adapters have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rag.asking.retriever import Retriever
from rag.errors import InvalidFilter
from rag.records import Filters, Passage

Index = str | Path | Sequence[str | Path] | Retriever
"""An index, several that are searched as one, or a retriever that is open."""

TOOL_NAME: Final = "ask_articles"
TOOL_DESCRIPTION: Final = (
    "Answers a question in the words of a folder of articles, and cites the exact places; or says that the"
    " articles don't say. Takes one question, in full."
)


def opened(index: Index) -> Retriever:
    """The retriever for an index. Raises what opening raises."""
    return index if isinstance(index, Retriever) else Retriever.open(index)


def filters_of(given: Filters | Mapping[str, Any] | None) -> Filters | None:
    """Filters, even if they come as a mapping of their fields. Raises InvalidFilter."""
    if given is None or isinstance(given, Filters):
        return given
    unknown = given.keys() - Filters.__dataclass_fields__.keys()
    if unknown:
        names = ", ".join(Filters.__dataclass_fields__)
        raise InvalidFilter(f"{min(unknown)!r} is not a filter", fix=f"filters are: {names}")
    return Filters(**given)


def fields_of(passage: Passage) -> dict[str, Any]:
    """The fields of a passage besides its text."""
    return {name: value for name, value in passage.to_dict().items() if name != "text"}


def not_installed(framework: str, extra: str) -> ImportError:
    """The error for a framework that is not there."""
    return ImportError(
        f"{framework} is not installed; install it with: pip install 'article-rag[{extra}]'"
    )
