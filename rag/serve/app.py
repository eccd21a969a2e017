"""Puts the server together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.serve import api, chat, websearch
from rag.serve.failures import add_handlers, described, refusal
from rag.serve.observe import Observer
from rag.serve.page import routes as page
from rag.serve.page.login import Login
from rag.serve.pool import Busy, Pool
from rag.serve.schemas import ErrorBody
from rag.serve.security import Access, Guard
from rag.serve.service import Service

_DESCRIPTION: Final = (
    "Searches a folder of articles. Answers questions in the articles' own words, with citations."
)


def application(service: Service, access: Access, root_path: str = "") -> ASGIApp:
    """The whole server: what every request passes, around the routes."""
    worked = _if_there_is_room(service.pool, routes(service))
    app = _with_heads(Observer(Guard(worked, access, Login(access)), service.metrics))
    return _under(root_path, app) if root_path else app


def _if_there_is_room(pool: Pool, app: ASGIApp) -> ASGIApp:
    """The same app, but while the pool is full, what needs it is refused unread: a crowd costs little."""

    async def admitting(scope: Scope, receive: Receive, send: Send) -> None:
        needs_pool = scope["type"] == "http" and scope["method"] == "POST"
        if needs_pool and pool.is_full:
            await refusal(*described(Busy()))(scope, receive, send)
        else:
            await app(scope, receive, send)

    return admitting


def _with_heads(app: ASGIApp) -> ASGIApp:
    """The same app, but HEAD is answered as GET is; the HTTP server then sends no body."""

    async def heading(scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await app({**scope, "method": "GET"} if is_head else scope, receive, send)

    return heading


def _under(root_path: str, app: ASGIApp) -> ASGIApp:
    """The same app, below its path behind a proxy."""

    async def below(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": root_path}, receive, send)

    return below


def routes(service: Service) -> FastAPI:
    """The routes, documented at ``/openapi.json``."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = FastAPI(
        title="article-rag",
        description=_DESCRIPTION,
        version=version("article-rag"),
        lifespan=lifespan,
        # The pages that FastAPI makes fetch scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}},
    )
    add_handlers(app)
    app.include_router(api.router(service))
    app.include_router(chat.router(service))
    app.include_router(websearch.router(service))
    app.include_router(page.router(service))
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
