"""Whether an article mentions a name or a year at all, in whatever form it writes them.

An article that never mentions what a question names does not answer it. A wrong "never" hides an answer and
tells the user something false, so in doubt a name counts as mentioned: short or in full, by its initials,
as an adjective, with a letter more or less.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

from rag.english.countries import COUNTRIES, with_countries
from rag.english.lexicon import ARTICLES, COORDINATORS, FUNCTION_WORDS, ORDINALS, SMALL, word_set
from rag.english.names import COMPANY_FORMS, KINDS, TITLES
from rag.english.numbers import numbers
from rag.english.words import letters_off, places, singular, without_possessive

_WORD: Final = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’][^\W_]+)?")
_LONGEST_PERSON: Final = 3
_LONGEST_ACRONYM: Final = 6
_SMALL: Final = SMALL - word_set("are is it over")
_ENDINGS: Final = word_set("n an ian er ern ese ish i ite y ic ism ist ity")
"""Of adjectives, peoples and faiths: Texan, Londoner, Houstonian, Israelis, Hinduism."""
_LONGEST_ENDING: Final = 5
_STEM: Final = 4
"""Fewest letters before such an ending."""
_SPELLED: Final = 6
"""Fewest letters of a word that may be written with one letter wrong."""
_JOINED: Final = 6
"""Fewest letters of a name that may be written as one word: TimeWarner."""
_YEAR: Final = re.compile(
    r"(?<!\d)(?<!\d[.,])(?P<first>1[5-9]\d\d|20\d\d)(?:\s?[-–/]\s?(?P<second>(?:1[5-9]|20)?\d\d)(?!\d))?"
    r"|['’](?P<short>\d\d)(?!\d)"
)
_LONGEST_RANGE: Final = 20
_ROMAN: Final = dict(
    zip("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split(), range(1, 16), strict=True)
)
"""The numbers of annexes, wars and popes."""
_BESIDE: Final = ARTICLES | COORDINATORS | {"to"}
_NEAR: Final = 2
"""Most years between a year that an undated article names and one that it may mean by "last year"."""


class Mentions:
    """What an article mentions."""

    def __init__(self, text: str, published: str | None = None) -> None:
        """``text`` is all that the article and its metadata say; ``published`` is an ISO date."""
        self._text = text
        self._published = published

    def has_name(self, name: str) -> bool:
        """Whether the article mentions a name.

        >>> article = Mentions("Mr Blair flew to D.C. The MoD's Texan guests saw TimeWarner.")
        >>> all(map(article.has_name, ("Tony Blair", "DC", "Ministry of Defence", "Texas", "Time Warner")))
        True
        >>> article.has_name("Gordon Brown"), Mentions("Tony Blair spoke.").has_name("Cherie Blair")
        (False, False)
        """
        if places(name, self._text):
            return True
        written = [without_possessive(word) for word in _WORD.findall(name)]
        distinctive = [
            word
            for word in written
            if not any(map(str.isdecimal, word)) and _folded(word) not in SMALL | COMPANY_FORMS
        ]
        joined = "".join(map(_folded, written))
        if len(joined) >= _JOINED and joined in self._joined:
            return True
        # A year has a rule of its own.
        digits = [each for each in _digits(written) if not _YEAR.fullmatch(each)]
        others = (self._has_others(*two) for two in pairwise(written) if two[1] in digits)
        if (digits and not self._numbers.issuperset(digits)) or any(others):
            return False
        if not distinctive or self._has_initials(distinctive, written):
            return True
        parts = with_countries(list(map(_plain, distinctive)))
        missing = [part for part in parts if not self._has(part)]
        return not missing or (len(missing) < len(parts) and self._has_short(parts, missing))

    def has_year(self, year: int) -> bool:
        """Whether it names a year, or was published in that year, the one before or the one after.

        >>> article = Mentions("Sales fell in 2003-04.", "2007-05-01")
        >>> [year for year in range(2000, 2010) if article.has_year(year)]
        [2003, 2004, 2006, 2007, 2008]
        """
        if year in self.years:
            return True
        if self._published:
            return abs(int(self._published[:4]) - year) <= 1
        return not self.years or min(abs(year - named) for named in self.years) <= _NEAR

    def is_capital(self, word: str) -> bool | None:
        """Whether a word has a capital wherever the article has it; None if the article lacks it."""
        places = self._places.get(_folded(word))
        return all(self._words[place][0].isupper() for place in places) if places else None

    def has_inside(self, word: str) -> bool:
        """Whether a word follows another word of its sentence, so that a capital makes it a name."""
        return any(map(self._is_inside, self._places.get(_folded(word), ())))

    @cached_property
    def years(self) -> frozenset[int]:
        """The years that it names."""
        years: set[int] = set()
        for match in _YEAR.finditer(self._text):
            if match["short"]:
                years |= {1900 + int(match["short"]), 2000 + int(match["short"])}
                continue
            first, second = match["first"], match["second"]
            last = int(first[: 4 - len(second)] + second) if second else int(first)
            years |= {int(first), *range(int(first), min(last, int(first) + _LONGEST_RANGE) + 1)}
        return frozenset(years)

    # ------------------------------------------------------------ inside

    @cached_property
    def _found(self) -> list[re.Match[str]]:
        return list(_WORD.finditer(self._text))

    @cached_property
    def _words(self) -> list[str]:
        """As written, without possessives."""
        return [without_possessive(match.group()) for match in self._found]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each word stands, in its folded form."""
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            places.setdefault(_folded(word), []).append(place)
        return places

    @cached_property
    def _joined(self) -> str:
        return "".join(map(_folded, self._words))

    @cached_property
    def _with_countries(self) -> frozenset[str]:
        return frozenset(with_countries(list(map(_plain, self._words))))

    @cached_property
    def _initials(self) -> tuple[str, str]:
        """Its words' initials, with and without small words; words in capitals stay whole: World War II."""
        spelled = _spelled(self._words)
        large = [word for word in spelled if word.lower() not in SMALL]
        return _initials(spelled), _initials(large)

    @cached_property
    def _acronyms(self) -> frozenset[str]:
        return frozenset(_folded(w) for w in self._words if sum(map(str.isupper, w)) > 1)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        """Its numbers as digits, also those that it writes as words, ordinals or Roman numerals."""
        return _digits(self._words) | {
            *(f"{number.value:f}" for number in numbers(self._text)),
            *(str(value) for word, value in (_ROMAN | ORDINALS).items() if word in self._places),
        }

    def _has_initials(self, distinctive: Sequence[str], written: Sequence[str]) -> bool:
        """Whether the article has the initials of a name, or spells out a name that is initials."""
        if len(distinctive) == 1:
            letters = distinctive[0].removesuffix("s")
            if sum(map(str.isupper, letters)) < 2 or len(letters) > _LONGEST_ACRONYM:
                return False
            # Two letters are more likely an abbreviation than a name: PM, TV.
            return len(letters) <= 2 or any(_folded(letters) in every for every in self._initials)
        return any(
            "".join(word[0] for word in _spelled(words)).casefold() in self._acronyms
            for words in (distinctive, written)
        )

    def _has_others(self, word: str, number: str) -> bool:
        """Whether the word has other numbers and the number other words: "Chapter 7", no "Chapter 11"."""
        one = _folded(word)
        before = {_folded(self._words[place - 1]) for place in self._places.get(number, ())}
        may_mean = (w == one or w in _BESIDE or w.isdecimal() for w in before)
        if not before or one + number in self._places or any(may_mean):
            return False
        behind = (self._words[place + 1 : place + 2] for place in self._places.get(one, ()))
        return any(w.isdecimal() for words in behind for w in words)

    def _has(self, part: str) -> bool:
        """Whether the article has a word of a name, or a country."""
        if part in _ROMAN:
            return str(_ROMAN[part]) in self._numbers
        if part in self._with_countries or part in self._places:
            return True
        return part not in COUNTRIES and any(_alike(part, known) for known in self._places)

    def _has_short(self, parts: Sequence[str], missing: Sequence[str]) -> bool:
        """Whether the parts that are not missing may stand for the name."""
        proper = [part for part in parts if part not in KINDS]
        if len(parts) > _LONGEST_PERSON or len(proper) < len(parts):
            # Arsenal Football Club may be called Arsenal, unless "Arsenal" always begins a longer name.
            # A name that consists only of kinds of things ("Football Club") has no short form.
            named = bool(proper) and missing != proper and proper[0] not in missing
            return named and self._stands_alone(proper[0])
        if parts[-1] not in missing:
            return self._is_last_name(parts[-1], parts[0])
        return parts[0] not in missing and self._stands_alone(parts[0])

    def _is_last_name(self, last: str, first: str) -> bool:
        """Whether a last name follows no first name, or one that may be a form of ``first``."""
        others = {
            _folded(self._words[place - 1])
            for place in self._places.get(last, ())
            if place and self._joins(place - 1)
        }
        others = {word for word in others if word not in FUNCTION_WORDS | TITLES}
        return not others or any(_may_be_short(first, other) for other in others)

    def _stands_alone(self, part: str) -> bool:
        """Whether a word stands somewhere without a capitalized word after it."""
        places = self._places.get(part)
        return places is None or any(not self._joins(place) for place in places)

    def _is_inside(self, place: int) -> bool:
        """Whether a word follows another of its sentence, and is not among capitals as in a title."""
        around = [n for n in (place - 1, place + 1) if 0 <= n < len(self._words)]
        if not place or self._gap(place - 1).strip() or "\n\n" in self._gap(place - 1):
            return False
        return any(self._words[n].islower() and self._words[n] not in _SMALL for n in around)

    def _gap(self, place: int) -> str:
        """What stands between a word and the next."""
        return self._text[self._found[place].end() : self._found[place + 1].start()]

    def _joins(self, place: int) -> bool:
        """Whether a word and the next have capitals, and only a space between them."""
        if place + 1 == len(self._found):
            return False
        one, other = self._found[place].group(), self._found[place + 1].group()
        if one != self._words[place]:  # a possessive: "Blair's Britain"
            return False
        return one[0].isupper() and other[0].isupper() and self._gap(place).isspace()


