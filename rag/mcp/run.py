"""The two ways to serve: on stdin and stdout for the program that started it, or over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.transport_security import TransportSecuritySettings

from rag.mcp.articles import Articles
from rag.mcp.server import server

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from rag.serve.security import Access


def serve_stdio(articles: Articles) -> None:
    """Serve until stdin ends. Whatever else is printed goes to stderr."""
    server(articles).run("stdio")


def http_application(articles: Articles, access: Access) -> ASGIApp:
    """Streamable HTTP at ``/mcp``. There are no sessions, since every tool only reads."""
    from rag.serve.failures import body, refusal
    from rag.serve.observe import Metrics, Observer
    from rag.serve.security import Guard

    app = server(articles).streamable_http_app(
        stateless_http=True,
        # The guard before it checks names and pages, as it does for the other server.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    async def post_only(scope: Scope, receive: Receive, send: Send) -> None:
        """Without sessions there is nothing to listen to and nothing to delete."""
        if scope["type"] == "http" and scope["method"] != "POST":
            refused = refusal(405, body(405, "HTTPError", "only POST is served"), {"Allow": "POST"})
            await refused(scope, receive, send)
        else:
            await app(scope, receive, send)

    return Observer(Guard(post_only, access), Metrics())
