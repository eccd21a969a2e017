"""The commands for searching, asking and listing. Each imports heavy modules only when it runs."""

from __future__ import annotations

import codecs
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.app import (
    ABSTAINED,
    FAILED,
    AsOfOption,
    BudgetOption,
    ExplainOption,
    FusionOption,
    IndexesOption,
    JsonOption,
    LlmOption,
    ModeOption,
    PassagesOption,
    PathOption,
    PublisherOption,
    ReaderOption,
    RerankOption,
    SinceOption,
    StoreOption,
    ThresholdOption,
    UndatedOption,
    UntilOption,
    command,
    console,
    settings,
)
from rag.cli.console import safe_json
from rag.errors import InvalidArgument, RagError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.asking.retriever import Retriever
    from rag.records import Answer, Filters
    from rag.settings import LoadedSettings


_LONGEST_SPAN = 40
"""Characters of two offsets."""


@command("search")
def search_command(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to search for.")],
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", help="Passages to show.  [default: 10]")
    ] = None,
    mode: ModeOption = None,
    fusion: FusionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    path: PathOption = None,
    rerank: RerankOption = None,
    reader: ReaderOption = None,
    explain: ExplainOption = False,
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Find the passages nearest to a query.

    Passages with "a phrase" in quotes rank higher; +word or +"a phrase" is required, -word or -"a phrase"
    is excluded. AND requires the words around it, NOT excludes the next. pric* finds price, pricing and so
    on. title:, publisher:, after:, before: and date: filter. Put -- before a query that begins with a dash.

    Examples: rag search "price floor"  ·  rag search '+NdPr "price floor" -Japan'
    """
    from rag.cli.answers import passage_text
    from rag.records import Filters

    loaded = settings(
        store=store, limit=limit, mode=mode, fusion=fusion, rerank=rerank, reader=reader
    )
    with open_retriever(loaded, index) as retriever:
        filters = Filters(since, until, publisher, path, undated)
        result = retriever.search_result(query, filters=filters)
    console.warnings(result.warnings)
    if json:
        console.out(safe_json(result.to_dict()))
        return
    if not result.passages:
        console.notice("no passage matches")
    for number, passage in enumerate(result.passages, 1):
        lines = None if console.verbose else 4
        console.out(passage_text(number, passage, lines=lines, explain=explain) + "\n")


@command("ask")
def ask_command(
    question: Annotated[
        str | None, typer.Argument(metavar="QUESTION", help="The question, in quotes.")
    ] = None,
    passages: PassagesOption = None,
    min_confidence: ThresholdOption = None,
    budget_ms: BudgetOption = None,
    mode: ModeOption = None,
    fusion: FusionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    undated: UndatedOption = False,
    publisher: PublisherOption = None,
    path: PathOption = None,
    as_of: AsOfOption = None,
    questions: Annotated[
        str | None,
        typer.Option(
            "--questions",
            metavar="FILE",
            help="Answer one question per line (- is stdin) as JSON lines.",
        ),
    ] = None,
    save: Annotated[
        str | None, typer.Option("--save", metavar="FILE", help="Also write the answer as JSON.")
    ] = None,
    reader: ReaderOption = None,
    llm: LlmOption = None,
    explain: ExplainOption = False,
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Answer a question in the articles' own words with sources, or say that they don't.

    "A phrase", +word and -word select passages as in search. Words about publication in the question
    ("articles since October", "the latest on …") become a filter unless you use --since or --until. That
    filter keeps articles without a date.

    --llm MODEL lets a language model at RAG_LLM_BASE_URL write the answer. Every sentence must cite a
    source, and is rejected unless the source says the same.

    Exit code 3 means that the articles don't say.

    Examples: rag ask "Who runs REAlloys?"  ·  rag ask 'Who sells magnets? -China'
    ·  rag ask "According to articles since May, who won?" --as-of 2026-03-20
    ·  rag ask --questions list.txt > answers.jsonl
    """
    if (question is None) == (questions is None):
        raise InvalidArgument("ask one question, or use --questions FILE", fix='rag ask "Who …?"')
    if questions is not None and save is not None:
        raise InvalidArgument(
            "--save works with one question only", fix="redirect stdout: … > answers.jsonl"
        )
    loaded = settings(
        store=store,
        passages=passages,
        min_confidence=min_confidence,
        budget_ms=budget_ms,
        mode=mode,
        fusion=fusion,
        reader=reader,
        llm=llm,
    )
    from rag.records import Filters

    batch = _lines(questions) if questions is not None else None
    filters = Filters(since, until, publisher, path, undated)
    with open_retriever(loaded, index) as retriever:
        if batch is not None:
            raise typer.Exit(_answer_all(retriever, batch, filters, as_of))
        assert question is not None
        stream = bool(loaded.values.llm) and not json and sys.stdout.isatty()
        answer = retriever.ask(
            question,
            filters=filters,
            as_of=as_of,
            tell=console.sentence if stream else _silent,
        )
    console.warnings(answer.warnings)
    _show_answer(answer, json, explain, save, streamed=stream and answer.generated)
    raise typer.Exit(0 if answer.status == "answered" else ABSTAINED)


