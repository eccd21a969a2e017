"""Who does what: whether a sentence is about the agent and the act of a question, or about others.

"The US produced 45,000 tonnes" does not answer "How much did China produce?", the day on which a mill was
sold does not answer "When was it founded?", nor does the name of a chief executive answer "Who is the
finance chief?", however similar the rest is. These rules judge only what English marks clearly and leave
everything else to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from rag.english.clauses import clause
from rag.english.lexicon import DATES, DO, HAVE, MODALS, any_of
from rag.english.names import compatible, names
from rag.english.verbs import SAYING, forms, lemma
from rag.english.words import words

# ---------------------------------------------------------------- agents

_BEGINS: Final = re.compile(
    r"(?:(?:^|[,;:—–]\s|\b(?:and|but|while|whereas|that|as)\s)[\"“]?)(?:the\s)?$", re.IGNORECASE
)
_VERB: Final = re.compile(r"(?: (?:has|have|had|also|already|still|now|alone|\w+ly))* ([a-z]\w+)")
_LOOK_BACK: Final = 16


@dataclass(frozen=True, slots=True)
class Agent:
    """A name, and all forms of the verb whose agent it is."""

    name: str
    verbs: frozenset[str]


def agent_asked(question: str) -> Agent | None:
    """The agent that a question names between auxiliary and verb; None if there is none.

    >>> asked = agent_asked("How much did the Bank of Norway sell?")
    >>> asked.name, sorted(asked.verbs)
    ('Bank of Norway', ['sell', 'selling', 'sells', 'sold'])
    """
    parts = clause(question)
    if parts.auxiliary.lower() not in DO | HAVE | MODALS:
        return None
    name = next(names(parts.subject), None)
    verb = re.match(r"(?:\w+ly )?([a-z]\w+)", parts.rest)
    if not (name and verb and name.end == len(parts.subject)):
        return None
    return Agent(name.text, forms([lemma(verb[1])]))


def is_of_another_agent(asked: Agent, sentence: str) -> bool:
    """Whether a sentence names somebody else as the agent of the act.

    False for every sentence that has the name itself.

    >>> asked = agent_asked("How much did South Korea sell?")
    >>> [is_of_another_agent(asked, f"{name} sold 4 tons.") for name in ("South Africa", "It")]
    [True, False]
    """
    if not any(verb in sentence for verb in asked.verbs):
        return False
    if any(compatible(asked.name, name.text) for name in names(sentence)):
        return False
    return any(verb in asked.verbs for _, verb in agents(sentence))


def agents(sentence: str) -> list[tuple[str, str]]:
    """The names in a sentence that are agents, each with its verb.

    >>> agents("The Mirror Mill made 40 tons, but Ann Lee sold it.")
    [('Mirror Mill', 'made'), ('Ann Lee', 'sold')]
    """
    return [
        (name.text, verb[1])
        for name in names(sentence)
        if not name.opens
        and _BEGINS.search(sentence[max(0, name.start - _LOOK_BACK) : name.start])
        and (verb := _VERB.match(sentence, name.end))
    ]


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


def _beginning(stems: str) -> str:
    """A regular expression for words with one of these beginnings."""
    return rf"\b{any_of(stems.split())}"


_WHEN: Final = (
    rf"^\W*(?:(?:in|on|at|since) )?(?:when|where|who|how|(?:what|which) {any_of(DATES)})\b"
)
_LIFE: Final = r"\(\D{0,30}\d{4}|\d{4}\s?[-–—]\s?(?:\d{2,4}|present)"
"""Years of a life, as written behind a name."""
_ACTS: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE))
    for asked, told in (
        (
            rf"{_WHEN}.*\b(?:founded|established|incorporated)\b",
            _beginning(
                "became began begin begun birth born build built charter conceived constitut construct"
                " creat dates dating developed emerged establish first formation formed found history"
                " inaugurat initiated instituted introduc invent launch oldest opened opening organised"
                " organized origin raised set settled since start"
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
_SAID: Final = forms(SAYING) | {"according", "statement", "statements"}
_BESIDE: Final = 60
"""Characters between a speaker and the word that says that he speaks."""
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
_EACH_OFFICE: Final = tuple(re.compile(rf"\b(?:{name})\b", re.IGNORECASE) for name in _OFFICES)


@dataclass(frozen=True, slots=True)
class Act:
    """What a question asks about: an act, as patterns for sentences about it; a speaker; offices."""

    told: tuple[re.Pattern[str], ...]
    speaker: str | None
    offices: frozenset[int]


def act_asked(question: str) -> Act | None:
    """The act, speaker or office of a question; None if these rules can judge none of it."""
    told = tuple(told for asked, told in _ACTS if asked.search(question))
    parts = clause(question)
    is_who = parts.wanted == "who" and parts.auxiliary.lower() in {"is", "was"}
    held, _, _ = f"{parts.subject} {parts.rest}".partition(" of ")
    offices = _offices_in(held) if is_who else frozenset()
    says = parts.asked.lower() == "what" and parts.rest.partition(" ")[0] in {"say", "said"}
    speaker = parts.subject if says and parts.subject[:1].isupper() else None
    if not (told or speaker or offices):
        return None
    return Act(told, speaker, offices)


def is_another_act(
    asked: Act, sentence: str, rules: Collection[str] = ("act", "speaker", "office")
) -> bool:
    """Whether a sentence is about another act, speaker or office, by the ``rules`` that are on.

    A sentence that names no office at all may still answer.

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
    """Whether a sentence quotes somebody, or has a verb of saying near the name.

    Without the name, a verb of saying anywhere is enough.
    """
    if re.search(r'[“"]', sentence):
        return True
    last = re.escape(name.rsplit(maxsplit=1)[-1])
    places = [match.span() for match in re.finditer(rf"\b{last}\b", sentence)]
    around = (
        sentence[max(0, start - _BESIDE) : end + _BESIDE]
        for start, end in places or [(0, len(sentence))]
    )
    return any(word.low in _SAID for text in around for word in words(text))


def _offices_in(text: str) -> frozenset[int]:
    return frozenset(n for n, office in enumerate(_EACH_OFFICE) if office.search(text))
