"""Conditions for rows, in Milvus's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rag.stores.filters import folded
from rag.stores.milvus.codec import word_of

if TYPE_CHECKING:
    from rag.records import Filters, Terms


def all_of(conditions: Iterable[str]) -> str:
    """That all of these hold; "" stands for one that always does."""
    return " and ".join(f"({each})" for each in conditions if each)


def any_of(conditions: Iterable[str]) -> str:
    """That one of these holds."""
    return " or ".join(f"({each})" for each in conditions)


def among(field: str, values: Iterable[int | str]) -> str:
    """That a field has one of these values: numbers, all above 0, or some ids of this program."""
    listed = ",".join(map(repr, values))
    return f"{field} in [{listed}]" if listed else f"{field} < 0"


def with_words(run: Terms) -> str:
    """That a passage has all of these terms, in whatever order."""
    words = ",".join(str(word_of(term)) for term in dict.fromkeys(run))
    return f"array_contains_all(words, [{words}])"


def publisher_number(publisher: str | None) -> int:
    """A number for a publisher's name, however it is capitalized; 0 for none."""
    return word_of(folded(publisher)) if publisher else 0


def passing(filters: Filters) -> str:
    """That a passage's document passes the filters for publisher and date, which its row tells."""
    parts = []
    if filters.publisher:
        parts.append(f"publisher == {publisher_number(filters.publisher)}")
    if filters.since or filters.until:
        dated = ["published != ''"]
        dated += [f"published >= '{filters.since}'"] if filters.since else []
        dated += [f"published <= '{filters.until}'"] if filters.until else []
        undated = ["published == ''"] if filters.undated else []
        parts.append(any_of([all_of(dated), *undated]))
    return all_of(parts)
