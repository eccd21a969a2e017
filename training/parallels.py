"""Sentences that say the same of two things, of which a question asks for one.

"Hall A seats 400 people; Hall B seats 900." A sentence that answers is said again of another thing with
another value, as a sentence or clause of its own or shortened, before or behind. Both stand side by side,
so that only what belongs together tells the right one.
"""

import random
import re
from dataclasses import dataclass

from near_misses import LONG, NearMisses, Place, alike, shares
from reader_corpus import Asked

from rag.stores.analyzer import STOP_WORDS

LONGEST = 180  # characters of a sentence that is said twice
BETWEEN = 70  # characters between the thing and its value where the rest is left out
MARKED = 0.35  # the share in which the things are told apart by a letter or number only
BY_ITSELF = 0.4  # the share in which the sentence stands without its paragraph
KINDS_OF_THINGS = (
    "hall plant line model ship room group team gate unit section phase zone building company site lot "
    "class level annex block tower mine school road village"
).split()
MARKS = (
    tuple("ABC"),
    tuple("ABCDEF"),
    tuple("XYZ"),
    tuple("123456"),
    ("I", "II", "III", "IV", "V"),
)
NUMBERED = 0.5  # the share of these that are numbered in parts: Rule 4(a), lot 7.1
NUMBERED_THINGS = (
    "article rule lot clause section item table annex chapter paragraph step route version part bylaw"
).split()
PARTS = ("{}({})", "{}({})", "{}.{}", "{}.{}", "{}-{}", "{}{}")
_ARTICLE = re.compile(r"\b(?:the|a|an) \Z", re.IGNORECASE)
_RIGHT = "\x01"  # stands before the value that is asked for until its place is known
Answers = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """A question, a passage that says the same of two things, and the answer with its place."""

    question: str
    text: str
    answers: Answers
    about_third: str
    """The question about a thing of which the passage says nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence without its stop, and where in it the thing and its value are."""

    sentence: str
    thing: tuple[int, int]
    value: tuple[int, int]

    def of(self, thing: str, value: str) -> str:
        """The same of another thing, with another value."""
        changes = sorted([(*self.thing, thing), (*self.value, value)], reverse=True)
        text = self.sentence
        for start, end, new in changes:
            text = text[:start] + new + text[end:]
        return text

    @property
    def core(self) -> "Said":
        """From the thing to the value or from the value to the thing."""
        begin = min(self.thing[0], self.value[0])
        end = max(self.thing[1], self.value[1])
        shift = [(start - begin, stop - begin) for start, stop in (self.thing, self.value)]
        return Said(self.sentence[begin:end], *shift)

    @property
    def begins(self) -> bool:
        """Whether the thing stands before the value, and not far."""
        return 0 <= self.value[0] - self.thing[1] <= BETWEEN


def parallel(
    misses: NearMisses, asked: Asked, rng: random.Random, *, titled: bool
) -> Parallel | None:
    """A sentence that answers, said of two things; None where question and sentence name no thing."""
    place = Place.of(misses.corpus, asked, titled=titled)
    if place.is_table or len(place.answered) != 1:
        return None
    begin, end = place.answered[0]
    sentence = place.text[begin:end].rstrip(" .")
    answer = min((text for text, _ in asked.answers), key=len).rstrip(" .,;:")
    if len(sentence) > LONGEST or len(answer.split()) > LONG or sentence.count(answer) != 1:
        return None
    value = (at := sentence.index(answer), at + len(answer))
    for start, stop, kind in rng.sample(found := place.named(misses.corpus), len(found)):
        old = asked.text[start:stop]
        thing = _only(old, sentence)
        if thing is None or (thing[0] < value[1] and value[0] < thing[1]):
            continue
        wrong = misses.wrong_answer(asked, rng)
        names = _names(misses, place, old, kind, rng)
        if wrong is None or names is None:
            return None
        marked = names[0] != old
        if marked:
            thing = (len(_ARTICLE.sub("", sentence[: thing[0]])), thing[1])
        said = Said(sentence, thing, value)
        right, other, third = names
        if rng.random() < 0.5:  # the one that the paragraph was not about
            right, other = other, right
            answer, wrong = wrong, answer
        pairs = [(right, _RIGHT + answer), (other, wrong)]
        rng.shuffle(pairs)
        text = f"{_joined(said, pairs, rng)}."
        if rng.random() >= BY_ITSELF:
            text = f"{place.text[:begin]}{text}{place.text[end:]}"
        answers = ((answer, text.index(_RIGHT)),)
        text = text.replace(_RIGHT, "", 1)
        before = len(_ARTICLE.sub("", asked.text[:start])) if marked else start
        question, about_third = (place.asking(before, stop, name) for name in (right, third))
        return Parallel(question, text, answers, about_third)
    return None


