"""What a text says, however it is written: as a whole (``meaning``), or item by item (``statement``).

"22,000 tons", "seventeen", "$110 per kilogram" and "October 28" are one item each, so that two
sentences can be compared item by item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from rag.english import lexicon
from rag.english.countries import ACRONYMS, COUNTRIES
from rag.english.dates import Date, dates_in
from rag.english.lexicon import word_set
from rag.english.quantities import Quantity, quantities
from rag.english.verbs import forms
from rag.english.words import BRACKETED, plain_words, singular, without_possessive, word_before
from rag.protocols import Analyzer

_SIGNS: Final = str.maketrans(
    {**dict.fromkeys("‐‑‒–—−", "-"), **dict.fromkeys('"“”„«»', " "), "’": "'"}
)
_SMALL_WORDS: Final = lexicon.ARTICLES | word_set("of for and & to its their his her")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means. ``words`` are in lower case and the singular, without small words."""

    dates: tuple[Date, ...]
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]
    negated: bool


@lru_cache(maxsize=256)
def meaning(text: str) -> Meaning:
    """What an answer means.

    >>> meaning("the Mountain Pass mines").words, meaning("no less than ten").negated
    (('mountain', 'pass', 'mine'), False)
    >>> [(date.year, date.month, date.day) for date in meaning("28 October 2025").dates]
    [(2025, 10, 28)]
    """
    text = " ".join(text.translate(_SIGNS).split())
    dates = [date for date in dates_in(text) if date.weekday is None]
    rest = _masked(text, dates)
    numbers = quantities(rest)
    plain = map(str.lower, plain_words(BRACKETED.sub("", text)))
    return Meaning(
        tuple(dates),
        tuple(numbers),
        tuple(singular(word) for word in plain if word not in _SMALL_WORDS),
        any(
            word in lexicon.NEGATIONS or word.endswith("n't")
            for word in _masked(rest, numbers).lower().split()
        ),
    )


def _masked(text: str, parts: Sequence[Date | Quantity]) -> str:
    """A text with these parts masked, since "no less than ten" denies nothing."""
    covered = list(text)
    for part in parts:
        covered[part.start : part.end] = ";" * (part.end - part.start)
    return "".join(covered)


# ---------------------------------------------------------------- item by item

