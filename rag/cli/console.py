"""What people see: text made safe for a terminal, passages and answers laid out, progress.

Data goes to stdout, everything else to stderr. Nothing from an article reaches a terminal raw.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from rag.text.terminal import UNSAFE
from rag.text.terminal import printable as safe

if TYPE_CHECKING:
    from rag.errors import RagError
    from rag.protocols import Progress
    from rag.records import BuildReport, CheckReport, Document, DocumentInfo, IndexStatus

_STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "cyan": "36"}
_MAX_WIDTH = 100
_SKIPPED_SHOWN = 10
_STAGES = {  # the long ones, as a line says that they begin
    "check": "checking the index",
    "load model": "loading the model",
    "embed": "embedding {} passages",
    "search": "searching for {} queries",
    "ask": "asking {} questions",
}
_AROUND = 300  # characters shown on either side of a marked span


def safe_json(value: object, *, indent: int | None = 2) -> str:
    """JSON readable by people, with the same characters escaped; it parses to the same value."""
    return UNSAFE.sub(_json_escape, json.dumps(value, ensure_ascii=False, indent=indent))


def _json_escape(match: re.Match[str]) -> str:
    character = match.group()
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


@dataclass(slots=True)
class Console:
    """How much to say and where; one for each process, set by ``--verbose`` and ``--quiet``."""

    verbose: bool = False
    quiet: bool = False
    debug: bool = False
    _warned: set[str] = field(default_factory=set)

    def begin(self, verbose: bool, quiet: bool, debug: bool) -> None:
        """A new command: how much it says, and nothing warned of yet."""
        self.verbose, self.quiet, self.debug = verbose, quiet, debug
        self._warned.clear()

    def out(self, text: str = "") -> None:
        """A line of data, already safe."""
        print(text)

    def sentence(self, text: str) -> None:
        """A sentence of an answer that is not yet whole."""
        print(safe(text), end=" ", flush=True)

    def notice(self, text: str) -> None:
        """Something worth knowing that is not the data, unless ``--quiet``."""
        if not self.quiet:
            print(styled(safe(text), "dim", sys.stderr), file=sys.stderr)

    def detail(self, text: str) -> None:
        """Something only ``--verbose`` shows."""
        if self.verbose:
            self.notice(text)

    def warning(self, text: str) -> None:
        """Something that may be wrong; shown even with ``--quiet``."""
        print(styled(f"warning: {safe(text)}", "yellow", sys.stderr), file=sys.stderr)

    def warnings(self, found: Iterable[str]) -> None:
        """What a result says of itself, each once, unless ``--quiet``."""
        for text in found:
            if text and text not in self._warned and not self.quiet:
                self._warned.add(text)
                self.warning(text)

    def error(self, error: RagError) -> None:
        """What happened, and what to do about it."""
        print(styled(f"error: {safe(error.message)}", "red", sys.stderr), file=sys.stderr)
        if error.fix:
            print(f"  {safe(error.fix)}", file=sys.stderr)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Progress of a build: bars on a terminal, otherwise a line when a long stage begins."""
        if self.quiet:
            yield lambda *_: None
        elif sys.stderr.isatty():
            with _bars() as report:
                yield report
        else:
            yield self._stage_lines

    def _stage_lines(self, stage: str, done: int, total: int) -> None:
        if done == 0 and total and stage in _STAGES:
            self.notice(_STAGES[stage].format(total))


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console as RichConsole
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed and task.speed >= 1 else "")

    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bars:
        tasks = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """Text in a style, where the stream is a terminal that shows colour and NO_COLOR is not set."""
    stream = stream or sys.stdout
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


# ---------------------------------------------------------------- layout


def documents_table(documents: Sequence[DocumentInfo]) -> str:
    """One line a document: id, date, publisher, title."""
    rows = [
        (
            one_line(d.doc_id),
            one_line(d.published or d.published_text or "-"),
            one_line(d.publisher or "-"),
            one_line(d.title),
        )
        for d in documents
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)] if rows else []
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )


