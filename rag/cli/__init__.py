"""The command line. ``run`` is one command line, ``main`` the process."""

from __future__ import annotations

import logging
import os
import sys
from itertools import takewhile

import typer

from rag.cli import commands
from rag.cli.app import app, console
from rag.cli.console import safe_json
from rag.errors import RagError, UsageError

USAGE, INTERRUPTED = 2, 130
"""Exit codes: wrong usage; stopped by Ctrl-C."""


def main() -> None:
    """Run the command line; every way to end has its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code: 0 done, 1 failed, 2 usage, 3 abstained, 130."""
    as_json = "--json" in takewhile(lambda argument: argument != "--", arguments)
    _listen()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        result = app(args=arguments, standalone_mode=False)
        sys.stdout.flush()
        if result == INTERRUPTED:
            console.notice("interrupted")
        return result if isinstance(result, int) else 0
    except RagError as error:
        _report(error, as_json)
        return USAGE if isinstance(error, UsageError) else commands.FAILED
    except BrokenPipeError:
        # The reader of our output has what it wanted. Keep the interpreter from flushing into the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _report(RagError(f"{where}{error.strerror or error}"), as_json)
        return commands.FAILED
    except typer.TyperException as error:  # an unknown option, a missing argument, a wrong type
        if as_json:
            _report(UsageError(error.format_message()), as_json)
        else:
            error.show()  # type: ignore[attr-defined]  # all that typer raises can show themselves
        return USAGE


def _listen() -> None:
    """Show what the library logs: remarks as notices, warnings as warnings."""
    logger = logging.getLogger("rag")
    logger.setLevel(logging.INFO)
    logger.handlers = [_ConsoleHandler()]
    logger.propagate = False


class _ConsoleHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        show = console.warning if record.levelno >= logging.WARNING else console.notice
        show(record.getMessage())


def _report(error: RagError, as_json: bool) -> None:
    if console.debug:
        import traceback

        traceback.print_exc()
    if as_json:
        console.out(safe_json({"error": error.to_dict()}))
    else:
        console.error(error)
