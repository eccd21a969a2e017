"""The act or office that a question names, and whether a sentence tells of it in any words.

"When was the mill founded?" is not answered by the day on which it was sold, nor "Who is its finance
chief?" by the name of its chief executive, however alike the rest is. Only acts and offices are judged for
which English has few words, which are listed here; everything else is left to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from rag.english.lexicon import any_of


def _beginning(words: str) -> str:
    """A regular expression for words that begin like one of these."""
    return rf"\b{any_of(words.split())}"


_WHEN: Final = (
    r"^\W*(?:(?:in|on|at|since) )?(?:when|where|who|how|(?:what|which) (?:year|month|day|date))\b"
)
_LIFE: Final = r"\(\D{0,30}\d{4}|\d{4}\s?[-–—]\s?(?:\d{2,4}|present)"
"""Years of a life, as they stand behind a name."""
_ACTS: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE))
    for asked, told in (
        (
            rf"{_WHEN}.*\b(?:founded|established|incorporated)\b",
            _beginning(
                "became began begin begun birth born build built charter conceived constitut construct"
                " created creation dates dating developed emerged establish first formation formed found"
                " history inaugurat initiated instituted introduc invent launch oldest opened"
                " opening organised organized origin raised set settled since start"
            )
            + rf"|\bincorporat(?:ed|ion) (?:as|by|in|on|under)\b|{_LIFE}",
        ),
        (rf"{_WHEN} (?:was|were) .*\bborn\W*$", rf"{_beginning('born birth')}|{_LIFE}"),
        (
            rf"{_WHEN} did .*\bdie\b",
            _beginning(
                "assassinat behead buri crash dead death die dying drown execut fell grave hang hung kill"
                " late murder pass perish shot suicid surviv"
            )
            + f"|{_LIFE}",
        ),
    )
)
_SPEAKER: Final = re.compile(
    r"\b[Ww]hat (?:do|does|did|has|have|had) (?P<name>[A-Z].{0,60}?) (?:say|said)\b"
)
_SAID: Final = re.compile(
    _beginning(
        "according acknowledg add admit admis advis agree announc argu ask assert believ call claim comment"
        " complain conclud confirm consider criti declar deni deny describ emphasi estimat explain express"
        " indicat insist maintain mention noted notes noting pledg prais predict promis propos quot recall"
        " recommend remark repl report respond reveal said say speak spoke stat stress suggest taught teach"
        " tell think thought threaten told urg view vow warn writ wrote"
    ),
    re.IGNORECASE,
)
_BESIDE: Final = 60
"""Characters between a speaker and what tells that he speaks."""
_OFFICES: Final = (
    r"ceo|chief executive(?: officer)?",
    r"cfo|chief financial officer|finance (?:chief|director)",
    r"coo|chief operating officer",
    r"cto|chief technology officer",
    r"chair(?:man|woman|person)?",
    r"vice[- ]president|vp",
    r"(?<!vice )(?<!vice-)president",
    r"prime minister|premier",
    r"treasurer",
    r"ambassador",
    r"governor",
    r"mayor",
    r"spokes(?:man|woman|person)",
)
_WHO: Final = re.compile(
    rf"\bwho(?:['’]s| is| was)(?: now)? (?:the )?(?:[\w.’'-]+ ){{0,3}}?({any_of(_OFFICES)})\b",
    re.IGNORECASE,
)
_EACH_OFFICE: Final = tuple(re.compile(rf"\b(?:{name})\b", re.IGNORECASE) for name in _OFFICES)


@dataclass(frozen=True, slots=True)
class Act:
    """What a question names: an act, by what tells of it; who is to have spoken; an office."""

    told: tuple[re.Pattern[str], ...]
    speaker: str | None
    offices: frozenset[int]


def act_asked(question: str) -> Act | None:
    """The act or office that a question names, if it names one that can be judged."""
    told = tuple(told for asked, told in _ACTS if asked.search(question))
    speaker, office = _SPEAKER.search(question), _WHO.search(question)
    if not (told or speaker or office):
        return None
    return Act(
        told,
        speaker["name"] if speaker else None,
        _offices_in(office[1]) if office else frozenset(),
    )


def is_another_act(
    asked: Act, sentence: str, rules: Collection[str] = ("act", "speaker", "office")
) -> bool:
    """Whether a sentence does not tell of what is asked for.

    An office counts only if the sentence names another one instead.

    >>> founding, office = act_asked("When was the mill founded?"), act_asked("Who is the CEO?")
    >>> is_another_act(founding, "On May 3, the mill was sold.")
    True
    >>> is_another_act(office, "Chief executive Ann Lee spoke.")
    False
    """
    if not all(told.search(sentence) for told in asked.told) and "act" in rules:
        return True
    if asked.speaker and not _speaks(asked.speaker, sentence) and "speaker" in rules:
        return True
    found = _offices_in(sentence) if asked.offices else frozenset()
    return bool(found) and asked.offices.isdisjoint(found) and "office" in rules


def _speaks(name: str, sentence: str) -> bool:
    """Whether somebody says something: words in quotation marks, or a verb of saying beside his name.

    Where the name is not, somebody's saying may be his.
    """
    if re.search(r'[“"]', sentence):
        return True
    last = re.escape(name.rsplit(maxsplit=1)[-1])
    places = [match.span() for match in re.finditer(rf"\b{last}\b", sentence)]
    return any(
        _SAID.search(sentence, max(0, start - _BESIDE), end + _BESIDE)
        for start, end in places or [(0, len(sentence))]
    )


def _offices_in(text: str) -> frozenset[int]:
    return frozenset(n for n, office in enumerate(_EACH_OFFICE) if office.search(text))
