"""Fit the three numbers by which an answer's own sentence confirms it.

    python training/fit_confirmation.py FIT.json [OTHER.json|.jsonl ...] [--corpus DIR]

Each question is answered as the judge alone would; then question and answer are put together as a
statement, and the reader says what the quoted sentence does to it. A logistic of both says how probably the
answer is right. As in ``fit_judge.py``, every second answerable question is asked once more with its
answers hidden, every second article of the first set is fitted on, and no set may have trained the reader.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fit_judge import Floats, Trial, indexed, parsed, trials
from sklearn.linear_model import LogisticRegression

import rag
from rag.answer import ALL, confirm
from rag.asking.models import Models
from rag.asking.pipeline import answer, understood
from rag.asking.session import Clock, Session
from rag.english.question import statement
from rag.evaluate import QuestionSet, read_questions
from rag.evaluate.metrics import holds, separation
from rag.models import entailment_reader, load_reader
from rag.search import Plan
from rag.stores import open_store


@dataclass(frozen=True)
class Judged:
    """What the judge and the sentence say of one answer, and whether it is right."""

    article: str
    odds: float
    support: float
    right: bool
    answerable: bool


def judged(questions: QuestionSet, corpus: Path | None, sample: int, seed: int) -> Iterator[Judged]:
    """Answer a sample of a set's questions, and ask each answer's own sentence about it."""
    index = indexed(questions, corpus)
    checker = entailment_reader(load_reader())
    store, models = open_store(index), Models(index, rag.Settings())
    rules = frozenset(ALL) - {"confirm"}

    def answered(trial: Trial) -> rag.Answer:
        session = Session(store, models, Clock(), Plan(), rules=rules)
        asked = understood(trial.question.text, store, models.analyzer, read_dates=False)
        return answer(session, asked, trial.passages, min_confidence=0.0)

    with rag.Retriever.open(index) as retriever:
        for trial in trials(retriever, questions, sample, seed):
            given = answered(trial)
            if not given.citations:
                continue
            cited = given.citations[0]
            claim = statement(trial.question.text, given.answer or "")
            [entailment] = checker.entailments(claim, [cited.quote])
            right = cited.doc_id in trial.question.sources and holds(
                cited.quote, trial.question.answers
            )
            yield Judged(
                article=retriever.document(cited.doc_id).title,
                odds=confirm.log_odds(given.confidence),
                support=confirm.log_support(entailment),
                right=trial.answerable and right,
                answerable=trial.answerable,
            )


def report(name: str, found: Sequence[Judged], confidence: Floats) -> None:
    """Print how well confidence tells answerable from not, before and after, and thresholds."""
    able = np.array([case.answerable for case in found])
    before = separation([case.odds for case in found], able.tolist())
    after = separation(confidence.tolist(), able.tolist())
    print(
        f"{name}: {able.sum()} answerable, {(~able).sum()} not; AUC {before:.3f}, then {after:.3f}"
    )
    for share in (0.02, 0.04, 0.06, 0.1):
        threshold = float(np.quantile(confidence[able], share))
        declined = (confidence[~able] < threshold).mean()
        print(
            f"  below {threshold:.3f}: {share:.2f} of the answerable, {declined:.3f} of the others"
        )


def main() -> None:
    """Fit on half of the first set, report on all else."""
    arguments = parsed(__doc__, sample=1200)

    def asked(path: Path) -> list[Judged]:
        questions = read_questions(path)
        return list(judged(questions, arguments.corpus, arguments.sample, arguments.seed))

    first, *others = arguments.sets
    found = asked(first)
    fitted = set(sorted({case.article for case in found})[::2])
    model = LogisticRegression(C=100).fit(
        [(c.odds, c.support) for c in found if c.article in fitted],
        [c.right for c in found if c.article in fitted],
    )
    odds, support = model.coef_[0]
    print(f"ODDS    {odds:.2f}   (in the product: {confirm.ODDS})")
    print(f"SUPPORT {support:.2f}   (in the product: {confirm.SUPPORT})")
    print(f"BIAS    {model.intercept_[0]:.2f}   (in the product: {confirm.BIAS})")

    def told(name: str, some: Sequence[Judged]) -> None:
        report(name, some, model.predict_proba([(c.odds, c.support) for c in some])[:, 1])

    told(f"{first.name}, fitted on", [c for c in found if c.article in fitted])
    told(f"{first.name}, the rest", [c for c in found if c.article not in fitted])
    for path in others:
        told(path.name, asked(path))


if __name__ == "__main__":
    main()
