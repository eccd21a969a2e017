"""What clients send, with its limits; what they get are the records of ``rag.records``."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from rag.records import MAX_QUERY, Filters, Fusion, Mode

MOST_PASSAGES = 1_000
"""Most passages of one search."""
MOST_READ = 100
"""Most passages that are read for one question."""
LONGEST_BUDGET = 600_000
"""Milliseconds."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_QUERY)]
Name = Annotated[str, Field(max_length=1_000)]


class Strict(BaseModel):
    """A request whose fields are all known, so that a slip of the pen is noticed."""

    model_config = ConfigDict(extra="forbid")


class FilterFields(Strict):
    """Which articles to search. A date is an ISO day, month or year: `2025-03-14`, `2025-03`, `2025`."""

    since: Name | None = Field(None, description="From the first day of this date on.")
    until: Name | None = Field(None, description="Up to the last day of this date.")
    publisher: Name | None = None
    path: Name | None = Field(None, description="A glob on `doc_id`; `*` also crosses `/`.")
    title: Name | None = Field(None, description="Words that the title has in a row.")
    undated: bool = Field(False, description="With dates, keep articles without one.")

    def filters(self) -> Filters:
        """The same as filters of a search. Raises InvalidFilter."""
        return Filters(**self.model_dump())


class SearchRequest(Strict):
    """A search. What is left out has the server's default."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "price floor", "k": 5},
                {"query": '+NdPr "price floor" -China', "filters": {"since": "2025-10-01"}},
            ]
        },
    )

    query: Text
    k: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] | None = None
    mode: Mode | None = None
    fusion: Fusion | None = None
    rerank: bool | None = None
    filters: FilterFields | None = None


class AskRequest(Strict):
    """A question. What is left out has the server's default."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "What price floor was agreed with MP Materials?"},
                {"question": "Who runs REAlloys?", "filters": {"since": "2025-10-01"}},
            ]
        },
    )

    question: Text
    passages: Annotated[int, Field(ge=1, le=MOST_READ)] | None = None
    mode: Mode | None = None
    fusion: Fusion | None = None
    filters: FilterFields | None = None
    min_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    budget_ms: Annotated[int, Field(ge=0, le=LONGEST_BUDGET)] | None = None
    as_of: dt.date | None = Field(None, description="The day from which relative times count.")


class Health(BaseModel):
    """Whether the server answers, and from what."""

    status: str
    version: str
    index: dict[str, str]


class ErrorDetail(BaseModel):
    """What went wrong, and what to do about it."""

    type: str
    message: str
    fix: str = ""
    param: str | None = None
    code: str | None = None


class ErrorBody(BaseModel):
    """The body of every refusal and failure."""

    error: ErrorDetail


def options(request: SearchRequest | AskRequest) -> dict[str, Any]:
    """The options of a request that are set, as arguments of the retriever."""
    named = {
        name: getattr(request, name)
        for name in type(request).model_fields
        if name not in ("query", "question", "filters")
    }
    chosen = {name: value for name, value in named.items() if value is not None}
    if request.filters is not None:
        chosen["filters"] = request.filters.filters()
    return chosen
