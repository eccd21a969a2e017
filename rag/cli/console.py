"""Prints to the terminal: results, notices, warnings, errors and progress.

Data goes to stdout, everything else to stderr. All text from articles is escaped for the terminal.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from rag.text.terminal import UNSAFE
from rag.text.terminal import printable as safe

if TYPE_CHECKING:
    from rag.errors import RagError
    from rag.protocols import Progress

_STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "cyan": "36"}
_MAX_WIDTH = 100


def safe_json(value: object, *, indent: int | None = 2) -> str:
    """Readable JSON, with characters escaped that could control a terminal."""
    return UNSAFE.sub(_json_escape, json.dumps(value, ensure_ascii=False, indent=indent))


def _json_escape(match: re.Match[str]) -> str:
    character = match.group()
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


@dataclass(slots=True)
class Console:
    """Prints messages as ``--verbose`` and ``--quiet`` demand. There is one for each process."""

    verbose: bool = False
    quiet: bool = False
    debug: bool = False
    last: bool = False
    """Whether the process ends after this command."""
    _warned: set[str] = field(default_factory=set)

    def begin(self, verbose: bool, quiet: bool, debug: bool) -> None:
        """Start a new command: set its options and forget earlier warnings."""
        self.verbose, self.quiet, self.debug = verbose, quiet, debug
        self._warned.clear()

    def out(self, text: str = "") -> None:
        """Print a line of data, already escaped."""
        print(text)

    def sentence(self, text: str) -> None:
        """Print a sentence of an unfinished answer."""
        print(safe(text), end=" ", flush=True)

    def notice(self, text: str) -> None:
        """Print a message, unless ``--quiet``."""
        if not self.quiet:
            print(styled(safe(text), "dim", sys.stderr), file=sys.stderr)

    def detail(self, text: str) -> None:
        """Print a message if ``--verbose``."""
        if self.verbose:
            self.notice(text)

    def warning(self, text: str) -> None:
        """Print a warning, even with ``--quiet``."""
        print(styled(f"warning: {safe(text)}", "yellow", sys.stderr), file=sys.stderr)

    def warnings(self, texts: Iterable[str]) -> None:
        """Print the warnings of a result, each only once, unless ``--quiet``."""
        for text in texts:
            if text and text not in self._warned and not self.quiet:
                self._warned.add(text)
                self.warning(text)

    def error(self, error: RagError) -> None:
        """Print what went wrong and how to fix it."""
        print(styled(f"error: {safe(error.message)}", "red", sys.stderr), file=sys.stderr)
        if error.fix:
            print(f"  {safe(error.fix)}", file=sys.stderr)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Progress of a long job: bars on a terminal, otherwise a line at the start of a long stage."""
        from rag.cli.progress import bars, lines

        if self.quiet:
            yield lambda *_: None
        elif sys.stderr.isatty():
            from rich.console import Console as RichConsole

            with bars(RichConsole(stderr=True)) as report:
                yield report
        else:
            yield lines(self.notice)


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """Text in a style if the stream is a terminal with colour and NO_COLOR is not set."""
    stream = stream or sys.stdout
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


# ---------------------------------------------------------------- layout


def place_text(path: str, places: Sequence[tuple[int | None, int | None]]) -> str:
    """Where in a file something is, by its lines and pages: ``a.txt:12, 30`` or ``a.pdf, p. 3``."""
    pages = list(dict.fromkeys(page for _, page in places if page is not None))
    if pages:
        where = f", p. {', '.join(map(str, pages))}"
    else:
        where = f":{', '.join(str(line) for line, _ in places)}"
    return styled(one_line(path) + where, "cyan")


def size_text(count: float) -> str:
    """A number of bytes with its unit: 175.2 MB."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def one_line(text: str) -> str:
    """A text as one line, escaped."""
    return safe(" ".join(text.split()))


def wrapped(text: str, indent: str, lines: int | None) -> str:
    """A text wrapped to the terminal's width and indented, cut after ``lines`` lines if not None."""
    width = min(shutil.get_terminal_size((_MAX_WIDTH, 24)).columns, _MAX_WIDTH)
    return textwrap.fill(
        one_line(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        max_lines=lines,
        placeholder=" …",
    )
