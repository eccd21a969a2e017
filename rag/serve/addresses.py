"""Where a reader finds an article: on the web, or else on this server."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request

from rag.records import Citation, Passage


def address_of(source: Passage | Citation, request: Request) -> str:
    """The address of a source, never empty."""
    if source.url and source.url.startswith(("http://", "https://")):
        return source.url
    return f"{str(request.base_url).rstrip('/')}/v1/documents/{quote(source.doc_id)}"
