"""Fit the six parameters of the judge.

    python training/fit_judge.py FIT.json [OTHER.json|.jsonl ...] [--corpus DIR]

Each argument is a question set in a format that ``rag eval answers`` accepts. The product indexes, searches
and reads its documents, and computes the judge's features of every unit. Every second answerable question
is asked again with its answers hidden (without the documents that contain an accepted answer), so that the
fit sees near misses. The fit uses every second article of the first set; the report covers all sets. The
reader must not be trained on any of them, or its confidence would be too high. Deterministic for a given
sample and seed.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

import rag
from rag.answer.judge import NONE_OF_THESE, WEIGHTS, features
from rag.asking.models import Models
from rag.asking.reading import ReadingSession
from rag.asking.session import Clock, question_analyzer
from rag.english.question import read_question
from rag.evaluate import Example, QuestionSet, corpus_index, prepared_index, read_questions
from rag.evaluate.metrics import holds, separation
from rag.records import Passage
from rag.search import Plan
from rag.stores import index_at

READ = 8  # passages, as `ask` reads
PENALTY = 1e-4  # on the squared weights, only to keep the optimum unique

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """The features of all units for one question, and which of them contain an accepted answer."""

    article: str
    features: Floats
    right: Bools
    answerable: bool


@dataclass(frozen=True)
class Trial:
    """A question, the passages found for it, and whether they can answer it."""

    question: Example
    passages: Sequence[Passage]
    answerable: bool


def indexed(questions: QuestionSet, corpus: Path | None) -> Path:
    """The index of a set's own documents, or else of the articles in a folder."""
    settings = rag.Settings()
    if questions.documents is not None:
        return prepared_index(questions.documents, settings).index
    assert corpus is not None, "name the articles with --corpus"  # noqa: S101  # a script
    return corpus_index(corpus, settings).index


def trials(
    retriever: rag.Retriever, questions: QuestionSet, sample: int, seed: int
) -> Iterator[Trial]:
    """A sample of a set's questions with their passages; every second one again, with answers hidden."""
    chosen = list(questions.questions)
    random.Random(seed).shuffle(chosen)  # noqa: S311  # a sample, not a secret
    for number, question in enumerate(chosen[:sample]):
        found = retriever.search(question.text, 10 * READ)
        yield Trial(question, found[:READ], answerable=bool(question.answers))
        if question.answers and number % 2:
            hidden = [
                p
                for p in found
                if p.doc_id not in question.sources
                and not holds(retriever.document(p.doc_id).text, question.answers)
            ]
            yield Trial(question, hidden[:READ], answerable=False)


def cases(questions: QuestionSet, corpus: Path | None, sample: int, seed: int) -> Iterator[Case]:
    """Search, read and compute features for a sample of a set's questions."""
    index = indexed(questions, corpus)
    stored = index_at(index)
    store, models = stored.open(), Models(stored, rag.Settings())
    with rag.Retriever.open(index) as retriever:
        for trial in trials(retriever, questions, sample, seed):
            question = trial.question
            session = ReadingSession(store, models, Clock(), Plan())
            read_as = read_question(question.text, question_analyzer(store, question.text))
            read = session.read(read_as, trial.passages)
            right = [
                trial.answerable
                and each.passage.doc_id in question.sources
                and holds(each.words(unit.start, unit.end), question.answers)
                for each in read
                for unit in each.units
            ]
            rows = features(session.inquiry(read_as), read)
            article = retriever.document(question.sources[0]).title if question.sources else ""
            yield Case(article, rows, np.array(right, bool), trial.answerable)


def fit(found: Sequence[Case]) -> tuple[Floats, float]:
    """Maximum likelihood of a conditional logit with one more choice, "none of these".

    Where several units are right, the likelihood is of any of them.
    """

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, none = parameters[:-1], parameters[-1]
        total, gradient = 0.0, np.zeros_like(parameters)
        for case in found:
            utilities = np.append(case.features @ weights, none)
            chosen = np.append(case.right, not case.right.any())
            normal = logsumexp(utilities)
            picked = logsumexp(utilities[chosen])
            total += normal - picked
            slope = np.exp(utilities - normal)
            slope[chosen] -= np.exp(utilities[chosen] - picked)
            gradient[:-1] += slope[:-1] @ case.features
            gradient[-1] += slope[-1]
        return (
            total / len(found) + PENALTY * float(weights @ weights),
            gradient / len(found) + 2 * PENALTY * np.append(weights, 0),
        )

    best = minimize(loss, np.zeros(len(WEIGHTS) + 1), jac=True, method="L-BFGS-B")
    return best.x[:-1], float(best.x[-1])


def report(name: str, found: Sequence[Case], weights: Floats, none: float) -> None:
    """Print how often the first unit is right, and how well confidence tells answerable from not."""
    confidence, right = [], []
    for case in found:
        utilities = np.append(case.features @ weights, none)
        probabilities = np.exp(utilities - logsumexp(utilities))[:-1]
        first = int(probabilities.argmax())
        confidence.append(float(probabilities[first]))
        right.append(bool(case.right[first]))
    answerable = np.array([case.answerable for case in found])
    scores, rightly = np.array(confidence), np.array(right)
    area = separation(scores.tolist(), answerable.tolist())
    print(
        f"{name}: {answerable.sum()} answerable, {(~answerable).sum()} not;"
        f" sentence right {rightly[answerable].mean():.3f}; AUC {area or float('nan'):.3f}"
    )
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        inside = (scores >= low) & (scores < high)
        if inside.any():
            print(
                f"  {inside.sum():>5} of confidence {low:.1f} to {min(high, 1):.1f}:"
                f" {scores[inside].mean():.3f} expected, {rightly[inside].mean():.3f} right"
            )
    for threshold in (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        declined = scores < threshold
        print(
            f"  below {threshold:.2f}: {declined[answerable].mean():.3f} of the answerable declined,"
            f" {declined[~answerable].mean():.3f} of the others"
        )


def parsed(description: str, sample: int) -> argparse.Namespace:
    """The command line arguments: question sets, corpus, sample size and seed."""
    parser = argparse.ArgumentParser(description=description.split("\n", 1)[0])
    parser.add_argument("sets", nargs="+", type=Path, help="question sets; the first is fitted on")
    parser.add_argument("--corpus", type=Path, help="articles of the sets that bring none")
    parser.add_argument("--sample", type=int, default=sample, help="questions taken of each")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Fit on half of the first set; report on everything."""
    arguments = parsed(__doc__, sample=2000)

    def asked(path: Path) -> list[Case]:
        questions = read_questions(path)
        return list(cases(questions, arguments.corpus, arguments.sample, arguments.seed))

    first, *others = arguments.sets
    found = asked(first)
    articles = sorted({case.article for case in found})
    fitted = set(articles[::2])
    weights, none = fit([case for case in found if case.article in fitted])
    in_product: dict[str, Any] = dict(WEIGHTS)
    for name, weight in zip(WEIGHTS, weights, strict=True):
        print(f"{name:<18} {weight:.3f}   (in the product: {in_product[name]})")
    print(f"{'none of these':<18} {none:.3f}   (in the product: {NONE_OF_THESE})")
    report(f"{first.name}, fitted on", [c for c in found if c.article in fitted], weights, none)
    report(f"{first.name}, the rest", [c for c in found if c.article not in fitted], weights, none)
    for path in others:
        report(path.name, asked(path), weights, none)


if __name__ == "__main__":
    main()