def names_by_case(words: Sequence[str], articles: Sequence[Mentions]) -> list[str]:
    """The names in a question without capitals, written as the articles write them.

    >>> article = Mentions("So the minister David Blunkett left. They miss David and Blunkett alike.")
    >>> names_by_case("why did david blunkett leave".split(), [article])
    ['David Blunkett']
    """
    runs: list[list[str]] = [[]]
    for word in words:
        capital = {article.is_capital(word) for article in articles} - {None}
        is_name = word not in FUNCTION_WORDS and (capital or {word in COUNTRIES}) == {True}
        if is_name or (runs[-1] and word.isdecimal()):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [
        " ".join(map(str.capitalize, run))
        for run in runs
        if any(
            w in COUNTRIES or w.isdecimal() or any(article.has_inside(w) for article in articles)
            for w in run
        )
    ]


def _spelled(words: Iterable[str]) -> list[str]:
    """The words; two that are written as one, as in PlayStation, come apart."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", " ".join(words)).split()


def _digits(words: Iterable[str]) -> frozenset[str]:
    """The digits of each word that has some: "16" of "F16"."""
    return frozenset("".join(filter(str.isdecimal, word)) for word in words) - {""}


def _initials(words: Iterable[str]) -> str:
    return "".join(_folded(word) if word.isupper() else _folded(word)[:1] for word in words)


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    """In lower case, without accents and dots."""
    return _plain(word).casefold()


def _plain(word: str) -> str:
    """Without accents and dots."""
    word = word.replace(".", "")
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _alike(one: str, other: str) -> bool:
    """Whether one word may be a form of the other, or another spelling of it."""
    if one[0] != other[0] or abs(len(one) - len(other)) > _LONGEST_ENDING:
        return False
    if min(len(one), len(other)) >= _SPELLED and letters_off(one, other, 1):
        return True
    short, long = sorted((singular(one), singular(other)), key=len)
    if short == long:
        return True
    for stem in (short, short[:-1]):  # Houston, Houstonian; Texas, Texan
        if len(stem) >= _STEM and long.startswith(stem) and long[len(stem) :] in _ENDINGS:
            return True
    return False


def _may_be_short(one: str, other: str) -> bool:
    """Whether two first names may be those of one person: Chris and Christopher, J. and Jane."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short[:3])
