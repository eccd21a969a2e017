"""The value of each answer rule: answers question sets with one rule off at a time.

    python -m benchmarks.ablation [SQUAD.json | QUESTIONS.jsonl:FOLDER ...] [--sample N] [--only RULE ...]
                                  [--not-own] [--write]

The project's own sets are always included, unless ``--not-own`` leaves them out. The rules were written for
those, so the true value of a rule shows on other sets. What the reader says does not depend on the rules:
each excerpt is read once for a question, and the cache on disk serves the next run too. Search runs once a
question. A rule is switched off only for the questions for which it changes something.
``--write`` puts the tables between the markers in ``docs/evaluation.md``.
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
from typing import Any

import rag
from benchmarks.question_sets import MEASURES, Outcome, Set, sets
from benchmarks.readings import of_entailment, of_reading, to_entailment, to_reading
from benchmarks.report import EVALUATION, put_into
from rag.answer import ALL, RULES
from rag.asking.models import Models
from rag.asking.pipeline import Request, answer, nearest, understand
from rag.asking.reading import ReadingSession
from rag.asking.session import Clock
from rag.evaluate.metrics import separation
from rag.models import cache_folder, entailment_reader, load_reader
from rag.models.weights import locate_reader
from rag.protocols import Analyzer, Reader
from rag.records import Entailment, Excerpt, Reading
from rag.search import Plan
from rag.stores import index_at
from rag.stores.analyzer import TextAnalyzer


class CachedReader:
    """A reader with a cache on disk: it reads each excerpt only once for a question."""

    def __init__(self, reader: Reader, file: Path) -> None:
        self.id = reader.id
        self._reader = reader
        self._checker = entailment_reader(reader)
        self._known: dict[str, Any] = {}
        if file.exists():
            self._known = dict(map(json.loads, file.read_text(encoding="utf-8").splitlines()))
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """See ``Reader.read``."""

        def compute(new: list[Excerpt]) -> list[Any]:
            return [of_reading(each) for each in self._reader.read(question, new)]

        return [to_reading(each) for each in self._cached("read", question, excerpts, compute)]

    def entailments(self, statement: str, texts: Sequence[str]) -> list[Entailment]:
        """See ``EntailmentReader.entailments``."""

        def compute(new: list[Excerpt]) -> list[Any]:
            results = self._checker.entailments(statement, [each.text for each in new])
            return [of_entailment(each) for each in results]

        excerpts = [Excerpt("", None, text) for text in texts]
        results = self._cached("entailments", statement, excerpts, compute)
        return [to_entailment(each) for each in results]

    def _cached(
        self,
        task: str,
        text: str,
        excerpts: Sequence[Excerpt],
        compute: Callable[[list[Excerpt]], list[Any]],
    ) -> list[Any]:
        keys = [_key(task, text, excerpt) for excerpt in excerpts]
        new = {key: e for key, e in zip(keys, excerpts, strict=True) if key not in self._known}
        results = dict(zip(new, compute(list(new.values())) if new else [], strict=True))
        self._known |= results
        with self._file.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(pair) + "\n" for pair in results.items())
        return [self._known[key] for key in keys]


def _key(task: str, text: str, excerpt: Excerpt) -> str:
    parts = json.dumps([task, text, excerpt.title, excerpt.heading, excerpt.text])
    return hashlib.sha256(parts.encode()).hexdigest()[:24]


class CachedAnalyzer:
    """An analyzer that caches the terms of each text."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.id = analyzer.id
        self.forms = analyzer.forms
        self._analyzer = analyzer
        self._terms: dict[str, list[str]] = {}
        self._all_terms: dict[str, list[str]] = {}

    def __call__(self, text: str) -> list[str]:
        """See ``Analyzer.__call__``."""
        if text not in self._terms:
            self._terms[text] = self._analyzer(text)
        return self._terms[text]

    def all_terms(self, text: str) -> list[str]:
        """See ``Analyzer.all_terms``."""
        if text not in self._all_terms:
            self._all_terms[text] = self._analyzer.all_terms(text)
        return self._all_terms[text]

    def forget(self) -> None:
        """Clear the cache."""
        self._terms.clear()
        self._all_terms.clear()


