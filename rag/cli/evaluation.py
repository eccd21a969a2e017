"""``rag eval``: measures search and answers on published collections and on your own questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    StoreOption,
    ThresholdOption,
    command,
    command_group,
    console,
    settings,
)
from rag.cli.console import safe_json
from rag.cli.reports import report_text, skipped_lines
from rag.errors import InvalidArgument
from rag.files import home_expanded
from rag.text.terminal import printable

if TYPE_CHECKING:
    from rag.evaluate import AnswersReport, Judgement, QuestionSet, RetrievalReport, Step
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
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Measure how well searches rank documents.

    The index of the collection is kept in the cache folder, or in --index DIR.

    Examples: rag eval retrieval scifact/  ·  rag eval retrieval time/ --run time.trec --plot time.png
    """
    from rag.asking.retriever import Retriever
    from rag.evaluate import evaluate_retrieval, prepared_index, read_beir
    from rag.evaluate.plot import plot_retrieval

    values = settings(store=store, fusion=fusion, model=model, reader=reader).values
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
        list[str],
        typer.Argument(metavar="FILE", help="Questions in JSON lines, or a SQuAD file."),
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
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Measure answers, and show where they are lost.

    A line of FILE is {"id", "question", "answers": […], "sources": […], "shape"}; an empty list of answers
    means that the articles don't say. Each paragraph of a SQuAD file (v1.1, v2.0) becomes a document. The
    table of steps shows whether search, reading, choosing or declining loses the right answers; the curve
    shows the result for each --min-confidence; -v lists the questions that went wrong, each with its step.
    Several files about the same articles are measured one after the other.

    Examples: rag eval answers questions.jsonl --corpus articles/  ·  rag eval answers squad.json --oracle
    ·  rag eval answers easy.jsonl hard.jsonl -v
    """
    from rag.asking.retriever import Retriever
    from rag.evaluate import evaluate_answers, read_questions
    from rag.evaluate.plot import plot_answers

    values = settings(
        store=store,
        fusion=fusion,
        model=model,
        reader=reader,
        mode=mode,
        passages=passages,
        min_confidence=min_confidence,
        index=index,
    ).values
    datasets = [read_questions(Path(name)) for name in questions]
    if any(dataset.documents is not None for dataset in datasets) and corpus is not None:
        raise InvalidArgument("a SQuAD file has its own articles", fix="leave out --corpus")
    if any(d.documents is None for d in datasets) and corpus is None and model is not None:
        raise InvalidArgument("an index has its own model", fix="use --model with --corpus")
    if plot is not None and len(datasets) > 1:
        raise InvalidArgument("--plot draws one file", fix="name one FILE")
    reports: list[AnswersReport] = []
    with console.progress() as progress:
        for dataset in datasets:
            place = _articles_index(dataset, corpus, values, _path(index), progress)
            with Retriever.open(place, settings=values) as retriever:
                reports.append(
                    evaluate_answers(
                        retriever,
                        dataset,
                        threshold=values.min_confidence,
                        oracle=oracle,
                        sample=sample,
                        as_of=as_of,
                        progress=progress,
                    )
                )
    if plot is not None:
        plot_answers(reports[0], Path(plot))
    if json:
        several = {"reports": [report.to_dict() for report in reports]}
        console.out(safe_json(several if len(reports) > 1 else reports[0].to_dict()))
        return
    for number, report in enumerate(reports):
        console.out(("\n\n" if number else "") + answers_text(report))
        for judgement in report.questions:
            if console.verbose and not judgement.right:
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
    for line in skipped_lines(report.skipped):
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
    """The measures, where answers are lost, the curve over thresholds, the median time of each stage."""
    answerable = sum(j.answerable for j in report.questions)
    title = (
        f"{report.dataset}: {len(report.questions)} questions, {answerable} of them answerable;"
        f" threshold {report.threshold:g}"
    )
    measures = [
        [name.replace("_", " "), _decimal(value)]
        for name, value in report.metrics.items()
        if not isinstance(value, Mapping)
    ]
    curve = [
        [
            f"{p.threshold:g}",
            *map(
                _decimal, (p.coverage, p.accuracy, p.declined_answerable, p.declined_unanswerable)
            ),
            f"{p.right}",
            f"{p.wrong}",
        ]
        for p in report.curve
    ]
    header = ["threshold", "coverage", "accuracy", "answerable declined", "others declined"]
    spent = ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in report.latency_ms.items())
    parts = [
        printable(title),
        _table(["", ""], measures),
        *([_funnel_text(report)] if report.funnel else []),
        *([_shapes_text(report.shapes)] if report.shapes else []),
        _given_text(report.questions),
        _table([*header, "right", "wrong"], curve),
        f"median: {spent}",
    ]
    return "\n\n".join(parts)


def _funnel_text(report: AnswersReport) -> str:
    """Where the answerable questions ended."""
    rows = [
        [
            row.step,
            f"{row.questions}",
            _decimal(row.share),
            _decimal(row.left),
            f"{row.answered}",
            "-" if row.step in ("declined", "right") else f"{row.alternative}",
            _decimal(row.f1),
        ]
        for row in report.funnel
    ]
    return _table(
        ["step", "questions", "share", "left", "answered", "right alternative", "F1"], rows
    )


def _shapes_text(shapes: Mapping[str, Mapping[Step, int]]) -> str:
    """How many questions of each shape ended at each step."""
    counts = list(shapes.values())
    rows = [[step, *(f"{own[step]}" for own in counts)] for step in counts[0]]
    total = ["questions", *(f"{sum(own.values())}" for own in counts)]
    return _table(["step", *map(printable, shapes)], [*rows, total])


def _given_text(questions: Sequence[Judgement]) -> str:
    """How many of the answers given are right, and how many unanswerable questions were declined."""
    given = [j for j in questions if j.answered]
    others = [j for j in questions if not j.answerable]
    right = sum(j.given_hit for j in given)
    text = f"{right} of {len(given)} answers given are right"
    if others:
        declined = sum(not j.answered for j in others)
        text += f"; {declined} of {len(others)} unanswerable questions declined"
    return text


def missed_text(judgement: Judgement) -> str:
    """One line for a question that went wrong: its step, the tool's answer and the accepted ones."""
    answer = judgement.given if judgement.answered else f"declined: {judgement.given}"
    accepted = " | ".join(judgement.answers) or "(the articles don't say)"
    line = f"{judgement.id}  [{judgement.step}] {judgement.question}"
    line += f"  → {answer} ({judgement.confidence:.2f})"
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
