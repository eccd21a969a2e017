"""What a sentence states, word by word.

Its dates, quantities and names in one form each, its other terms, and the words that turn or soften it.
"22,000 tons", "seventeen", "$110 per kilogram" and "October 28" are one item each, however written; so
two sentences can be compared item by item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from rag.english.lexicon import (
    CURRENCY_SIGNS,
    MONTH,
    ONES,
    ORDINALS,
    SCALES,
    SHORT_SCALES,
    TENS,
    UNIT,
    WEEKDAYS,
    any_of,
    month_number,
    unit_of,
)
from rag.protocols import Analyzer

Kind = Literal["term", "name", "quantity", "date"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a sentence says, in canonical form, and where it says it."""

    kind: Kind
    value: str
    start: int
    end: int
    run: int = 0
    """Names that follow each other directly have the same number."""
    preposition: str = ""
    """The one directly before it, or before its article."""

    @property
    def is_fact(self) -> bool:
        """Whether it is a date, a quantity or a name."""
        return self.kind != "term"


@dataclass(frozen=True, slots=True)
class Guard:
    """A word that turns, softens or limits what is said: "not", "may", "if", "former"."""

    kind: str
    start: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A text taken apart."""

    text: str
    items: tuple[Item, ...]
    guards: tuple[Guard, ...]


_GUARDS: Final = {
    word: kind
    for kind, words in {
        "not": "not no never none nor neither nobody nothing nowhere without cannot lack lacks lacked"
        " hardly scarcely barely deny denies denied refuse refuses refused fail fails failed avoid avoids"
        " avoided prevent prevents prevented stop stops stopped reject rejects rejected",
        "possible": "may might could can possible possibly perhaps potential potentially likely unlikely"
        " probably appear appears appeared seem seems seemed",
        "future": "will would shall",
        "intended": "expect expects expected plan plans planned planning aim aims aimed intend intends"
        " intended propose proposes proposed seek seeks sought hope hopes hoped should must threaten"
        " threatens threatened consider considers considered considering explore explores exploring try"
        " tries tried forecast forecasts projected",
        "claimed": "suggest suggests suggested claim claims claimed allege alleges alleged allegedly"
        " reportedly believe believes believed argue argues argued accuse accuses accused rumoured rumored"
        " supposedly implicitly",
        "if": "if unless whether provided assuming otherwise",
        "only": "only except excluding almost nearly partly partially",
        "former": "former formerly ex previously once until",
        "vice": "vice deputy acting interim assistant co",
        "fewer": "few fewer less least",
        "more": "more",
        "most": "most",
        "every": "all every always each entire entirely",
        **{word: word for word in (*ORDINALS, "last", "next")},
    }.items()
    for word in words.split()
}

_BOUND: Final = {
    "more": "more than|over|above|at least|exceeding|exceeds?|upwards of|no fewer than|no less than",
    "less": "less than|fewer than|under|below|at most|up to|no more than|as much as|as many as",
    "about": "nearly|almost|about|around|approximately|roughly|some|close to",
}

_DIGITS: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_DIGIT: Final = any_of(list(ONES)[1:10])
_SPELT: Final = rf"(?:{any_of(TENS)}(?:[- ]{_DIGIT})?|{any_of(ONES)})\b"
_FIGURE: Final = rf"(?:{_DIGITS}|{_SPELT})"
_SCALE: Final = rf"(?:[ \u00a0-]?{any_of(SCALES)}s?|[ \u00a0]?(?:mn|bn)|(?<=\d)m)"
# Seconds are more than one: "a second pier" has nothing to do with time.
_UNIT_WORD: Final = rf"(?!second\b){UNIT}"

_DATE: Final = re.compile(
    rf"\b(?:(?P<day>{any_of(WEEKDAYS)}s?)|(?P<iso>\d{{4}}-\d\d-\d\d)"
    rf"|(?P<m1>{MONTH})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[.,]\d)(?:,?\s+(?P<y1>\d{{4}}))?"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{MONTH})\b(?:,?\s+(?P<y2>\d{{4}}))?"
    rf"|(?P<m3>{MONTH})\.?,?\s+(?:of\s+)?(?P<y3>\d{{4}}))\b",
    re.IGNORECASE,
)
_QUANTITY: Final = re.compile(
    rf"(?:\b(?P<bound>{'|'.join(_BOUND.values())})\s+)?(?P<between>\bbetween\s+)?"
    rf"(?P<currency>(?<![A-Za-z])[A-Z]{{0,3}}[{CURRENCY_SIGNS}]\s?)?"
    rf"(?<![\w.])(?<![A-Za-z]-)(?P<low>{_FIGURE})(?P<lowscale>{_SCALE})?(?:\s?%)?"
    rf"(?:\s*(?:[-–—]|\bto\b|(?(between)\band\b|(?!)))\s*[{CURRENCY_SIGNS}]?(?P<high>{_FIGURE}))?(?![\w]*[A-Za-z]\d)"
    rf"(?P<scale>{_SCALE})?(?:st|nd|rd|th)?(?![A-Za-z]{{0,2}}\d)"
    rf"(?P<unit>\s?%|\s?per\s?cent\b|[\s-]{_UNIT_WORD}\b)?"
    rf"(?P<per>\s?/\s?\w+|\s(?:per|an?)\s{_UNIT_WORD}\b)?",
    re.IGNORECASE,
)
_ALIASES: Final = {
    "united states": "us",
    "united states of america": "us",
    "usa": "us",
    "america": "us",
    "united kingdom": "uk",
    "european union": "eu",
    "yearly": "annual",
    "annually": "annual",
    **dict.fromkeys(("said", "says", "stated", "noted", "remarked", "explained", "told"), "say"),
}
_WORD: Final = re.compile(
    r"United States(?: of America)?|United Kingdom|European Union"
    r"|(?:[^\W\d_]\.){2,}|[^\W_]+(?:-(?=\w*\d)[^\W_]+)*(?:['’][^\W\d_]+)?",
    re.UNICODE,
)
_PREPOSITION: Final = re.compile(
    r"\b(about|across|against|among|at|between|by|for|from|in|into|of|on|outside|over|than|through|to|toward"
    r"|towards|under|via|with|within|without)\s+(?:(?:the|a|an|its|their|his|her)\s+)?[$€£¥\"“‘'(]*$",
    re.IGNORECASE,
)
_POSSESSIVE: Final = re.compile(r"['’]s?$")
_OPENERS: Final = frozenset(
    "according additionally also although besides but consequently currently despite finally furthermore"
    " hence however indeed instead meanwhile moreover nevertheless nonetheless overall similarly"
    " specifically therefore thus ultimately yes".split()
)


def statement(text: str, analyzer: Analyzer, ordinary: frozenset[str] | None = None) -> Statement:
    """Take a text apart.

    Its first word has a capital whatever it is: it is a name unless it is among the ``ordinary`` words,
    folded, if they are given; else it counts as one.

    >>> from rag.stores.analyzer import EnglishAnalyzer
    >>> said = statement("In 2024 it may sell 22,000 tons to MP.", EnglishAnalyzer())
    >>> [item.value for item in said.items], [guard.kind for guard in said.guards]
    (['2024', 'sell', '22000 ton', 'mp'], ['possible'])
    """
    items: list[Item] = []
    guards: list[Guard] = []
    taken = list(_dates(text))
    taken += _quantities(text, [(item.start, item.end) for item in taken])
    spans = sorted((item.start, item.end) for item in taken)
    run, last = 0, -1
    for match in _WORD.finditer(text):
        start, end = match.span()
        if any(low < end and start < high for low, high in spans):
            continue
        word = _POSSESSIVE.sub("", match.group()).replace("’", "'")
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
        name = _ALIASES.get(folded) or " ".join(analyzer(word)) or folded.replace(".", "")
        items.append(Item("name", name, start, end, run))
        if kind:
            guards.append(Guard(kind, start))
    found = sorted([*items, *taken], key=lambda item: item.start)
    placed = (replace(item, preposition=_before(text, item.start)) for item in found)
    return Statement(text, tuple(placed), tuple(guards))


def _before(text: str, start: int) -> str:
    match = _PREPOSITION.search(text, max(0, start - 24), start)
    return match[1].casefold() if match else ""


def _only_opens(text: str, start: int, folded: str, ordinary: frozenset[str] | None) -> bool:
    """Whether a word has its capital only because a sentence begins with it."""
    if text[:start].strip(" \"'“‘(*-•"):
        return False
    return folded in _OPENERS or (ordinary is not None and folded in ordinary)


def words_in_lower_case(text: str) -> frozenset[str]:
    """The words that a text also has without a capital: no names, when they open a sentence."""
    return frozenset(m.group() for m in _WORD.finditer(text) if m.group().islower())


def _dates(text: str) -> Iterator[Item]:
    for match in _DATE.finditer(text):
        named = match.groupdict()
        if named["iso"] or named["day"]:
            yield Item("date", (named["iso"] or named["day"]).casefold(), *match.span())
            continue
        form = next(n for n in "123" if named[f"m{n}"])
        month, day, year = (named.get(f"{part}{form}") for part in "mdy")
        if month == "may" and not day:  # "may 2024" is no month
            continue
        value = f"{year or '?'}-{month_number(month or ''):02}-{int(day) if day else '?'}"
        yield Item("date", value, *match.span())


def _quantities(text: str, taken: list[tuple[int, int]]) -> Iterator[Item]:
    for match in _QUANTITY.finditer(text):
        start, end = match.span()
        if any(low < end and start < high for low, high in taken):
            continue
        low, high = match["low"], match["high"]
        if low.casefold() == "one" and not (match["scale"] or match["lowscale"] or match["unit"]):
            continue  # "one of them"
        if high and not match["lowscale"]:
            scale = match["scale"]
            values = [_value(low, scale), _value(high, scale)]
        else:
            values = [_value(low, match["lowscale"] or match["scale"])]
            if high:
                values.append(_value(high, match["scale"]))
        bound = next(
            (
                kind
                for kind, words in _BOUND.items()
                if re.fullmatch(words, match["bound"] or "", re.IGNORECASE)
            ),
            "",
        )
        currency = (match["currency"] or "").strip()
        unit = (match["unit"] or "").strip(" -\u00a0\n").casefold()
        unit = _sign(re.sub(r"per\s?cent", "%", unit))
        per = re.sub(
            r"^\s?(?:/|per\b|an?\b)\s?", "", match["per"] or "", flags=re.IGNORECASE
        ).casefold()
        per = _sign(per) or per
        if per == "year":  # as far from the number as "annual" may be
            per = ""
            yield Item("term", "annual", match.start("per") + 1, end)
            end = match.start("per")
        parts = [
            bound,
            "–".join(values),
            currency.upper(),
            unit or ("%" if "%" in match.group() else ""),
            f"/{per}" if per else "",
        ]
        yield Item("quantity", " ".join(part for part in parts if part), start, end)


def _sign(written: str) -> str:
    unit = unit_of(written)
    return unit.sign if unit else ""


def _value(figure: str, scale: str | None) -> str:
    digits = figure.replace(",", "")
    if digits[0].isdigit():
        value = Decimal(digits)
    else:
        value = Decimal(sum((ONES | TENS)[word] for word in re.split(r"[- ]", digits.casefold())))
    if scale:
        word = scale.strip(" -\u00a0").casefold().removesuffix("s")
        value *= (SCALES | SHORT_SCALES)[word]
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
