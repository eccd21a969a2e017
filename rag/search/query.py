"""Parses a query as typed.

``"price floor"`` favours passages with the phrase. ``+word`` or ``+"a phrase"`` is required, ``-word`` or
``-"a phrase"`` is excluded. In capitals, ``AND`` requires the words around it, and ``NOT`` excludes the one
after it. Of words with ``OR`` between them, beside an ``AND``, one is required.
``pric*`` stands for all words that begin with pric. ``title:``, ``publisher:``, ``after:``, ``before:`` and
``date:`` filter; ``since:``, ``until:`` and ``on:`` are the last three by other names.

A sign counts only at the start of a word. ``-5``, ``-x``, ``US-Japan`` and ``15-20%`` are plain text, like
everything else that is not an operator.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from rag.errors import InvalidArgument
from rag.records import MAX_QUERY, Filters, Terms
from rag.search.terms import QuestionAnalyzer
from rag.text.tokens import visible

_DOUBLE: Final = '"\u201c\u201d\u201e\u201f\u2033\u275d\u275e\u301d\u301e\u301f\uff02'
_ANGLE: Final = "\u00ab\u00bb\u2039\u203a"
_CORNER: Final = "\u300c\u300d\u300e\u300f"
_SINGLE: Final = "'`\u00b4\u2018\u2019\u201a\u201b\u2032\u275b\u275c"
_ALSO: Final = "\x1f"
"""Stands for OR, and is never typed: the sign of an alternative to the required operand before it."""
_SIGNS: Final = str.maketrans("\u2212\uff0b\uff0d", "-+-", _ALSO)
"""The minus of mathematics, and the signs of full width."""
_QUOTED: Final = "|".join(
    rf"(?<!\w)[{marks}][^\w{marks}]*+\w[^{marks}]*+[{marks}](?!\w)"
    for marks in (_DOUBLE, _ANGLE, _CORNER)
) + (
    # An apostrophe between letters belongs to a word.
    rf"|(?<![^\s+(-])[{_SINGLE}](?=\w)(?:[^{_SINGLE}]|(?<=\w)[{_SINGLE}](?=\w))*+(?<!\s)[{_SINGLE}](?!\w)"
)
_STOPS: Final = rf'\s?!"{_DOUBLE[1:]}'
_FIELDS: Final = {
    "title": ("title",),
    "publisher": ("publisher",),
    **dict.fromkeys(("after", "since"), ("since",)),
    **dict.fromkeys(("before", "until"), ("until",)),
    **dict.fromkeys(("date", "on"), ("since", "until")),
}
"""The filters that each field sets."""
_OPERAND: Final = re.compile(
    rf"""
    (?P<sign> (?<!\S)[+{_ALSO}-] )?+
    (?: (?P<quoted> {_QUOTED} )
      | (?(sign)
          (?: [^\W\d_] (?= [.&]?\w | -\w | [+#]) | (?![\x00-\x7f])[^\W\d_]
            # A minus before a figure is a minus, unless the figure is a year or has a letter: "5G"; one
            # before a small letter ("-x") may be an option of some program.
            | (?<=[+{_ALSO}])\w | [A-Z](?!\w) | (?=\d{{4}}(?![.,]?\d)) | (?=\d+[^\W\d_])
            | [§.@\#](?=[^\W\d_]) | (?<=[+{_ALSO}])[§$€£¥](?=\d)
          )
          [^{_STOPS}]*+
        | (?: (?<!\S) (?P<field>(?i:{"|".join(_FIELDS)})): (?P<value> (?:{_QUOTED}) | \S+ )
            | (?<!\S) [^\W\d_]{{2}} [^{_STOPS}*]*+ \* (?!\S)
          )
        )
    )
    """,
    re.VERBOSE,
)
_PIECE: Final = re.compile(rf"[+-]?\(?(?:{_QUOTED})\)?|\S+")
_LOGIC: Final = frozenset(("AND", "OR", "NOT"))
_BRACKETED: Final = 16
"""Most words in brackets after NOT."""
_UNCLOSED: Final = re.compile(rf"(?<![^\s+(-])[{_DOUBLE}{_ANGLE}]\w[^{_DOUBLE}{_ANGLE}]*\Z")
_WILD: Final = re.compile(r"\w\?\w|(?<!\w)\*\w|\w\*\w")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    A phrase is one term, or several in a row. The analyzer drops stop words, so requiring or excluding one
    has no effect.
    """

    text: str
    """The text for the models, without signs, fields and excluded words."""
    terms: Terms
    """All terms of ``text`` in order, with repeats."""
    phrases: tuple[Terms, ...] = ()
    quoted: tuple[str, ...] = ()
    """The phrases as typed, without quotation marks and stars."""
    required: tuple[tuple[Terms, ...], ...] = ()
    """Of each, at least one alternative must occur."""
    excluded: tuple[Terms, ...] = ()
    filters: Filters | None = None
    """The filters among the words."""
    notes: tuple[str, ...] = ()
    """What was typed like an operator but is none."""

    @property
    def has_words(self) -> bool:
        """Whether there is a letter or a digit to search for."""
        return re.search(r"\w", self.text) is not None

    def narrowed(self, filters: Filters | None) -> Filters | None:
        """Other filters together with the query's own, which take precedence."""
        if self.filters is None or filters is None:
            return self.filters or filters
        own = self.filters
        return replace(
            filters,
            since=own.since or filters.since,
            until=own.until or filters.until,
            publisher=own.publisher or filters.publisher,
            title=own.title or filters.title,
        )


def parse(typed: str, analyzer: QuestionAnalyzer) -> Query:
    """Parse a query.

    Raises InvalidArgument if it is empty, not valid Unicode, too long, or has nothing but exclusions or
    filters, and InvalidFilter for a filter with an impossible value.
    """
    typed = visible(_validated(typed.strip())).translate(_SIGNS)
    reading = _Reading(analyzer)
    text = _OPERAND.sub(reading.read, _signed(typed, analyzer))
    if reading.removes:
        text = " ".join(text.split())
        if not re.search(r"\w", text):
            raise InvalidArgument(
                f"{typed!r} only says what to leave out", fix="add words to search for"
            )
    return Query(
        text,
        (*analyzer(text), *reading.completions),
        tuple(reading.phrases),
        tuple(reading.quoted),
        tuple(reading.required),
        tuple(reading.excluded),
        reading.filters(),
        tuple(_notes(typed)),
    )


def operands(typed: str) -> list[tuple[int, int]]:
    """Where a query has signs, phrases, fields and stars, each with the words that it is for."""
    return [match.span() for match in _OPERAND.finditer(typed.translate(_SIGNS))]


class _Reading:
    """What the operators of a query say, collected one by one."""

    def __init__(self, analyzer: QuestionAnalyzer) -> None:
        self._analyzer = analyzer
        self.phrases: list[Terms] = []
        self.quoted: list[str] = []
        self.required: list[tuple[Terms, ...]] = []
        self.excluded: list[Terms] = []
        self.completions: list[str] = []
        self.fields: dict[str, Any] = {}
        self.removes = False
        """Whether something was taken out of the text."""

    def read(self, match: re.Match[str]) -> str:
        """Note an operator; returns the text that is left of it."""
        if match["field"]:
            return self._field(match["field"].lower(), match["value"])
        sign = match["sign"] or ""
        operand = match.group().removeprefix(sign)
        runs = self._analyzer.runs(operand)
        if operand.endswith("*"):
            begun = self._analyzer.completions(operand[:-1])
            runs = tuple(dict.fromkeys((*runs, *((term,) for term in begun))))
            self.completions += begun if sign != "-" else ()
        if sign == "-":
            self.excluded += runs
            self.removes = True
            return " "
        if sign == _ALSO:
            self.required[-1] += runs
        elif sign and runs:
            self.required.append(runs)
        if match["quoted"]:
            self.phrases += runs
            self.quoted += [operand[1:-1]] if runs else []
        return operand

    def filters(self) -> Filters | None:
        """The fields as filters, or None without any."""
        return Filters(**self.fields) if self.fields else None

    def _field(self, name: str, value: str) -> str:
        value = value.strip(_DOUBLE + _ANGLE + _SINGLE)
        self.fields |= dict.fromkeys(_FIELDS[name], value)
        self.removes = True
        # The title is searched too.
        return f" {value} " if name == "title" else " "


def _signed(typed: str, analyzer: QuestionAnalyzer) -> str:
    """A query with signs in place of its AND, OR and NOT.

    They are not operators in a line of capitals, beside a function word ("did NOT sign") or at an end; a
    NOT may come first.
    """
    pieces = list(_PIECE.finditer(typed))
    words = [piece.group() for piece in pieces]
    if _LOGIC.isdisjoint(words) or not any(map(str.islower, typed)):
        return typed
    signs = [""] * len(words)
    dropped: set[int] = set()
    for at, word in enumerate(words):
        first, last = _ends(words, at)
        opens = at == 0 and word == "NOT"
        if word not in _LOGIC or (first < 0 and not opens) or last >= len(words):
            continue
        beside = words[last : last + 1] if opens else [words[first], words[last]]
        if not _LOGIC.isdisjoint(beside) or not all(map(analyzer.runs, beside)):
            continue
        dropped.add(at)
        if word == "NOT":
            for excluded in _bracketed(words, last):
                signs[excluded] = "-"
        elif word == "AND" and words[at + 1] != "NOT":
            for group in (_alternatives(words, first, -2)[::-1], _alternatives(words, last, 2)):
                if all(_can_be_required(words[place], analyzer) for place in group):
                    signs[group[0] : group[-1] + 1 : 2] = ["+", *[_ALSO] * (len(group) - 1)]
    return _written(typed, pieces, signs, dropped)


def _written(
    typed: str, pieces: list[re.Match[str]], signs: list[str], dropped: Collection[int]
) -> str:
    """A query with a sign before each of its pieces that has one, and without those that are dropped."""
    out: list[str] = []
    end = 0
    for at, piece in enumerate(pieces):
        word, sign = piece.group(), signs[at]
        has_alternatives = _ALSO in (sign, *signs[at + 2 : at + 3])
        if sign == "-" or has_alternatives or (word[0] == "(" and word.endswith(")")):
            word = word.strip("()")
        if word[:1] in {*"+-("} or word.endswith(")"):
            sign = ""
        out += typed[end : piece.start()], "" if at in dropped else sign + word
        end = piece.end()
    return "".join(out)


def _alternatives(words: list[str], at: int, step: int) -> range:
    """The places of the operand at ``at`` and of those that OR joins to it, on one side."""
    end = at
    while 0 <= end + step < len(words) and words[end + step // 2] == "OR":
        end += step
    return range(at, end + step, step)


def _can_be_required(word: str, analyzer: QuestionAnalyzer) -> bool:
    operand = _OPERAND.match("+" + word.strip("()"))
    return operand is not None and bool(analyzer.runs(operand.group()[1:]))


def _bracketed(words: list[str], at: int) -> range:
    """The places of the words from ``at`` to the end of the brackets that open there; else ``at`` alone."""
    closed = range(at, min(at + _BRACKETED, len(words))) if words[at][0] == "(" else ()
    return range(at, next((n for n in closed if words[n].endswith(")")), at) + 1)


def _ends(words: list[str], at: int) -> tuple[int, int]:
    """The places of the operands before and after an operator; AND NOT counts as one operator."""
    first = at - 2 if words[at - 1] == "AND" and words[at] == "NOT" else at - 1
    last = at + 2 if words[at : at + 2] == ["AND", "NOT"] else at + 1
    return first, last


def _notes(typed: str) -> Iterator[str]:
    if _UNCLOSED.search(typed):
        yield "a quotation mark is not closed, so the words after it are no phrase"
    if _WILD.search(typed):
        yield "* stands for letters only at the end of a word, and ? for none; both are left out here"


def _validated(text: str) -> str:
    if not text:
        raise InvalidArgument("the question is empty", fix="write the question in quotes")
    if not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidArgument("the question is not valid Unicode", fix="encode it as UTF-8")
    if len(text) > MAX_QUERY:
        raise InvalidArgument(f"the question has {len(text)} characters, more than {MAX_QUERY}")
    return text
