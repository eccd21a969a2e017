"""What an English question asks for, and which of its words the articles never mention."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from rag.english.lexicon import MONTHS, ONES, ORDINALS, SCALES, TENS, WEEKDAYS, any_of
from rag.protocols import Analyzer

Form = Literal["phrase", "list", "passage", "sentence"]
"""Of an answer: a few words; all of several; one to three sentences; the sentence that says so or not."""

_MEASURED = (
    r"how (?:many|much|long|old|far|large|big|tall|high|deep|fast|often|heavy|wide|expensive|soon)"
)
_PHRASE = re.compile(
    rf"\b(?:who|whom|whose|when|where|which|what|{_MEASURED})\b",
)
# What is asked for is a course of events, a cause or a manner: no phrase tells it.
_PASSAGE = re.compile(
    rf"\b(?:why|(?!{_MEASURED}\b)how)\b|\bwhat (?:\w+ )?(?:happen(?:s|ed|ing)?|caus(?:e|es|ed))\b"
    r"|\bwhat (?:do|does|did|will|would|can|could|might|should|has|have|had|is|are|was|were)\b.{0,300}"
    r"(?:\b(?:do|doing|done|mean|say|said|think|promise|promised|plan|like)\b\W*$"
    r"|\b(?:say|said|think) (?:about|of|on)\b)"
    r"|\bwhat (?:is|are|was|were) (?:the )?(?:\w+ )?"
    r"(?:implications?|reasons?|benefits?|consequences?|effects?|impacts?|risks?|purpose|difference)\b"
    r"|^\W*(?:describe|explain|summari[sz]e|outline|compare|discuss|tell me)\b"
)
# Several things are asked for: "which Japanese firms", "what are the stages", "name the members".
_ADJECTIVE = (
    r"(?:other|new|old|main|key|major|big|large|small|rare|different|various|first|last|same|top|most"
    r"|[\w-]+(?:al|ic|ive|ous|ary|able|ible|ful|less|ese|ian|ish|an|ed|ing)|\d+)"
)
_PLURAL = r"(?:people|men|women|children|countries|(?!does|is|was|has|this|as\b)[\w-]*[^\W\dsui]s)"
_LIST = re.compile(
    rf"\b(?:which|what)\s+(?:{_ADJECTIVE}\s+){{0,3}}{_PLURAL}\b"
    rf"|\b(?:what|which|who) (?:are|were) (?:the |some |all )?(?:[\w-]+\s+){{0,4}}?{_PLURAL}\b"
    r"|^\W*(?:list|name|enumerate)\b"
)
# Kinds of answers that can be told by their form, and the questions that ask for them.
_NUMBER_WORDS = (
    f"{any_of((*ONES, *TENS, *SCALES, *ORDINALS))}|dozens|half|quarters?|twice|once|several|few|many"
    "|most|all|majority|minority|nothing|none|no|both|single|double[ds]?|tripled?|[a-z]+fold|multiple|little"
    "|tens|hundreds|thousands|[mbtr]+illions|free|entire(?:ty)?|whole"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_PRICED = (
    r"\bwhat (?:do|does|did|will|would) .{1,80}\bcost\b(?! (?:of|the|him|her|them)\b)"
    r"|\b(?:what|which) percent(?:age)?\b"
)
_COUNTED = re.compile(
    rf"\bhow (?:many|much|deep|tall|high|wide|heavy|old|expensive)\b|{_PRICED}", re.IGNORECASE
)
_TIMES = (
    f"{any_of((*MONTHS, *WEEKDAYS))}|spring|summer|autumn|fall|winter|today|yesterday|tomorrow|century|year"
    "|month|week|day|decade|morning|evening|night|noon|midnight|after|before|during|when|since|until"
)
_QUANTITY = (
    "share|part|percentage|proportion|fraction|price|cost|number|amount|rate|grade|purity|capacity|size"
    "|weight|height|length|depth|width|speed|distance|population|age|salary|budget|revenue|profit|quantity"
    "|volume|temperature|(?:boiling|freezing|melting) point|tariff|fee|fine|score"
)
_FORMS = (
    (re.compile(r"\b(?:who|whom|whose)\b"), re.compile(r"\b[A-Z][\w'’-]{0,40}[a-z]")),
    (
        re.compile(r"\bwhen\b|\b(?:what|which) (?:year|month|day|date)\b"),
        re.compile(rf"\d|\b(?:{_TIMES})s?\b", re.IGNORECASE),
    ),
    (
        re.compile(
            rf"\b{_MEASURED}\b|\b(?:what|which)\b(?: [\w-]+){{0,4}}? (?:{_QUANTITY})\b|{_PRICED}"
        ),
        _NUMBER,
    ),
)
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_RATE = re.compile(
    r"\b(?:(?:each|every|per|a) (?:year|month|week|day|hour)"
    r"|annual(?:ly)?|(?:year|month|week|dai|hour)ly)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_][\w’'-]*")


def form_of(question: str) -> Form:
    """The form of what is asked for.

    >>> form_of("Who runs it?"), form_of("Why does it run?"), form_of("Does it run?")
    ('phrase', 'passage', 'sentence')
    >>> form_of("Which Japanese firms take part?"), form_of("What does it process?")
    ('list', 'phrase')
    """
    folded = question.lower()
    if _PASSAGE.search(folded):
        return "passage"
    if _LIST.search(folded):
        return "list"
    return "phrase" if _PHRASE.search(folded) else "sentence"


def is_of_kind(question: str, phrase: str) -> bool:
    """Whether a phrase has the form of what is asked for: who wants a name, when a time, how many a number.

    >>> is_of_kind("Who runs it?", "CEO"), is_of_kind("Who runs it?", "Ann Lee")
    (False, True)
    >>> is_of_kind("How many are there?", "tons"), is_of_kind("Where is it?", "tons")
    (False, True)
    """
    folded = question.lower()
    return all(form.search(phrase) for asked, form in _FORMS if asked.search(folded))


def lacks_number(question: str, phrase: str) -> bool:
    """Whether a number is asked for that a phrase has not: it is no answer, whatever else it is.

    >>> lacks_number("How deep is it?", "in California"), lacks_number("How deep is it?", "forty feet")
    (True, False)
    """
    return bool(_COUNTED.search(question)) and not _NUMBER.search(phrase)


def years_in(text: str) -> frozenset[str]:
    """The years that a text names.

    >>> sorted(years_in("In 1954, 300 mills; by 2010 none."))
    ['1954', '2010']
    """
    return frozenset(_YEAR.findall(text))


def asks_for_a_rate(question: str) -> bool:
    """Whether a number a year, a month or the like is asked for.

    >>> asks_for_a_rate("How much does it make each year?"), asks_for_a_rate("How much did it make?")
    (True, False)
    """
    return _RATE.search(question) is not None


def unknown_words(question: str, analyzer: Analyzer, holding: Callable[[str], int]) -> list[str]:
    """The words of a question that no passage holds in any form, if they explain an abstention.

    They do if they are names, or most of what was asked; "the articles never mention “runs”" does not.
    ``holding`` says how many passages hold a term.
    """
    known, unknown = 0, []
    for match in _WORD.finditer(question):
        terms = analyzer(match.group())
        if not all(holding(term) for term in terms):
            unknown.append(match)
        elif terms:
            known += 1
    names = [match.group() for match in unknown if _is_name(match)]
    words = [match.group() for match in unknown]
    return list(dict.fromkeys(words if len(words) > known else names))


def rarest_word(question: str, analyzer: Analyzer, holding: Callable[[str], int]) -> str | None:
    """The word of a question that the fewest passages hold; None if some word stands in none of them.

    What follows "who" or "which" at once is left out: it may be the verb.
    """
    counts = {
        match.group(): min(holding(term) for term in terms)
        for match in _WORD.finditer(question)
        if (terms := analyzer(match.group()))
    }
    if not counts or not min(counts.values()):
        return None
    first = [match.group() for match in _WORD.finditer(question)][:2]
    return min((word for word in counts if word not in first), key=counts.__getitem__, default=None)


def _is_name(match: re.Match[str]) -> bool:
    """Whether a word of a question looks like a name: a capital not at its beginning, or a figure."""
    word = match.group()
    return any(c.isdecimal() for c in word) or (match.start() > 0 and word != word.lower())
