"""The routes of the page: itself, and the files that it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rag.errors import Abandoned, DocumentError, RagError, UsageError
from rag.records import Citation, Document, Passage
from rag.serve.failures import described
from rag.serve.page.conversations import Conversations, Library
from rag.serve.page.render import ASSETS, Opened, View, asset, cited, opened, page, version_of
from rag.serve.page.state import PageState
from rag.serve.pool import Busy, Job
from rag.serve.service import Service
from rag.serve.streaming import event, stream

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
    "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script, style or picture but the server's own files; nothing inline, nothing from elsewhere."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    # Without a referrer, a form's origin would be "null", which the guard refuses.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept",
}
FOUND: Final = 20
"""Passages of a search."""


class Pages:
    """Makes the pages of one server."""

    def __init__(self, service: Service) -> None:
        self._retriever = service.retriever
        self._conversations = Conversations(service.retriever, service.metrics.count)
        self._library = Library(service.retriever)

    def __call__(
        self, state: PageState, abandoned: Callable[[], bool], tell: Callable[[str], None]
    ) -> tuple[int, str]:
        """The status and the HTML of a state. Raises only Abandoned, and what nobody foresaw."""
        view = View(state, self._library.overview())
        try:
            if state.question and state.passages_only:
                found = self._retriever.search_result(
                    state.question, FOUND, filters=state.filters, abandoned=abandoned
                )
                view = replace(view, found=found, documents=self._documents(found.passages))
            elif state.question:
                turns = tuple(self._conversations.turns(state, tell, abandoned))
                answer = turns[-1].answer
                shown = self._documents((*answer.passages, *cited(answer)))
                view = replace(view, turns=turns, documents=shown)
        except Abandoned:
            raise
        except RagError as error:
            return self.failed(state, error)
        status = 200
        if state.open:
            beside, status = self._opened(view)
            view = replace(view, opened=beside)
        return status, page(view)

    def failed(self, state: PageState, error: RagError) -> tuple[int, str]:
        """The page that says what is wrong with a state."""
        view = View(state, self._library.overview(), problem=error.message, advice=error.fix)
        return described(error)[0], page(view)

    def _documents(self, shown: Iterable[Passage | Citation]) -> dict[str, Document]:
        """The articles of what is shown, but for those that a new generation no longer has."""
        found = {}
        for doc_id in dict.fromkeys(each.doc_id for each in shown):
            with suppress(DocumentError):
                found[doc_id] = self._retriever.document(doc_id)
        return found

    def _opened(self, view: View) -> tuple[Opened, int]:
        try:
            document = self._retriever.document(view.state.open)
        except DocumentError as error:
            return Opened(problem=error.message), 404
        return opened(document, view.state, view.turns[-1].answer if view.turns else None), 200


def router(service: Service) -> APIRouter:
    """The routes. They are for people, so they are no part of the API's description."""
    routes, pages = APIRouter(include_in_schema=False), Pages(service)

    @routes.get("/", name="page")
    async def page_(request: Request) -> Response:
        """The page; as an event stream for its own script, with the sentences of a language model first."""
        state = PageState(root=request.scope.get("root_path", ""))
        try:
            state = PageState.of(request.query_params, state.root)
            if "token" in request.query_params:  # already checked; it must stay in no history
                return RedirectResponse(state.address, 303)
            if "text/event-stream" in request.headers.get("accept", ""):
                response = await stream(service.pool, request, partial(pages, state), _events)
                response.headers.update(HEADERS)
                return response
            work = partial(pages, state, tell=lambda _: None)
            return _html(*await service.do(request, work))
        except (Busy, UsageError) as error:
            return _html(*pages.failed(state, error))

    @routes.get("/assets/{name}", name="asset")
    async def asset_(name: str, request: Request) -> Response:
        """A file of the page."""
        return asset_response(name, request.query_params.get("v", ""))

    return routes


def asset_response(name: str, version: str = "") -> Response:
    """A file of the page; browsers keep it if they name its version. Raises HTTPException."""
    if name not in ASSETS:
        raise HTTPException(404, "Not Found")
    kept = "public, max-age=31536000, immutable" if version == version_of(name) else "no-cache"
    return Response(asset(name), media_type=ASSETS[name], headers={"Cache-Control": kept})


def _html(status: int, html: str) -> Response:
    return Response(html, status, HEADERS, media_type="text/html; charset=utf-8")


async def _events(sentences: AsyncIterator[str], job: Job[tuple[int, str]]) -> AsyncIterator[bytes]:
    async for sentence in sentences:
        yield event({"text": sentence}, "sentence")
    _, html = await job.result()
    yield event(html, "page")
