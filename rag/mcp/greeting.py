"""Answers what every host asks first, while the protocol's package is still being imported.

That import takes most of a second, in which a host shows no tools. What a host asks first never changes
while a server runs: what it is, and which tools and resources it has. These answers are made beforehand
(``scripts/mcp_greeting.py``) and given at once. The server gets every message all the same, so it knows the
whole conversation; only its answers to what was answered already are left out.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.resources import files
from typing import Any, BinaryIO, Final

ANSWERS: Final = "greeting.json"
"""The answers, as ``{"legacy" or "modern": {method: result}}``."""
VERSION: Final = "@VERSION@"
"""Stands in them for the version of this package."""
LEGACY: Final = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Versions of the protocol that begin with ``initialize``."""
MODERN: Final = "2026-07-28"
"""The version in which each message says who sends it."""

_META: Final = "io.modelcontextprotocol/"
_END: Final = b"\0\n"
"""Follows the last line of the server; no message begins so."""


@contextmanager
def greeting() -> Iterator[None]:
    """Stand between the host and the server that is started inside, on stdin and stdout."""
    from_host, to_host = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    server_in, to_server = os.pipe()
    from_server, server_out = os.pipe()
    for pipe, standard in ((server_in, 0), (server_out, 1)):
        os.dup2(pipe, standard)
        os.close(pipe)
    greeter, server = Greeter(to_host), os.fdopen(to_server, "wb")
    listening = threading.Thread(target=greeter.listen, args=(from_host, server), daemon=True)
    speaking = threading.Thread(
        target=greeter.pass_on, args=(os.fdopen(from_server, "rb"),), daemon=True
    )

    # Nothing is lost by ending at once. A KeyboardInterrupt would be raised wherever the main thread is:
    # the protocol's package would wrap it in a group, or wait for a line that never comes.
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    listening.start()
    speaking.start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        os.write(1, _END)
        speaking.join()


class Greeter:
    """Knows the answers, and which of them were given."""

    def __init__(self, host: BinaryIO) -> None:
        self._host = host
        text = (files(__package__) / ANSWERS).read_text(encoding="utf-8")
        self._answers: dict[str, dict[str, dict[str, Any]]] = json.loads(
            text.replace(VERSION, version("article-rag"))
        )
        self._lock = threading.Lock()
        self._given: set[int | str] = set()
        self._greets = True
        self._is_ready = False
        self._version = ""  # the first request decides it for the whole conversation

    def listen(self, host: BinaryIO, server: BinaryIO) -> None:
        """Pass every line of the host on to the server, and answer the first ones."""
        with suppress(BrokenPipeError), server:  # the server has ended
            for line in host:
                if self._greets:
                    self._greet(line)
                server.write(line)
                server.flush()

    def pass_on(self, server: BinaryIO) -> None:
        """Pass every line of the server on to the host, except answers that the host has already."""
        for line in iter(server.readline, _END):
            if not line:
                return
            if not (self._given and self._was_given(line)):
                self._say(line)

    def _greet(self, line: bytes) -> None:
        """Answer one line, or leave this and whatever follows to the server."""
        try:
            message = json.loads(line)
            answer = self._answer(message)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._greets = False
            return
        if answer is not None:
            number = message["id"]
            self._given.add(number)
            reply = {"jsonrpc": "2.0", "id": number, "result": answer}
            self._say(json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def _answer(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a message; None if it wants none. Raises KeyError for what is not answered here."""
        method, params = message["method"], message.get("params") or {}
        if message["jsonrpc"] != "2.0":
            raise KeyError(method)
        if method == "notifications/initialized" and self._version in LEGACY:
            self._is_ready = True
            return None
        if type(message["id"]) not in (int, str):
            raise KeyError(method)
        if method == "initialize" and not self._version:
            asked, client = params["protocolVersion"], params["clientInfo"]
            if asked in LEGACY and _names(client) and type(params["capabilities"]) is dict:
                self._version = asked
                return self._answers["legacy"][method] | {"protocolVersion": asked}
        elif params.keys() <= {"_meta"}:
            if self._is_ready and method != "initialize":
                return self._answers["legacy"][method]
            if self._version in ("", MODERN) and _is_modern(params["_meta"]):
                answer = self._answers["modern"][method]
                self._version = MODERN
                return answer
        raise KeyError(method)

    def _was_given(self, line: bytes) -> bool:
        """Whether a line answers what was answered already; the server answers each message once."""
        try:
            message = json.loads(line)
            number = message["id"]
            if "method" in message or number not in self._given:
                return False
        except (ValueError, TypeError, KeyError):  # a notification, or no message
            return False
        self._given.discard(number)
        return True

    def _say(self, line: bytes) -> None:
        with self._lock:
            try:
                self._host.write(line)
                self._host.flush()
            except BrokenPipeError:  # the host has gone; its end of stdin ends the server
                return


def _names(client: dict[str, Any]) -> bool:
    return isinstance(client["name"], str) and isinstance(client["version"], str)


def _is_modern(meta: dict[str, Any]) -> bool:
    return (
        meta[f"{_META}protocolVersion"] == MODERN
        and _names(meta[f"{_META}clientInfo"])
        and type(meta[f"{_META}clientCapabilities"]) is dict
    )
