"""What clients are told when something goes wrong: one JSON form, no traceback."""

from __future__ import annotations

import logging
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from rag.errors import Abandoned, DocumentError, RagError, UsageError, lacks_memory
from rag.serve.pool import Busy
from rag.serve.streaming import to_json

CLIENT_GONE: Final = 499
"""The status in logs of a request whose client did not wait; nobody receives it."""
_STATUS: Final = (
    (Busy, 429),
    (Abandoned, CLIENT_GONE),
    (DocumentError, 404),
    (UsageError, 400),
    (RagError, 503),
)
_SHOWN: Final = 3
"""How many faults of a request are told."""

logger = logging.getLogger(__name__)


def described(error: Exception) -> tuple[int, dict[str, Any]]:
    """The status and the JSON for an error; one that nobody foresaw is logged, and not described."""
    if isinstance(error, RagError):
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return status, body(status, **error.to_dict())
    if isinstance(error, HTTPException):
        return error.status_code, body(error.status_code, "HTTPError", error.detail)
    if lacks_memory(error):
        return 503, body(503, "OutOfResources", "not enough memory", "ask again later")
    logger.error("a request failed", exc_info=error)
    return 500, body(500, "InternalError", "the server failed", "its log says why")


def body(status: int, type: str, message: str, fix: str = "", param: str | None = None) -> Any:  # noqa: A002  # the name in the JSON
    """The JSON of an error, with the fields of ours and of OpenAI's."""
    code = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}.get(status)
    return {"error": {"type": type, "message": message, "fix": fix, "param": param, "code": code}}


def refusal(status: int, content: Any, headers: dict[str, str] | None = None) -> Response:
    """A response with an error."""
    extra = {"Retry-After": "1"} if status == 429 else {}
    return Response(
        to_json(content), status, {**extra, **(headers or {})}, media_type="application/json"
    )


def add_handlers(app: FastAPI) -> None:
    """Make every failure of an application a refusal in JSON."""

    async def failed(_: Request, error: Exception) -> Response:
        return refusal(*described(error), _headers(error))

    async def malformed(_: Request, error: Exception) -> Response:
        faults = error.errors() if isinstance(error, RequestValidationError) else []
        told = [f"{_place(fault)}: {fault['msg']}" for fault in faults[:_SHOWN]]
        first = _place(faults[0]) if faults else None
        return refusal(422, body(422, "InvalidRequest", "; ".join(told), param=first))

    app.add_exception_handler(RagError, failed)
    app.add_exception_handler(HTTPException, failed)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(Exception, failed)


def _headers(error: Exception) -> dict[str, str]:
    """The headers that a refusal must have: with a 405, the allowed methods."""
    return dict(error.headers or {}) if isinstance(error, HTTPException) else {}


def _place(fault: Any) -> str:
    """The field of a fault, as "filters.since"."""
    if fault["type"] == "json_invalid":  # its place is a character, not a field
        return "body"
    return ".".join(str(part) for part in fault["loc"] if part != "body") or "body"
