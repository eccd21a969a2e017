"""Fit the three parameters of the confirmation of an answer by its own sentence.

    python training/fit_confirmation.py FIT.json [OTHER.json|.jsonl ...] [--corpus DIR]

The judge alone answers each question. Then question and answer are joined into a statement, and the reader
computes whether the quoted sentence entails it. A logistic regression of both predicts whether the answer
is right. As in ``fit_judge.py``, every second answerable question is asked again with its answers hidden,
the fit uses every second article of the first set, and the reader must not be trained on any set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fit_judge import Floats, Trial, indexed, parsed, trials
from sklearn.linear_model import LogisticRegression

import rag
from rag.answer import ALL, judge
from rag.asking.models import Models
from rag.asking.pipeline import answer, understand
from rag.asking.reading import ReadingSession
from rag.asking.session import Clock
from rag.english.question import statement
from rag.evaluate import QuestionSet, read_questions
from rag.evaluate.metrics import holds, separation
from rag.models import entailment_reader, load_reader
from rag.search import Plan
from rag.stores import index_at


@dataclass(frozen=True)
class Judged:
    """The outputs of judge and entailment for one answer, and whether it is right."""

    article: str
    odds: float
    support: float
    right: bool
    answerable: bool


def judged(questions: QuestionSet, corpus: Path | None, sample: int, seed: int) -> Iterator[Judged]:
    """Answer a sample of a set's questions, and compute the entailment of each answer."""
    index = indexed(questions, corpus)
    checker = entailment_reader(load_reader())
    stored = index_at(index)
    store, models = stored.open(), Models(stored, rag.Settings())
    rules = frozenset(ALL) - {"confirm"}

    def answer_trial(trial: Trial) -> rag.Answer:
        session = ReadingSession(store, models, Clock(), Plan(), rules=rules)
        asked = understand(trial.question.text, store, read_dates=False)
        return answer(session, asked, trial.passages, min_confidence=0.0)

    with rag.Retriever.open(index) as retriever:
        for trial in trials(retriever, questions, sample, seed):
            result = answer_trial(trial)
            if not result.citations:
                continue
            citation = result.citations[0]
            hypothesis = statement(trial.question.text, result.answer or "")
            [entailment] = checker.entailments(hypothesis, [citation.quote])
            right = citation.doc_id in trial.question.sources and holds(
                citation.quote, trial.question.answers
            )
            yield Judged(
                article=retriever.document(citation.doc_id).title,
                odds=judge.confirmation_odds(result.confidence),
                support=judge.log_support(entailment),
                right=trial.answerable and right,
                answerable=trial.answerable,
            )


def report(name: str, found: Sequence[Judged], confidence: Floats) -> None:
    """Print the AUC of confidence before and after, and the shares declined at several thresholds."""
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
    """Fit on half of the first set; report on everything."""
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
    print(f"ODDS    {odds:.2f}   (in the product: {judge.ODDS})")
    print(f"SUPPORT {support:.2f}   (in the product: {judge.SUPPORT})")
    print(f"BIAS    {model.intercept_[0]:.2f}   (in the product: {judge.BIAS})")

    def print_report(name: str, some: Sequence[Judged]) -> None:
        report(name, some, model.predict_proba([(c.odds, c.support) for c in some])[:, 1])

    print_report(f"{first.name}, fitted on", [c for c in found if c.article in fitted])
    print_report(f"{first.name}, the rest", [c for c in found if c.article not in fitted])
    for path in others:
        print_report(path.name, asked(path))


if __name__ == "__main__":
    main()
