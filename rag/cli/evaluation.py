"""``rag eval``: measures search and answers on published collections and on your own questions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.app import (
    AsOfOption,
    FusionOption,
    IndexOption,
    JsonOption,
    ModelOption,
    ModeOption,
    PassagesOption,
    ReaderOption,
    ThresholdOption,
    command,
    command_group,
    console,
    settings,
)
from rag.cli.console import report_text, safe_json, skipped_lines
from rag.errors import InvalidArgument
from rag.files import home_expanded
from rag.text.terminal import printable

if TYPE_CHECKING:
    from rag.evaluate import AnswersReport, Judgement, QuestionSet, RetrievalReport
    from rag.protocols import Progress
    from rag.records import BuildReport
    from rag.settings import Settings

evaluation = command_group("eval", "Measure retrieval and answers.")


class MethodName(StrEnum):
    """The ways of searching that can be measured."""

    lexical = "lexical"
    dense = "dense"
    hybrid = "hybrid"
    rerank = "rerank"


MethodOption = Annotated[
    MethodName | None, typer.Option("--mode", help="Measure only this one.  [default: all]")
]
SampleOption = Annotated[
    int | None,
    typer.Option(
        "--sample", metavar="N", min=1, help="Ask only N of the questions, the same every time."
    ),
]
PlotOption = Annotated[
    str | None, typer.Option("--plot", metavar="FILE", help="Plot the result (.png, .svg, .pdf).")
]


@command("retrieval", evaluation)
def retrieval_command(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="DIR",
            help="Folder in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv.",
        ),
    ],
    split: Annotated[
        str, typer.Option("--split", help="The relevance judgements to use.")
    ] = "test",
    mode: MethodOption = None,
    fusion: FusionOption = None,
    model: ModelOption = None,
    reader: ReaderOption = None,
    sample: SampleOption = None,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="FILE", help="Write the hybrid ranking as a TREC run."),
    ] = None,
    plot: PlotOption = None,
    index: IndexOption = None,
    json: JsonOption = False,
) -> None:
    """Measure how well searches rank documents.

    The index of the collection is kept in the cache folder, or in --index DIR.

    Examples: rag eval retrieval scifact/  ·  rag eval retrieval time/ --run time.trec --plot time.png
    """
    from rag.asking.retriever import Retriever
    from rag.evaluate import evaluate_retrieval, prepared_index, read_beir
    from rag.evaluate.plot import plot_retrieval

    values = settings(fusion=fusion, model=model, reader=reader).values
    dataset = read_beir(Path(folder), split)
    with console.progress() as progress:
        prepared = prepared_index(dataset.documents, values, progress, _path(index))
        _print_build(prepared.report)
        with Retriever.open(prepared.index, settings=values) as retriever:
            report = evaluate_retrieval(
                retriever,
                dataset,
                prepared.ids,
                mode=mode.value if mode else None,
                sample=sample,
                run_file=_path(run),
                progress=progress,
            )
    if plot is not None:
        plot_retrieval(report, Path(plot))
    console.out(safe_json(report.to_dict()) if json else retrieval_text(report))


@command("answers", evaluation)
def answers_command(
    questions: Annotated[
        str, typer.Argument(metavar="FILE", help="Questions in JSON lines, or a SQuAD file.")
    ],
    corpus: Annotated[
        str | None,
        typer.Option(
            "--corpus",
            metavar="DIR",
            help="Folder of articles; without it, the index is used.",
            show_default=False,
        ),
    ] = None,
    oracle: Annotated[
        bool,
        typer.Option("--oracle", help="Read only the right document, to measure reading alone."),
    ] = False,
    passages: PassagesOption = None,
    min_confidence: ThresholdOption = None,
    as_of: AsOfOption = None,
    mode: ModeOption = None,
    fusion: FusionOption = None,
    model: ModelOption = None,
    reader: ReaderOption = None,
    sample: SampleOption = None,
    plot: PlotOption = None,
    index: IndexOption = None,
    json: JsonOption = False,
) -> None:
    """Measure answers, citations and abstentions.

    A line of FILE is {"id", "question", "answers": […], "sources": […]}; an empty list of answers means
    that the articles don't say. Each paragraph of a SQuAD file (v1.1, v2.0) becomes a document. The curve
    shows the result for each --min-confidence; -v lists the questions that went wrong.

    Examples: rag eval answers questions.jsonl --corpus articles/  ·  rag eval answers squad.json --oracle
    """
    from rag.asking.retriever import Retriever
    from rag.evaluate import evaluate_answers, read_questions
    from rag.evaluate.plot import plot_answers

    values = settings(
        fusion=fusion,
        model=model,
        reader=reader,
        mode=mode,
        passages=passages,
        min_confidence=min_confidence,
        index=index,
    ).values
    dataset = read_questions(Path(questions))
    if dataset.documents is not None and corpus is not None:
        raise InvalidArgument("a SQuAD file has its own articles", fix="leave out --corpus")
    if dataset.documents is None and corpus is None and model is not None:
        raise InvalidArgument("an index has its own model", fix="use --model with --corpus")
    with console.progress() as progress:
        place = _articles_index(dataset, corpus, values, _path(index), progress)
        with Retriever.open(place, settings=values) as retriever:
            report = evaluate_answers(
                retriever,
                dataset,
                threshold=values.min_confidence,
                oracle=oracle,
                sample=sample,
                as_of=as_of,
                progress=progress,
            )
    if plot is not None:
        plot_answers(report, Path(plot))
    if json:
        console.out(safe_json(report.to_dict()))
        return
    console.out(answers_text(report))
    for judgement in report.questions:
        if console.verbose and not is_right(judgement):
            console.out(missed_text(judgement))


def _articles_index(
    dataset: QuestionSet,
    corpus: str | None,
    values: Settings,
    index: Path | None,
    progress: Progress,
) -> Path:
    """The index to ask: of the set's own documents, of a folder of articles, or the user's own."""
    from rag.evaluate import corpus_index, prepared_index

    if dataset.documents is not None:
        prepared = prepared_index(dataset.documents, values, progress, index)
    elif corpus is not None:
        prepared = corpus_index(home_expanded(corpus), values, progress, index)
    else:
        return Path(values.index)
    _print_build(prepared.report)
    return prepared.index


def _path(name: str | None) -> Path | None:
    return home_expanded(name) if name is not None else None


def _print_build(report: BuildReport) -> None:
    for line in skipped_lines(report):
        console.notice(line)
    if report.embedded:
        console.notice(report_text(report))


# ---------------------------------------------------------------- layout


def retrieval_text(report: RetrievalReport) -> str:
    """A table of measures by mode, with the median time of a query."""
    measures = list(next(iter(report.modes.values())))
    rows = [
        [mode, *(_decimal(values[name]) for name in measures), f"{report.latency_ms[mode]:.1f} ms"]
        for mode, values in report.modes.items()
    ]
    title = (
        f"{report.dataset}, {report.split}: {len(report.queries)} queries,"
        f" {report.documents} documents"
    )
    return f"{printable(title)}\n\n{_table(['', *measures, 'per query'], rows)}"


def answers_text(report: AnswersReport) -> str:
    """The measures, the curve over thresholds, and the median time of each stage."""
    answerable = sum(j.answerable for j in report.questions)
    title = (
        f"{report.dataset}: {len(report.questions)} questions, {answerable} of them answerable;"
        f" threshold {report.threshold:g}"
    )
    measures = [[name.replace("_", " "), _decimal(value)] for name, value in report.metrics.items()]
    curve = [
        [
            f"{p.threshold:g}",
            *map(
                _decimal, (p.coverage, p.accuracy, p.declined_answerable, p.declined_unanswerable)
            ),
        ]
        for p in report.curve
    ]
    header = ["threshold", "coverage", "accuracy", "answerable declined", "others declined"]
    spent = ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in report.latency_ms.items())
    return "\n\n".join(
        [printable(title), _table(["", ""], measures), _table(header, curve), f"median: {spent}"]
    )


def is_right(judgement: Judgement) -> bool:
    """Whether a question was answered correctly, or declined correctly."""
    return judgement.answer_hit if judgement.answerable else not judgement.answered


def missed_text(judgement: Judgement) -> str:
    """One line for a question that went wrong: the tool's answer and the accepted ones."""
    answer = judgement.given if judgement.answered else f"declined: {judgement.given}"
    accepted = " | ".join(judgement.answers) or "(the articles don't say)"
    line = f"{judgement.id}  {judgement.question}  → {answer} ({judgement.confidence:.2f})"
    return printable(" ".join(f"{line}  accepted: {accepted}".split()))


def _decimal(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned with spaces: the first to the left, the others to the right."""
    lines = [header, *rows] if any(header) else list(rows)
    widths = [max(len(line[n]) for line in lines) for n in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
