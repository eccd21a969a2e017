"""Measures the tool beside its alternatives: python -m benchmarks.

Each measurement runs in its own process. The record is saved after each, so an interrupted run loses
little, and single measurements can be repeated.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.measure import ROOT, Options, say
from benchmarks.report import MARKDOWN, OtherMachine, Record, draw_all, markdown
from benchmarks.run import MEASUREMENTS, measure, prepare
from benchmarks.texts import load_collection
from rag.errors import DatasetInvalid


def main() -> None:
    """Run the chosen measurements, and write the record, the page and the plots."""
    arguments = _arguments()
    options = Options(
        data=arguments.data and arguments.data.resolve(),
        split=arguments.split,
        rounds=arguments.rounds,
        passages=arguments.passages,
        articles=arguments.articles,
        largest=arguments.largest,
    )
    machine = Machine.this()
    load_collection(options.data, options.split)  # report a mistake in it now, not in an hour
    names = [name for name in MEASUREMENTS if name in (arguments.only or MEASUREMENTS)]
    everything = set(names) == set(MEASUREMENTS)
    record = (
        Record(machine.to_dict()) if everything else Record.read(arguments.out, machine.to_dict())
    )
    prepare()
    for number, name in enumerate(names, 1):
        say(f"{name} ({number} of {len(names)})")
        begun = time.perf_counter()
        record = record.merged(measure(name, options), tuple(MEASUREMENTS))
        record.write(arguments.out)
        say(f"  done in {time.perf_counter() - begun:.0f} s")
    page = markdown(record, str(machine))
    (arguments.out / MARKDOWN).write_text(page, encoding="utf-8")
    draw_all(record, arguments.out)
    print(page)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=tuple(MEASUREMENTS), metavar="NAME")
    parser.add_argument("--data", type=Path, help="a collection in BEIR layout; default: seeds")
    parser.add_argument("--split", default="test", help="which of its qrels")
    parser.add_argument("--rounds", type=_count, default=5)
    parser.add_argument("--passages", type=_count, default=100_000, help="of the search indexes")
    parser.add_argument("--articles", type=_count, default=10_000, help="of the updated index")
    parser.add_argument(
        "--largest", type=_count, default=1_000_000, help="largest index, in passages"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="where to write")
    return parser.parse_args()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


if __name__ == "__main__":
    try:
        main()
    except (DatasetInvalid, OtherMachine) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
