"""Names: where a text has them, and whether two mean the same thing.

A name is a run of words with capitals: "Bank of Japan", "MP Materials", "the 2022 World Cup". Two names are
compared word by word, after countries, titles and company forms are put into one form. In doubt, they are
not the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rag.english import lexicon
from rag.english.countries import ACRONYMS, COUNTRIES, with_countries
from rag.english.lexicon import word_set
from rag.english.words import BRACKETED, Word, plain_words, without_possessive, words

COMPANY_FORMS: Final = word_set(
    "inc incorporated corp corporation ltd limited plc co company llc llp lp ag as asa ab sa se nv bv"
    " oy spa kk gmbh group holding holdings"
)
"""Words that may follow the name of a company."""
BODIES: Final = word_set(
    "academy act agency airline airlines airport alliance army assembly association associates"
    " authority bank battle board bureau center centre chamber church city club college commission"
    " committee confederation congress council court declaration department faculty federation"
    " foundation fund government hospital house institute kingdom laboratories law league library"
    " ministry museum navy network office organisation organization parliament party police republic"
    " school senate society state states treasury treaty trust union university"
)
"""Nouns for institutions and for what they make. Alone, they name nobody."""
INDUSTRIES: Final = word_set(
    "earths electric energy foods fuels industries international lithium materials metals minerals"
    " mining motors pharma pharmaceuticals rail resources rovers software steel systems technologies"
    " united works yard"
)
"""Words in the names of companies and clubs."""
PERIODICALS: Final = word_set(
    "alert blog bulletin daily journal magazine monthly news online press report reporter reports research"
    " review today weekly"
)
"""Words in the names of newspapers and of their sections. Alone, they name no newspaper."""
OUTLETS: Final = PERIODICALS | word_set(
    "broadcasting chronicle courier digest dispatch examiner gazette guardian herald insider intelligence"
    " ledger media messenger monitor newswire observatory observer post publishing radio sentinel telegraph"
    " television times tribune tv wire"
)
"""Words in the names of newspapers."""
ORGANISATIONS: Final = word_set(
    "company firm corporation business manufacturer producer supplier developer miner group organisation"
    " organization agency club team institute institution operator consortium bank"
)
"""Nouns for an organisation."""
PLACES: Final = word_set(
    "avenue bay beach bridge county forest harbour hill hills island islands lake mill mine mountain"
    " mountains ocean park pass peninsula port province river road sea stadium station street tower"
    " town valley"
)
"""Nouns for places."""
OFFICES: Final = word_set(
    "president ceo cfo coo cto chief executive officer chairman chairwoman chairperson chair minister"
    " premier secretary governor mayor captain king queen director founder coach chancellor treasurer"
    " ambassador"
)
"""Offices that one person holds at a time."""
TITLES: Final = OFFICES | word_set(
    "vice prime mr mrs ms miss dr prof professor doctor sir dame lord lady senator general judge"
    " prince princess analyst spokesman spokeswoman"
)
"""Words that may precede the name of a person."""
_DISTINGUISHING: Final = lexicon.DIRECTIONS | word_set(
    "new old northeast northwest southeast southwest great greater saint st little central mid young former"
    " deputy junior jr women men girls boys"
)
"""Words that turn a name into another: New York is not York."""
KINDS: Final = COMPANY_FORMS | BODIES | INDUSTRIES | OUTLETS | PLACES
"""Words for the kind of thing that bears a name."""

_JOINS: Final = word_set("of de del da di du des la le van von der den ten bin ibn al el y")
_ENDS: Final = frozenset('.?!:;"“”')
_LONGEST: Final = 16
"""Most words of a name."""
_MOST_FIRST_NAMES: Final = 3

# ---------------------------------------------------------------- finding names


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text, without the article before it and the possessive ending."""

    text: str
    start: int
    end: int
    opens: bool
    """Whether it is a single word that begins a sentence, so that its capital may mean nothing."""


def names(text: str) -> Iterator[Name]:
    """The names in a text, in order; ``text[name.start : name.end] == name.text``.

    >>> [name.text for name in names("Who is the CEO of Orvald's Mills, and does the Bank of Japan care?")]
    ['Orvald', 'Mills', 'Bank of Japan']
    """
    tokens = words(text)
    at = 0
    while at < len(tokens):
        begin = at
        end = _run_end(text, tokens, at)
        at = max(end, at + 1)
        for run in _without_titles(tokens[begin:end]):
            last = without_possessive(run[-1].text)
            start, stop = run[0].start, run[-1].start + len(last)
            is_sure = last.lower() in COUNTRIES or any(map(str.isupper, last[1:]))
            opens = end - begin == 1 and _opens(tokens, begin) and not is_sure
            yield Name(text[start:stop], start, stop, opens)