def _only(name: str, sentence: str) -> tuple[int, int] | None:
    """Where a sentence names something, if it does so once."""
    found = list(re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", sentence, re.IGNORECASE))
    return found[0].span() if len(found) == 1 else None


def _names(
    misses: NearMisses, place: Place, old: str, kind: str, rng: random.Random
) -> tuple[str, str, str] | None:
    """What is told apart: the thing, or a mark in its place, another and a third."""
    if kind not in {"person", "measure", "year", "date"} and rng.random() < MARKED:
        numbered = rng.random() < NUMBERED
        what = rng.choice(NUMBERED_THINGS if numbered else KINDS_OF_THINGS)
        what = what.title() if rng.random() < 0.6 else what
        one, two, three = rng.sample(_numbers(rng) if numbered else rng.choice(MARKS), 3)
        return f"{what} {one}", f"{what} {two}", f"{what} {three}"
    others: list[str] = []
    for reach in ("article", "near", "corpus"):
        for new in misses.others(place, old, kind, reach, rng):
            told = (place.held, place.asked.text, *others)
            if not alike(old, new) and not any(shares(new, text) for text in told):
                others.append(new)
            if len(others) == 2:
                return old, others[0], others[1]
    return None


def _numbers(rng: random.Random) -> list[str]:
    """Numbers of several parts that differ in one of them."""
    form, number = rng.choice(PARTS), rng.randint(1, 20)
    last = rng.choice(("abc", "ABCD")) if form == "{}{}" or rng.random() < 0.3 else range(1, 6)
    if rng.random() < 0.2:
        return [form.format(number + more, last[0]) for more in range(3)]
    return [form.format(number, part) for part in last]


def _joined(said: Said, pairs: list[tuple[str, str]], rng: random.Random) -> str:
    """One sentence that says it of both, or two."""
    (one, first), (two, second) = pairs
    whole = said.of(one, first)
    between = rng.choice(("; ", "; ", ", while ", ", and ", " and ", " but "))
    forms = {"apart": 15, "whole": 15, "core": 35, "gapped": 20, "respectively": 15}
    form = rng.choices(list(forms), list(forms.values()))[0]
    if form == "apart":
        return f"{whole}. {said.of(two, second)}"
    if form == "whole" or (form in {"gapped", "respectively"} and not said.begins):
        return whole + between + _lowered(said.of(two, second))
    if form == "core":
        return whole + between + _lowered(said.core.of(two, second))
    middle = said.sentence[said.thing[1] : said.value[0]]
    before, after = said.sentence[: said.thing[0]], said.sentence[said.value[1] :]
    if form == "respectively":
        return f"{before}{one} and {two}{middle}{first} and {second}{after}, respectively"
    last = middle.split()[-1:]
    held = f" {last[0]} " if last and last[0] in STOP_WORDS else rng.choice((" ", ", "))
    return f"{whole}{rng.choice(('; ', ', ', ' and ', ', and '))}{two}{held}{second}"


def _lowered(clause: str) -> str:
    """A clause as it stands behind another: "The" in lower case."""
    word = clause.partition(" ")[0]
    return word.lower() + clause[len(word) :] if word.lower() in STOP_WORDS else clause
