"""What each rule of answering is worth: question sets answered with one rule off at a time.

    python -m benchmarks.ablation [SQUAD.json ...] [--sample N] [--only RULE ...] [--write]

The project's own sets are always asked. The rules were written with those at hand, so what a rule is worth
shows on the sets that are named besides. Passages are found and read once a question; the rules, which are
cheap, run again. ``--write`` puts the tables between the markers in ``docs/evaluation.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import rag
from benchmarks.question_sets import MEASURES, ROOT, Outcome, Set, sets
from rag.answer import ALL, RULES
from rag.asking.models import Models
from rag.asking.pipeline import Asked, answer, understood
from rag.asking.session import Clock, Session
from rag.evaluate.metrics import separation
from rag.models import cache_folder, entailment_reader, load_reader
from rag.models.weights import locate_reader
from rag.protocols import Analyzer, Reader
from rag.records import Entailment, Excerpt, Reading, Span
from rag.search import Plan
from rag.stores import open_store

DOCS: Final = ROOT / "docs" / "evaluation.md"
BEGIN, END = "<!-- ablation: begin -->", "<!-- ablation: end -->"


class Remembering:
    """A reader that reads each excerpt once for a question, ever: a file keeps what it said."""

    def __init__(self, reader: Reader, file: Path) -> None:
        self.id = reader.id
        self._reader = reader
        self._checker = entailment_reader(reader)
        self._said: dict[str, Any] = {}
        if file.exists():
            self._said = dict(map(json.loads, file.read_text(encoding="utf-8").splitlines()))
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("a", encoding="utf-8")

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """As the reader does."""

        def said(new: list[Excerpt]) -> list[Any]:
            return [
                (reading.relevance, [(s.start, s.end, s.score) for s in reading.spans])
                for reading in self._reader.read(question, new)
            ]

        return [
            Reading(relevance, tuple(Span(*span) for span in spans))
            for relevance, spans in self._remembered("read", question, excerpts, said)
        ]

    def entailments(self, statement: str, texts: Sequence[str]) -> list[Entailment]:
        """As the reader does."""

        def said(new: list[Excerpt]) -> list[Any]:
            found = self._checker.entailments(statement, [each.text for each in new])
            return [(each.supports, each.contradicts) for each in found]

        bare = [Excerpt("", None, text) for text in texts]
        remembered = self._remembered("entailments", statement, bare, said)
        return [Entailment(*each) for each in remembered]

    def _remembered(
        self,
        task: str,
        text: str,
        excerpts: Sequence[Excerpt],
        say: Callable[[list[Excerpt]], list[Any]],
    ) -> list[Any]:
        keys = [_key(task, text, excerpt) for excerpt in excerpts]
        new = {key: e for key, e in zip(keys, excerpts, strict=True) if key not in self._said}
        for key, said in zip(new, say(list(new.values())) if new else [], strict=True):
            self._said[key] = said
            self._file.write(json.dumps([key, said]) + "\n")
        self._file.flush()
        return [self._said[key] for key in keys]


def _key(task: str, text: str, excerpt: Excerpt) -> str:
    seen = json.dumps([task, text, excerpt.title, excerpt.heading, excerpt.text])
    return hashlib.sha256(seen.encode()).hexdigest()[:24]


class Analysed:
    """An analyzer that remembers the terms of each text."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.id = analyzer.id
        self._analyzer = analyzer
        self._terms: dict[str, list[str]] = {}

    def __call__(self, text: str) -> list[str]:
        """As the analyzer does."""
        if text not in self._terms:
            self._terms[text] = self._analyzer(text)
        return self._terms[text]

    def forget(self) -> None:
        """Begin anew."""
        self._terms.clear()