Kind = Literal["term", "name", "quantity", "date"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a sentence says, in canonical form, with its offsets."""

    kind: Kind
    value: str
    start: int
    end: int
    run: int = 0
    """Names directly after each other have the same number."""
    preposition: str = ""
    """The one directly before it, or before its article."""
    date: Date | None = None

    @property
    def is_fact(self) -> bool:
        """Whether it is a date, a quantity or a name."""
        return self.kind != "term"


@dataclass(frozen=True, slots=True)
class Guard:
    """A word that negates, weakens or limits a sentence: "not", "may", "if", "former"."""

    kind: str
    start: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The items and guards of a text."""

    text: str
    items: tuple[Item, ...]
    guards: tuple[Guard, ...]


_HEDGES: Final = (
    "may might could can possible possibly perhaps potential potentially likely unlikely probably"
)
_GUARDS: Final = {
    word: kind
    for kind, words, verbs in (
        ("not", " ".join(lexicon.NEGATIONS), "lack deny refuse fail avoid prevent stop reject"),
        ("not", "hardly scarcely barely", ""),
        ("possible", _HEDGES, "appear seem"),
        ("future", "will would shall", ""),
        ("intended", "should must projected", "expect plan aim intend propose seek hope threaten"),
        ("intended", "", "consider explore try forecast"),
        ("claimed", "allegedly reportedly rumoured rumored supposedly implicitly", ""),
        ("claimed", "", "suggest claim allege believe argue accuse"),
        ("if", "if unless whether provided assuming otherwise", ""),
        ("only", "only except excluding almost nearly partly partially", ""),
        ("former", "former formerly ex previously once until", ""),
        ("vice", "vice deputy acting interim assistant co", ""),
        ("fewer", "few fewer less least", ""),
        ("every", "all every always each entire entirely", ""),
        *((word, word, "") for word in (*lexicon.ORDINALS, "last", "next", "more", "most")),
    )
    for word in (*words.split(), *forms(verbs.split()))
}

_ALIASES: Final = {
    "yearly": "annual",
    "annually": "annual",
    **dict.fromkeys(("said", "says", "stated", "noted", "remarked", "explained", "told"), "say"),
}
_WORD: Final = re.compile(
    r"United States(?: of America)?|United Kingdom|European Union"
    r"|(?:[^\W\d_]\.){2,}|[^\W_]+(?:-(?=\w*\d)[^\W_]+)*(?:['’][^\W\d_]+)?",
)
_OWNERS: Final = lexicon.POSSESSIVES | lexicon.ARTICLES
_OPENERS: Final = lexicon.LINKS | word_set(
    "according although but currently despite specifically yes"
)


def statement(text: str, analyzer: Analyzer, ordinary: frozenset[str] | None = None) -> Statement:
    """The items and guards of a text.

    Its first word always has a capital: it counts as a name unless ``ordinary``, a set of words in lower
    case, has it.

    >>> from rag.stores.analyzer import TextAnalyzer
    >>> said = statement("In 2024 it may sell 22,000 tons to MP.", TextAnalyzer())
    >>> [item.value for item in said.items], [guard.kind for guard in said.guards]
    (['2024', 'sell', '22000 tonne', 'mp'], ['possible'])
    """
    items: list[Item] = []
    guards: list[Guard] = []
    taken = list(_values(text))
    spans = sorted((item.start, item.end) for item in taken)
    run, last = 0, -1
    for match in _WORD.finditer(text):
        start, end = match.span()
        if any(low < end and start < high for low, high in spans):
            continue
        word = without_possessive(match.group()).replace("’", "'")
        folded = word.casefold()
        kind = "not" if folded.endswith("n't") else _GUARDS.get(folded)
        if kind and (word == folded or start == 0):
            guards.append(Guard(kind, start))
            continue
        if word == folded or _only_opens(text, start, folded, ordinary):
            items += (Item("term", term, start, end) for term in analyzer(_ALIASES.get(word, word)))
            continue
        if not analyzer(word) and word[1:] == folded[1:]:  # "The", "In"
            continue
        if last < 0 or text[last:start].strip(" \u00a0\n\r-"):
            run += 1
        last = end if match.group() == word else match.end()
        name = ACRONYMS.get(word.replace(".", "")) or COUNTRIES.get(folded) or _ALIASES.get(folded)
        name = name or " ".join(analyzer(word)).lower() or folded.replace(".", "")
        items.append(Item("name", name, start, end, run))
        if kind:
            guards.append(Guard(kind, start))
    ordered = sorted([*items, *taken], key=lambda item: item.start)
    placed = (replace(item, preposition=_before(text, item.start)) for item in ordered)
    return Statement(text, tuple(placed), tuple(guards))


def _before(text: str, start: int) -> str:
    word = word_before(text, start, _OWNERS)
    return word if word in lexicon.PREPOSITIONS or word == "than" else ""


def _only_opens(text: str, start: int, folded: str, ordinary: frozenset[str] | None) -> bool:
    """Whether a word has a capital only because it begins a sentence."""
    if text[:start].strip(" \"'“‘(*-•"):
        return False
    return folded in _OPENERS or (ordinary is not None and folded in ordinary)


def words_in_lower_case(text: str) -> frozenset[str]:
    """The words that a text has in lower case; where they open a sentence, they are not names."""
    return frozenset(m.group() for m in _WORD.finditer(text) if m.group().islower())


def _values(text: str) -> Iterator[Item]:
    """The dates and quantities of a text."""
    dates = dates_in(text)
    for date in dates:
        yield Item("date", text[date.start : date.end].casefold(), date.start, date.end, date=date)
    for quantity in quantities(text):
        start, end = quantity.start, quantity.end
        if any(date.start < end and start < date.end for date in dates):
            continue
        if text[start:end].casefold() == "one":  # "one of them"
            continue
        if quantity.per == "year":  # as far from the number as "annual" may be
            yield Item("term", "annual", quantity.measured + 1, end)
            end = quantity.measured
        yield Item("quantity", quantity.exact.removesuffix(" /year"), start, end)
