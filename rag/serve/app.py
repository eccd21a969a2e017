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
from rag.serve.failures import add_handlers
from rag.serve.observe import Observer
from rag.serve.page import routes as page
from rag.serve.page.login import Login
from rag.serve.schemas import ErrorBody
from rag.serve.security import Access, Guard
from rag.serve.service import Service

_DESCRIPTION: Final = (
    "Searches a folder of articles. Answers questions in the articles' own words, with citations."
)


def application(service: Service, access: Access, root_path: str = "") -> ASGIApp:
    """The whole server: what every request passes, around the routes."""
    app = Observer(Guard(routes(service), access, Login(access)), service.metrics)
    return _under(root_path, app) if root_path else app


def _under(root_path: str, app: ASGIApp) -> ASGIApp:
    """The same below the path at which a proxy puts the server."""

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
