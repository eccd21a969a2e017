"""The record of all measurements, and the Markdown page and plots made from it; tables put into a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import OURS, ROOT, Row, Section

JSON: Final = "benchmarks.json"
MARKDOWN: Final = "benchmarks.md"
PLOT: Final = "benchmarks.png"
CURVES: Final = "scale.png"
WORKERS: Final = "workers.png"
PAGES: Final = ROOT / "docs"
EVALUATION: Final = PAGES / "evaluation.md"
"""The page into which tables are put that are measured on question sets."""
SCALE: Final = PAGES / "scale.md"
"""The page into which tables are put about sizes that do not fit one machine."""

_PREFACE: Final = (
    "Made by `make bench`; not edited by hand. The tool is measured beside what a user would run"
    " otherwise, in one run on one machine, the sides taking turns; figures are medians unless they say"
    " otherwise. Absolute times belong to this machine; what carries over is how many times better ours"
    " is, in brackets behind each alternative (below 1: how many times worse)."
)


class OtherMachine(Exception):  # its message is all a user needs
    """The record is from another machine; figures side by side must come from one."""


@dataclass(frozen=True, slots=True)
class Record:
    """All sections measured on one machine, in the order given to ``merged``."""

    machine: Mapping[str, Any]
    sections: Mapping[str, Section] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, machine: Mapping[str, Any]) -> Record:
        """The record in a folder, or an empty one.

        Raises OtherMachine if it was measured on another machine.
        """
        path = folder / JSON
        if not path.exists():
            return cls(machine)
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["machine"] != machine:
            raise OtherMachine(
                f"{path} was measured on another machine ({raw['machine']});"
                " measure everything anew, or name another folder with --out"
            )
        return cls(
            machine, {name: Section.from_dict(value) for name, value in raw["sections"].items()}
        )

    @classmethod
    def saved(cls) -> Record:
        """The project's own record, from whatever machine."""
        raw = json.loads((PAGES / JSON).read_text(encoding="utf-8"))
        return cls.read(PAGES, raw["machine"])

    def merged(self, section: Section, order: Sequence[str]) -> Record:
        """The record with one section added or replaced."""
        sections = {**self.sections, section.name: section}
        known = [name for name in order if name in sections]
        return replace(self, sections={name: sections[name] for name in known})

    def write(self, folder: Path) -> None:
        """Write the JSON file."""
        folder.mkdir(parents=True, exist_ok=True)
        raw = {
            "machine": dict(self.machine),
            "sections": {name: section.to_dict() for name, section in self.sections.items()},
        }
        text = json.dumps(raw, indent=1, ensure_ascii=False)
        (folder / JSON).write_text(text + "\n", encoding="utf-8")


# ---------------------------------------------------------------- Markdown


def markdown(record: Record, machine: str) -> str:
    """The page."""
    dates = sorted({section.date for section in record.sections.values()})
    facts = {
        "Machine": machine,
        "Measured": " to ".join(dict.fromkeys((dates[0], dates[-1]))),
        "Versions": ", ".join(_versions(record)),
    }
    parts = [
        "# Benchmarks",
        _PREFACE,
        "\\\n".join(f"**{name}:** {fact}." for name, fact in facts.items()),
        f"![How many times better than each alternative]({PLOT})",
    ]
    for section in record.sections.values():
        parts += [f"## {section.title}", section.how, table(section)]
        if section.name == "scale":
            parts.append(f"![Latency and memory by number of passages]({CURVES})")
        if section.name == "workers":
            parts.append(f"![Passages embedded a second by number of workers]({WORKERS})")
    return "\n\n".join(parts) + "\n"


def table(section: Section) -> str:
    """The figures of a section: a line for each row, a column for each side.

    >>> print(table(Section("s", "S", "", (Row("one query", "ms", {OURS: 2, "x": 30}),))))
    |  | article-rag | x |
    |---|---:|---:|
    | one query | 2.0 ms | 30 ms (15.0×) |
    """
    sides = list(dict.fromkeys(side for row in section.rows for side in row.values))
    lines = [f"|  | {' | '.join(sides)} |", f"|---|{'---:|' * len(sides)}"]
    lines += [
        f"| {row.what} | {' | '.join(_cell(row, side) for side in sides)} |" for row in section.rows
    ]
    return "\n".join(lines)


def _cell(row: Row, side: str) -> str:
    if side not in row.values:
        return "–"
    figure = quantity(row.values[side], row.unit)
    advantage = None if side == OURS else row.advantage(side)
    return figure if advantage is None else f"{figure} ({times(advantage)})"


def quantity(value: float, unit: str) -> str:
    """A figure with its unit, to a sensible number of digits.

    >>> quantity(0.0456, "ms"), quantity(3.14159, "s"), quantity(1234.5, "/s"), quantity(0.71, "")
    ('0.046 ms', '3.1 s', '1,234 /s', '0.710')
    """
    if not unit:
        return f"{value:.3f}"
    size = abs(value)
    digits = 0 if size >= 20 else 1 if size >= 1 else 2 if size >= 0.1 else 3
    return f"{value:,.{digits}f} {unit}"


