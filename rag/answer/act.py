"""The act or office that a question names, and whether a sentence tells of it in any words.

"When was the mill founded?" is not answered by the day on which it was sold, nor "Who is its finance
chief?" by the name of its chief executive, however alike the rest is. Only acts and offices are judged for
which English has few words, which are listed here; everything else is left to the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rag.english import any_of


@dataclass(frozen=True, slots=True)
class Act:
    """What a question says that names an act, and what a sentence says that tells of it."""

    asked: re.Pattern[str]
    told: re.Pattern[str]


def _act(asked: str, told: str, also: str = r"(?!)") -> Act:
    """``told`` are beginnings of words; ``also`` is anything else that tells of the act."""
    words = any_of(tuple(told.split()))
    return Act(re.compile(asked, re.IGNORECASE), re.compile(rf"\b{words}|{also}", re.IGNORECASE))


_WHEN: Final = (
    r"^\W*(?:(?:in|on|at|since) )?(?:when|where|who|how|(?:what|which) (?:year|month|day|date))\b"
)
_LIFE: Final = r"\(\D{0,30}\d{4}|\d{4}\s?[-–—]\s?(?:\d{2,4}|present)"
"""Years of a life, as they stand behind a name."""
_ACTS: Final = (
    _act(
        rf"{_WHEN}.*\b(?:founded|established|incorporated)\b",
        "begin began begun birth born buil charter conceiv construct creat date dating develop emerg"
        " establish first form found histor inaugurat incorporat initiat institut introduc invent launch"
        " old open organi origin rais set settl since start became",
    ),
    _act(rf"{_WHEN} (?:was|were) .*\bborn\W*$", "born birth", _LIFE),
    _act(
        rf"{_WHEN} did .*\bdie\b",
        "assassinat behead buri crash dead death die dying drown execut fell grave hang hung kill late"
        " murder pass perish shot suicid surviv",
        _LIFE,
    ),
    _act(
        r"\bwhat (?:do|does|did|has|have|had) (?-i:[A-Z]).{1,80} (?:say|said)\b",
        "according acknowledg add admit admis advis agree announc argu ask assert believ call claim"
        " comment complain conclud confirm consider criti declar deni deny describ emphasi estimat explain"
        " express indicat insist maintain mention noted notes noting pledg prais predict promis propos"
        " quot recall recommend remark repl report respond reveal said say speak spoke stat stress suggest"
        " taught teach tell think thought threaten told urg view vow warn writ wrote",
        '[“"]',
    ),
)  # fmt: skip
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


def is_of_another_act(question: str, sentence: str) -> bool:
    """Whether a question names an act or office that a sentence does not tell of.

    An office counts only if the sentence names another one instead.

    >>> is_of_another_act("When was the mill founded?", "On May 3, the mill was sold.")
    True
    >>> is_of_another_act("Who is the CEO?", "Chief executive Ann Lee spoke.")
    False
    """
    if any(act.asked.search(question) and not act.told.search(sentence) for act in _ACTS):
        return True
    asked = _WHO.search(question)
    if not asked:
        return False
    wanted, found = _offices_in(asked[1]), _offices_in(sentence)
    return bool(found) and wanted.isdisjoint(found)


def _offices_in(text: str) -> set[int]:
    return {number for number, office in enumerate(_EACH_OFFICE) if office.search(text)}
