"""What commands print about documents and indexes: tables, statuses, results of builds and checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.cli.console import one_line, place_text, size_text, styled
from rag.records import LOCAL
from rag.text.terminal import printable as safe

if TYPE_CHECKING:
    from rag.records import (
        BuildReport,
        CheckReport,
        Copy,
        CopyGroup,
        Document,
        DocumentInfo,
        IndexStatus,
        Skipped,
    )

_SKIPPED_SHOWN = 10
_CONTEXT = 300  # characters shown on each side of a marked span


def documents_table(documents: Sequence[DocumentInfo]) -> str:
    """One line per document: id, date, publisher, title, and what a reader should know of it."""
    rows = [
        (
            one_line(d.doc_id),
            one_line(d.published or d.published_text or "-"),
            one_line(d.publisher or "-"),
            " ".join(
                [one_line(d.title), *(styled(f"({one_line(n)})", "yellow") for n in _about(d))]
            ),
        )
        for d in documents
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)] if rows else []
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )


def _about(document: DocumentInfo) -> Iterator[str]:
    """What a reader should know of a document, and where else it is."""
    yield from document.notes
    if document.copies:
        yield f"also {', '.join(document.copies)}"


def copies_text(groups: Sequence[CopyGroup]) -> str:
    """Each group: its first document, and below it the others, each with its kind of likeness."""
    blocks = []
    for group in groups:
        first, *others = group.copies
        lines = [f"{styled(one_line(first.doc_id), 'cyan')}  {_copy_text(first)}"]
        width = max(len(other.likeness) for other in others)
        lines += [
            f"  {other.likeness.ljust(width)}  {styled(one_line(other.doc_id), 'cyan')}"
            f"  {_copy_text(other)}"
            for other in others
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _copy_text(copy: Copy) -> str:
    updated = f", updated {copy.updated}" if copy.updated else ""
    publisher = one_line(copy.publisher or "publisher unknown")
    return f"{one_line(copy.title)} — {publisher}, {copy.published or 'date unknown'}{updated}"


def document_text(document: Document, span: tuple[int, int] | None) -> str:
    """The text of a document, or a marked span with the text around it."""
    if span is None:
        return safe(document.text)
    start, end = span
    begin, finish = max(0, start - _CONTEXT), min(len(document.text), end + _CONTEXT)
    before = ("…" if begin else "") + safe(document.text[begin:start])
    after = safe(document.text[end:finish]) + ("…" if finish < len(document.text) else "")
    marked = styled(f"⟦{safe(document.text[start:end])}⟧", "bold")
    where = place_text(document.path, [(document.line(start), document.page(start))])
    return f"{where}\n{before}{marked}{after}"


def status_text(name: str, status: IndexStatus) -> str:
    """The status of an index, in a few lines; ``name`` is its name among several, else ""."""
    stale = status.stale
    changes = f"{len(stale.added)} new, {len(stale.changed)} changed, {len(stale.removed)} removed"
    if stale.unreachable:
        changes += f", {len(stale.unreachable)} out of reach"
    state = "missing" if stale.missing else changes if stale else "unchanged"
    rows = [
        *([("name", name)] if name else []),
        ("index", f"{status.index} ({status.generation}, {size_text(status.bytes)})"),
        *([("store", status.store)] if status.store != LOCAL else []),
        ("built", status.created),
        (
            "articles",
            f"{status.documents} from {status.corpus}, in {_count(status.chunks, 'passage')}",
        ),
        ("folder", state),
        *([("passed by", ignored_text(stale.ignored))] if stale.ignored else []),
        ("model", f"{status.embedder.id} ({status.embedder.dimension} dimensions)"),
        ("weights", f"SHA-256 {status.embedder.weights_sha256}"),
        (
            "analyzer",
            f"{status.analyzer}, chunker {status.chunker} of {status.chunk_chars} characters",
        ),
        (
            "kept",
            ", ".join(name + " (in use)" * (name in status.held) for name in status.generations),
        ),
        ("cache", f"{status.cache} ({size_text(status.cache_bytes)})"),
    ]
    return "\n".join([_aligned(rows), *map(safe, skipped_lines(status.skipped))])


def settings_text(settings: Mapping[str, Mapping[str, Any]]) -> str:
    """One line for each setting that is not the default, and where it came from."""
    return _aligned([(name, f"{s['value']} (from {s['from']})") for name, s in settings.items()])


def _aligned(rows: Iterable[tuple[str, object]]) -> str:
    return "\n".join(f"{name:<9} {safe(str(value))}" for name, value in rows)


def check_text(report: CheckReport) -> str:
    """A summary if the index is undamaged; otherwise one line per damage, and the fix."""
    if report.ok:
        thing = "file" if report.store == LOCAL else "collection"
        return (
            f"ok: {safe(report.index)} ({report.generation}), {_count(report.files, thing)},"
            f" {size_text(report.bytes)}, {_count(report.documents, 'article')},"
            f" {_count(report.chunks, 'passage')}"
        )
    lines = [f"{one_line(damage.path)}: {one_line(damage.what)}" for damage in report.damages]
    return "\n".join([*lines, safe(report.fix)])


def report_text(report: BuildReport) -> str:
    """The result of a build, in one line."""
    summary = (
        tally(added=report.added, changed=report.changed, removed=report.removed, kept=report.kept)
        or "nothing has changed"
    )
    if report.repaired:  # a repair adds every article again
        summary = f"{_count(len(report.repaired), 'damaged file')} replaced"
    articles = f"{_count(report.documents, 'article')} from {safe(report.corpus)}"
    if report.copies:
        articles += f" (and {report.copies} with the same bytes)"
    if report.dry_run:
        return f"would index {articles}: {summary}"
    passages = _count(report.chunks, "passage")
    embedded = f", {report.embedded} embedded" if report.embedded else ""
    place = f"{report.index}/{report.generation}"
    if report.store != LOCAL:
        place = f"{report.generation} in {report.store}"
    return (
        f"indexed {articles}: {summary}; {passages}{embedded}, in {report.seconds:.1f} s"
        f" → {safe(place)}"
    )


def tally(**groups: Sequence[str]) -> str:
    """The size of each group that is not empty: "1 new, 2 changed"."""
    return ", ".join(f"{len(ids)} {word}" for word, ids in groups.items() if ids)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def ignored_text(ignored: Mapping[str, int]) -> str:
    """What was passed over quietly, by reason: "3 hidden, 1 part of a saved page"; "" for nothing."""
    return ", ".join(f"{number} {reason}" for reason, number in ignored.items())


def skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """One line per skipped file, to be escaped; of many, the first few and a count."""
    lines = [f"skipped {one_line(s.path)}: {s.reason}" for s in skipped[:_SKIPPED_SHOWN]]
    if len(skipped) > _SKIPPED_SHOWN:
        lines.append(f"… and {len(skipped) - _SKIPPED_SHOWN} more (all of them with --json)")
    return lines
