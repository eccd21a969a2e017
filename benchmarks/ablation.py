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
from rag.answer import ALL, RULES
from rag.asking.clock import Clock
from rag.asking.models import Models
from rag.asking.pipeline import Asked, answer, understood
from rag.asking.session import Session
from rag.evaluate import Example, corpus_index, prepared_index, read_questions
from rag.evaluate.metrics import f1, holds
from rag.evaluate.retrieval import sampled
from rag.models import cache_folder, entailment_reader, load_reader
from rag.models.weights import locate_reader
from rag.protocols import Analyzer, Reader
from rag.records import Entailment, Excerpt, Reading, Span
from rag.search import Plan
from rag.stores import open_store

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs" / "evaluation.md"
BEGIN, END = "<!-- ablation: begin -->", "<!-- ablation: end -->"
ARTICLES: Final = ROOT / "tests" / "dialogue" / "articles"
OWN: Final = {
    "seeds": ROOT / "seeds",
    "seeds-2": ROOT / "seeds",
    "seeds-3": ROOT / "seeds",
    "others": ARTICLES,
}
"""The project's own question sets, and the articles that they are about."""
MEASURES: Final = ("right", "answer hit", "F1", "unanswerable declined", "answerable declined")


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
class Outcome:
    """One question under some rules; None where a measure does not apply."""

    right: bool
    hit: bool | None
    f1: float | None
    declined_unanswerable: bool | None
    declined_answerable: bool | None

    @classmethod
    def of(cls, given: str | None, answers: Sequence[str]) -> Outcome:
        """An answer held against those that are accepted; none of them means unanswerable."""
        hit, declined = holds(given or "", answers), given is None
        return cls(
            hit if answers else declined,
            hit if answers else None,
            f1(given or "", answers),
            None if answers else declined,
            declined if answers else None,
        )

    def measures(self) -> tuple[float | None, ...]:
        """In the order of ``MEASURES``."""
        return (
            float(self.right),
            self.hit,
            self.f1,
            self.declined_unanswerable,
            self.declined_answerable,
        )


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be asked of an index, and how its outcome is found."""

    outcomes: Callable[[Asker], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Set:
    """A question set, the index that answers it, and whether the rules were written with it at hand."""

    name: str
    index: Path
    items: tuple[Item, ...]
    own: bool


def question_item(question: Example) -> Item:
    """A question with accepted answers."""
    return Item(lambda asker: [Outcome.of(asker.ask(question.text).answer, question.answers)])


def report_item(line: dict[str, Any]) -> Item:
    """A question that articles agree on or not: right is who is counted and who is shown to differ."""

    def outcomes(asker: Asker) -> list[Outcome]:
        given = asker.ask(line["question"])
        plain = [other.answer.casefold() for other in given.disagreement]
        differ = len(plain) == len(line["disagree"]) and all(
            any(w.casefold() in p or p in w.casefold() for p in plain) for w in line["disagree"]
        )
        counted = not line["agree"] or given.support == len(line["agree"])
        over = given.support > max(1, len(line["agree"]))
        hit = holds(given.answer or "", line["answers"]) if line.get("answers") else None
        return [Outcome(differ and counted and not over, hit, None, None, given.answer is None)]

    return Item(outcomes)


def dialogue_item(dialogue: dict[str, Any]) -> Item:
    """A dialogue: right is each follow-up that leads to the passage that answers it."""

    def outcomes(asker: Asker) -> list[Outcome]:
        conversation = rag.Conversation(asker)  # type: ignore[arg-type]  # it asks, and that is all
        found = []
        for number, wanted in enumerate(dialogue["turns"]):
            turn = conversation.ask(wanted["ask"])
            if number:
                found.append(_turn(turn, wanted))
        return found

    return Item(outcomes)


def _turn(turn: Any, wanted: dict[str, Any]) -> Outcome:
    answer, declined = turn.answer, turn.answer.answer is None
    if wanted.get("declines"):
        return Outcome(declined, None, None, declined, None)
    place = answer.citations or answer.passages
    text = (place[0].quote if answer.citations else place[0].text) if place else ""
    flat = " ".join(text.split()).casefold()
    right = bool(place) and place[0].doc_id in wanted["docs"]
    right = right and " ".join(wanted["holds"].split()).casefold() in flat
    return Outcome(right, None, None, None, declined)


def sets(files: Sequence[Path], sample: int | None, scratch: Path) -> Iterator[Set]:
    """The project's own sets, then those of the files."""
    settings = rag.Settings()
    for name, corpus in OWN.items():
        questions = read_questions(ROOT / "evaluation" / f"{name}.jsonl").questions
        index = corpus_index(corpus, settings).index
        yield Set(name, index, tuple(map(question_item, questions)), own=True)
    for name in ("reports", "reports2"):
        path = ROOT / "tests" / "answer" / f"{name}.jsonl"
        rag.build(path.with_suffix(""), scratch / name)
        items = tuple(report_item(line) for line in json_lines(path))
        yield Set(name, scratch / name, items, own=True)
    lines = [
        line
        for name in ("dialogues", "dialogues-held-out")
        for line in json_lines(ROOT / "evaluation" / f"{name}.jsonl")
    ]
    for about, folder in (("seeds", ROOT / "seeds"), ("articles", ARTICLES)):
        items = tuple(dialogue_item(line) for line in lines if line["corpus"] == about)
        index = corpus_index(folder, settings).index
        yield Set(f"dialogues, {about}", index, items, own=True)
    for path in files:
        dataset = read_questions(path)
        numbers = {str(n): question.text for n, question in enumerate(dataset.questions)}
        chosen = [dataset.questions[int(n)] for n in sampled(numbers, sample)]
        if dataset.documents is None:
            raise SystemExit(f"{path} brings no articles: it should be in SQuAD's form")
        index = prepared_index(dataset.documents, settings).index
        yield Set(path.stem, index, tuple(map(question_item, chosen)), own=False)


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


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
    return [fmean(values) if values else None for values in applied]


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
    """One row a rule: what it adds on the sets it was not written for, on our own, and on each set."""
    new = [r for r in results if not r.own]
    own = [r for r in results if r.own]
    lines = []
    for title, group in (("not written for", new), ("written with these at hand", own)):
        if not group:
            continue
        whole = [outcome for r in group for outcome in r.whole]
        header = ["rule", *("+ −", *MEASURES[1:]), *(r.name for r in group)]
        lines += [
            f"\nQuestions that the rules were {title} ({len(whole)}):\n"
            if title[0] == "n"
            else f"\nThe project's own questions, {title} ({len(whole)}):\n"
        ]
        lines += ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
        values = ["" if v is None else f"{v:.3f}" for v in means(whole)]
        each = ["" if (v := means(r.whole)[0]) is None else f"{v:.3f}" for r in group]
        lines.append("| " + " | ".join(["all rules", *values, *each]) + " |")
        for rule in rules:
            off = [outcome for r in group for outcome in r.without[rule]]
            cells = [f"{rule}", *worth(whole, off)]
            cells += [worth(r.whole, r.without[rule])[0] for r in group]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


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
        DOCS.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