@command("list")
def list_command(
    copies: Annotated[
        bool,
        typer.Option("--copies", help="Only those that are copies of one another, in groups."),
    ] = False,
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """List the documents: id, date, publisher, title.

    --copies lists those with the same bytes, the same text or the same address, near copies such as
    reprints, and corrected versions of an article.
    """
    from rag.cli.reports import copies_text, documents_table

    with open_retriever(settings(store=store), index) as retriever:
        documents = retriever.documents()
        groups = retriever.copies() if copies else []
        console.warnings(retriever.warnings())
    if copies and json:
        console.out(safe_json({"groups": [group.to_dict() for group in groups]}))
    elif copies:
        console.out(copies_text(groups) or "no article is a copy of another")
    elif json:
        console.out(safe_json({"documents": [document.to_dict() for document in documents]}))
    else:
        console.out(documents_table(documents))


@command("show")
def show_command(
    doc_id: Annotated[
        str,
        typer.Argument(help="Id of a document, or a unique prefix of it.", show_default=False),
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="START:END", help="Mark this span and show the text around it."
        ),
    ] = None,
    index: IndexesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Show the citable text of one document.

    Examples: rag show 004  ·  rag show 002 --at 1284:1423
    """
    from rag.cli.reports import document_text

    with open_retriever(settings(store=store), index) as retriever:
        console.warnings(retriever.left_out)
        document = retriever.document(doc_id)
    for note in document.notes:
        console.notice(f"note: {note}")
    span = _span(at, len(document.text)) if at is not None else None
    if json:
        marked = (
            {"at": {"start": span[0], "end": span[1], "text": document.text[slice(*span)]}}
            if span
            else {}
        )
        console.out(safe_json(document.to_dict() | marked))
    else:
        console.out(document_text(document, span))


@command("status")
def status_command(
    index: IndexesOption = None, store: StoreOption = None, json: JsonOption = False
) -> None:
    """Show what is indexed, with which model, the size, and whether the articles have changed.

    Several indexes are each shown under the name that their ids begin with. Exit code 1 if one is left out.
    """
    loaded = settings(store=store, index=index[0] if index and len(index) == 1 else None)
    from rag.cli.reports import settings_text, status_text
    from rag.indexing.status import statuses

    each, left_out = statuses(index or loaded.values.index, settings=loaded.values)
    console.warnings(left_out)
    origins = {
        name: {"value": getattr(loaded.values, name), "from": origin}
        for name, origin in loaded.origins.items()
    }
    if json:
        several = [{"name": name} | status.to_dict() for name, status in each.items()]
        told = {"indexes": several, "left_out": left_out} if "" not in each else each[""].to_dict()
        console.out(safe_json({"ok": not left_out} | told | {"settings": origins}))
    else:
        blocks = [status_text(name, status) for name, status in each.items()]
        console.out("\n\n".join(filter(None, [*blocks, settings_text(origins)])))
    raise typer.Exit(FAILED if left_out else 0)


# ---------------------------------------------------------------- input and output


def open_retriever(loaded: LoadedSettings, indexes: Sequence[str] | None = None) -> Retriever:
    """A retriever for these indexes; without any, for the one that the settings name."""
    from rag.asking.retriever import Retriever

    if console.last:
        from rag.models.load import keep_loaded

        keep_loaded()
    return Retriever.open(indexes, settings=loaded.values)


def _silent(_: str) -> None:
    """Ignore a sentence; the whole answer is printed later."""


def _show_answer(
    answer: Answer, as_json: bool, explain: bool, save: str | None, *, streamed: bool
) -> None:
    """Print and save an answer; ``streamed`` says that its sentences are on the terminal already."""
    from rag.cli.answers import answer_text

    if as_json:
        console.out(safe_json(answer.to_dict()))
    else:
        console.out(answer_text(answer, explain=explain, streamed=streamed))
        for rejected in answer.rejected:
            console.notice(f"rejected: {rejected.text} ({rejected.reason})")
    if save is not None:
        _write(Path(save), safe_json(answer.to_dict()) + "\n")
    seconds = answer.timings_ms["total"] / 1000
    read = f"{answer.read} of {len(answer.passages)} passages read"
    if answer.read < len(answer.passages):
        console.notice(f"{read} within the time limit")
    console.detail(f"{read}, {seconds:.2f} s, {answer.index.embedder}")


def _answer_all(
    retriever: Retriever, questions: list[str], filters: Filters, as_of: str | None
) -> int:
    """Print the answer to each question as a line; a question that fails becomes an error line."""
    code = 0
    for question in questions:
        try:
            answer = retriever.ask(question, filters=filters, as_of=as_of)
            console.warnings(answer.warnings)
            line = answer.to_dict()
        except UsageError as error:
            line, code = {"question": question, "error": error.to_dict()}, FAILED
        console.out(safe_json(line, indent=None))
        sys.stdout.flush()
    return code


def _lines(source: str) -> list[str]:
    """The non-blank lines of a file or of stdin."""
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InvalidArgument(f"--questions: {source}: {error.strerror}") from error
    # Only these end a line. A question that is not UTF-8 becomes an error line of its own.
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    lines = re.split(r"\r\n|\r|\n", text)
    return [line.strip() for line in lines if line.strip()]


def _span(text: str, length: int) -> tuple[int, int]:
    from rag.records import offsets_of

    span = offsets_of(text, ":")
    if span is None or not span[0] < span[1] <= length:
        text = text if len(text) < _LONGEST_SPAN else f"{text[:_LONGEST_SPAN]}…"
        raise InvalidArgument(
            f"--at: {text!r} is not a span of this document, which has {length} characters",
            fix="write it as START:END, as in a citation",
        )
    return span


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RagError(f"{path}: {error.strerror}", fix="choose another --save file") from error