def times(advantage: float) -> str:
    """A ratio, as in the tables.

    >>> times(98.2), times(2.84), times(0.5)
    ('98×', '2.8×', '0.50×')
    """
    digits = 0 if advantage >= 20 else 1 if advantage >= 1.05 else 2
    return f"{advantage:,.{digits}f}×"


def _versions(record: Record) -> Iterator[str]:
    """Each library with its version, or several if sections used different ones."""
    found: dict[str, set[str]] = {}
    for section in record.sections.values():
        for library, version in section.libraries.items():
            found.setdefault(library, set()).add(version)
    for library in sorted(found):
        yield f"{library} {' and '.join(sorted(found[library]))}"


# ---------------------------------------------------------------- the plots


def draw_all(record: Record, folder: Path) -> None:
    """Draw all plots of the page."""
    draw(record, folder / PLOT)
    if "scale" in record.sections:
        draw_curves(record.sections["scale"], folder / CURVES)
    if "workers" in record.sections:
        draw_workers(record.sections["workers"], folder / WORKERS)


def draw_curves(section: Section, path: Path) -> None:
    """Draw latency and memory by size, with logarithmic axes."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for axes, unit in zip(panels, ("ms", "MB"), strict=True):
        for row in section.rows:
            if row.unit == unit:
                sizes = [int(size.replace(",", "")) for size in row.values]
                axes.loglog(sizes, list(row.values.values()), marker="o", label=row.what)
        axes.set_xlabel("passages")
        axes.set_ylabel(unit)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_workers(section: Section, path: Path) -> None:
    """Draw throughput by number of workers; a dotted line is twice what one worker does, and so on."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for row in section.rows:
        counts = [int(count) for count in row.values]
        rates = list(row.values.values())
        line, *_ = axes.plot(counts, rates, marker="o", label=row.what)
        if len(counts) > 1:
            ideal = [rates[0] * count for count in counts]
            axes.plot(counts, ideal, linestyle=":", color=line.get_color())
    axes.set_xticks(sorted({int(count) for row in section.rows for count in row.values}))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("workers")
    axes.set_ylabel("passages a second")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def plotted(record: Record) -> list[tuple[str, str, float]]:
    """The bars of the plot, in the order of the page: quantity, alternative, how many times better."""
    return [
        (f"{section.title}: {row.what}", side, advantage)
        for section in record.sections.values()
        for row in section.rows
        for side in row.values
        if (advantage := row.advantage(side)) is not None and side != OURS
    ]


def draw(record: Record, path: Path) -> None:
    """Draw a bar for each alternative of each row, on a logarithmic axis; bars start at 1."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    bars = plotted(record)
    if not bars:
        return
    sides = list(dict.fromkeys(side for _, side, _ in bars))
    colours = dict(zip(sides, plt.get_cmap("tab10").colors, strict=False))
    figure, axes = plt.subplots(figsize=(11, 1.2 + 0.28 * len(bars)), layout="constrained")
    for place, (_, side, advantage) in enumerate(bars):
        axes.barh(place, advantage - 1, left=1, color=colours[side], height=0.7)
        axes.annotate(
            times(advantage),
            (advantage, place),
            xytext=(4 if advantage >= 1 else -4, 0),
            textcoords="offset points",
            ha="left" if advantage >= 1 else "right",
            va="center",
            fontsize=8,
        )
    axes.set_yticks(range(len(bars)), [what for what, _, _ in bars], fontsize=8)
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_xscale("log")
    axes.set_xlim(min(0.5, *(a * 0.6 for *_, a in bars)), max(a for *_, a in bars) * 2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("times better than the alternative (logarithmic; 1 is equal)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(
        handles=[plt.Rectangle((0, 0), 1, 1, color=colours[side]) for side in sides],
        labels=sides,
        title="alternative",
        loc="outside right upper",
        fontsize=8,
    )
    figure.savefig(path, dpi=110)
    plt.close(figure)


# ---------------------------------------------------------------- tables in pages


def table_of(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table whose first column is to the left and whose others are to the right; ends with a line end.

    >>> print(table_of(["a", "b"], [["x", "1"]]), end="")
    | a | b |
    |---|---:|
    | x | 1 |
    """
    rule = f"|---|{'---:|' * (len(columns) - 1)}"
    rows = [f"| {' | '.join(cells)} |" for cells in (columns, *lines)]
    return "\n".join([rows[0], rule, *rows[1:]]) + "\n"


def put_into(page: Path, name: str, table: str) -> None:
    """Replace the table between the markers of this name in a page; ``table`` ends with a line end."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n{table}{end}{after}", encoding="utf-8")
