"""Whether a sentence is about the person, act, speaker or office of a question; where it says who one is.

The day on which a mill was sold does not answer "When was it founded?", nor does the name of a chief
executive answer "Who is the finance chief?", however similar the rest is. These rules judge only what
English marks clearly and leave everything else to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from rag.english import lexicon
from rag.english.clauses import Clause
from rag.english.lexicon import any_of, word_set
from rag.english.names import OFFICES, TITLES, compatible, names
from rag.english.phrases import OUTSIDE, head
from rag.english.verbs import NOUNS_TOO, SAYING, forms, is_verb_form
from rag.english.words import BRACKETED, lower_words, places, without_possessive, words

_ENDINGS: Final = ("s", "th", "st", "nd", "rd")
_LETTERS: Final = frozenset("ABCDEFGHJKLMNOPQRSTUVWXYZ")  # "rule I broke" has no label


def is_beside_another(asked: Sequence[str], sentence: str, start: int, end: int) -> bool:
    """Whether a figure is about a name beside it that is not asked about: "Ann Lee, 50, met Bo Ray".

    >>> text = "Ann Lee, 50, met Bo Ray, who is 61."
    >>> [is_beside_another([name], text, 9, 11) for name in ("Bo Ray", "Ann Lee")]
    [True, False]
    """
    if not (asked and sentence[start:end].isdecimal() and sentence[:start].endswith(", ")):
        return False
    owner = next((name.text for name in names(sentence) if name.end == start - 2), "")
    return bool(owner) and not any(compatible(owner, name) for name in asked)


# ---------------------------------------------------------------- acts and offices


_FOUNDING: Final = (
    "became began begin begun birth born build built charter conceived constitut construct creat dates"
    " dating developed emerged establish first formation formed found history inaugurat incorporat"
    " initiated instituted introduc invent launch oldest opened opening organised organized origin raised"
    " set settled since start"
)
_ACTS: Final = {
    **dict.fromkeys(("founded", "established", "incorporated"), _FOUNDING),
    "born": "born birth",
    "die": "assassinat behead buri crash dead death die dying drown execut fell grave hang hung kill late"
    " murder pass perish shot suicid surviv",
}
"""The verbs of a question about an act, and how the words of a sentence about that act begin."""
_YEAR_DIGITS: Final = 4
_RELATIVE: Final = lexicon.QUESTION_WORDS | {"that"}
_SAID: Final = forms(SAYING) | {"according", "statement", "statements"}
_BESIDE: Final = 60
"""Most characters between a speaker and a word that shows that somebody speaks."""
_OFFICES: Final = (
    "ceo|chief executive(?: officer)?", "cfo|chief financial officer|finance (?:chief|director)",
    "coo|chief operating officer", "cto|chief technology officer", "chair(?:man|woman|person)?",
    "vice[- ]president|vp", "(?<!vice )(?<!vice-)president", "prime minister|premier", "treasurer",
    "ambassador", "governor", "mayor", "spokes(?:man|woman|person)",
)  # fmt: skip
_OFFICE: Final = re.compile(
    "|".join(rf"\b(?P<_{n}>{office})\b" for n, office in enumerate(_OFFICES)), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Act:
    """What a question asks about: acts, as beginnings of words that tell of each; a speaker; offices."""

    stems: tuple[tuple[str, ...], ...]
    speaker: str | None
    offices: frozenset[str | None]


def labels(noun: str, text: str) -> Iterator[str]:
    """The numbers and single capitals right after a noun, without years, decades and ordinals.

    >>> list(labels("rule", "Rule 4(a), rule 7.2, hole; Rule C (see rule 9), rule 2009 of rule 4th."))
    ['4(a)', '7.2', 'C', '9']
    """
    for _, end in places(noun, text, cased=False):
        for word in text[end:].split(maxsplit=1)[:1]:
            label = word.rstrip(".,;:?!'’" + ")" * ("(" not in word))
            is_time = label.endswith(_ENDINGS) or (len(label) > 3 and label[:4].isdecimal())
            if label in _LETTERS or (any(map(str.isdecimal, label)) and not is_time):
                yield label


def has_other_labels(labelled: Sequence[tuple[str, str]], sentence: str) -> bool:
    """Whether a sentence has one of these nouns only with other labels: rule 4(a) instead of 4(b)."""
    said = {noun: tuple(labels(noun, sentence)) for noun in dict(labelled)}
    own = {noun for noun, label in labelled if any(_same(label, each) for each in said[noun])}
    return any(said[noun] for noun in said.keys() - own)


def _same(label: str, other: str) -> bool:
    """Whether labels are alike, or one may be a part of the other: 7 and 7.2, A320 and A320neo."""
    short, long = sorted((label.lower(), other.lower()), key=len)
    return long.startswith(short) and (short == long or not long[len(short) - 1 :][:2].isdecimal())


def act_asked(parts: Clause) -> Act | None:
    """The act, speaker or office of a question; None if these rules can judge none of it."""
    word = parts.question_word.partition(" ")[0]
    asks = (
        word in {"when", "where", "who", "how"}
        or parts.noun.lower().partition(" ")[0] in lexicon.DATES
    )
    asks = asks and bool(parts.subject or not parts.auxiliary)
    verbs = list(takewhile(lambda verb: verb not in _RELATIVE, lower_words(parts.rest)))
    stems = tuple(tuple(each.split()) for verb, each in _ACTS.items() if asks and verb in verbs)
    is_who = parts.question_word == "who" and parts.auxiliary.lower() in {"is", "was"}
    held, _, _ = f"{parts.subject} {parts.rest}".partition(" of ")
    offices = _offices_in(held) if is_who else frozenset()
    says = parts.asked.lower() == "what" and parts.rest.partition(" ")[0] in {"say", "said"}
    speaker = parts.subject if says and parts.subject[:1].isupper() else None
    return Act(stems, speaker, offices) if stems or speaker or offices else None


def is_another_act(
    asked: Act, sentence: str, rules: Collection[str] = ("act", "speaker", "office")
) -> bool:
    """Whether a sentence is about another act, speaker or office, by the ``rules`` that are on.

    A sentence that names no office at all may still answer.

    >>> from rag.english.clauses import clause
    >>> question = "When was the mill founded?"
    >>> is_another_act(act_asked(clause(question)), "On May 3, the mill was sold.")
    True
    """
    if "act" in rules and asked.stems and not _tells(asked.stems, sentence):
        return True
    if asked.speaker and not _speaks(asked.speaker, sentence) and "speaker" in rules:
        return True
    named = _offices_in(sentence) if asked.offices else frozenset()
    return bool(named) and asked.offices.isdisjoint(named) and "office" in rules


def _tells(acts: Sequence[tuple[str, ...]], sentence: str) -> bool:
    """Whether a sentence has a word for each act, or the years of a life in brackets."""
    said = [word for word in words(sentence) if word.text != "Incorporated"]
    tells = all(
        any(part.startswith(stems) for word in said for part in lower_words(word.text))
        for stems in acts
    )
    bracketed = lower_words(" ".join(BRACKETED.findall(sentence)))
    return tells or any(len(word) == _YEAR_DIGITS and word.isdecimal() for word in bracketed)


def _speaks(name: str, sentence: str) -> bool:
    """Whether a sentence quotes somebody, or has a verb of saying near the name.

    Without the name, a verb of saying anywhere is enough.
    """
    if re.search(r'[“"]', sentence):
        return True
    beside = places(name.rsplit(maxsplit=1)[-1], sentence) or [(0, len(sentence))]
    around = (sentence[max(0, start - _BESIDE) : end + _BESIDE] for start, end in beside)
    return any(word.low in _SAID for text in around for word in words(text))


def _offices_in(text: str) -> frozenset[str | None]:
    return frozenset(match.lastgroup for match in _OFFICE.finditer(text))


# ---------------------------------------------------------------- what something is, who somebody is

Place = tuple[int, int]

_IS: Final = re.compile(
    r"(?: \([^()]*\))?(?P<clause>,? (?:which|who|that))?"
    rf" {any_of(lexicon.BE)} +(?=(?P<open>[\w“\"‘'$€£-]+))"
)
_CLOSED: Final = word_set("also being been due expected not set still to")
_STOPS: Final = frozenset(",;:—–()-")


def defined(parts: Clause) -> str | None:
    """What a question asks the nature of; None if it asks something else.

    >>> from rag.english.clauses import clause
    >>> defined(clause("What are rare earths?")), defined(clause("What is the price?"))
    ('rare earths', None)
    """
    subject = parts.subject
    if parts.asked.lower() not in {"what", "who"} or parts.auxiliary.lower() not in lexicon.BE:
        return None
    tokens = words(subject)
    if not tokens or parts.rest or parts.preposition:
        return None
    first = tokens[0].low
    if first in lexicon.POSSESSIVES | lexicon.QUANTIFIERS or any(
        word.low in {"of", "for"} for word in tokens
    ):
        return None
    if any(word.text.endswith(("'s", "’s", "'", "’")) for word in tokens[:-1]):
        return None
    if first in lexicon.DETERMINERS:
        if first not in {"a", "an"} and not any(word.is_name for word in tokens[1:]):
            return None
        subject = subject[tokens[0].end :].strip()
    return None if head(subject) in OFFICES else subject


def definition(name: str, sentence: str) -> Place | None:
    """The words of a sentence that say who or what a name is, as offsets; None if there are none.

    >>> text = "The firm of Ann Lee, a baker from Oslo, closed."
    >>> text[slice(*definition("Lee", text))]
    'a baker from Oslo'
    >>> definition("Lee", "Ann Lee spoke.")
    """
    for start, end in named_in(name, sentence):
        for rule in (_after_is, _apposition, _described):
            place = rule(sentence, start, end)
            if place is not None:
                return place
    return None


def named_in(name: str, sentence: str) -> list[Place]:
    """Where a sentence has a name, or else its last word; a name without capitals may have any case."""
    whole = places(name, sentence, plural=True, cased=name != name.lower())
    last = name.rsplit(maxsplit=1)[-1]
    return whole or (places(last, sentence, plural=True) if last[:1].isupper() else [])


def _after_is(sentence: str, _: int, end: int) -> Place | None:
    """Such as "X is a state body", "X (made in 1901) is a mill"."""
    match = _IS.match(sentence, end)
    if not match:
        return None
    word = match["open"].lower()
    if match["clause"] and word not in lexicon.ARTICLES:
        return None
    is_verb = is_verb_form(word) and word not in NOUNS_TOO
    if is_verb or word in _CLOSED or word.endswith(("ing", "ly")):
        return None
    return match.end(), len(sentence)


def _apposition(sentence: str, _: int, end: int) -> Place | None:
    """Such as "X, a baker from Oslo, …"."""
    if sentence[end : end + 2] != ", ":
        return None
    begin = end + 2
    tokens = list(takewhile(lambda word: word.text not in _STOPS, words(sentence[begin:])))
    while tokens and tokens[-1].text in ".!?”":
        tokens.pop()
    if len(tokens) < 2:
        return None
    first, finish = tokens[0], begin + tokens[-1].end
    is_noun = first.low in lexicon.DETERMINERS or (
        first.text[0].islower() and first.low not in OUTSIDE and not is_verb_form(first.low)
    )
    return (begin, finish) if is_noun else None


def _described(sentence: str, start: int, end: int) -> Place | None:
    """Such as "REAlloys CEO X"."""
    before = words(sentence[:start])
    first = len(before)
    while (
        first
        and not before[first - 1].is_mark
        and before[first - 1].low not in OUTSIDE | lexicon.DETERMINERS
    ):
        first -= 1
    noun = before[first:]
    if not noun or sentence[noun[-1].end : start] != " ":
        return None
    is_noun = (
        first
        and before[first - 1].low in lexicon.ARTICLES | lexicon.POSSESSIVES
        and noun[-1].text.islower()
    )
    # "France's Hind Dehiba", "Actor Stephen Fry", "Labour MP Oona King"
    says = (
        noun[-1].low in TITLES
        or noun[-1].text.endswith(("'s", "’s"))
        or (noun[-1].text.isupper() and len(noun[-1].text) > 1)
        or (noun[0].start == 0 and len(noun) == 1 and " " in sentence[start:end])
        or (is_noun and not is_verb_form(noun[-1].low))
    )
    finish = noun[-1].start + len(without_possessive(noun[-1].text))
    return (noun[0].start, finish) if says else None