def _run_end(text: str, tokens: Sequence[Word], at: int) -> int:
    """The index after the name that begins at a word; the same index if no name begins there."""
    if not _begins(tokens, at):
        return at
    end = at + 1
    limit = min(len(tokens), at + _LONGEST)
    while end < limit and not tokens[end - 1].text.endswith(("'s", "’s", "s'", "s’")):
        step = _joined(tokens, at, end)
        gaps = (text[tokens[n - 1].end : tokens[n].start] for n in range(end, end + step))
        if not step or not all(gap.isspace() and gap.count("\n") < 2 for gap in gaps):
            break
        end += step
    return end


def _without_titles(run: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The names in a run: two in "JOGMEC Vice President Hiroshi Kubota", none in "CEO"."""
    begin = 0
    for at, word in enumerate(run):
        goes_on = (
            at + 1 < len(run) and run[at + 1].low in KINDS | _JOINS
        )  # "General Motors", "Prince of Wales"
        if word.low in TITLES and not goes_on:
            yield from _named(run[begin:at])
            begin = at + 1
    yield from _named(run[begin:])


def _named(run: Sequence[Word]) -> Iterator[Sequence[Word]]:
    if any(c.isupper() for word in run for c in word.text):
        yield run


def _begins(tokens: Sequence[Word], at: int) -> bool:
    word = tokens[at]
    if not word.is_name or _is_date(tokens, at):
        return False
    if word.low in lexicon.FUNCTION_WORDS or word.text == "I":
        shouted = _opens(tokens, at) and at + 1 < len(tokens) and tokens[at + 1].text.isupper()
        return len(word.text) > 1 and word.text.isupper() and not shouted
    if word.text[0].isalpha() or any(map(str.isupper, word.text)):
        return True
    # "the 2022 World Cup", but not "in 2022 Lynas"
    return at > 0 and tokens[at - 1].low in lexicon.DETERMINERS


def _joined(tokens: Sequence[Word], begin: int, at: int) -> int:
    """How many words from here continue a name: none, one, or a joining word and what it joins."""
    if tokens[at].is_name and (tokens[at].low not in lexicon.ARTICLES | lexicon.QUESTION_WORDS):
        return 0 if _is_date(tokens, at, inside=True) else 1
    first = at + 1
    joins = tokens[at].low in _JOINS or tokens[at].text == "&"
    if tokens[at].low in {"and", "for"}:  # "Ministry of Trade and Industry", "Centre for Peace"
        kinds = BODIES.intersection(word.low for word in tokens[begin:at])
        joins = bool(kinds) and (
            tokens[at].low == "for" or any(w.low == "of" for w in tokens[begin:at])
        )
    if not joins or all(word.low in TITLES for word in tokens[begin:at]):
        return 0
    first += first < len(tokens) and tokens[first].low == "the"
    return first + 1 - at if first < len(tokens) and tokens[first].text[0].isupper() else 0


def _opens(tokens: Sequence[Word], at: int) -> bool:
    return at == 0 or tokens[at - 1].text[-1] in _ENDS


def _is_date(tokens: Sequence[Word], at: int, *, inside: bool = False) -> bool:
    """Whether a word is a weekday or a month; inside a name, a month only before a digit."""
    low = tokens[at].low
    if low in lexicon.MONTHS and inside:
        return at + 1 < len(tokens) and tokens[at + 1].text[0].isdecimal()
    return low in lexicon.WEEKDAYS or low in lexicon.MONTHS or low in lexicon.SHORT_MONTHS


def is_institution(name: str) -> bool:
    """Whether the words of a name show that it is a company, an office, a club or a newspaper.

    >>> is_institution("MP Materials"), is_institution("Ann Lee")
    (True, False)
    """
    return _has(name, KINDS - PLACES)


def is_place(name: str) -> bool:
    """Whether the words of a name show that it is a place: a country, or "Trade Tower"."""
    return _has(name, PLACES) or bool(_words(name) and _words(name)[-1] in COUNTRIES.values())


def _has(name: str, kind: frozenset[str]) -> bool:
    return any(word.strip(".,").lower() in kind for word in name.split())


# ---------------------------------------------------------------- comparing names

_QUOTES: Final = str.maketrans(dict.fromkeys('"“”„«»‘/', " "))
_SMALL: Final = lexicon.ARTICLES | {"of", "for", "and", "on", "&"}


@dataclass(frozen=True, slots=True)
class _Key:
    """The form in which names are compared."""

    words: tuple[str, ...]
    """In lower case, without titles, articles and company forms; a country has one name."""
    acronyms: frozenset[str]
    """Those that stand for the whole name, alone or in brackets."""
    initials: frozenset[str]


def same(one: str, other: str) -> bool:
    """Whether two names mean the same thing, whether written in full or short.

    >>> same("President Donald Trump", "Trump"), same("the U.S.", "America"), same("BoJ", "Bank of Japan")
    (True, True, True)
    >>> same("South Korea", "South Africa"), same("Bank of Japan", "Japan"), same("York", "New York")
    (False, False, False)
    """
    if one.casefold().split() == other.casefold().split():
        return True
    a, b = _key(one), _key(other)
    if not (a.words and b.words):
        return False
    if a.words == b.words or a.acronyms & (b.acronyms | b.initials) or b.acronyms & a.initials:
        return True
    short, long = sorted((a.words, b.words), key=len)
    return len(short) < len(long) and _short_for(short, long)


def compatible(one: str, other: str) -> bool:
    """Whether two names may mean the same thing: one has all the words of the other.

    >>> compatible("Lynas", "Lynas Rare Earths"), compatible("Norway", "Norwegian Mills")
    (True, True)
    >>> compatible("Bank of Japan", "Bank of England"), compatible("Ann Lee", "Ann Ray")
    (False, False)
    """
    if same(one, other):
        return True
    less, more = sorted((frozenset(_key(name).words) - _SMALL for name in (one, other)), key=len)
    return bool(less) and less <= more and not (more - less) & _DISTINGUISHING


def _short_for(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether the short name is the long one without its first names or its middle name."""
    extra = len(long) - len(short)
    if _SMALL.intersection((*short, *long)) or (KINDS | _PEOPLES).intersection(short):
        return False
    if len(short) > 1 and extra == 1 and (long[0], *long[2:]) == short:
        return long[1] not in KINDS | _PEOPLES
    first = long[:extra]
    return (
        long[extra:] == short
        and extra <= _MOST_FIRST_NAMES
        and not (_DISTINGUISHING | KINDS | _PEOPLES).intersection(first)
    )


_PEOPLES: Final = frozenset(COUNTRIES.values())


@lru_cache(maxsize=1024)
def _key(name: str) -> _Key:
    text = without_possessive(name).translate(_QUOTES)
    bracketed = [part.strip() for part in BRACKETED.findall(text)]
    written = [
        w for w in plain_words(BRACKETED.sub(" ", text)) if w.lower() not in lexicon.ARTICLES
    ]
    plain = _without_title(_without_form(written))
    acronyms = {*bracketed, *(plain if len(plain) == 1 else [])}
    spelt = [part for word in plain for part in re.split("[-‐‑]", word) if part != "&"]
    significant = [part for part in spelt if part.lower() not in _SMALL]
    initials = {"".join(part[0] for part in parts).lower() for parts in (spelt, significant)}
    return _Key(
        tuple(_words(" ".join(plain))),
        frozenset(w.lower().replace("&", "") for w in acronyms if _is_acronym(w)),
        frozenset(initials if len(spelt) > 1 else ()),
    )


def _without_form(tokens: list[str]) -> list[str]:
    while len(tokens) > 1 and tokens[-1].lower() in COMPANY_FORMS:
        tokens = tokens[:-1]
    return tokens


def _without_title(tokens: list[str]) -> list[str]:
    """The name of a person without a title such as "US President" or "REAlloys CEO"."""
    titles = [n for n, word in enumerate(tokens[:-1]) if word.lower() in TITLES]
    if not titles or _SMALL.intersection(tokens) or tokens[titles[-1] + 1].lower() in KINDS:
        return tokens
    return tokens[titles[-1] + 1 :]


def _words(text: str) -> list[str]:
    """The words of a name in lower case, each country as one word."""
    parts = [  # "US-Japan", "UK-based"
        part
        for word in text.split()
        for part in (word.split("-") if word.partition("-")[0] in ACRONYMS else [word])
    ]
    tokens = ("&" if word == "and" else word for word in with_countries(parts))
    return [word for word in tokens if len(word) > 1 or word == "&"]


def _is_acronym(word: str) -> bool:
    """Whether a word is written like initials, as BoJ and S&P are, and is no country."""
    return sum(map(str.isupper, word)) > 1 and len(word) <= 8 and word not in ACRONYMS
