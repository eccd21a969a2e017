"""Writes the compounds and amounts of a question as the passages do that are to be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from rag.english.quantities import quantities, same_quantity
from rag.search.spelling import SHORTEST

_COMPOUND: Final = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_HYPHENS: Final = str.maketrans("", "", "-\u2010\u2011 ")


def as_written(question: str, texts: Iterable[str]) -> str:
    """A question with compounds and amounts written as in the texts, if no text has them as typed.

    A reader compares question and text piece by piece: "cooperation" has no piece of "co-operation", and
    0.3 tonnes look like a different amount from 300 kg.

    >>> as_written("Who ended cooperation by email?", ["Co-operation by e-mail ended; the email was lost."])
    'Who ended co-operation by email?'
    >>> as_written("Who carried 0.3 tonnes of tin?", ["The Dora carried 300 kg of tin."])
    'Who carried 300 kg of tin?'
    """
    texts = list(texts)
    question = _amounts_as_written(question, texts)
    asked = {_joined(word) for word in _COMPOUND.findall(question) if len(word) >= SHORTEST}
    found: dict[str, Counter[str]] = {}
    for text in texts:
        last = ""
        for match in _COMPOUND.finditer(text):
            word = match.group().casefold()
            pair = f"{last} {word}" if text[match.start() - 1 : match.start()] == " " else ""
            for written in (word, pair):
                if (joined := _joined(written)) in asked:
                    found.setdefault(joined, Counter())[written] += 1
            last = word

    def rewritten(match: re.Match[str]) -> str:
        word = match.group()
        ways = found.get(_joined(word), Counter())
        if not ways or word.casefold() in ways:
            return word
        [(written, _)] = ways.most_common(1)
        return written[:1].upper() + written[1:] if word[:1].isupper() else written

    return _COMPOUND.sub(rewritten, question)


def _amounts_as_written(question: str, texts: Sequence[str]) -> str:
    asked = [amount for amount in quantities(question) if amount.dimension]
    if not asked:
        return question
    known = [(text, amount) for text in texts for amount in quantities(text) if amount.dimension]
    for amount in reversed(asked):
        written = [
            text[same.start : same.measured]
            for text, same in known
            if amount.dimension == same.dimension and same_quantity(amount, same)
        ]
        own = question[amount.start : amount.measured]
        if written and own not in written:
            question = f"{question[: amount.start]}{written[0]}{question[amount.measured :]}"
    return question


def _joined(word: str) -> str:
    return word.translate(_HYPHENS).casefold()
