"""Statements with texts that support them, contradict them or leave them open, to train the reader on.

Two sources: published pairs of premise and hypothesis (MNLI, SNLI) in CSV with the columns ``premise``,
``hypothesis`` and ``label``, and statements made by rule of a question and an answer, its own or a
wrong one of the same kind.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from reader_corpus import Asked
from reader_data import (
    ALONE,
    CLS,
    COLUMNS,
    CONTRADICTS,
    OPEN,
    QUESTION,
    SEP,
    SUPPORTS,
    WRONG,
    Maker,
    Pair,
)
from tokenizers import Tokenizer

from rag.english.question import statement
from rag.text.sentences import sentence_spans

LABELS = {"entailment": SUPPORTS, "contradiction": CONTRADICTS, "neutral": OPEN}

MADE = 2
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
    """``MADE`` statements made by rule, each with its paragraph or with the sentence that answers."""
    rng = random.Random(f"made {seed} {step}")  # noqa: S311  # a sample, not a secret
    for asked in rng.sample(maker.corpus.questions, MADE):
        yield stance_pair(*made_statement(maker, asked, rng), maker.tokenizer)


def made_statement(maker: Maker, asked: Asked, rng: random.Random) -> tuple[str, str, int]:
    """A statement of a question and an answer, a text, and what the text does to it.

    The statement is in good English, or a yes-or-no question, or as rough as the product makes it.
    """
    if rng.random() < 0.5 and (made := maker.asked_as_yes_or_no(asked, rng)):
        words = rng.choice(made[0])
        label = made[1]
    else:
        wrong = maker.near_misses.wrong_answer(asked, rng) if rng.random() < WRONG else None
        answer = wrong or min((text for text, _ in asked.answers), key=len)
        words, label = statement(asked.text, answer), CONTRADICTS if wrong else SUPPORTS
    text, rest = _shown(maker.corpus.paragraphs[asked.paragraph][2], asked, rng)
    if rest and rng.random() < 0.2:
        return words, rest, OPEN
    return words, text, label


def _shown(text: str, asked: Asked, rng: random.Random) -> tuple[str, str]:
    """The sentence that answers, with the one before it or alone, or all; and what does not answer."""
    spans = sentence_spans(text)
    holding = [
        n
        for n, (start, end) in enumerate(spans)
        if any(start < at + len(answer) and at < end for answer, at in asked.answers)
    ]
    accepted = [answer.casefold() for answer, _ in asked.answers]
    others = [text[s:e] for n, (s, e) in enumerate(spans) if n not in holding]
    rest = rng.choice(others) if others and rng.random() < 0.5 else " ".join(others)
    if any(answer in rest.casefold() for answer in accepted):
        rest = ""
    if not holding or holding[-1] != holding[0] or rng.random() < 0.4:
        return text, rest
    first = max(0, holding[0] - (rng.random() < 0.4))
    return text[spans[first][0] : spans[holding[0]][1]], rest
