"""Plots reports. matplotlib is an extra: ``pip install 'article-rag[plot]'``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.errors import InvalidArgument, RagError
from rag.evaluate.answers import AnswersReport, coverage_accuracy, curve_point
from rag.evaluate.retrieval import RetrievalReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS: Final = ("#9aa5b1", "#5b7fa6", "#1f4e79", "#d98e04")


def plot_retrieval(report: RetrievalReport, path: Path) -> None:
    """Plot each measure as a group of bars, one bar per mode. The path's ending sets the file type.

    Raises InvalidArgument if matplotlib is missing or does not support that file type, RagError if the
    file cannot be written.
    """
    figure, axes = _figure(f"{report.dataset}: {len(report.queries)} queries, {report.split}")
    measures = list(next(iter(report.modes.values())))
    width = 0.8 / len(report.modes)
    for number, (mode, values) in enumerate(report.modes.items()):
        places = [
            group + (number - (len(report.modes) - 1) / 2) * width for group in range(len(measures))
        ]
        bars = axes.bar(
            places, list(values.values()), width * 0.92, label=mode, color=_COLOURS[number]
        )
        axes.bar_label(bars, fmt=lambda value: f"{value:.3f}".lstrip("0"), fontsize=7, padding=2)
    axes.set_xticks(range(len(measures)), measures)
    axes.set_ylim(0, 1.05)
    axes.legend(frameon=False, ncols=len(report.modes), loc="upper left")
    _save(figure, path)


def plot_answers(report: AnswersReport, path: Path) -> None:
    """Plot accuracy against coverage over all thresholds, and mark the current threshold.

    Raises the same errors as ``plot_retrieval``.
    """
    figure, axes = _figure(f"{report.dataset}: {len(report.questions)} questions")
    points = coverage_accuracy(report.questions)[::-1]
    axes.plot(*zip(*points, strict=True), color=_COLOURS[2], drawstyle="steps-post")
    now = curve_point(report.questions, report.threshold)
    if now.accuracy is not None:
        axes.plot(now.coverage, now.accuracy, "o", color=_COLOURS[3])
        axes.annotate(
            f"threshold {now.threshold:g}",
            (now.coverage, now.accuracy),
            xytext=(-8, -16),
            textcoords="offset points",
            ha="right",
        )
    answerable = sum(j.answerable for j in report.questions) / len(report.questions)
    axes.axvline(answerable, color=_COLOURS[0], linestyle=":", linewidth=1)
    axes.text(answerable, 0.02, " answerable", color=_COLOURS[0], fontsize=8)
    axes.set_xlabel("coverage: share of questions answered")
    axes.set_ylabel("accuracy: share of answers that are right")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    _save(figure, path)


def _figure(title: str) -> tuple[Any, Axes]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidArgument(
            "--plot needs matplotlib, which is not installed",
            fix="install it with: pip install 'article-rag[plot]'",
        ) from None
    figure = Figure(figsize=(8, 4.5), layout="constrained", dpi=120)  # no window, no global state
    axes = figure.subplots()
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    supported = figure.canvas.get_supported_filetypes()
    if path.suffix.removeprefix(".").lower() not in supported:
        raise InvalidArgument(
            f"--plot: the ending of {path.name!r} is not a supported file type",
            fix=f"use one of: {', '.join(sorted(supported))}",
        )
    try:
        figure.savefig(path)
    except OSError as error:
        raise RagError(f"{path}: {error.strerror}", fix="choose another --plot file") from error
