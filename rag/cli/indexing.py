"""``rag index`` and ``rag check``: an index made, kept fresh, and found to be whole or not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.app import (
    FAILED,
    IndexOption,
    JsonOption,
    ModelOption,
    PrecisionOption,
    command,
    console,
    settings,
)
from rag.cli.console import safe_json
from rag.errors import InvalidArgument, RagError

if TYPE_CHECKING:
    from rag.records import BuildReport
    from rag.settings import LoadedSettings


@command("index")
def index_command(
    corpus: Annotated[
        str | None,
        typer.Argument(
            help="Folder of articles.  [default: the one indexed before, at first ./seeds]",
            show_default=False,
        ),
    ] = None,
    index: IndexOption = None,
    model: ModelOption = None,
    precision: PrecisionOption = None,
    full: Annotated[bool, typer.Option("--full", help="Start afresh.")] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Check every byte; build anew what is damaged, and only that."
        ),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and update the index when articles change.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    json: JsonOption = False,
) -> None:
    """Build or update the index of a folder of articles.

    Only what changed is taken in and embedded again.

    Examples: rag index articles/  ·  rag index  ·  rag index --watch  ·  rag index --full --model DIR
    """
    loaded = settings(index=index, precision=precision)
    from rag.indexing.indexer import build

    if watch and dry_run:
        raise InvalidArgument("--watch builds, --dry-run does not", fix="leave one of them out")
    with console.progress() as progress:
        report = build(
            corpus,
            model=model,
            full=full,
            repair=repair,
            dry_run=dry_run,
            settings=loaded.values,
            progress=progress,
        )
    if report.embedded and not report.unchanged:  # a first build: the first question shall be fast
        from rag.models import load_reader

        load_reader(loaded.values.reader, loaded.values.precision)
    _tell_build(report, json, indent=2 if not watch else None)
    if watch:
        _watch(loaded, json)


def _watch(loaded: LoadedSettings, json: bool) -> None:
    """Update the index whenever an article changes, until Ctrl-C. A failed build does not end it."""
    from rag.indexing.watch import watch

    console.notice("watching for changes; Ctrl-C ends it")
    for outcome in watch(settings=loaded.values):
        if isinstance(outcome, RagError):
            console.error(outcome)
        else:
            _tell_build(outcome, json, indent=None)


def _tell_build(report: BuildReport, json: bool, indent: int | None) -> None:
    from rag.cli.console import report_text, skipped_lines

    for path in report.repaired:
        console.notice(f"damaged: {path}")
    for line in skipped_lines(report):
        console.notice(line)
    for warning in report.warnings:
        console.warning(warning)
    console.out(safe_json(report.to_dict(), indent=indent) if json else report_text(report))
    sys.stdout.flush()


@command("check")
def check_command(index: IndexOption = None, json: JsonOption = False) -> None:
    """Check every byte of the index, and every offset and vector in it.

    Exit code 1 means that something is wrong; the command that mends it is printed.
    """
    loaded = settings(index=index)
    from rag.cli.console import check_text
    from rag.indexing.integrity import check

    report = check(settings=loaded.values)
    console.out(safe_json(report.to_dict()) if json else check_text(report))
    raise typer.Exit(0 if report.ok else FAILED)
