"""The command line: ``run`` runs one."""

from __future__ import annotations

import logging
import os
import sys
from itertools import takewhile

import typer

from rag.cli.app import FAILED, app, console
from rag.cli.console import Console, safe_json
from rag.errors import RagError, UsageError

__all__ = ["run"]

USAGE, INTERRUPTED = 2, 130
"""Exit codes: wrong usage; stopped by Ctrl-C."""


def run(arguments: list[str], *, last: bool = False) -> int:
    """Run one command line and return its exit code: 0 done, 1 failed, 2 usage, 3 abstained, 130.

    ``last`` says that the process ends after it.
    """
    as_json = "--json" in takewhile(lambda argument: argument != "--", arguments)
    _settle_streams()
    _listen()
    console.verbose = console.quiet = console.debug = False
    console.last = last
    try:
        return _run(arguments, as_json)
    except (BrokenPipeError, SystemExit):
        # The reader of our output has what it wanted (typer makes SystemExit of it). Keep the
        # interpreter from flushing into the closed pipe when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:  # not even the failure could be printed: a full disk behind stdout
        sys.stderr.write(f"error: output: {error.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED


def _run(arguments: list[str], as_json: bool) -> int:
    try:
        result = app(args=arguments, prog_name="rag", standalone_mode=False)
        code = result if isinstance(result, int) else 0
        if code == INTERRUPTED:
            console.notice("interrupted")
    except RagError as error:
        _report(error, as_json)
        code = USAGE if isinstance(error, UsageError) else FAILED
    except typer.TyperException as error:  # an unknown option, a missing argument, a wrong type
        if as_json:
            _report(UsageError(error.format_message()), as_json)
        else:
            error.show()  # type: ignore[attr-defined]  # all that typer raises can show themselves
        code = USAGE
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _report(RagError(f"{where}{error.strerror or error}"), as_json)
        code = FAILED
    except Exception as error:  # noqa: BLE001  # the last resort: a fault of ours, told in one line
        what = f"{type(error).__name__}: {error}"
        _report(RagError(f"unexpected {what}", fix="show where with: --debug"), as_json)
        code = FAILED
    sys.stdout.flush()
    return code


def _settle_streams() -> None:
    """UTF-8 whatever the locale, and somewhere to write to even where a stream was closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


class _Remarks(logging.Handler):
    """Shows what the library logs."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Remarks as notices, warnings as warnings."""
        warns = record.levelno >= logging.WARNING
        (self._console.warning if warns else self._console.notice)(record.getMessage())


def _listen() -> None:
    logger = logging.getLogger("rag")
    logger.setLevel(logging.INFO)
    logger.handlers = [_Remarks(console)]
    logger.propagate = False


def _report(error: RagError, as_json: bool) -> None:
    if console.debug:
        import traceback

        traceback.print_exc()
    if as_json:
        console.out(safe_json({"error": error.to_dict()}))
    else:
        console.error(error)
