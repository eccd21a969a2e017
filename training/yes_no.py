"""A question and an answer to it as a yes-or-no question, and as the statement that it asks about."""

import random
import re
from typing import NamedTuple

from rag.english.clauses import Clause, clause
from rag.english.lexicon import AUXILIARIES, BE, DO
from rag.english.verbs import VERBS, is_past, lemma, without_auxiliary

LONGEST = 8  # words of an answer that fits into a question
_ADVERB = re.compile(r"(?:most|more|often|not|\w+ly)\b")
_BEHIND = frozenset("in on at for to from with of by as about into".split())
_PREPOSITION = re.compile(
    r"\b(in|on|at|by|for|from|to|since|until|during|after|before|with|near|around|about|between)"
    r"(?: (?:the|a|an|about|around))? ?\Z",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"(?:in|on|at|by|for|from|to|since|until|during|after|before|with|near|around|about|between|because)\b",
    re.IGNORECASE,
)
FRAMED = 0.25  # the share that is asked in one of these
_FRAMES = (
    "Is it true that {}?",
    "Is it right that {}?",
    "Do the articles say that {}?",
    "{}, right?",
    "So {}?",
)


class YesNo(NamedTuple):
    """The same asked and said: "Did Ann Lee found the mill?", "Ann Lee founded the mill"."""

    question: str
    statement: str


def yes_no(question: str, answer: str, before: str, rng: random.Random) -> YesNo | None:
    """A question with an answer in it; None where the question's parts are not sure.

    ``before`` is the text in front of the answer, which may hold the preposition that goes with it.

    >>> one = random.Random(5)
    >>> yes_no("Who founded the mill?", "Ann Lee", "", one).question
    'Did Ann Lee found the mill?'
    >>> yes_no("When was the mill sold?", "1901", "It was sold in ", one)
    YesNo(question='Was the mill sold in 1901?', statement='the mill was sold in 1901')
    >>> yes_no("What did Ann Lee write?", "a novel", "", one)
    YesNo(question='Did Ann Lee write a novel?', statement='Ann Lee wrote a novel')
    """
    answer = answer.strip().rstrip(" .,;:")
    if not answer or len(answer.split()) > LONGEST:
        return None
    parts = clause(question)
    made = _made(parts, answer, before)
    if made is None:
        return None
    asked, said = (" ".join(" ".join(words).split()) for words in made)
    if rng.random() < FRAMED:
        asked = rng.choice(_FRAMES).format(said).removesuffix("?")
    return YesNo(f"{asked[:1].upper()}{asked[1:]}?", said)


def _made(  # noqa: C901, PLR0911  # one case after another
    parts: Clause, answer: str, before: str
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The words of question and statement; None where they are not sure."""
    auxiliary, wanted = parts.auxiliary.lower(), parts.question_word
    timed = parts.noun in {"year", "day", "date", "month"} and not parts.preposition
    if not parts.asked or timed or parts.preposition == "By" or _ADVERB.match(parts.subject):
        return None
    if wanted in {"how many", "how much"} and parts.noun:
        if re.search(r"[a-z]{3}", answer):  # "52 million acres" of "how much land"
            return None
        answer = f"{answer} {parts.noun}"
    of_thing = wanted in {"who", "what", "which", "how many", "how much"}
    if not parts.subject:
        return _of_subject(parts, answer) if of_thing else None
    verb, _, after = parts.rest.partition(" ")
    acts = is_past(verb.lower()) or (verb.endswith("ing") and verb != "according")
    if auxiliary in BE and of_thing and not acts:  # "Who is the mayor of Ellmoor?"
        if parts.noun or parts.preposition:
            return None
        told = f"{parts.subject} {parts.rest}"
        return (auxiliary, answer, told), (answer, auxiliary, told)
    inner = {word.lower() for word in after.split()} & (AUXILIARIES | {"who", "which", "that"})
    if not verb or inner or not (of_thing or wanted in {"when", "where"}):
        return None
    joint = _joint(parts, answer, before)
    if joint is None:
        return None
    said: tuple[str, ...] = (parts.subject, parts.auxiliary, verb)
    if auxiliary in DO:
        if verb.lower() not in VERBS | {"have"}:
            return None
        said = (parts.subject, without_auxiliary(verb, auxiliary))
    last = after.lower().split()[-1:]
    behind = bool(last and last[0] in _BEHIND)
    joint = answer if behind else joint
    late = behind or wanted in {"when", "where"} or bool(parts.preposition)
    tail = (after, joint) if late else (joint, after)
    return (auxiliary, parts.subject, verb, *tail), (*said, *tail)


def _of_subject(parts: Clause, answer: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The words, if the question asks for its subject: "Who founded the mill?", "Who was elected?"."""
    auxiliary = parts.auxiliary.lower()
    if auxiliary:
        return ((auxiliary, answer, parts.rest), (answer, auxiliary, parts.rest))
    verb, _, after = parts.rest.partition(" ")
    low = verb.lower()
    if lemma(low) == low or not (is_past(low) or low.endswith("s")):
        return None
    helper = "did" if is_past(low) else "does"
    return (helper, answer, lemma(low), after), (answer, parts.rest)


def _joint(parts: Clause, answer: str, before: str) -> str | None:
    """The answer with the preposition that goes before it."""
    if parts.preposition:
        return answer if _BEGINS.match(answer) else f"{parts.preposition.lower()} {answer}"
    if parts.question_word in {"when", "where"}:
        if _BEGINS.match(answer):
            return answer
        found = _PREPOSITION.search(before)
        return f"{found[0].strip().lower()} {answer}" if found else None
    return answer
