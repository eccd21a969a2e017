"""Statements with texts that support them, contradict them or leave them open, to train the reader on.

Two sources: published pairs of premise and hypothesis (MNLI, SNLI) in CSV with the columns ``premise``,
``hypothesis`` and ``label``, and statements made by rule of a question and an answer, its own or that of
another question about the same paragraph.
"""

import csv
import random
import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from reader_corpus import Asked
from reader_data import ALONE, CLS, COLUMNS, QUESTION, SEP, Maker, Pair
from tokenizers import Tokenizer

from rag.english.question import statement

LABELS = {"entailment": 0, "contradiction": 1, "neutral": 2}
"""In the order of ``rag.models.readers.network.ENTAILMENTS``."""

MADE = 1
"""Statements made by rule for each step."""


def stance_pairs(
    paths: Sequence[Path], tokenizer: Tokenizer, seed: int, begin: int = 0
) -> Iterator[Pair]:
    """The published pairs in a new order each time round, without end, from number ``begin`` on."""
    rows = [
        (row["hypothesis"], row["premise"], LABELS[row["label"]])
        for path in paths
        for row in csv.DictReader(path.open(encoding="utf-8", newline=""))
    ]
    for turn in count():
        random.Random(f"stance {seed} {turn}").shuffle(rows)  # noqa: S311  # an order, not a secret
        for hypothesis, premise, label in rows[begin:]:
            yield stance_pair(hypothesis, premise, label, tokenizer)
        begin = max(0, begin - len(rows))


def stance_pair(hypothesis: str, premise: str, label: int, tokenizer: Tokenizer) -> Pair:
    """A statement in the place of the question, the text it is held against in that of the passage."""
    asked = tokenizer.encode(hypothesis, add_special_tokens=False).ids[:QUESTION]
    ids = [CLS, *asked, SEP]
    second = len(ids)
    given = tokenizer.encode(premise, add_special_tokens=False).ids[: COLUMNS - second - 1]
    return Pair([*ids, *given, SEP], second, second, None, None, ALONE, label)


def made_stances(maker: Maker, seed: int, step: int) -> Iterator[Pair]:
    """Up to ``MADE`` statements made by rule, each with its own paragraph."""
    rng = random.Random(f"made {seed} {step}")  # noqa: S311  # a sample, not a secret
    for asked in rng.sample(maker.corpus.questions, MADE):
        article, _, text = maker.corpus.paragraphs[asked.paragraph]
        near = [q for q in maker.asked[article] if q.paragraph == asked.paragraph]
        if made := made_statement(asked, near, rng):
            yield stance_pair(made[0], text, made[1], maker.tokenizer)


def made_statement(
    asked: Asked, others: Sequence[Asked], rng: random.Random
) -> tuple[str, int] | None:
    """A statement of a question and its answer, or of a like answer to another question, and its label.

    ``others`` are questions about the same paragraph. None if no other answer is of the same kind.
    """
    right = min((text for text, _ in asked.answers), key=len)
    if rng.random() < 0.5:
        return statement(asked.text, right), LABELS["entailment"]
    accepted = " ".join(text.casefold() for text, _ in asked.answers)
    wrong = [
        text
        for other in others
        for text, _ in other.answers[:1]
        if _kind(text) == _kind(right)
        and text.casefold() not in accepted
        and right.casefold() not in text.casefold()
    ]
    return (statement(asked.text, rng.choice(wrong)), LABELS["contradiction"]) if wrong else None


def _kind(answer: str) -> str:
    """What sort of answer one is, roughly: only like ones are exchanged."""
    if re.search(r"\d", answer):
        return "number"
    return "name" if answer[:1].isupper() else "words"
