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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from rag.printable import UNSAFE
from rag.printable import printable as safe

if TYPE_CHECKING:
    from rag.errors import RagError
    from rag.protocols import Progress
    from rag.reports import BuildReport, CheckReport, IndexStatus
    from rag.types import Alternative, Answer, Citation, Document, DocumentInfo, Filters, Passage

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


def answer_text(answer: Answer, *, explain: bool = False, told: bool = False) -> str:
    """An answer with its sources under it; an abstention with its reason and the nearest passages.

    Under a generated answer each source is quoted; ``told``: its sentences have been shown.
    """
    if answer.status == "abstained":
        lines = [f"The articles don't say: {safe(answer.reason or '')}."]
        if answer.passages:
            lines += ["", "Nearest passages:"]
            lines += [passage_text(n, p, lines=2) for n, p in enumerate(answer.passages[:3], 1)]
    elif answer.generated:
        lines = ["" if told else safe(answer.answer or ""), ""]
        for citation in answer.citations:
            lines += [source_line(citation), _wrapped(f"“{citation.quote}”", "    ", None)]
    else:
        lines = [_marked(citation) for citation in answer.citations]
        lines += [""]
        if answer.support > 1:
            lines += [f"{answer.support} independent publishers say so:"]
        lines += [source_line(citation) for citation in answer.citations]
        if answer.disagreement:
            lines += ["", "The articles differ, newest first:"]
            lines += [_opinion_text(opinion) for opinion in answer.disagreement]
    if answer.inferred:
        lines += ["", styled(_inferred(answer.inferred, answer.inferred_from), "dim")]
    if explain:
        lines += ["", *_explained(answer)]
    return "\n".join(lines)


def _opinion_text(opinion: Alternative) -> str:
    """One of several answers that differ, and under it who says so, when, where, and in which words."""
    lines = [f"  {styled(_one_line(opinion.answer), 'bold')}"]
    for citation in opinion.citations:
        where = styled(f"{_one_line(citation.path)}:{citation.line}", "cyan")
        lines += [
            f"    {_described(citation)}",
            f"    {where}",
            _wrapped(citation.quote, "      ", None),
        ]
    return "\n".join(lines)


def _inferred(filters: Filters, wording: str) -> str:
    """Which articles were read, for what words of the question, and how to have others."""
    since, until = filters.since, filters.until
    days = f"of {since}" if since == until else f"from {since} to {until}"
    if not since or not until:
        days = f"since {since}" if since else f"until {until}"
    return (
        f"only articles {days} or without a date (from “{_one_line(wording)}”);"
        " --since/--until say otherwise"
    )


def _explained(answer: Answer) -> list[str]:
    """What spoke for the answer and for those beside it, and what every list gave each passage."""
    lines = [f"confidence {answer.confidence:.3f} {_evidence(answer.evidence)}"]
    for other in answer.alternatives:
        where = f"{other.citations[0].path}:{other.citations[0].line}"
        lines.append(f"  {other.confidence:.3f} {_one_line(other.answer)} ({_one_line(where)})")
        lines.append(f"        {_evidence(other.evidence)}")
    lines += ["", f"Passages, {answer.read} of {len(answer.passages)} read:"]
    lines += [passage_text(n, p, lines=2, explain=True) for n, p in enumerate(answer.passages, 1)]
    return lines


def _evidence(evidence: Mapping[str, float]) -> str:
    """Logarithms of odds, each with its sign: "span +3.1, cosine +2.2, none -4.3"."""
    told = ", ".join(f"{name} {points:+.1f}" for name, points in evidence.items())
    return f"({told})" if told else ""


def _marked(citation: Citation) -> str:
    """The quote, with the answer in bold where it is only a part of it."""
    begin, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    quote = citation.quote
    before, answer, after = (
        safe(re.sub(r"\s+", " ", part)) for part in (quote[:begin], quote[begin:end], quote[end:])
    )
    marked = styled(answer, "bold")
    if marked == answer and len(answer) < len(quote):  # no bold to be had
        marked = f"⟦{answer}⟧"
    return (before + marked + after).strip()


def source_line(citation: Citation) -> str:
    """``[1] Title — Publisher, date`` and under it ``path:line``, with a word if the file has changed."""
    state = "" if citation.state == "current" else f"  ({citation.state} since it was indexed)"
    return (
        f"[{citation.n}] {_described(citation)}\n"
        f"    {styled(f'{_one_line(citation.path)}:{citation.line}', 'cyan')}{state}"
    )


def _described(source: Citation | Passage) -> str:
    publisher = _one_line(source.publisher or "publisher unknown")
    return f"{_one_line(source.title)} — {publisher}, {source.published or 'date unknown'}"


def passage_text(
    number: int, passage: Passage, *, lines: int | None = None, explain: bool = False
) -> str:
    """A passage for reading: its rank and score, where it comes from, and its words.

    ``lines`` cuts the words short; ``explain`` adds what each list gave it.
    """
    heading = f" › {_one_line(passage.heading)}" if passage.heading else ""
    shown = [
        f"{number}. {_described(passage)}{heading}",
        f"   {styled(f'{_one_line(passage.path)}:{passage.line}', 'cyan')}  score {passage.score:.3f}",
    ]
    if explain:
        shown += [
            f"   {name}: rank {c.rank}, score {c.score:.3f}, weight {c.weight:g}"
            for name, c in passage.contributions.items()
        ]
    shown.append(_wrapped(passage.text, "   ", lines))
    return "\n".join(shown)


def documents_table(documents: Sequence[DocumentInfo]) -> str:
    """One line a document: id, date, publisher, title."""
    rows = [
        (
            _one_line(d.doc_id),
            _one_line(d.published or d.published_text or "-"),
            _one_line(d.publisher or "-"),
            _one_line(d.title),
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
    where = styled(f"{_one_line(document.path)}:{document.line(start)}", "cyan")
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
    lines = [f"{_one_line(damage.path)}: {_one_line(damage.what)}" for damage in report.damages]
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
    lines = [f"skipped {_one_line(s.path)}: {s.reason}" for s in report.skipped[:_SKIPPED_SHOWN]]
    if len(report.skipped) > _SKIPPED_SHOWN:
        lines.append(f"… and {len(report.skipped) - _SKIPPED_SHOWN} more (all of them with --json)")
    return lines


def _one_line(text: str) -> str:
    return safe(" ".join(text.split()))


def _wrapped(text: str, indent: str, lines: int | None) -> str:
    width = min(shutil.get_terminal_size((_MAX_WIDTH, 24)).columns, _MAX_WIDTH)
    return textwrap.fill(
        _one_line(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        max_lines=lines,
        placeholder=" …",
    )
