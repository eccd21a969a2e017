"""What an operator sees: a number for each request, one line in the log, and figures for Prometheus.

Neither holds text of articles or of questions.
"""

from __future__ import annotations

import logging
import string
import time
import uuid
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.records import Answer
from rag.serve.failures import CLIENT_GONE

REQUEST_ID: Final = "x-request-id"
_LONGEST_ID: Final = 64
_CHARACTERS: Final = frozenset(string.ascii_letters + string.digits + "._-")
_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60)

logger = logging.getLogger(__name__)


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "rag_requests", "Requests.", ("operation", "status"), registry=self._registry
        )
        self.seconds = Histogram(
            "rag_request_seconds",
            "Seconds until the end of a response.",
            ("operation",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.in_progress = Gauge(
            "rag_requests_in_progress", "Requests that are being answered.", registry=self._registry
        )
        self.pool = Gauge(
            "rag_pool_taken", "Searches and questions that wait or run.", registry=self._registry
        )
        self.reloads = Counter(
            "rag_index_reloads", "New generations taken up.", registry=self._registry
        )
        self._answers = Counter("rag_answers", "Answers.", ("status",), registry=self._registry)

    def count(self, answer: Answer) -> None:
        """Count an answer or an abstention."""
        self._answers.labels(answer.status).inc()

    def text(self) -> bytes:
        """All figures in Prometheus's text format."""
        return generate_latest(self._registry)


class Observer:
    """Numbers, times, counts and logs requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        is_usable = 0 < len(given) <= _LONGEST_ID and _CHARACTERS.issuperset(given)
        number = given if is_usable else uuid.uuid4().hex
        status = CLIENT_GONE  # until a response begins

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID.encode(), number.encode())]
            await send(message)

        started = time.perf_counter()
        self._metrics.in_progress.inc()
        try:
            await self._app(scope, receive, sending)
        except Exception:
            if status == CLIENT_GONE:
                raise
            # It was logged and answered; raised further, it would end the connection.
        finally:
            self._metrics.in_progress.dec()
            # The route's name, not the path: names of articles are nobody's business.
            operation = getattr(scope.get("route"), "name", "none")
            seconds = time.perf_counter() - started
            self._metrics.requests.labels(operation, str(status)).inc()
            self._metrics.seconds.labels(operation).observe(seconds)
            logger.info("%s %s %d %.0f ms", number, operation, status, seconds * 1000)
