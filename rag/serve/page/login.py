"""Lets a browser in where there is a token: it is given once, and a cookie stands for it from then on."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from rag.serve.failures import described, refusal
from rag.serve.page.render import login_page
from rag.serve.page.routes import HEADERS, asset_response
from rag.serve.security import Access

SESSION: Final = "/session"
"""Where the form sends the token."""
LONGEST: Final = 10_000
"""Bytes of that form."""
_DAYS: Final = 30


class Login:
    """Answers requests for the page that carry no token. Host and origin have been checked before."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def answers(self, scope: Scope) -> bool:
        """Whether a request without a token is for the login, and not simply refused."""
        path, method = _path(scope), scope["method"]
        return (method, path) in (("GET", "/"), ("POST", SESSION)) or (
            method == "GET" and path.startswith("/assets/")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in whoever has the token; ask all others for it."""
        try:
            response = await self._response(Request(scope, receive))
        except HTTPException as error:
            response = refusal(*described(error))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        path, root = _path(request.scope), request.scope.get("root_path", "")
        if path.startswith("/assets/"):
            return asset_response(path.removeprefix("/assets/"), request.query_params.get("v", ""))
        if request.method == "POST":
            given = await _sent(request)
            return self._let_in(request, f"{root}/", given)
        if "token" in request.query_params:
            others = [each for each in parse_qsl(request.url.query) if each[0] != "token"]
            query = f"?{urlencode(others)}" if others else ""
            return self._let_in(request, f"{root}/{query}", request.query_params["token"])
        return _asked(root)

    def _let_in(self, request: Request, where: str, given: str) -> Response:
        """Send on to the page, with the cookie; or ask again, if this is not the token."""
        root = request.scope.get("root_path", "")
        if not self._access.knows(given):
            return _asked(root, "That is not the token.")
        response = RedirectResponse(where, 303, {"Cache-Control": "no-store"})
        name, value = self._access.cookie
        response.set_cookie(
            name,
            value,
            max_age=_DAYS * 86_400,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            path=f"{root}/",
        )
        return response


def _path(scope: Scope) -> str:
    """The path below that of a proxy."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


async def _sent(request: Request) -> str:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST:
            return ""
    fields = parse_qs(body.decode("utf-8", "replace"))
    return fields.get("token", [""])[0].strip()


def _asked(root: str, problem: str = "") -> Response:
    headers = HEADERS | {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
    return Response(login_page(root, problem), 401, headers, media_type="text/html; charset=utf-8")
