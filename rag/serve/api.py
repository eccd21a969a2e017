"""The tool's own API: search, ask, documents, health, figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rag.errors import RagError
from rag.records import Answer, Document, SearchResult
from rag.serve.failures import described
from rag.serve.pool import Job
from rag.serve.schemas import AskRequest, Health, SearchRequest, options
from rag.serve.service import Service
from rag.serve.streaming import EVENTS, event, stream, to_json

_EVENTS = {
    "description": "With `Accept: text/event-stream`: an event `sentence` for each sentence that a language"
    " model writes, then an event `answer` with the whole answer, or `error`.",
    "content": EVENTS,
}


def router(service: Service) -> APIRouter:
    """The routes."""
    routes, retriever = APIRouter(), service.retriever

    @routes.get("/health", response_model=Health)
    async def health() -> Response:
        """Whether the server answers, and from which generation of the index."""
        state = {"status": "ok", "version": version("article-rag")}
        return as_json(to_json(state | {"index": retriever.info.to_dict()}))

    @routes.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Figures for Prometheus: requests, their times, answers, the queue."""
        return Response(service.metrics.text(), media_type="text/plain; version=0.0.4")

    @routes.post("/v1/search", response_model=SearchResult)
    async def search(asked: SearchRequest, request: Request) -> Response:
        """The passages nearest to a query, best first."""
        chosen = options(asked)

        def work(abandoned: Callable[[], bool]) -> str:
            result = retriever.search_result(asked.query, abandoned=abandoned, **chosen)
            return to_json(result.to_dict())

        return as_json(await service.do(request, work))

    @routes.post("/v1/ask", response_model=Answer, responses={200: _EVENTS})
    async def ask(asked: AskRequest, request: Request) -> Response:
        """The answer in the articles' own words with its citations, or an abstention that says why."""
        chosen = options(asked)

        def work(abandoned: Callable[[], bool], tell: Callable[[str], None]) -> str:
            answer = retriever.ask(asked.question, abandoned=abandoned, tell=tell, **chosen)
            service.metrics.count(answer)
            return to_json(answer.to_dict())

        if "text/event-stream" in request.headers.get("accept", ""):
            return await stream(service.pool, request, work, _answer_events)
        return as_json(await service.do(request, lambda gone: work(gone, lambda _: None)))

    @routes.get("/v1/documents/{doc_id:path}", response_model=Document)
    async def document(
        doc_id: Annotated[str, Path(max_length=4_000, examples=["002_1a75634502ebca40.txt"])],
        request: Request,
    ) -> Response:
        """One article: its citable text, blocks and metadata; by its id, or a beginning of it."""

        def work(_: Callable[[], bool]) -> str:
            return to_json(retriever.document(doc_id).to_dict())

        return as_json(await service.do(request, work))

    return routes


def as_json(text: str) -> Response:
    """A response with this JSON."""
    return Response(text, media_type="application/json")


async def _answer_events(sentences: AsyncIterator[str], job: Job[str]) -> AsyncIterator[bytes]:
    told = False
    async for sentence in sentences:
        told = True
        yield event({"text": sentence}, "sentence")
    try:
        yield event(await job.result(), "answer")
    except Exception as error:  # it becomes the last event, or a refusal if it is the first
        if not told and isinstance(error, RagError):
            raise
        yield event(described(error)[1], "error")
