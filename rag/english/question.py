"""A question, read once: what it asks for and what it names.

Answering takes everything that it needs to know of a question from here and never reads its text again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from rag.english import lexicon
from rag.english.clauses import Clause, clause, declared, has_one_answer
from rag.english.clauses import plain as written_out
from rag.english.dates import YEAR
from rag.english.enumerations import choices
from rag.english.lexicon import any_of, word_set
from rag.english.names import names as proper_names
from rag.english.phrases import MEASURES, OUTSIDE
from rag.english.predicates import Act, act_asked, defined, labels
from rag.english.quantities import Quantity, quantities
from rag.english.requests import overview_of, split_topic
from rag.english.sentences import asks_for_denial, supposes
from rag.english.verbs import is_verb_form
from rag.english.words import lower_words, singular, words
from rag.protocols import Analyzer

Form = Literal["phrase", "list", "passage", "sentence", "overview"]
"""The form of an answer: a few words; all of several things; one to three sentences; the sentence that says
yes or no, or what something is; what several articles say."""
Kind = Literal["name", "time", "number"]
"""The kind of an answer, where the form of its words shows it."""

_MEASURED: Final = f"how {any_of(MEASURES)}"
# These ask for a course of events, a cause or a manner: no phrase can answer them.
_WHAT_DOES: Final = rf"\bwhat {any_of(lexicon.AUXILIARIES)}\b"
_MATTER: Final = (
    "(?:implications?|reasons?|benefits?|consequences?|effects?|impacts?|risks?|purpose|difference)"
)
_PASSAGES: Final = (
    rf"\b(?:why|(?!{_MEASURED}\b)how)\b",
    r"\bwhat (?:\w+ )?(?:happen(?:s|ed|ing)?|caus(?:e|es|ed))\b",
    rf"{_WHAT_DOES}.{{0,300}}\b(?:do|doing|done|mean|say|said|think|promised?|plan|like)\b\W*$",
    rf"{_WHAT_DOES}.{{0,300}}\b(?:say|said|think) (?:about|of|on)\b",
    rf"\bwhat {any_of(lexicon.BE)} (?:the )?(?:\w+ )?{_MATTER}\b",
    r"^\W*(?:describe|explain|summari[sz]e|outline|compare|discuss|tell me)\b",
)
# These ask for several things: "which Japanese firms", "what are the stages", "name the members".
_ADJECTIVE: Final = (
    r"(?:other|new|old|main|key|major|big|large|small|rare|different|various|first|last|same|top|most"
    r"|[\w-]+(?:al|ic|ive|ous|ary|able|ible|ful|less|ese|ian|ish|an|ed|ing)|\d+)"
)
_PLURAL: Final = (
    r"(?:people|men|women|children|countries|(?!does|is|was|has|this|as\b)[\w-]*[^\W\dsui]s)"
)
_LISTS: Final = (
    rf"\b(?:which|what)\s+(?:{_ADJECTIVE}\s+){{0,3}}{_PLURAL}\b",
    rf"\b(?:what|which|who) (?:are|were) (?:the |some |all )?(?:[\w-]+\s+){{0,4}}?{_PLURAL}\b",
    r"^\W*(?:list|name|enumerate)\b",
)
_FORMS: Final = re.compile(f"(?P<passage>{'|'.join(_PASSAGES)})|(?P<list>{'|'.join(_LISTS)})")
_QUANTITIES: Final = word_set(
    "share percentage proportion fraction price cost number amount rate grade purity capacity size"
    " weight height length depth width speed distance population age salary budget revenue profit quantity"
    " volume temperature tariff fee fine score"
) | {"boiling point", "freezing point", "melting point"}
_NUMBER_WORDS: Final = frozenset(
    (
        *lexicon.ONES,
        *lexicon.TENS,
        *lexicon.SCALES,
        *lexicon.ORDINALS,
        *(f"{s}s" for s in lexicon.SCALES),
    )
) | (
    word_set(
        "tens half quarter quarters twice once several few many most all majority minority nothing none no"
        " both single double doubled doubles triple tripled multiple little free entire entirety"
        " whole"
    )
)
_TIME_WORDS: Final = lexicon.TIMES | word_set(
    "fall today yesterday tomorrow noon midnight after before during when since until"
)
_KIND_WORDS: Final = re.compile(
    r"\b(?:(?:in|on) )?(?:what|which)"
    rf" {any_of((*lexicon.DATES, 'number', 'amount', 'share', 'percentage'))}\b"
    r"|\bhow \w+\b",
    re.IGNORECASE,
)
"""Words that only say what kind of answer is wanted."""
_ASKED: Final = re.compile(
    rf"\b({any_of(lexicon.QUESTION_WORDS)})\b(?: (?:many|much|long|old))?"
    rf"(?P<auxiliary>\s*{any_of(lexicon.AUXILIARIES - word_set('be may might must shall should'))}\b\s*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """What an English question asks for, and what it names."""

    text: str
    """Without the operators of a query, and without what it says about publication and its article.
    If it asks for an overview, only the topic."""
    terms: tuple[str, ...]
    words: tuple[str, ...]
    """As written, without punctuation."""
    form: Form
    kinds: frozenset[Kind]
    years: frozenset[str]
    amounts: tuple[Quantity, ...]
    """What it measures itself: "1.5 tonnes" in "which ship carried 1.5 tonnes"."""
    supposes: bool
    """It asks what would or might be so."""
    choices: tuple[str, ...]
    """The answers that it offers itself: "in Oslo or in Bergen"."""
    declared: str | None
    """Of a yes-or-no question: what it asks about, as a statement."""
    is_now: bool
    """It asks for a number as it is now: "how many people does it employ"."""
    single: bool
    """It has only one right answer: who holds an office, who did what is done once."""
    names: frozenset[str]
    """The terms of its names and numbers."""
    named: tuple[str, ...]
    """Its names as written, each once."""
    numbered: tuple[str, ...]
    """What else it names by a number: "bus 45", "5nm"."""
    labelled: tuple[tuple[str, str], ...]
    """Its nouns that have a label, each with that label: "rule" with "4(b)"."""
    topic: str
    """The topic of the article that should answer; "" if the question does not say."""
    is_lower: bool
    """It has no capitals, except perhaps the first letter, so capitals do not show its names."""
    about: frozenset[str]
    """Its terms without those that only say what kind of answer is wanted; if it asks for an overview,
    without function words."""
    defines: str | None
    """What it asks the nature of: "Ucore" in "what is Ucore"."""
    denies: bool
    """It is about what is not so."""
    act: Act | None
    """The act or office that it names, if the rules can judge it."""
    before: str
    """The part of a statement before the answer …"""
    after: str
    """… and the part after it."""

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
    plain, tokens = [word.low for word in words(written_out(text))], words(text)
    content = " ".join(word.text for word in tokens if word.low not in OUTSIDE)
    parts = clause(text)
    offered = () if overview else choices(text)
    what = None if overview or offered else defined(parts)
    form: Form = "overview" if overview else _form(text, plain, offered, what)
    stated = None if overview else declared(parts)
    kinds = frozenset() if overview or what else frozenset(_kinds(parts, plain))
    written = tuple(word.text for word in tokens if not word.is_mark)
    labelled = tuple(_labelled(text, dict.fromkeys(written)))
    sized = [w for w in written if w[0].isdecimal() and w[-1].islower() and w.isalnum()]
    before, after = _around_choice(stated, offered) or _around_answer(text)
    return Question(
        text=text,
        terms=tuple(analyzer(text)),
        words=written,
        form=form,
        kinds=kinds,
        years=years_in(text),
        # "From one ton" begins a rate.
        amounts=tuple(each for each in quantities(text) if each.dimension and each.low != 1),
        supposes=supposes(text),
        choices=offered,
        declared=None if offered else stated,
        is_now=parts.auxiliary.lower() in {"do", "does", "is", "are"} and "number" in kinds,
        single=has_one_answer(parts),
        names=frozenset(
            term
            for word in tokens
            if word.is_name and (word.start or overview)  # a topic opens no sentence
            for term in analyzer(word.text)
        ),
        named=tuple(dict.fromkeys(name.text for name in proper_names(whole) if not name.opens)),
        numbered=(*(" ".join(each) for each in labelled if each[1].isdecimal()), *sized),
        labelled=labelled,
        topic=topic,
        is_lower=not any(map(str.isupper, whole[1:])),
        about=frozenset(analyzer(content if overview else _KIND_WORDS.sub(" ", text))),
        defines=what,
        denies=asks_for_denial(text),
        act=act_asked(parts),
        before=before,
        after=after,
    )


def _labelled(text: str, nouns: Iterable[str]) -> Iterator[tuple[str, str]]:
    none = lexicon.FUNCTION_WORDS | lexicon.TIMES | _NUMBER_WORDS
    for noun in (each for each in nouns if each.isalpha() and not is_verb_form(each.lower())):
        yield from ((noun, label) for label in labels(noun, text) if noun.lower() not in none)


def _form(text: str, plain: Sequence[str], offered: Sequence[str], what: str | None) -> Form:
    folded = text.lower()
    if offered:
        return "phrase"
    if what and plain[:1] == ["what"]:
        return "sentence"
    asked = {match.lastgroup for match in _FORMS.finditer(folded)}
    if asked:
        return "passage" if "passage" in asked else "list"
    asks = not (lexicon.QUESTION_WORDS - {"why", "how"}).isdisjoint(plain) or _asks_how_much(plain)
    return "phrase" if asks else "sentence"


def _kinds(parts: Clause, plain: Sequence[str]) -> Iterator[Kind]:
    """The kinds of answer that a question asks for."""
    if not {"who", "whom", "whose"}.isdisjoint(plain):
        yield "name"
    if "when" in plain or _asks_which(plain, lexicon.DATES, 1):
        yield "time"
    if (
        _asks_how_much(plain)
        or _asks_which(plain, _QUANTITIES, 5)
        or _asks_which(plain, {"percent", "part"}, 1)
        or _asks_price(parts)
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


def _asks_price(parts: Clause) -> bool:
    """Whether a question is like "what did the repairs cost", but not like "what did it cost her"."""
    if (
        parts.question_word != "what"
        or parts.auxiliary.lower() not in lexicon.AUXILIARIES - lexicon.BE
    ):
        return False
    after = {"of", "the", "him", "her", "them"}
    rest = [*lower_words(parts.rest), ""]
    return any(verb == "cost" and word not in after for verb, word in pairwise(rest))


def is_of_kind(phrase: str, kinds: Collection[Kind]) -> bool:
    """Whether a phrase has the form of all these kinds.

    >>> is_of_kind("CEO", ["name"]), is_of_kind("Ann Lee", ["name"]), is_of_kind("tons", [])
    (False, True, True)
    """
    tokens = frozenset(lower_words(phrase))
    has_digit = any(map(str.isdecimal, phrase))
    looks_like: dict[Kind, bool] = {
        "name": any(
            word.text[0].isupper() and any(map(str.islower, word.text)) for word in words(phrase)
        ),
        "time": has_digit or not _TIME_WORDS.isdisjoint({*tokens, *map(singular, tokens)}),
        "number": has_digit
        or not _NUMBER_WORDS.isdisjoint(tokens)
        or any(word.endswith("fold") for word in tokens),
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
    """The parts of a statement before and after the answer."""
    plain = question.strip().rstrip("?").strip()
    match = _ASKED.search(plain)
    if not match:
        return f"{plain} ", ""
    before, rest = plain[: match.start()], plain[match.end() :]
    if match[1].lower() == "who" and not before and not match["auxiliary"]:
        return "", rest
    return " ".join(f"{before} {rest}".split()) + " ", ""


def _around_choice(stated: str | None, offered: Sequence[str]) -> tuple[str, str] | None:
    """The parts of a statement before and after one of the answers that a yes-or-no question offers."""
    if stated is None or not offered:
        return None
    start, last = stated.find(offered[0]), stated.rfind(offered[-1])
    return (stated[:start], stated[last + len(offered[-1]) :]) if 0 <= start < last else None