def document_text(document: Document, span: tuple[int, int] | None = None) -> str:
    """A document's text; or a span of it, marked, in its surroundings."""
    if span is None:
        return safe(document.text)
    start, end = span
    begin, finish = max(0, start - _AROUND), min(len(document.text), end + _AROUND)
    before = ("…" if begin else "") + safe(document.text[begin:start])
    after = safe(document.text[end:finish]) + ("…" if finish < len(document.text) else "")
    marked = styled(f"⟦{safe(document.text[start:end])}⟧", "bold")
    where = styled(f"{one_line(document.path)}:{document.line(start)}", "cyan")
    return f"{where}\n{before}{marked}{after}"


def status_text(status: IndexStatus, settings: Mapping[str, Mapping[str, Any]]) -> str:
    """What is indexed, in a few lines."""
    stale = status.stale
    changes = f"{len(stale.added)} new, {len(stale.changed)} changed, {len(stale.removed)} removed"
    state = "gone" if stale.missing else changes if stale else "unchanged since"
    rows = [
        ("index", f"{status.index} ({status.generation}, {size_text(status.bytes)})"),
        ("built", status.created),
        (
            "articles",
            f"{status.documents} from {status.corpus}, in {_count(status.chunks, 'passage')}",
        ),
        ("folder", state),
        ("model", f"{status.embedder.id} ({status.embedder.dimension} dimensions)"),
        ("weights", f"SHA-256 {status.embedder.weights_sha256}"),
        (
            "analyzer",
            f"{status.analyzer}, chunker {status.chunker} of {status.chunk_chars} characters",
        ),
        (
            "kept",
            ", ".join(name + " (read)" * (name in status.held) for name in status.generations),
        ),
        ("cache", f"{status.cache} ({size_text(status.cache_bytes)})"),
    ]
    rows += [(name, f"{s['value']} (from {s['from']})") for name, s in settings.items()]
    return "\n".join(f"{name:<9} {safe(str(value))}" for name, value in rows)


def check_text(report: CheckReport) -> str:
    """What was checked if all is well; else every damage, a line each, and what mends it."""
    if report.ok:
        return (
            f"ok: {safe(report.index)} ({report.generation}), {_count(report.files, 'file')},"
            f" {size_text(report.bytes)}, {_count(report.documents, 'article')},"
            f" {_count(report.chunks, 'passage')}"
        )
    lines = [f"{one_line(damage.path)}: {one_line(damage.what)}" for damage in report.damages]
    return "\n".join([*lines, safe(report.fix)])


def size_text(count: float) -> str:
    """A number of bytes for reading: 175.2 MB."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def report_text(report: BuildReport) -> str:
    """What a build did, in a line or two."""
    changes = tally(added=report.added, changed=report.changed, removed=report.removed)
    what = changes or "nothing has changed"
    if report.repaired:  # then every article was taken in again
        what = f"{_count(len(report.repaired), 'damaged file')} replaced"
    if report.dry_run:
        return (
            f"would index {_count(report.documents, 'article')} from {safe(report.corpus)}: {what}"
        )
    passages = _count(report.chunks, "passage")
    embedded = f", {report.embedded} embedded" if report.embedded else ""
    return (
        f"indexed {_count(report.documents, 'article')} from {safe(report.corpus)}: {what};"
        f" {passages}{embedded}, in {report.seconds:.1f} s"
        f" → {safe(report.index)}/{report.generation}"
    )


def tally(**groups: Sequence[str]) -> str:
    """How many are in each group that is not empty: "1 new, 2 changed"."""
    return ", ".join(f"{len(ids)} {word}" for word, ids in groups.items() if ids)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def skipped_lines(report: BuildReport) -> list[str]:
    """One line a file that was not indexed; of very many, the first few and a count."""
    lines = [f"skipped {one_line(s.path)}: {s.reason}" for s in report.skipped[:_SKIPPED_SHOWN]]
    if len(report.skipped) > _SKIPPED_SHOWN:
        lines.append(f"… and {len(report.skipped) - _SKIPPED_SHOWN} more (all of them with --json)")
    return lines


def one_line(text: str) -> str:
    """A text as one safe line."""
    return safe(" ".join(text.split()))


def wrapped(text: str, indent: str, lines: int | None) -> str:
    """A text set in lines no wider than the terminal, at most so many, each indented."""
    width = min(shutil.get_terminal_size((_MAX_WIDTH, 24)).columns, _MAX_WIDTH)
    return textwrap.fill(
        one_line(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        max_lines=lines,
        placeholder=" …",
    )
