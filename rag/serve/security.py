"""Who may talk to the server: checked before anything else is looked at.

A web page that somebody visits must not reach a server on the visitor's own machine. So ``Host`` must be a
name that the server was given, which defeats DNS rebinding, and ``Origin``, which browsers add, must be one
of them too. A server that others can reach demands a token.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import UsageError
from rag.serve.failures import body, refusal

LOCAL: Final = frozenset(("localhost", "127.0.0.1", "[::1]"))
LONGEST_BODY: Final = 1 << 20
"""Bytes of a body: a long conversation takes a tenth of it."""
BODY_SECONDS: Final = 10.0
"""A body must have arrived by then."""

_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?", re.IGNORECASE)
_ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class Access:
    """The names that the server goes by, and the token that it demands ("" for none)."""

    hosts: frozenset[str] = LOCAL
    token: str = ""
    any_address: bool = False
    """Whether every IP address is a name of the server: it listens on all of the machine's."""

    @classmethod
    def to(cls, host: str, token: str = "", names: Iterable[str] = ()) -> Access:
        """Access to a server on ``host``, which proxies may know by other ``names``.

        Raises UsageError if others can reach it and there is no token.
        """
        if not is_loopback(host) and not token:
            raise UsageError(
                f"others could reach the server on {host}, and it has no token",
                fix="set RAG_TOKEN to a long random word, or leave out --host",
            )
        known = {bracketed(name).lower() for name in (host, *names)}
        return cls(LOCAL | known, token, any_address=host in ("0.0.0.0", "::"))  # noqa: S104  # compared, not bound

    def refuses(self, headers: Headers) -> tuple[int, str, str] | None:
        """Status, message and advice if a request with these headers must not pass."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return 421, "this server does not go by that name", "add it with --allow-host NAME"
        origins = [each.partition("://") for each in headers.getlist("origin")]
        if not all(
            s.lower() in {"http", "https"} and self._is_known(host) for s, _, host in origins
        ):
            return 403, "pages from elsewhere may not use this server", ""
        if self.token and not self._admits(headers):
            return 401, "the token is missing or wrong", "send it as Authorization: Bearer TOKEN"
        return None

    def _is_known(self, authority: str) -> bool:
        match = _AUTHORITY.fullmatch(authority)
        if match is None:
            return False
        name = match[1].lower()
        return name in self.hosts or (self.any_address and _is_address(name))

    def knows(self, given: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self.token.encode())

    @property
    def cookie(self) -> tuple[str, str]:
        """Name and value of the cookie that stands for the token in a browser, and does not tell it.

        Browsers send it to every port of a host, so servers with different tokens give it different names.
        """
        digest = hmac.digest(self.token.encode(), b"page of article-rag", "sha256").hex()
        return f"rag-{digest[:8]}", digest[8:]

    def _admits(self, headers: Headers) -> bool:
        sent = headers.getlist("authorization")
        scheme, *token = sent[0].split() if len(sent) == 1 and sent[0].strip() else [""]
        is_token = scheme.lower() == "bearer" and len(token) == 1
        return self.knows(token[0] if is_token else "") or self._has_cookie(headers)

    def _has_cookie(self, headers: Headers) -> bool:
        """Whether the server's own page sends its cookie; a page on another port could send it, too."""
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        name, value = self.cookie
        pairs = (
            pair.strip().partition("=")
            for each in headers.getlist("cookie")
            for pair in each.split(";")
        )
        given = next((given for key, _, given in pairs if key == name), "")
        return hmac.compare_digest(given.encode(), value.encode())


class Entrance(Protocol):
    """Answers some requests that lack the token, by asking for the token."""

    def answers(self, scope: Scope) -> bool:
        """Whether it answers this request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it."""


class Guard:
    """Refuses requests that must not pass, and bodies that are too long or too slow."""

    def __init__(self, app: ASGIApp, access: Access, entrance: Entrance | None = None) -> None:
        self._app = app
        self._access = access
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._access.refuses(Headers(scope=scope))
        if refused is None:
            await self._app(scope, _Body(receive), _with_headers(send))
            return
        status, message, fix = refused
        if status == 401 and self._entrance is not None and self._entrance.answers(scope):
            await self._entrance(scope, _Body(receive), _with_headers(send))
            return
        extra = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        response = refusal(status, body(status, "Refused", message, fix), extra)
        await response(scope, receive, _with_headers(send))


class _Body:
    """Receives a body, which must be short and arrive in time; later messages need not."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._end = asyncio.get_running_loop().time() + BODY_SECONDS
        self._length = 0
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the body took too long") from None
        self._length += len(message.get("body", b""))
        if self._length > LONGEST_BODY:
            raise HTTPException(413, f"the body is longer than {LONGEST_BODY} bytes")
        self._complete = not message.get("more_body", False)
        return message


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message["headers"])
            names = {name.lower() for name, _ in given}
            ours = [(name, value) for name, value in _ALWAYS.items() if name not in names]
            message["headers"] = given + ours
        await send(message)

    return sending


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host.

    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets.

    >>> bracketed("::1"), bracketed("localhost")
    ('[::1]', 'localhost')
    """
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
