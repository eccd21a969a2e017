"""``rag index`` and ``rag check``: builds, updates, watches and checks an index."""

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
    StoreOption,
    command,
    console,
    settings,
)
from rag.cli.console import safe_json
from rag.errors import InvalidArgument, RagError
from rag.settings import number_or_text

if TYPE_CHECKING:
    from rag.records import BuildReport
    from rag.settings import LoadedSettings


@command("index")
def index_command(
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            help="Folders of articles, or files.  [default: those of the last build, or ./seeds]",
            show_default=False,
        ),
    ] = None,
    index: IndexOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    precision: PrecisionOption = None,
    workers: Annotated[
        str | None,
        typer.Option(
            "--workers",
            metavar="N|ADDRESS",
            help="Who embeds: N processes, or a Ray cluster: ray://HOST:10001, HOST:6379, auto, local."
            "  [default: 1]",
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Rebuild from scratch.")] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Check every byte; rebuild only what is damaged."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running and update when articles change.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Build or update the index of a folder of articles.

    An update reads and embeds only what changed. There may be several folders; the id of a document then
    begins with the name of its folder. A file .ragignore says what not to read, as .gitignore does.

    Examples: rag index articles/  ·  rag index news/ reports/  ·  rag index  ·  rag index --watch
    ·  rag index --full --model DIR
    """
    loaded = settings(
        store=store,
        index=index,
        precision=precision,
        workers=None if workers is None else number_or_text(workers),
    )
    from rag.indexing.indexer import build

    if watch and dry_run:
        raise InvalidArgument(
            "--watch and --dry-run cannot be combined", fix="leave one of them out"
        )
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
    if report.embedded and not report.unchanged:  # a first build; prepare for the first question
        from rag.models import load_reader

        load_reader(loaded.values.reader, loaded.values.precision)
    _print_build(report, json, indent=2 if not watch else None)
    if watch:
        _watch(loaded, json)


def _watch(loaded: LoadedSettings, json: bool) -> None:
    """Update the index whenever an article changes, until Ctrl-C. A failed build does not stop it."""
    from rag.indexing.watch import watch

    console.notice("watching for changes; press Ctrl-C to stop")
    for outcome in watch(settings=loaded.values):
        if isinstance(outcome, RagError):
            console.error(outcome)
        else:
            _print_build(outcome, json, indent=None)


def _print_build(report: BuildReport, json: bool, indent: int | None) -> None:
    from rag.cli.reports import ignored_text, report_text, skipped_lines

    for path in report.repaired:
        console.notice(f"damaged: {path}")
    for line in skipped_lines(report.skipped):
        console.notice(line)
    if report.ignored:
        console.notice(f"passed by: {ignored_text(report.ignored)}")
    for warning in report.warnings:
        console.warning(warning)
    console.out(safe_json(report.to_dict(), indent=indent) if json else report_text(report))
    sys.stdout.flush()


@command("check")
def check_command(
    index: IndexOption = None, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Check every byte, offset and vector of the index.

    Exit code 1 means damage; the command that repairs it is printed.
    """
    loaded = settings(store=store, index=index)
    from rag.cli.reports import check_text
    from rag.indexing.integrity import check

    report = check(settings=loaded.values)
    console.out(safe_json(report.to_dict()) if json else check_text(report))
    raise typer.Exit(0 if report.ok else FAILED)
