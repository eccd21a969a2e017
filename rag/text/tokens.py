"""Cuts a text into words, numbers and names with signs in them. No language is needed for it.

A word may be written in several ways: "e-mail" and "email", "45 000" and "45,000". A token has the words
that stand in the text, and the other ways to write them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from rag.english.lexicon import SLASHED

_INVISIBLE: Final = re.compile(
    "\u00ad[ \t]*\r?\n[ \t]*"
    "|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""What Unicode calls ignorable by default, and the marks around annotations."""
_FRACTION: Final = re.compile(r"(?:(?<=\d)(?<!\d{4})[ \u00a0\u2009\u202f])?[¼-¾⅐-⅞]")
# Letters here include the marks that stand above or behind them, which \w leaves out.
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0971-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u109d\u17b4-\u17d3\u3099\u309a"
)
_WORD: Final = rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*"
_PATTERN: Final = rf"""
    (?P<iso> (?:1[5-9]|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]) (?![\w-]) )
  | (?P<dotted> [vV]? \d+ (?:\.\d+){{2,}} (?:,\d+)? (?!\w) )
  | (?P<fraction> (?<![\d/⁄]) (?: \d{{1,3}} [ ] )? {SLASHED} (?![\w/⁄]) )
  | (?P<number>
      \d{{1,3}} (?: (?:,\d{{3}})+ | (?:,\d\d)+,\d{{3}} | (?:['\u2019]\d{{3}})+ | (?:[ ]\d{{3}})+ )
      (?:\.\d+)? (?!\d)
    | \d+ \.\d+ (?:,\d+)? (?!\d) )
  | (?P<acronym> (?<!\w) (?:[^\W\d_]\.){{2,}} [^\W\d_]? (?!\w) )
  | {_WORD} (?: ['\u2019] [^\W\d_]+ )? (?P<sign> \+\+ | [+#] (?![\w+#]) )?
"""
_TOKEN: Final = re.compile(_PATTERN, re.VERBOSE)
_COMMA_TOKEN: Final = re.compile(rf"(?P<comma>\d+,\d+(?![\d.,]\d|\d)) | {_PATTERN}", re.VERBOSE)
"""Where decimals have a comma."""
_UNSPACED: Final = re.compile(
    "[\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1050-\u109d\u1780-\u17d3\u3005-\u3007\u3041-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, Kana, Han and Hangul. These are written without spaces between words, or with
endings that only a dictionary could cut off."""
_POINTS: Final = re.compile(r"\d\.\d{3}(?:\.\d{3}(?!\.?\d)|,\d)")
"""Shows that a text writes 45.000 for 45,000."""
_HYPHENS: Final = frozenset("-\u2010\u2011")
_JOINTS: Final = _HYPHENS | {".", "&"}
_REACHES: Final = r"(?<=\d)[ ](?=\d{3}|\d[/⁄])|(?<=[-\u2010\u2011])[ \t]*\r?\n[ \t]*(?=\S)"
"""White space that a token may reach over: in "45 000" and "1 1/2", or where a line's end breaks a word."""
_REACHING: Final = re.compile(_REACHES)
_STRETCH: Final = re.compile(rf"\S+(?:(?:{_REACHES})\S+)*")
_LONGEST: Final = 40
"""Longest word in characters that is also read without its hyphens."""
_PARTS: Final = 3
"""Most parts of such a word: "start-up", but not "state-of-the-art"."""
_NEAR: Final = 40

Words = tuple[str, ...]


class Token(NamedTuple):
    """One word, number or name of a text, with case and accents as written.

    The places are those in the text as ``clear`` returns it.
    """

    start: int
    end: int
    words: Words
    """What is written there, word by word."""
    others: tuple[Words, ...] = ()
    """The other ways to write it."""
    kind: str = ""
    """number, date (``words`` are its day, month and year in digits), or acronym; "" for other words."""


def visible(text: str) -> str:
    """A text without invisible characters, and without the line's end at a soft hyphen.

    >>> visible("praseo\u00addymium")
    'praseodymium'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


def clear(text: str) -> str:
    """A text without invisible characters and compatibility forms, fractions as decimals.

    >>> clear("1½ t of praseo\u00addymium")
    '1.5 t of praseodymium'
    """
    if text.isascii():
        return text
    text = visible(text)
    if _FRACTION.search(text):
        text = _FRACTION.sub(_as_decimal, text)
    return unicodedata.normalize("NFKC", text)


def _as_decimal(match: re.Match[str]) -> str:
    decimals = f"{unicodedata.numeric(match.group()[-1]):.3f}".rstrip("0")[1:]
    before = match.string[match.start() - 1 : match.start()]
    follows = len(match.group()) > 1 or before.isdecimal()
    return decimals if follows else f"0{decimals}"


def tokens(text: str, *, comma: bool = False) -> Iterator[Token]:
    """The tokens of a text that ``clear`` has cleared, in order.

    ``comma`` says that the text writes decimals with a comma, and thousands with points. A text that
    shows this by itself is read so in any case.

    >>> [(token.words, token.others) for token in tokens("AT&T cut e-mail")]
    [(('AT&T',), ()), (('cut',), ()), (('e', 'mail'), (('email',),))]
    """
    comma = comma or is_continental(text)
    run: list[Token] = []
    joints: list[str] = []
    for match in (_COMMA_TOKEN if comma else _TOKEN).finditer(text):
        token = _token(match, comma=comma)
        joins = run and text[run[-1].end] in _JOINTS
        joint = _joint(text, run[-1].end, token.start) if joins else ""
        if joint:
            joints.append(joint)
        elif run:
            yield from _compound(run, joints) if joints else run
            run, joints = [], []
        run.append(token)
    yield from _compound(run, joints) if joints else run


def stretches(text: str) -> list[str]:
    """The parts of a cleared text between white space, such that each token lies within one of them.

    >>> stretches("45 000 t of nickel")
    ['45 000', 't', 'of', 'nickel']
    """
    return _STRETCH.findall(text) if _REACHING.search(text) else text.split()


def is_continental(text: str) -> bool:
    """Whether a text shows that it writes decimals with a comma, and thousands with points."""
    return _POINTS.search(text) is not None


def is_single(word: str) -> bool:
    """Whether a word is one character of a script in which pairs of characters are terms.

    >>> is_single("金"), is_single("a")
    (True, False)
    """
    return len(word) == 1 and _UNSPACED.fullmatch(word) is not None


def _token(match: re.Match[str], *, comma: bool) -> Token:
    start, end = match.span()
    written, kind = match.group(), match.lastgroup
    if kind is None:
        if written[-1].isdecimal() and (noted := _without_note(written)):
            return Token(start, end, (written,), ((noted,),))
        spaced = written.isascii() or not _UNSPACED.search(written)
        return Token(start, end, (written,) if spaced else tuple(_pairs(written)))
    if kind == "sign":
        return _signed(written, start)
    if kind == "acronym":
        return Token(start, end, (written.replace(".", ""),), kind=kind)
    if kind == "iso":
        return Token(start, end, tuple(reversed(written.split("-"))), kind="date")
    number = _fraction(written, start, end) if kind == "fraction" else None
    return number or _number(written, start, end, comma=comma)


def _fraction(written: str, start: int, end: int) -> Token:
    """A fraction as a decimal: "1 1/2" is surely one; "1/2" alone may be a score or a date as well."""
    whole, above, below = map(
        int, re.findall(r"\d+", written if " " in written else f"0 {written}")
    )
    figures = tuple(re.findall(r"\d+", written))
    decimal = (f"{whole + above / below:.3f}".rstrip("0"),)
    own, other = (decimal, figures) if whole else (figures, decimal)
    return Token(start, end, own, (other,), "number")


def _without_note(written: str) -> str:
    """A word without the number of a note at its end: "reform" of "reform12"; "" for names like "SIRT1"."""
    word = written.rstrip("0123456789")
    is_word = len(word) > 3 and word.isalpha() and not "A" <= word[-1] <= "Z"
    return word if is_word and len(written) - len(word) <= 2 else ""


def _signed(written: str, start: int) -> Token:
    """A name with a sign at its end: "C++", "Disney+"; "1000+" is no name."""
    name = written.rstrip("+#")
    if not name.isalpha():
        return Token(start, start + len(name), (name,))
    end = start + len(written)
    if len(name) == 1:
        return Token(start, end, (written,))
    return Token(start, end, (name,), ((written,),))


def _number(written: str, start: int, end: int, *, comma: bool) -> Token:
    if _is_day(parts := written.split(".")):
        return Token(start, end, tuple(parts), kind="date")
    whole, _, decimals = written.partition(",")
    is_thousands = _is_thousands(whole) and (not decimals or decimals.isdecimal())
    if is_thousands and (comma or decimals or whole.count(".") > 1):
        return Token(start, end, (_joined(whole, decimals),), kind="number")
    if decimals and "." in whole:  # "4.5,6": two numbers
        return Token(start, start + len(whole), (whole,), kind="number")
    if written.endswith(".000") and written[:-4].isdecimal() and len(written) > len("1.000"):
        # A number like 45.000 is far more often 45,000 than a decimal.
        return Token(start, end, (written.replace(".", ""),), ((written,),), "number")
    if comma and decimals and decimals.isdecimal():
        return Token(start, end, (_joined(whole, decimals),), kind="number")
    plain = re.sub(r"[,'\u2019 ]", "", written)
    if plain[0] in "vV":
        plain = plain[1:]
    others: tuple[Words, ...]
    if " " in written:  # "Apollo 11 500 km away" has two numbers
        others = (tuple(written.split(" ")),)
    else:
        others = ((_joined(whole, ""),),) if is_thousands else ()
    return Token(start, end, (plain,), others, "number")


def _is_day(parts: list[str]) -> bool:
    """Whether numbers with points between them are a day, its month and its year."""
    if len(parts) != 3 or not all(map(str.isdecimal, parts)):
        return False
    day, month, year = map(int, parts)
    short = max(map(len, parts[:2])) <= 2 and len(parts[2]) == 4
    return short and 1 <= day <= 31 and 1 <= month <= 12 and 1500 <= year < 2100


def _is_thousands(number: str) -> bool:
    """Whether points stand where they separate thousands: "45.000", "1.234.567"."""
    first, *others = number.split(".")
    is_first = first.isdecimal() and len(first) <= 3 and first[0] != "0"
    return is_first and bool(others) and all(len(part) == 3 for part in others)


def _joined(whole: str, decimals: str) -> str:
    digits = whole.replace(".", "")
    return f"{digits}.{decimals}" if decimals else digits


def _pairs(written: str) -> Iterator[str]:
    """The pairs of neighbouring characters in each stretch without spaces, and the words between."""
    end = 0
    for match in _UNSPACED.finditer(written):
        if match.start() > end:
            yield written[end : match.start()]
        run, end = match.group(), match.end()
        yield from (run[i : i + 2] for i in range(max(1, len(run) - 1)))
    if end < len(written):
        yield written[end:]


def _joint(text: str, end: int, start: int) -> str:
    """What joins two tokens into one name or compound: -, ., & or a line's end; "" if nothing does."""
    sign = text[end]
    if sign in _HYPHENS:
        if start == end + 1:
            return "-"
        gap = text[end + 1 : start]
        broken = len(gap) < _LONGEST and gap.count("\n") == 1 and not gap.strip(" \t\r\n")
        return "\n" if broken and text[start].islower() and text[end - 1].isalpha() else ""
    if start != end + 1:
        return ""
    if sign == "." and text[start].islower() and text[end - 1].isalpha():
        return "."
    return sign if sign == "&" else ""


def _compound(run: list[Token], joints: list[str]) -> Iterator[Token]:
    """A compound as one token with the other way to write it, or as several if there is none."""
    parts = tuple(word for token in run for word in token.words)
    start, end = run[0].start, run[-1].end
    if set(joints) == {"&"}:  # "AT&T"
        own = (parts,) if all(len(part) > 1 for part in parts) else ()
        yield Token(start, end, ("&".join(parts),), own)
    elif joints == ["\n"]:  # a broken word, or a hyphen that stood there before
        yield Token(start, end, ("".join(parts),), (parts,))
    elif _has_joined_form(run, parts):
        yield Token(start, end, parts, (("".join(parts),),))
    else:
        yield from run


def _has_joined_form(run: list[Token], parts: Words) -> bool:
    """Whether a compound may be written as one word: "start-up", but not "15-20" or "state-of-the-art"."""
    return (
        len(run) <= _PARTS
        and sum(map(len, parts)) <= _LONGEST
        and not any(token.kind or token.others for token in run)
        and all(map(str.isalnum, parts))
        and not any(map(str.isdecimal, parts))
    )


def stands_out(text: str, token: Token) -> bool:
    """Whether a word in capitals stands among small letters, or alone.

    >>> [stands_out(text, next(tokens(text))) for text in ("WHO says so", "WHO SAYS SO", "WHO")]
    [True, False, True]
    """
    start, end = token.start, token.end
    around = text[max(0, start - _NEAR) : start] + text[end : end + _NEAR]
    return any(map(str.islower, around)) or not any(map(str.isalpha, around))
