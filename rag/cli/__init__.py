"""The command line; ``run`` runs one command."""

from __future__ import annotations

import errno
import logging
import os
import shlex
import sys
from itertools import takewhile

import typer

from rag.cli.app import FAILED, app, console
from rag.cli.console import Console, safe_json
from rag.errors import OutOfResources, RagError, UsageError, lacks_memory

__all__ = ["run"]

USAGE, INTERRUPTED = 2, 130
"""Exit codes for wrong usage and for Ctrl-C."""


def run(arguments: list[str], *, last: bool = False) -> int:
    """Run one command line and return its exit code.

    0 means done, 1 failed, 2 wrong usage, 3 abstained, 130 interrupted. ``last`` says that the process
    ends after this command.
    """
    as_json = "--json" in takewhile(lambda argument: argument != "--", arguments)
    _prepare_streams()
    _show_logs()
    console.verbose = console.quiet = console.debug = False
    console.last = last
    try:
        return _run(arguments, as_json)
    except (BrokenPipeError, SystemExit):
        # The reader closed the pipe (typer turns this into SystemExit). Redirect stdout so that the
        # interpreter does not flush into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:  # stdout cannot be written to, for example on a full disk
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
        advice = _advice_on_dashes(arguments, unknown=type(error).__name__ == "NoSuchOption")
        if as_json:
            _report(UsageError(error.format_message(), fix=advice), as_json)
        else:
            error.show()  # type: ignore[attr-defined]  # all errors that typer raises have it
            if advice:
                console.notice(advice)
        code = USAGE
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # of the system, or a bug of ours; report it in one line
        _report(_in_words(error), as_json)
        code = FAILED
    sys.stdout.flush()
    return code


def _advice_on_dashes(arguments: list[str], *, unknown: bool) -> str:
    """What to do if a query or a name was taken for an option because of its dash; else "".

    A word with two dashes may be a query only if there is no such option (``unknown``).
    """
    command, *rest = arguments or [""]
    if command not in ("search", "ask", "show", "index", "verify") or "--" in rest:
        return ""
    dashed = (
        word
        for word in rest
        if word[:1] == "-" and len(word) > 2 and (unknown or not word.startswith("--"))
    )
    query = next(dashed, "")
    return (
        query and f"write -- before what begins with a dash: rag {command} -- {shlex.quote(query)}"
    )


def _in_words(error: Exception) -> RagError:
    """An error of the system, of a library or of this program, as one with a readable message."""
    if lacks_memory(error):
        return OutOfResources(
            "not enough memory", fix="close other programs, or raise the limit (ulimit -v)"
        )
    if isinstance(error, OSError):
        shortage = error.errno in (errno.EMFILE, errno.ENFILE)
        where = f"{error.filename}: " if error.filename else ""
        fix = "close other programs, or raise the limit (ulimit -n)" if shortage else ""
        return RagError(f"{where}{error.strerror or error}", fix=fix)
    return RagError(
        f"unexpected {type(error).__name__}: {error}", fix="show the traceback with: --debug"
    )


def _prepare_streams() -> None:
    """Make stdout and stderr use UTF-8 in any locale; replace closed streams with the null device."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


class _ConsoleHandler(logging.Handler):
    """Shows the library's log messages."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record as a warning or as a notice."""
        is_warning = record.levelno >= logging.WARNING
        (self._console.warning if is_warning else self._console.notice)(record.getMessage())


def _show_logs() -> None:
    logger = logging.getLogger("rag")
    logger.setLevel(logging.INFO)
    logger.handlers = [_ConsoleHandler(console)]
    logger.propagate = False


def _report(error: RagError, as_json: bool) -> None:
    if console.debug:
        import traceback

        traceback.print_exc()
    if as_json:
        console.out(safe_json({"error": error.to_dict()}))
    else:
        console.error(error)
