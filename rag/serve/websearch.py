"""Web search as Open WebUI asks an external engine for it: each of its models can cite the articles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from rag.records import Passage
from rag.serve.addresses import address_of
from rag.serve.api import as_json
from rag.serve.schemas import Text, Whole
from rag.serve.service import Service
from rag.serve.streaming import to_json

SNIPPET: Final = 500
"""Characters of a passage."""


class WebSearchRequest(BaseModel):
    """A search as Open WebUI sends it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"query": "price floor", "count": 3}]}
    )

    query: Text
    count: Annotated[Whole, Field(ge=1, le=100)] = 5


class WebSearchResult(BaseModel):
    """One passage as Open WebUI takes it."""

    link: str
    title: str
    snippet: str


def router(service: Service) -> APIRouter:
    """The route."""
    routes, retriever = APIRouter(), service.retriever

    @routes.post("/v1/web-search", response_model=list[WebSearchResult])
    async def web_search(asked: WebSearchRequest, request: Request) -> Response:
        """Open WebUI's external web search, so that its models can cite the articles."""

        def work(abandoned: Callable[[], bool]) -> list[Passage]:
            found = retriever.search_result(asked.query, asked.count, abandoned=abandoned)
            return list(found.passages)

        passages = await service.do(request, work)
        return as_json(to_json([_web_result(passage, request) for passage in passages]))

    return routes


def _web_result(passage: Passage, request: Request) -> dict[str, Any]:
    title = f"{passage.title} — {passage.publisher}" if passage.publisher else passage.title
    return {
        "link": address_of(passage, request),
        "title": title,
        "snippet": " ".join(passage.text.split())[:SNIPPET],
    }
