"""A question, read once: what it asks for and what it names.

Answering takes everything that it needs to know of a question from here and never reads its text again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from rag.english.choices import choices
from rag.english.clauses import clause, declared, has_one_answer
from rag.english.clauses import plain as written_out
from rag.english.dates import YEAR
from rag.english.definitions import defined
from rag.english.lexicon import (
    BE,
    DATES,
    DO,
    HAVE,
    MODALS,
    MONTHS,
    ONES,
    ORDINALS,
    PARTS_OF_DAY,
    PERIODS,
    QUESTION_WORDS,
    SCALES,
    SEASONS,
    TENS,
    WEEKDAYS,
    any_of,
    word_set,
)
from rag.english.names import ORGANISATIONS
from rag.english.names import names as proper_names
from rag.english.negation import asks_for_denial, supposes
from rag.english.phrases import FUNCTION, MEASURES
from rag.english.predicates import Act, Agent, act_asked, agent_asked
from rag.english.quantities import Quantity, quantities
from rag.english.requests import overview_of, split_topic
from rag.english.words import Word, lower_words, singular, words
from rag.protocols import Analyzer
from rag.records import Filters, Terms

Form = Literal["phrase", "list", "passage", "sentence", "overview"]
"""Of an answer: a few words; all of several; one to three sentences; the sentence that says yes or no, or
what something is; what several articles say."""
Kind = Literal["name", "time", "number"]
"""Of an answer, where the form of its words shows it."""

_MEASURED: Final = f"how {any_of(MEASURES)}"
# These ask for a course of events, a cause or a manner, which no phrase tells.
_WHAT_DOES: Final = rf"\bwhat {any_of(BE | HAVE | DO | MODALS)}\b"
_MATTER: Final = (
    "(?:implications?|reasons?|benefits?|consequences?|effects?|impacts?|risks?|purpose|difference)"
)
_PASSAGES: Final = (
    rf"\b(?:why|(?!{_MEASURED}\b)how)\b",
    r"\bwhat (?:\w+ )?(?:happen(?:s|ed|ing)?|caus(?:e|es|ed))\b",
    rf"{_WHAT_DOES}.{{0,300}}\b(?:do|doing|done|mean|say|said|think|promised?|plan|like)\b\W*$",
    rf"{_WHAT_DOES}.{{0,300}}\b(?:say|said|think) (?:about|of|on)\b",
    rf"\bwhat {any_of(BE)} (?:the )?(?:\w+ )?{_MATTER}\b",
    r"^\W*(?:describe|explain|summari[sz]e|outline|compare|discuss|tell me)\b",
)
_PASSAGE: Final = re.compile("|".join(_PASSAGES))
# These ask for several things: "which Japanese firms", "what are the stages", "name the members".
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
_QUANTITIES: Final = word_set(
    "share percentage proportion fraction price cost number amount rate grade purity capacity size"
    " weight height length depth width speed distance population age salary budget revenue profit quantity"
    " volume temperature tariff fee fine score"
) | {"boiling point", "freezing point", "melting point"}
_NUMBER_WORDS: Final = frozenset((*ONES, *TENS, *SCALES, *ORDINALS, *(f"{s}s" for s in SCALES))) | (
    word_set(
        "tens half quarter quarters twice once several few many most all majority minority nothing none no"
        " both single double doubled doubles triple tripled multiple little free entire entirety"
        " whole"
    )
)
_TIME_WORDS: Final = frozenset((*MONTHS, *WEEKDAYS, *SEASONS, *PERIODS, *PARTS_OF_DAY)) | word_set(
    "fall today yesterday tomorrow noon midnight after before during when since until"
)
_KIND_WORDS: Final = re.compile(
    rf"\b(?:(?:in|on) )?(?:what|which) {any_of((*DATES, 'number', 'amount', 'share', 'percentage'))}\b"
    r"|\bhow \w+\b",
    re.IGNORECASE,
)
"""Words that only say what kind of answer is wanted."""
_WH: Final = re.compile(
    rf"\b({any_of(QUESTION_WORDS)})\b(?: (?:many|much|long|old))?", re.IGNORECASE
)
_AUXILIARY: Final = re.compile(
    rf"^\s*{any_of(BE | HAVE | DO | {'can', 'could', 'will', 'would'})}\b\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Question:
    """What an English question asks for, and what it names."""

    text: str
    """Without the operators of a query, and without what it says of publication and of its article.
    Of a question for an overview, only what that is about."""
    terms: Terms
    words: tuple[str, ...]
    """As written, without punctuation."""
    form: Form
    kinds: frozenset[Kind]
    years: frozenset[str]
    amounts: tuple[Quantity, ...]
    """What it measures itself: "1.5 tonnes" in "which ship carried 1.5 tonnes"."""
    supposes: bool
    """It asks what would or might be so."""
    firm: bool
    """It asks for a company or the like."""
    choices: tuple[str, ...]
    """The answers that it offers itself: "in Oslo or in Bergen"."""
    declared: str | None
    """Of a yes-or-no question: what it asks about, as a statement."""
    single: bool
    """It has only one right answer: who holds an office, who did what happens once."""
    names: frozenset[str]
    """The terms of its names and numbers."""
    named: tuple[str, ...]
    """Its names as written, each once."""
    topic: str
    """What the article is about that it asks; "" if it does not say."""
    is_lower: bool
    """It has no capitals, except perhaps the first letter, so that they do not show its names."""
    about: frozenset[str]
    """Its terms without those that only say what kind of answer is wanted; without function words, if an
    overview is."""
    defines: str | None
    """What it asks the nature of: "Ucore" in "what is Ucore"."""
    denies: bool
    """It is about what is not so."""
    agent: Agent | None
    """Who does what it asks about, if it names both."""
    act: Act | None
    """The act or office that it names, if the rules can judge it."""
    before: str
    """The part of a statement before the answer …"""
    after: str
    """… and the part behind it."""
    filters: Filters | None = None
    """When it says that the articles were published …"""
    filters_from: str = ""
    """… and the words that say so."""

    def statement(self, answer: str) -> str:
        """Question and answer as one statement."""
        return f"{self.before}{answer}{self.after}"


def read_question(text: str, analyzer: Analyzer) -> Question:
    """Read a question.

    >>> question = read_question("How deep is the mine that Ucore dug in 1954?", str.split)
    >>> question.form, sorted(question.kinds), sorted(question.years)
    ('phrase', ['number'], ['1954'])
    """
    whole = text
    overview = overview_of(text)
    text, topic = (overview, "") if overview else split_topic(text)
    plain, found = [word.low for word in words(written_out(text))], words(text)
    offered = () if overview else choices(text)
    what = None if overview or offered else defined(text)
    form: Form = "overview" if overview else _form(text, plain, offered, what)
    before, after = _around_choice(text, offered) or _around_answer(text)
    return Question(
        text=text,
        terms=tuple(analyzer(text)),
        words=tuple(word.text for word in found if not word.is_mark),
        form=form,
        kinds=frozenset() if overview or what else frozenset(_kinds(text, plain)),
        years=years_in(text),
        # "From one ton" begins a rate.
        amounts=tuple(each for each in quantities(text) if each.dimension and each.low != 1),
        supposes=supposes(text),
        firm=_asks_which(plain, ORGANISATIONS, 3),
        choices=offered,
        declared=None if overview or offered else declared(text),
        single=has_one_answer(text),
        names=frozenset(
            term
            for word in found
            if word.is_name and (word.start or overview)  # a topic opens no sentence
            for term in analyzer(word.text)
        ),
        named=tuple(dict.fromkeys(name.text for name in proper_names(whole) if not name.opens)),
        topic=topic,
        is_lower=not any(map(str.isupper, whole[1:])),
        about=frozenset(analyzer(_content(found) if overview else _KIND_WORDS.sub(" ", text))),
        defines=what,
        denies=asks_for_denial(text),
        agent=agent_asked(text),
        act=act_asked(text),
        before=before,
        after=after,
    )


def _content(found: Sequence[Word]) -> str:
    """The words of a text but its function words."""
    return " ".join(word.text for word in found if word.low not in FUNCTION)


def _form(text: str, plain: Sequence[str], offered: Sequence[str], what: str | None) -> Form:
    folded = text.lower()
    if offered:
        return "phrase"
    if what and plain[:1] == ["what"]:
        return "sentence"
    if _PASSAGE.search(folded):
        return "passage"
    if _LIST.search(folded):
        return "list"
    asks = not (QUESTION_WORDS - {"why", "how"}).isdisjoint(plain) or _asks_how_much(plain)
    return "phrase" if asks else "sentence"


def _kinds(text: str, plain: Sequence[str]) -> Iterator[Kind]:
    """The kinds of answer that a question asks for."""
    if not {"who", "whom", "whose"}.isdisjoint(plain):
        yield "name"
    if "when" in plain or _asks_which(plain, DATES, 1):
        yield "time"
    if (
        _asks_how_much(plain)
        or _asks_which(plain, _QUANTITIES, 5)
        or _asks_which(plain, {"percent", "part"}, 1)
        or _asks_price(text)
    ):
        yield "number"


def _asks_how_much(plain: Sequence[str]) -> bool:
    return any(one == "how" and other in MEASURES for one, other in pairwise(plain))


def _asks_which(plain: Sequence[str], nouns: Collection[str], reach: int) -> bool:
    """Whether one of these nouns is among the first words after "what" or "which"."""
    return any(
        word in {"what", "which"}
        and any(
            noun in nouns or singular(noun) in nouns or f"{before} {noun}" in nouns
            for before, noun in pairwise(plain[at : at + reach + 1])
        )
        for at, word in enumerate(plain)
    )


def _asks_price(text: str) -> bool:
    """Whether it is "what did the repairs cost", but not "what did it cost her"."""
    parts = clause(text)
    if parts.wanted != "what" or parts.auxiliary.lower() not in DO | {"will", "would"}:
        return False
    after = {"of", "the", "him", "her", "them"}
    rest = [*lower_words(parts.rest), ""]
    return any(verb == "cost" and word not in after for verb, word in pairwise(rest))


def is_of_kind(phrase: str, kinds: Collection[Kind]) -> bool:
    """Whether a phrase has the form of all these kinds.

    >>> is_of_kind("CEO", ["name"]), is_of_kind("Ann Lee", ["name"]), is_of_kind("tons", [])
    (False, True, True)
    """
    found = frozenset(lower_words(phrase))
    has_digit = any(map(str.isdecimal, phrase))
    looks_like: dict[Kind, bool] = {
        "name": any(
            word.text[0].isupper() and any(map(str.islower, word.text)) for word in words(phrase)
        ),
        "time": has_digit or not _TIME_WORDS.isdisjoint({*found, *map(singular, found)}),
        "number": has_digit
        or not _NUMBER_WORDS.isdisjoint(found)
        or any(word.endswith("fold") for word in found),
    }
    return all(looks_like[kind] for kind in kinds)


def years_in(text: str) -> frozenset[str]:
    """The years that a text names.

    >>> sorted(years_in("In 1954, 300 mills; by 2010 none."))
    ['1954', '2010']
    """
    return frozenset(re.findall(rf"\b{YEAR}\b", text))


def statement(question: str, answer: str) -> str:
    """Question and answer as one statement, in the rough form that the reader was trained on.

    >>> statement("Who founded the mill?", "Ann Lee")
    'Ann Lee founded the mill'
    >>> statement("When was the mill founded?", "1901")
    'the mill founded 1901'
    """
    before, after = _around_answer(question)
    return f"{before}{answer}{after}"


def _around_answer(question: str) -> tuple[str, str]:
    """The parts of a statement before and behind the answer."""
    plain = question.strip().rstrip("?").strip()
    match = _WH.search(plain)
    if not match:
        return f"{plain} ", ""
    rest = plain[match.end() :]
    if match[1].lower() == "who" and not match.start() and not _AUXILIARY.match(rest):
        return "", rest
    return " ".join(f"{plain[: match.start()]} {_AUXILIARY.sub('', rest)} ".split()) + " ", ""


def _around_choice(question: str, offered: Sequence[str]) -> tuple[str, str] | None:
    """The parts of a statement before and behind one of the answers that a yes-or-no question offers."""
    stated = declared(question) if offered else None
    if stated is None:
        return None
    start, last = stated.find(offered[0]), stated.rfind(offered[-1])
    return (stated[:start], stated[last + len(offered[-1]) :]) if 0 <= start < last else None


def unknown_words(
    question: Question, analyzer: Analyzer, frequency: Callable[[str], int]
) -> list[str]:
    """The words of a question that no passage holds in any form, if they explain an abstention.

    Names explain it, and so do unknown words that are most of the question; “runs” alone does not.
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
    """Whether a word looks like a name: it holds a digit, or a capital and is not the first."""
    return any(c.isdecimal() for c in word) or (place > 0 and word != word.lower())


def rarest_word(
    question: Question, analyzer: Analyzer, frequency: Callable[[str], int]
) -> str | None:
    """The word of a question that the fewest passages hold; None if no passage holds some word of it.

    Leaves out the first two words: a question word, and perhaps the verb.
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