class RecordingRules(Collection[str]):
    """All rules; records which ones a question consults. Turning off any other changes nothing."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __contains__(self, rule: object) -> bool:
        self.asked.add(str(rule))
        return rule in ALL

    def __iter__(self) -> Iterator[str]:
        return iter(ALL)

    def __len__(self) -> int:
        return len(ALL)


@dataclass(frozen=True, slots=True)
class Call:
    """All of a question that no rule of answering changes."""

    request: Request
    session: ReadingSession
    distinct: list[rag.Passage]
    """The passages to read, without repeats of the same words."""
    plain: list[rag.Passage]
    """With them."""


class RuleAsker:
    """Answers like ``Retriever.ask``, with any set of rules; searches only once per question."""

    def __init__(self, index: Path, reader: CachedReader) -> None:
        stored = index_at(index)
        self._store = stored.open()
        self._settings = rag.Settings()
        self._models = Models(stored, self._settings, reader)
        self._analyzer = CachedAnalyzer(TextAnalyzer(self._store.facts.languages))
        self._calls: dict[tuple[str, bool], Call] = {}
        self.rules: Collection[str] = ALL

    def ask(self, question: str, **_: object) -> rag.Answer:
        """The answer with the current rules."""
        call = self._call(question, read_dates=True)
        if call.request.publication and "publication" not in self.rules:
            call = self._call(question, read_dates=False)
        call.session.rules = self.rules
        passages = call.distinct
        if call.plain != passages and "distinct" not in self.rules:
            passages = call.plain
        return answer(call.session, call.request, passages, self._settings.min_confidence)

    def _call(self, question: str, *, read_dates: bool) -> Call:
        key = (question, read_dates)
        if key not in self._calls:
            request = understand(question, self._store, read_dates=read_dates)
            plan = Plan(lexical_weight=self._settings.lexical_weight, filters=request.filters)
            session = ReadingSession(
                self._store, self._models, Clock(), plan, analyzer=self._analyzer
            )
            k = self._settings.passages
            distinct = nearest(session, request, k)
            plain = (
                distinct if request.question.form == "overview" else session.find(request.query, k)
            )
            self._calls[key] = Call(request, session, distinct, plain)
        return self._calls[key]

    def forget(self) -> None:
        """Clear the caches before the next question."""
        self._calls.clear()
        self._analyzer.forget()


@dataclass(frozen=True, slots=True)
class SetResult:
    """The outcomes of a set with all rules on, and with each of them off."""

    name: str
    own: bool
    all_on: list[Outcome]
    without: dict[str, list[Outcome]]


def measure(each: Set, rules: Sequence[str], reader: CachedReader) -> SetResult:
    """Answer a set with all rules on and with each one off."""
    all_on: list[Outcome] = []
    without: dict[str, list[Outcome]] = {rule: [] for rule in rules}
    asker = RuleAsker(each.index, reader)
    for number, item in enumerate(each.items):
        if number % 20 == 0:
            print(f"\r{each.name}: {number} of {len(each.items)}", end="", file=sys.stderr)
        asker.rules = consulted = RecordingRules()
        outcomes = item.outcomes(asker)
        all_on += outcomes
        for rule in rules:
            asker.rules = frozenset(ALL) - {rule}
            matters = rule in consulted.asked
            without[rule] += item.outcomes(asker) if matters else outcomes
        asker.forget()
    print(f"\r{each.name}: {len(each.items)} of {len(each.items)}", file=sys.stderr)
    return SetResult(each.name, each.own, all_on, without)


# ---------------------------------------------------------------- tables


def means(outcomes: Sequence[Outcome]) -> list[float | None]:
    """The mean of each measure over the questions to which it applies."""
    columns = zip(*(outcome.measures() for outcome in outcomes), strict=True)
    values_of = ([value for value in column if value is not None] for column in columns)
    judged = [o for o in outcomes if o.confidence is not None]
    answerable = [o.hit is not None for o in judged]
    area = separation([o.confidence or 0.0 for o in judged], answerable)
    return [*(fmean(values) if values else None for values in values_of), area]


def gain(on: Sequence[Outcome], off: Sequence[Outcome]) -> list[str]:
    """The effect of a rule: questions that it makes right and wrong, and the change of each measure."""
    gained = sum(one.right and not other.right for one, other in zip(on, off, strict=True))
    lost = sum(other.right and not one.right for one, other in zip(on, off, strict=True))
    if on == off:
        return [""] * len(MEASURES)
    differences = [
        "" if a is None or b is None else _signed(a - b)
        for a, b in zip(means(on), means(off), strict=True)
    ]
    return [f"+{gained} −{lost}", *differences[1:]]


def _signed(value: float) -> str:
    text = f"{value:+.3f}".replace("0.", ".", 1).replace("-", "−")
    return "" if text.strip("+−.0") == "" else text


def table(results: Sequence[SetResult], rules: Sequence[str]) -> str:
    """The effect of each rule, on sets that the rules were not written for, then on the project's own."""
    groups = {
        "Questions that the rules were not written for": [r for r in results if not r.own],
        "The project's own, which were at hand when the rules were written": [
            r for r in results if r.own
        ],
    }
    return "\n".join(
        line for title, group in groups.items() if group for line in _group(title, group, rules)
    )


def _group(title: str, group: Sequence[SetResult], rules: Sequence[str]) -> list[str]:
    """The lines of a table: a row with all rules on, then one for each rule."""
    on = [outcome for result in group for outcome in result.all_on]
    each = [means(result.all_on)[0] for result in group]
    rows = [
        ["rule", *MEASURES, *(result.name for result in group)],
        ["---"] * (1 + len(MEASURES) + len(group)),
        ["all on", *("" if v is None else f"{v:.3f}" for v in (*means(on), *each))],
    ]
    for rule in rules:
        off = [outcome for result in group for outcome in result.without[rule]]
        own = [gain(result.all_on, result.without[rule])[0] for result in group]
        rows.append([rule, *gain(on, off), *own])
    return [f"{title} ({len(on)}):", "", *(f"| {' | '.join(row)} |" for row in rows), ""]


def main() -> None:
    """Measure and print the tables; with ``--write``, put them into the docs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="*", help="SQuAD files, or QUESTIONS.jsonl:FOLDER")
    parser.add_argument("--sample", type=int, help="questions taken of each file")
    parser.add_argument("--only", nargs="+", choices=list(RULES), help="rules to switch off")
    parser.add_argument("--not-own", action="store_true", help="leave out the project's own sets")
    parser.add_argument("--write", action="store_true", help=f"into {EVALUATION.name}")
    arguments = parser.parse_args()
    rules = arguments.only or list(RULES)
    cache = cache_folder() / "evaluation" / f"readings-{locate_reader().sha256[:16]}.jsonl"
    reader = CachedReader(load_reader(), cache)
    with tempfile.TemporaryDirectory() as scratch:
        results = [
            measure(each, rules, reader)
            for each in sets(
                arguments.files, arguments.sample, Path(scratch), own=not arguments.not_own
            )
        ]
    tables = table(results, rules)
    print(tables)
    if arguments.write:
        put_into(EVALUATION, "ablation", tables)


if __name__ == "__main__":
    main()
