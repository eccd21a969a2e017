"""What clients send, with its limits; what they get are the records of ``rag.records``."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from rag.records import MAX_QUERY, Filters, Fusion, Mode

MOST_PASSAGES = 1_000
"""Most passages of one search."""
MOST_READ = 100
"""Most passages that are read for one question."""
LONGEST_BUDGET = 600_000
"""Milliseconds."""


def _number(value: object) -> object:
    if isinstance(value, str | bool):
        raise PydanticCustomError("number_type", "Input should be a number")
    return value


def _day(value: object) -> dt.date:
    with suppress(ValueError, TypeError):
        day = dt.date.fromisoformat(value)  # type: ignore[arg-type]  # TypeError if it is no text
        if day.isoformat() == value:
            return day
    raise PydanticCustomError("day", "write the day as YYYY-MM-DD")


Text = Annotated[str, Field(min_length=1, max_length=MAX_QUERY)]
Name = Annotated[str, Field(max_length=1_000)]
# As JSON tells types apart; left to itself, pydantic takes "5" or true for 1, and 0 for a day in 1970.
Whole = Annotated[int, BeforeValidator(_number)]
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1)]
Truth = Annotated[bool, Field(strict=True)]
Day = Annotated[dt.date, BeforeValidator(_day)]


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
    undated: Truth = Field(False, description="With dates, keep articles without one.")

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
    k: Annotated[Whole, Field(ge=1, le=MOST_PASSAGES)] | None = None
    mode: Mode | None = None
    fusion: Fusion | None = None
    rerank: Truth | None = None
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
    passages: Annotated[Whole, Field(ge=1, le=MOST_READ)] | None = None
    mode: Mode | None = None
    fusion: Fusion | None = None
    filters: FilterFields | None = None
    min_confidence: Share | None = None
    budget_ms: Annotated[Whole, Field(ge=0, le=LONGEST_BUDGET)] | None = None
    as_of: Day | None = Field(None, description="The day from which relative times count.")


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