class Consulted(Collection[str]):
    """All rules, and which of them were asked about: without any other one, the outcome is the same."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __contains__(self, rule: object) -> bool:
        self.asked.add(str(rule))
        return rule in ALL

    def __iter__(self) -> Iterator[str]:
        return iter(ALL)

    def __len__(self) -> int:
        return len(ALL)


class Asker:
    """Answers questions of one index under any rules, as ``Retriever.ask`` does; finds passages once."""

    def __init__(self, index: Path, reader: Remembering) -> None:
        self._store = open_store(index)
        self._settings = rag.Settings()
        self._models = Models(index, self._settings, reader)
        self._analyzer = Analysed(self._models.analyzer)
        self._models.analyzer = self._analyzer
        self._found: dict[object, list[rag.Passage]] = {}
        self._asked: dict[tuple[str, bool], Asked] = {}
        self.rules: Collection[str] = ALL

    def ask(self, question: str, **_: object) -> rag.Answer:
        """The answer under the rules that are on."""
        asked = self._understood(question, read_dates=True)
        if asked.question.filters and "publication" not in self.rules:
            asked = self._understood(question, read_dates=False)
        plan = Plan(lexical_weight=self._settings.lexical_weight, filters=asked.filters)
        session = Session(self._store, self._models, Clock(), plan, rules=self.rules)
        found = self._find(session, asked, distinct=True)
        plain = self._find(session, asked, distinct=False)
        if plain != found and "distinct" not in self.rules:
            found = plain
        return answer(session, asked, found, self._settings.min_confidence)

    def _understood(self, question: str, *, read_dates: bool) -> Asked:
        key = (question, read_dates)
        if key not in self._asked:
            self._asked[key] = understood(
                question, self._store, self._analyzer, read_dates=read_dates
            )
        return self._asked[key]

    def _find(self, session: Session, asked: Asked, *, distinct: bool) -> list[rag.Passage]:
        key = (asked.query, asked.filters, distinct)
        if key not in self._found:
            k = self._settings.passages
            self._found[key] = session.find(asked.query, k, distinct=distinct)
        return self._found[key]

    def forget(self) -> None:
        """Begin anew with another question."""
        self._found.clear()
        self._asked.clear()
        self._analyzer.forget()


@dataclass(frozen=True, slots=True)
class Measured:
    """The outcomes of a set under all rules, and with each of them off."""

    name: str
    own: bool
    whole: list[Outcome]
    without: dict[str, list[Outcome]]


def measured(each: Set, rules: Sequence[str], reader: Remembering) -> Measured:
    """Answer a set under all rules and with each one off."""
    whole: list[Outcome] = []
    without: dict[str, list[Outcome]] = {rule: [] for rule in rules}
    asker = Asker(each.index, reader)
    for number, item in enumerate(each.items):
        if number % 20 == 0:
            print(f"\r{each.name}: {number} of {len(each.items)}", end="", file=sys.stderr)
        asker.rules = consulted = Consulted()
        outcomes = item.outcomes(asker)
        whole += outcomes
        for rule in rules:
            asker.rules = frozenset(ALL) - {rule}
            bears = rule in consulted.asked
            without[rule] += item.outcomes(asker) if bears else outcomes
        asker.forget()
    print(f"\r{each.name}: {len(each.items)} of {len(each.items)}", file=sys.stderr)
    return Measured(each.name, each.own, whole, without)


# ---------------------------------------------------------------- tables


def means(outcomes: Sequence[Outcome]) -> list[float | None]:
    """The mean of each measure over the questions that it applies to."""
    columns = zip(*(outcome.measures() for outcome in outcomes), strict=True)
    applied = ([value for value in column if value is not None] for column in columns)
    judged = [o for o in outcomes if o.confidence is not None]
    answerable = [o.hit is not None for o in judged]
    area = separation([o.confidence or 0.0 for o in judged], answerable)
    return [*(fmean(values) if values else None for values in applied), area]


def worth(whole: Sequence[Outcome], off: Sequence[Outcome]) -> list[str]:
    """What a rule adds: questions that become right and wrong by it, then each measure's difference."""
    gained = sum(one.right and not other.right for one, other in zip(whole, off, strict=True))
    lost = sum(other.right and not one.right for one, other in zip(whole, off, strict=True))
    if whole == off:
        return ["", *[""] * (len(MEASURES) - 1)]
    differences = [
        "" if a is None or b is None else _signed(a - b)
        for a, b in zip(means(whole), means(off), strict=True)
    ]
    return [f"+{gained} −{lost}", *differences[1:]]


def _signed(value: float) -> str:
    shown = f"{value:+.3f}".replace("0.", ".", 1).replace("-", "−")
    return "" if shown.strip("+−.0") == "" else shown


def table(results: Sequence[Measured], rules: Sequence[str]) -> str:
    """What each rule adds: on sets that the rules were not written for, then on the project's own."""
    groups = {
        "Questions that the rules were not written for": [r for r in results if not r.own],
        "The project's own, which were at hand when the rules were written": [
            r for r in results if r.own
        ],
    }
    return "\n".join(
        line for title, group in groups.items() if group for line in _group(title, group, rules)
    )


def _group(title: str, group: Sequence[Measured], rules: Sequence[str]) -> list[str]:
    """The lines of a table: a row with all rules on, then one for each rule."""
    whole = [outcome for measured in group for outcome in measured.whole]
    each = [means(measured.whole)[0] for measured in group]
    rows = [
        ["rule", *MEASURES, *(measured.name for measured in group)],
        ["---"] * (1 + len(MEASURES) + len(group)),
        ["all on", *("" if v is None else f"{v:.3f}" for v in (*means(whole), *each))],
    ]
    for rule in rules:
        off = [outcome for measured in group for outcome in measured.without[rule]]
        own = [worth(measured.whole, measured.without[rule])[0] for measured in group]
        rows.append([rule, *worth(whole, off), *own])
    return [f"{title} ({len(whole)}):", "", *(f"| {' | '.join(row)} |" for row in rows), ""]


def main() -> None:
    """Measure, print, and write if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="*", type=Path, help="SQuAD files")
    parser.add_argument("--sample", type=int, help="questions taken of each file")
    parser.add_argument("--only", nargs="+", choices=list(RULES), help="rules to switch off")
    parser.add_argument("--not-own", action="store_true", help="leave out the project's own sets")
    parser.add_argument("--write", action="store_true", help=f"into {DOCS.name}")
    arguments = parser.parse_args()
    rules = arguments.only or list(RULES)
    kept = cache_folder() / "evaluation" / f"readings-{locate_reader().sha256[:16]}.jsonl"
    reader = Remembering(load_reader(), kept)
    with tempfile.TemporaryDirectory() as scratch:
        results = [
            measured(each, rules, reader)
            for each in sets(arguments.files, arguments.sample, Path(scratch))
            if not (each.own and arguments.not_own)
        ]
    made = table(results, rules)
    print(made)
    if arguments.write:
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        DOCS.write_text(f"{before}{BEGIN}\n{made}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
