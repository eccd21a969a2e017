"""Where a reader finds an article: on the web, or else on this server."""

from __future__ import annotations

from starlette.requests import Request

from rag.records import Citation, Passage
from rag.serve.page.state import PageState


def address_of(source: Passage | Citation, request: Request) -> str:
    """The address of a source, never empty: its own, or that of this server's page, open at the spot."""
    if source.url and source.url.startswith(("http://", "https://")):
        return source.url
    return str(request.base_url).rstrip("/") + PageState().opening(source)
