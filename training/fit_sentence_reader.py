"""Fit the six numbers of the sentence reader.

    python training/fit_sentence_reader.py FIT.json [JUDGE.json ...]

Each argument is a question set in SQuAD's JSON form. Every paragraph becomes an article, the product
indexes them, and for each sampled question the product retrieves and computes the reader's features.
Every second question is asked once more with its answers hidden (the paragraphs of its article that
hold an accepted answer are filtered out), so that the fit sees near misses that have no answer. The
first set is fitted on; all are reported. Deterministic for a given sample and seed.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

import rag
from rag.answer import SentenceReader, units_of
from rag.answer.sentence_reader import NONE_OF_THESE, WEIGHTS
from rag.index import EnglishAnalyzer, LocalStore
from rag.models import load_embedder
from rag.types import Passage

READ = 8  # passages, as `ask` reads
PENALTY = 1e-4  # of the squared weights: only to keep the optimum unique

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Question:
    """A question, the paragraph that answers it and the accepted answers with their places there."""

    text: str
    paragraph: int
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Case:
    """The features of all units read for one question, and which of them hold an accepted answer."""

    features: Floats
    right: Bools
    answerable: bool


class MemoEmbedder:
    """The product's embedder, remembering what it has embedded: sentences recur across questions."""

    def __init__(self) -> None:
        self._embedder = load_embedder()
        self.info = self._embedder.info
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of texts: float32 (len(texts), dimension)."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(missing, self._embedder.embed_documents(missing), strict=True))
        return np.array([self._known[text] for text in texts]).reshape(len(texts), -1)

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of questions: float32 (len(texts), dimension)."""
        return self._embedder.embed_queries(texts)


def read_squad(path: Path) -> tuple[list[tuple[int, str, str]], list[Question]]:
    """Paragraphs as (article number, its title, text), and the questions."""
    paragraphs: list[tuple[int, str, str]] = []
    questions: list[Question] = []
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = tuple((a["text"], a["answer_start"]) for a in qa["answers"])
                if qa.get("is_impossible"):
                    answers = ()
                questions.append(Question(qa["question"], len(paragraphs), answers))
            title = article.get("title", "").replace("_", " ")
            paragraphs.append((number, title, paragraph["context"]))
    return paragraphs, questions


def write_corpus(paragraphs: list[tuple[int, str, str]], folder: Path) -> None:
    """One article a paragraph, named by article and paragraph so that a filter can tell them apart."""
    with (folder / "metadata.jsonl").open("w", encoding="utf-8") as sidecar:
        for number, (_, title, text) in enumerate(paragraphs):
            (folder / f"{number:05}.txt").write_text(text, encoding="utf-8", newline="")
            if title:
                sidecar.write(json.dumps({"path": f"{number:05}.txt", "title": title}) + "\n")


def cases(path: Path, sample: int, seed: int) -> list[Case]:
    """Retrieve and compute features for a sample of a set's questions."""
    paragraphs, questions = read_squad(path)
    random.Random(seed).shuffle(questions)  # noqa: S311  # a sample, not a secret
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name) / "corpus", Path(name) / "index"
        corpus.mkdir()
        write_corpus(paragraphs, corpus)
        rag.build(corpus, index)
        return list(_cases(index, paragraphs, questions[:sample]))


def _cases(
    index: Path, paragraphs: list[tuple[int, str, str]], questions: list[Question]
) -> Iterator[Case]:
    store = LocalStore(index)
    retriever = rag.Retriever.open(index)

    def units(passage: Passage) -> list[tuple[int, int]]:
        return units_of(retriever.document(passage.doc_id), passage)

    reader = SentenceReader(MemoEmbedder(), EnglishAnalyzer(), store.lexical_index.rarity, units)
    for number, question in enumerate(questions):
        found = retriever.search(question.text, 10 * READ)
        yield _case(reader, units, question, found[:READ], answerable=bool(question.answers))
        if question.answers and number % 2:
            hidden = _holding(question, paragraphs)
            rest = [p for p in found if int(p.doc_id[:5]) not in hidden]
            yield _case(reader, units, question, rest[:READ], answerable=False)


def _holding(question: Question, paragraphs: list[tuple[int, str, str]]) -> set[int]:
    """The question's paragraph, and those of the same article that hold an accepted answer."""
    article = paragraphs[question.paragraph][0]
    return {
        number
        for number, (owner, _, text) in enumerate(paragraphs)
        if owner == article
        and (
            number == question.paragraph
            or any(a.lower() in text.lower() for a, _ in question.answers)
        )
    }


def _case(
    reader: SentenceReader,
    units: Any,
    question: Question,
    passages: list[Passage],
    *,
    answerable: bool,
) -> Case:
    spans = [units(passage) for passage in passages]
    right = [
        answerable
        and int(passage.doc_id[:5]) == question.paragraph
        and any(start <= at and at + len(text) <= end for text, at in question.answers)
        for passage, own in zip(passages, spans, strict=True)
        for start, end in own
    ]
    return Case(reader.features(question.text, passages, spans), np.array(right, bool), answerable)


def fit(found: list[Case]) -> tuple[Floats, float]:
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


def judge(name: str, found: list[Case], weights: Floats, none: float) -> None:
    """Print how often the first unit is right and how well confidence tells answerable from not."""
    confidence, right = [], []
    for case in found:
        utilities = np.append(case.features @ weights, none)
        probabilities = np.exp(utilities - logsumexp(utilities))[:-1]
        first = int(probabilities.argmax())
        confidence.append(float(probabilities[first]))
        right.append(bool(case.right[first]))
    answerable = np.array([case.answerable for case in found])
    scores = np.array(confidence)
    print(
        f"{name}: {answerable.sum()} answerable, {(~answerable).sum()} not;"
        f" sentence right {np.array(right)[answerable].mean():.3f};"
        f" AUC {roc_auc_score(answerable, scores):.3f}"
    )
    for threshold in (0.01, 0.02, 0.03, 0.05, 0.1, 0.2):
        declined = scores < threshold
        print(
            f"  below {threshold:.2f}: {declined[answerable].mean():.3f} of the answerable declined,"
            f" {declined[~answerable].mean():.3f} of the others"
        )


def main() -> None:
    """Fit on the first set, report on all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "sets", nargs="+", type=Path, help="SQuAD JSON files; the first is fitted on"
    )
    parser.add_argument("--sample", type=int, default=2500, help="questions taken of each")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    first, *others = arguments.sets
    seen = cases(first, arguments.sample, arguments.seed)
    weights, none = fit(seen)
    for name, weight in zip(WEIGHTS, weights, strict=True):
        print(f"{name:<18} {weight:.3f}")
    print(f"{'none of these':<18} {none:.3f}   (in the product: {NONE_OF_THESE})")
    judge(first.name, seen, weights, none)
    for path in others:
        judge(path.name, cases(path, arguments.sample, arguments.seed), weights, none)


if __name__ == "__main__":
    main()
