"""The commands. Each parses, calls and prints; heavy imports happen inside the one that needs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    IndexOption,
    JsonOption,
    LlmOption,
    ModeOption,
    PassagesOption,
    PathOption,
    PublisherOption,
    ReaderOption,
    RerankOption,
    SinceOption,
    ThresholdOption,
    UndatedOption,
    UntilOption,
    command,
    console,
    settings,
)
from rag.cli.console import safe_json, tally
from rag.errors import InvalidArgument, RagError, UsageError

if TYPE_CHECKING:
    from rag.asking.retriever import Retriever
    from rag.records import Answer, Filters, Staleness
    from rag.settings import LoadedSettings


@command("search")
def search_command(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for.")],
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
    index: IndexOption = None,
    json: JsonOption = False,
) -> None:
    """Find the passages nearest to a query.

    "A phrase" in quotes counts for passages that hold it; +word or +"a phrase" must be held, -word
    must not.

    Examples: rag search "price floor"  ·  rag search '+NdPr "price floor" -Japan'
    """
    from rag.cli.answers import passage_text

    loaded = settings(
        index=index, limit=limit, mode=mode, fusion=fusion, rerank=rerank, reader=reader
    )
    with opened(loaded) as retriever:
        filters = chosen_filters(retriever, since, until, undated, publisher, path)
        warn_if_foreign(query)
        result = retriever.search_result(query, filters=filters)
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
            help="Answer one question a line (- is stdin) as JSON lines.",
        ),
    ] = None,
    save: Annotated[
        str | None, typer.Option("--save", metavar="FILE", help="Also write the answer as JSON.")
    ] = None,
    reader: ReaderOption = None,
    llm: LlmOption = None,
    explain: ExplainOption = False,
    index: IndexOption = None,
    json: JsonOption = False,
) -> None:
    """Answer a question in the articles' own words, with its source, or say that they don't.

    "A phrase", +word and -word say what the passages read must hold, as in search. What a question
    says of publication ("articles since October", "the latest on …") is a filter too, unless --since
    or --until is given; articles without a date are then kept.

    --llm MODEL lets a language model write it. Each sentence must cite, and is struck unless what it cites
    says it; RAG_LLM_BASE_URL says where the model runs.

    Exit code 3 means that the articles don't say.

    Examples: rag ask "Who runs REAlloys?"  ·  rag ask 'Who sells magnets? -China'
    ·  rag ask "According to articles since May, who won?" --as-of 2026-03-20
    ·  rag ask --questions list.txt > answers.jsonl
    """
    if (question is None) == (questions is None):
        raise InvalidArgument("give one question, or --questions FILE", fix='rag ask "Who …?"')
    if questions is not None and save is not None:
        raise InvalidArgument(
            "--save is for one question", fix="redirect stdout: … > answers.jsonl"
        )
    loaded = settings(
        index=index,
        passages=passages,
        min_confidence=min_confidence,
        budget_ms=budget_ms,
        mode=mode,
        fusion=fusion,
        reader=reader,
        llm=llm,
    )
    asked = _lines(questions) if questions is not None else None
    with opened(loaded) as retriever:
        filters = chosen_filters(retriever, since, until, undated, publisher, path)
        if asked is not None:
            raise typer.Exit(_answer_all(retriever, asked, filters, as_of))
        assert question is not None
        warn_if_foreign(question)
        told = bool(loaded.values.llm) and not json and sys.stdout.isatty()
        answer = retriever.ask(
            question,
            filters=filters,
            as_of=as_of,
            tell=console.sentence if told else _silent,
        )
    _show_answer(answer, json, explain, save, told=told and answer.generated)
    raise typer.Exit(0 if answer.status == "answered" else ABSTAINED)


@command("list")
def list_command(index: IndexOption = None, json: JsonOption = False) -> None:
    """List the documents: id, date, publisher, title."""
    from rag.cli.console import documents_table

    with opened(settings(index=index)) as retriever:
        documents = retriever.documents()
    if json:
        console.out(safe_json({"documents": [document.to_dict() for document in documents]}))
    else:
        console.out(documents_table(documents))


@command("show")
def show_command(
    doc_id: Annotated[
        str,
        typer.Argument(
            help="Id of a document, or a beginning that only it has.", show_default=False
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="START:END", help="Mark this span and show what is around it."
        ),
    ] = None,
    index: IndexOption = None,
    json: JsonOption = False,
) -> None:
    """Show the citable text of one document.

    Examples: rag show 004  ·  rag show 002 --at 1284:1423
    """
    from rag.cli.console import document_text

    with opened(settings(index=index), notice=False) as retriever:
        document = retriever.document(doc_id)
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
def status_command(index: IndexOption = None, json: JsonOption = False) -> None:
    """Say what is indexed, by which model, how large it is and whether the articles have changed."""
    loaded = settings(index=index)
    from rag.cli.console import status_text
    from rag.indexing.status import status as index_status

    status = index_status(settings=loaded.values)
    origins = {
        name: {"value": getattr(loaded.values, name), "from": origin}
        for name, origin in loaded.origins.items()
    }
    if json:
        console.out(safe_json({"ok": True} | status.to_dict() | {"settings": origins}))
    else:
        console.out(status_text(status, origins))


# ---------------------------------------------------------------- between the shell and the library


@contextmanager
def opened(loaded: LoadedSettings, *, notice: bool = True) -> Iterator[Retriever]:
    """The index, with a word on stderr if the articles have changed since it was built."""
    from rag.asking.retriever import Retriever

    if console.last:
        from rag.models.load import keep_loaded

        keep_loaded()
    with Retriever.open(settings=loaded.values) as retriever:
        if notice and not console.quiet:
            _tell_staleness(retriever.staleness())
        yield retriever


def _tell_staleness(stale: Staleness) -> None:
    if stale.missing:
        console.notice(
            f"notice: the articles' folder {stale.corpus} is gone; answers come from the index"
        )
    elif stale:
        changes = tally(new=stale.added, changed=stale.changed, removed=stale.removed)
        console.notice(f"notice: {changes} since the index was built; update it with: rag index")


def chosen_filters(
    retriever: Retriever,
    since: str | None,
    until: str | None,
    undated: bool,
    publisher: str | None,
    path: str | None,
) -> Filters:
    """The filters of a command line; warns of a publisher that no article is by."""
    from rag.records import Filters

    filters = Filters(since, until, publisher, path, undated)
    warn_of_unknown_publisher(retriever, filters)
    return filters


def warn_of_unknown_publisher(retriever: Retriever, filters: Filters) -> None:
    """Say which publishers there are if a filter names one that no article is by."""
    if filters.publisher is not None:
        known = {d.publisher for d in retriever.documents() if d.publisher}
        if filters.publisher.casefold() not in {name.casefold() for name in known}:
            listed = ", ".join(sorted(known)) or "none"
            console.warning(f"no article is by {filters.publisher!r}; publishers are: {listed}")


def warn_if_foreign(question: str) -> None:
    """Warn of a question in another language: the models are English."""
    from rag.corpus.language import mostly_foreign

    if mostly_foreign(question):
        console.warning("the question does not seem to be in English; expect poorer results")


def _silent(_: str) -> None:
    """Sentences are shown with the whole answer."""


def _show_answer(
    answer: Answer, as_json: bool, explain: bool, save: str | None, *, told: bool = False
) -> None:
    """``told``: its sentences are on the terminal already."""
    from rag.cli.answers import answer_text

    if as_json:
        console.out(safe_json(answer.to_dict()))
    else:
        console.out(answer_text(answer, explain=explain, told=told))
        for struck in answer.struck:
            console.notice(f"struck: {struck.text} ({struck.reason})")
    if save is not None:
        _write(Path(save), safe_json(answer.to_dict()) + "\n")
    spent = answer.timings_ms["total"] / 1000
    read = f"{answer.read} of {len(answer.passages)} passages read"
    if answer.read < len(answer.passages):
        console.notice(f"{read} in the time given")
    console.detail(f"{read}, {spent:.2f} s, {answer.index.embedder}")


def _answer_all(
    retriever: Retriever, questions: list[str], filters: Filters, as_of: str | None
) -> int:
    """Answer one question a line; a question that fails becomes an error line, and the rest go on."""
    code = 0
    for question in questions:
        try:
            line = retriever.ask(question, filters=filters, as_of=as_of).to_dict()
        except UsageError as error:
            line, code = {"question": question, "error": error.to_dict()}, FAILED
        console.out(safe_json(line, indent=None))
        sys.stdout.flush()
    return code


def _lines(source: str) -> list[str]:
    """The lines of a file or of stdin that are not blank."""
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise InvalidArgument(f"--questions: {source}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidArgument(f"--questions: {source} is not UTF-8 ({error.reason})") from error
    return [line.strip() for line in lines if line.strip()]


def _span(text: str, length: int) -> tuple[int, int]:
    begin, _, finish = text.partition(":")
    if not (begin.isdecimal() and finish.isdecimal() and int(begin) < int(finish) <= length):
        raise InvalidArgument(
            f"--at: {text!r} is not a span of this document, which has {length} characters",
            fix="write it as START:END, as in a citation",
        )
    return int(begin), int(finish)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RagError(f"{path}: {error.strerror}", fix="choose another --save file") from error
