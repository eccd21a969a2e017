"""A question, read once: what it asks for and what it names.

Everything that answering needs to know of a question's words stands here; nobody reads its text again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

from rag.english.clauses import has_one_answer
from rag.english.lexicon import MONTHS, ONES, ORDINALS, SCALES, TENS, WEEKDAYS, any_of
from rag.english.predicates import Act, Agent, act_asked, agent_asked
from rag.protocols import Analyzer
from rag.records import Filters, Terms

Form = Literal["phrase", "list", "passage", "sentence"]
"""Of an answer: a few words; all of several; one to three sentences; the sentence that says so or not."""
Kind = Literal["name", "time", "number"]
"""Of an answer, where it can be told by the form of its words."""

_MEASURED: Final = (
    r"how (?:many|much|long|old|far|large|big|tall|high|deep|fast|often|heavy|wide|expensive|soon)"
)
_PHRASE: Final = re.compile(rf"\b(?:who|whom|whose|when|where|which|what|{_MEASURED})\b")
# What is asked for is a course of events, a cause or a manner: no phrase tells it.
_PASSAGE: Final = re.compile(
    rf"\b(?:why|(?!{_MEASURED}\b)how)\b|\bwhat (?:\w+ )?(?:happen(?:s|ed|ing)?|caus(?:e|es|ed))\b"
    r"|\bwhat (?:do|does|did|will|would|can|could|might|should|has|have|had|is|are|was|were)\b.{0,300}"
    r"(?:\b(?:do|doing|done|mean|say|said|think|promise|promised|plan|like)\b\W*$"
    r"|\b(?:say|said|think) (?:about|of|on)\b)"
    r"|\bwhat (?:is|are|was|were) (?:the )?(?:\w+ )?"
    r"(?:implications?|reasons?|benefits?|consequences?|effects?|impacts?|risks?|purpose|difference)\b"
    r"|^\W*(?:describe|explain|summari[sz]e|outline|compare|discuss|tell me)\b"
)
# Several things are asked for: "which Japanese firms", "what are the stages", "name the members".
_ADJECTIVE: Final = (
    r"(?:other|new|old|main|key|major|big|large|small|rare|different|various|first|last|same|top|most"
    r"|[\w-]+(?:al|ic|ive|ous|ary|able|ible|ful|less|ese|ian|ish|an|ed|ing)|\d+)"
)
_PLURAL: Final = (
    r"(?:people|men|women|children|countries|(?!does|is|was|has|this|as\b)[\w-]*[^\W\dsui]s)"
)
_LIST: Final = re.compile(
    rf"\b(?:which|what)\s+(?:{_ADJECTIVE}\s+){{0,3}}{_PLURAL}\b"
    rf"|\b(?:what|which|who) (?:are|were) (?:the |some |all )?(?:[\w-]+\s+){{0,4}}?{_PLURAL}\b"
    r"|^\W*(?:list|name|enumerate)\b"
)
_PRICED: Final = (
    r"\bwhat (?:do|does|did|will|would) .{1,80}\bcost\b(?! (?:of|the|him|her|them)\b)"
    r"|\b(?:what|which) percent(?:age)?\b"
)
_QUANTITY: Final = (
    "share|part|percentage|proportion|fraction|price|cost|number|amount|rate|grade|purity|capacity|size"
    "|weight|height|length|depth|width|speed|distance|population|age|salary|budget|revenue|profit|quantity"
    "|volume|temperature|(?:boiling|freezing|melting) point|tariff|fee|fine|score"
)
_KINDS: Final[dict[Kind, re.Pattern[str]]] = {
    "name": re.compile(r"\b(?:who|whom|whose)\b"),
    "time": re.compile(r"\bwhen\b|\b(?:what|which) (?:year|month|day|date)\b"),
    "number": re.compile(
        rf"\b{_MEASURED}\b|\b(?:what|which)\b(?: [\w-]+){{0,4}}? (?:{_QUANTITY})\b|{_PRICED}"
    ),
}
_NUMBER_WORDS: Final = (
    f"{any_of((*ONES, *TENS, *SCALES, *ORDINALS))}|dozens|half|quarters?|twice|once|several|few|many"
    "|most|all|majority|minority|nothing|none|no|both|single|double[ds]?|tripled?|[a-z]+fold|multiple|little"
    "|tens|hundreds|thousands|[mbtr]+illions|free|entire(?:ty)?|whole"
)
_TIMES: Final = (
    f"{any_of((*MONTHS, *WEEKDAYS))}|spring|summer|autumn|fall|winter|today|yesterday|tomorrow|century|year"
    "|month|week|day|decade|morning|evening|night|noon|midnight|after|before|during|when|since|until"
)
_LOOKS_LIKE: Final[dict[Kind, re.Pattern[str]]] = {
    "name": re.compile(r"\b[A-Z][\w'’-]{0,40}[a-z]"),
    "time": re.compile(rf"\d|\b(?:{_TIMES})s?\b", re.IGNORECASE),
    "number": re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE),
}
_YEAR: Final = re.compile(r"\b(?:1\d|20)\d\d\b")
_FIRM: Final = re.compile(
    r"\b(?:which|what) (?:[\w-]+ ){0,2}"
    r"(?:agency|compan(?:y|ies)|corporations?|firms?|manufacturers?|organi[sz]ations?|producers?|suppliers?)\b"
)
_CHOICE: Final = re.compile(r"\bor\b")
_KIND_WORDS: Final = re.compile(
    r"\b(?:(?:in|on) )?(?:what|which) (?:year|month|day|date|number|amount|share|percentage)\b|\bhow \w+\b",
    re.IGNORECASE,
)
"""Words that only say what kind of answer is wanted."""
_NAME: Final = re.compile(r"(?<!^)\b(?:[A-Z]|\d)[\w’'-]*")
_WORD: Final = re.compile(r"[^\W_][\w’'-]*")
_WH: Final = re.compile(
    r"\b(who|whom|whose|what|which|when|where|why|how)\b(?: (?:many|much|long|old))?", re.IGNORECASE
)
_AUXILIARY: Final = re.compile(
    r"^\s*(is|are|was|were|did|does|do|has|have|had|can|could|will|would)\b\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Question:
    """What an English question asks for, and what it names."""

    text: str
    """Without the signs of a query, and without what it says of publication."""
    terms: Terms
    words: tuple[str, ...]
    """As they are written, without punctuation."""
    form: Form
    kinds: frozenset[Kind]
    years: frozenset[str]
    firm: bool
    """A company or the like is asked for."""
    choice: bool
    """It offers its own answers: "this or that?"."""
    single: bool
    """There can be but one answer: who holds an office, who did what is done once."""
    names: frozenset[str]
    """The terms of its names and numbers."""
    about: frozenset[str]
    """Its terms without those that only say what kind of answer is wanted."""
    agent: Agent | None
    """Who does what is asked about, if the question names both."""
    act: Act | None
    """The act or office that it names, if it is one that can be judged."""
    before: str
    """What stands before the answer in a statement of both …"""
    after: str
    """… and what stands behind it."""
    filters: Filters | None = None
    """What it says of when articles were published …"""
    filters_from: str = ""
    """… and in which words."""

    def statement(self, answer: str) -> str:
        """Question and answer as one statement."""
        return f"{self.before}{answer}{self.after}"


def read_question(text: str, analyzer: Analyzer) -> Question:
    """Read a question.

    >>> question = read_question("How deep is the mine that Ucore dug in 1954?", str.split)
    >>> question.form, sorted(question.kinds), sorted(question.years)
    ('phrase', ['number'], ['1954'])
    """
    folded = text.lower()
    before, after = _around_answer(text)
    return Question(
        text=text,
        terms=tuple(analyzer(text)),
        words=tuple(_WORD.findall(text)),
        form=_form(folded),
        kinds=frozenset(kind for kind, asked in _KINDS.items() if asked.search(folded)),
        years=years_in(text),
        firm=bool(_FIRM.search(folded)),
        choice=bool(_CHOICE.search(folded)),
        single=has_one_answer(text),
        names=frozenset(term for name in _NAME.findall(text) for term in analyzer(name)),
        about=frozenset(analyzer(_KIND_WORDS.sub(" ", text))),
        agent=agent_asked(text),
        act=act_asked(text),
        before=before,
        after=after,
    )


def _form(folded: str) -> Form:
    if _PASSAGE.search(folded):
        return "passage"
    if _LIST.search(folded):
        return "list"
    return "phrase" if _PHRASE.search(folded) else "sentence"


def is_of_kind(phrase: str, kinds: Collection[Kind]) -> bool:
    """Whether a phrase has the form of all these kinds.

    >>> is_of_kind("CEO", ["name"]), is_of_kind("Ann Lee", ["name"]), is_of_kind("tons", [])
    (False, True, True)
    """
    return all(_LOOKS_LIKE[kind].search(phrase) for kind in kinds)


def years_in(text: str) -> frozenset[str]:
    """The years that a text names.

    >>> sorted(years_in("In 1954, 300 mills; by 2010 none."))
    ['1954', '2010']
    """
    return frozenset(_YEAR.findall(text))


def statement(question: str, answer: str) -> str:
    """Question and answer as one statement, as roughly as those that the reader was trained on.

    >>> statement("Who founded the mill?", "Ann Lee")
    'Ann Lee founded the mill'
    >>> statement("When was the mill founded?", "1901")
    'the mill founded 1901'
    """
    before, after = _around_answer(question)
    return f"{before}{answer}{after}"


def _around_answer(question: str) -> tuple[str, str]:
    """What stands before and behind the answer in a statement."""
    plain = question.strip().rstrip("?").strip()
    match = _WH.search(plain)
    if not match:
        return f"{plain} ", ""
    rest = plain[match.end() :]
    if match[1].lower() == "who" and not match.start() and not _AUXILIARY.match(rest):
        return "", rest
    return " ".join(f"{plain[: match.start()]} {_AUXILIARY.sub('', rest)} ".split()) + " ", ""


def unknown_words(
    question: Question, analyzer: Analyzer, frequency: Callable[[str], int]
) -> list[str]:
    """The words of a question that no passage holds in any form, if they explain an abstention.

    They do if they are names, or most of what was asked; "the articles never mention “runs”" does not.
    ``frequency`` says how many passages hold a term.
    """
    known, unknown = 0, []
    for place, word in enumerate(question.words):
        terms = analyzer(word)
        if not all(frequency(term) for term in terms):
            unknown.append((place, word))
        elif terms:
            known += 1
    most = len(unknown) > known
    return list(dict.fromkeys(word for place, word in unknown if most or _is_name(place, word)))


def _is_name(place: int, word: str) -> bool:
    """Whether a word of a question looks like a name: a capital not at its beginning, or a figure."""
    return any(c.isdecimal() for c in word) or (place > 0 and word != word.lower())


def rarest_word(
    question: Question, analyzer: Analyzer, frequency: Callable[[str], int]
) -> str | None:
    """The word of a question that the fewest passages hold; None if some word stands in none of them.

    The first two are left out: a question word, and what may be the verb.
    """
    counts = {
        word: min(frequency(term) for term in terms)
        for word in question.words
        if (terms := analyzer(word))
    }
    if not counts or not min(counts.values()):
        return None
    first = question.words[:2]
    return min((word for word in counts if word not in first), key=counts.__getitem__, default=None)
