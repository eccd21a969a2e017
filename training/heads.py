"""Who leads what: made of texts that name the head of an organisation in passing.

"REAL Ltd CEO Ann Lee said …" answers "Who runs REAL Ltd?", and no question of the sets asks in these
words. A sentence that names an organisation without a word for who leads it is the near miss.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reader_corpus import Corpus

from rag.text.sentences import sentence_spans

_OFFICE = (
    r"(?:CEO|chief executive(?: officer)?|head coach|head|president|general director|director[- ]general|"
    r"director|general manager|managing director|manager|chair(?:man|woman|person)?|coach|leader|principal|"
    r"editor(?:-in-chief)?|owner|dean|secretary[- ]general|boss|commander)"
)
_BEFORE = re.compile(rf"[ ,]+{_OFFICE},? \Z", re.IGNORECASE)
_AFTER = re.compile(
    rf",? (?:is |was )?(?:the |then |its |a )?(?:[\w-]+ ){{0,2}}{_OFFICE} (?:of|at) (?:the )?\Z",
    re.IGNORECASE,
)
_ASKED = re.compile(
    rf"who(?:'s| is| was| were) (?:the )?(?:current )?{_OFFICE} (?:of|at|for)"
    r" (?P<what>(?:the )?[^?]{3,40}?) ?\??",
    re.IGNORECASE,
)
_SPEAKS_OF_HEADS = re.compile(
    rf"\b(?:{_OFFICE}s?|found\w*|led|leads?|leading|runs?|running|ran|headed|heads|minister|king|queen|"
    r"governor|mayor|captain|chief|board|executives?|under)\b",
    re.IGNORECASE,
)
_ASKING = (
    "Who runs {}?",
    "Who runs {}?",
    "Who leads {}?",
    "Who heads {}?",
    "who is in charge of {}?",
    "Who is at the head of {}?",
    "who's the boss of {}?",
    "Who is responsible for {}?",
    "Who is the head of {}?",
)
ENOUGH = 20_000  # sentences for near misses
LONGEST = 260  # characters of one
_APART = 45
"""Characters between an organisation and the name of its head."""


@dataclass(frozen=True, slots=True)
class Head:
    """A question who leads something, a passage that says it, and one that names it but does not say."""

    question: str
    title: str
    text: str
    answers: tuple[tuple[str, int], ...]
    miss: str


@dataclass(frozen=True)
class Heads:
    """What a corpus with labels says of heads."""

    corpus: Corpus

    @cached_property
    def named(self) -> list[tuple[int, str, tuple[tuple[str, int], ...]]]:
        """Paragraphs, what is led in each, and by whom, with the places of the answers."""
        found = list(self._in_passing())
        for asked in self.corpus.questions:
            match = _ASKED.fullmatch(asked.text)
            if match and len(min(asked.answers, key=lambda one: len(one[0]))[0].split()) < 5:
                found.append((asked.paragraph, match["what"], asked.answers))
        return found

    def _in_passing(self) -> Iterator[tuple[int, str, tuple[tuple[str, int], ...]]]:
        for number, (_, _, text) in enumerate(self.corpus.paragraphs):
            labels = self.corpus.labels.of_paragraph(number)
            organisations = [(start, end) for start, end, kind in labels if kind == "ORG"]
            for start, end, kind in labels:
                if kind != "PERSON" or not text[start:end].istitle() or " " not in text[start:end]:
                    continue
                for first, last in organisations:
                    led = 0 < start - last < _APART and _BEFORE.fullmatch(text[last:start])
                    leads = 0 < first - end < 2 * _APART and _AFTER.fullmatch(text[end:first])
                    if led or leads:
                        yield number, text[first:last], ((text[start:end], start),)

    @cached_property
    def silent(self) -> list[tuple[str, int, int]]:
        """Sentences that name an organisation without a word for who leads it, and where."""
        found: list[tuple[str, int, int]] = []
        for number, (_, _, text) in enumerate(self.corpus.paragraphs):
            labels = self.corpus.labels.of_paragraph(number)
            if len(found) >= ENOUGH:
                break
            for begin, end in sentence_spans(text):
                inside = [(s, e, kind) for s, e, kind in labels if begin <= s and e <= end]
                spans = [(s, e) for s, e, kind in inside if kind == "ORG"]
                names = sum(kind in {"ORG", "PERSON", "GPE"} for *_, kind in inside)
                sentence = text[begin:end]
                if (
                    spans
                    and names > 1
                    and len(sentence) < LONGEST
                    and not _SPEAKS_OF_HEADS.search(sentence)
                ):
                    found.append((sentence, spans[0][0] - begin, spans[0][1] - begin))
        return found

    def made(self, rng: random.Random) -> Head | None:
        """One question; None where the corpus has no labels."""
        if not self.named or not self.silent:
            return None
        number, what, answers = rng.choice(self.named)
        _, title, text = self.corpus.paragraphs[number]
        misses = " ".join(self._about(what, rng) for _ in range(rng.randint(1, 3)))
        if rng.random() < 0.5:
            # The near miss stands in the passage too, before or behind the sentence that answers.
            beside = self._about(what, rng)
            if rng.random() < 0.5:
                answers = tuple((answer, at + len(beside) + 1) for answer, at in answers)
                text = f"{beside} {text}"
            else:
                text = f"{text} {beside}"
        return Head(rng.choice(_ASKING).format(what), title, text, answers, misses)

    def _about(self, what: str, rng: random.Random) -> str:
        sentence, start, end = rng.choice(self.silent)
        return sentence[:start] + what + sentence[end:]
