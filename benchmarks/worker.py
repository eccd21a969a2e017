"""Runs a side in its own process and calls it by JSON lines, to measure its memory and start alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import traceback
from typing import Any, Self

from benchmarks.measure import ROOT, environment


class Worker:
    """A process that runs one side of ``benchmarks.sides``. Its age counts from here."""

    def __init__(self, side: str) -> None:
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-m", "benchmarks.sides", side],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(),
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None  # noqa: S101  # for the type checker
        self._process.stdin.close()
        self._process.wait()

    def __call__(self, method: str, *arguments: Any) -> Any:
        """Call a method of the side. If it fails, raises RuntimeError with its traceback."""
        assert self._process.stdin is not None  # noqa: S101  # for the type checker
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps([method, *arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        reply = json.loads(line) if line else {"error": "the process ended"}
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["result"]

    def age(self) -> float:
        """Seconds since the process was started."""
        return time.perf_counter() - self.begun


def serve(side: object) -> None:
    """Answer calls from standard input until it ends."""
    # Output of libraries must not mix with the replies.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        method, *arguments = json.loads(line)
        try:
            reply = {"result": getattr(side, method)(*arguments)}
        except Exception:  # noqa: BLE001  # the parent reports any error
            reply = {"error": traceback.format_exc()}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
