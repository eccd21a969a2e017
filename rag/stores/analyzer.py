"""Turns text into index terms, both when an index is built and when it is searched.

English loses its function words and British spellings, and is stemmed. Every other language that Snowball
knows is stemmed by its own rules, the others are only folded. Which language a document has is found out
when it is read; a question is analysed for all languages of the index.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, cast

import Stemmer

from rag.english import lexicon as english
from rag.english.words import american, without_possessive
from rag.records import BREAK, Forms, Terms
from rag.text.tokens import Token, clear, is_continental, stands_out, stretches, tokens

ANALYZER_ID: Final = "words-4"
"""Names the rules of this module and of ``rag.text.tokens``. Change it whenever one of them changes."""

# Function words, and the words of question phrases ("how many", "which other"). The reader sees to the
# kind of answer; as search terms, question words would favour passages that ask questions.
STOP_WORDS = (
    english.ARTICLES
    | english.DEMONSTRATIVES
    | english.POSSESSIVES
    | english.QUANTIFIERS - {"all", "another", "every"}
    | english.AMOUNTS - {"fewer", "less", "several"}
    | english.IDENTIFIERS - {"former", "latter"}
    | english.SUBJECT_PRONOUNS
    | english.OBJECT_PRONOUNS - {"us"}
    | english.OWN_PRONOUNS - {"mine"}
    | english.QUESTION_WORDS
    | english.AUXILIARIES - {"may", "might", "must", "shall"}
    | english.NON_FINITE - {"done"}
    | english.COMMON_PREPOSITIONS
    | english.COORDINATORS - {"yet"}
    | english.PLACE_AND_TIME - {"now"}
    | frozenset("also if itself just not only than too very while".split())
)
_NATION: Final = "us"
"""In capitals, this is the country, even in a line of capitals."""

STEMMERS: Final = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
"""Snowball's name for each language that it can stem, by ISO 639-1 code."""
_POINT: Final = frozenset("en ga he hi ja ko ne ta th zh".split())
"""Languages that write decimals with a point."""
_TURKISH: Final = str.maketrans("I\u0130", "\u0131i")
"""The small letters of the two capitals that Turkish pairs unlike other languages."""
_ACCENTS: Final = dict.fromkeys(
    (
        *(*range(0x300, 0x370), *range(0x483, 0x488), *range(0x591, 0x5BE), *range(0x5BF, 0x5C8)),
        *(*range(0x610, 0x61B), *range(0x64B, 0x653), 0x670),
    )
)
_REMEMBERED: Final = 1 << 16
"""How many words have their terms remembered."""


class TextAnalyzer:
    """The terms of texts in one or more languages. Thread-safe.

    >>> TextAnalyzer()("The U.S. produced 45,000 tonnes")
    ['US', 'produc', '45000', 'tonn']
    >>> TextAnalyzer(("de", "en"))("The Häuser")
    ['hauser', 'haus']
    """

    id = ANALYZER_ID

    def __init__(self, languages: Iterable[str] = ("en",), *, function_words: bool = False) -> None:
        """``languages`` are ISO 639-1 codes. ``function_words`` keeps English function words.

        In another language, the same letters may be a word that counts.
        """
        codes = {*languages} or {"en"}
        self._languages = tuple(sorted(codes, key=lambda code: (code != "en", code)))
        self._comma = not any(map(_writes_points, codes))
        self._keep = function_words

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, with repeats; a word has several where languages differ."""
        if self._languages == ("en",) and not self._keep:
            return _english_terms(clear(text), others=False)
        return [
            term
            for form in self.forms(text)
            for term in dict.fromkeys(term for run in form.words for term in run)
        ]

    def all_terms(self, text: str) -> list[str]:
        """The terms of a text, and those of the other spellings of its words."""
        if self._languages == ("en",) and not self._keep:
            return _english_terms(clear(text), others=True)
        return [
            term for form in self.forms(text) for run in (*form.words, *form.others) for term in run
        ]

    def forms(self, text: str) -> list[Forms]:
        """The forms that each word of a text may have in an index; function words are left out."""
        text = clear(text)
        found = (self._forms(token, text) for token in tokens(text, comma=self._comma))
        return [forms for forms in found if forms is not None]

    def _forms(self, token: Token, text: str) -> Forms | None:
        english = _run(token, token.words, "en", text)
        if not english and not self._keep:
            return None
        codes = self._languages
        words = tuple(_run(token, token.words, code, text, keep=self._keep) for code in codes)
        others = [_run(token, other, code, text) for other in token.others for code in codes]
        if token.kind == "date":
            others.append(_month_first(words[0]))
        distinct = tuple(run for run in dict.fromkeys(others) if run and run not in words)
        return Forms(fold(" ".join(token.words)), words, distinct)


def document_terms(parts: Sequence[str], language: str) -> list[str]:
    """The terms of a passage: of its title, heading and text, one by one; then other spellings.

    >>> document_terms(["E-mail", "The leak"], "en")
    ['e', 'mail', '', 'leak', '', 'email']
    """
    terms: list[str] = []
    others: dict[Terms, None] = {}  # each once: they say what a passage is about, not how much
    for part in parts:
        if terms:
            terms.append(BREAK)
        for own, other in _analyzed(clear(part), language):
            terms += own
            if other:
                others.update(dict.fromkeys(other))
    return [*terms, BREAK, *(term for run in others for term in run)] if others else terms


def words(text: str) -> list[str]:
    """The folded words, numbers and acronyms of a text, in order, with function words.

    >>> words("The U.S. agreed to C$1.59, 15-20% more")
    ['the', 'us', 'agreed', 'to', 'c', '1.59', '15', '20', 'more']
    """
    return [without_possessive(fold(word)) for token in tokens(clear(text)) for word in token.words]


def fold(text: str) -> str:
    """Lower case without accents or compatibility forms.

    >>> fold("Araxá NdFeB ①")
    'araxa ndfeb 1'
    """
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold()).translate(_ACCENTS)
    return unicodedata.normalize("NFC", bare)


def _writes_points(language: str) -> bool:
    return language in _POINT


def _english_terms(text: str, *, others: bool) -> list[str]:
    return [
        term
        for token in tokens(text)
        for words in ((token.words, *token.others) if others else (token.words,))
        for term in _run(token, words, "en", text)
    ]


_MARKS: Final = ',;:!?()"\u201c\u201d'
"""No token begins or ends with one of these."""
_Analyzed = tuple[Terms, tuple[Terms, ...]]
"""The terms of some words, and those of their other spellings."""


def _analyzed(text: str, language: str) -> list[_Analyzed]:
    """The terms of a cleared text, stretch by stretch.

    Most stretches mean the same in any text, and are remembered without the marks around them.
    """
    comma = not _writes_points(language) or is_continental(text)
    parts = stretches(text)
    found = [_analyzed_stretch(part.strip(_MARKS), language, comma) for part in parts]
    if None not in found:
        return cast("list[_Analyzed]", found)
    begin, placed = 0, []
    for part, own in zip(parts, found, strict=True):
        begin = text.index(part, begin)
        placed.append(own or _in_text(part, begin, text, language, comma=comma))
        begin += len(part)
    return placed


@lru_cache(_REMEMBERED)
def _analyzed_stretch(stretch: str, language: str, comma: bool) -> _Analyzed | None:
    """The terms, or None if they depend on what stands around: "IT" is a name among small letters."""
    word = stretch.removesuffix(".")
    if word.isascii() and word.isalpha() and not word.isupper():  # most are plain words
        term = _stemmed_english(word) if language == "en" else _stemmed(word, language)
        return ((term,) if term else ()), ()
    if language == "en" and any(map(_may_be_acronym, tokens(stretch, comma=comma))):
        return None
    return _in_text(stretch, 0, stretch, language, comma=comma)


def _in_text(stretch: str, at: int, text: str, language: str, *, comma: bool) -> _Analyzed:
    """The terms of a stretch that stands in a text at ``at``."""
    own: list[str] = []
    others: list[Terms] = []
    for found in tokens(stretch, comma=comma):
        token = found._replace(start=at + found.start, end=at + found.end) if at else found
        terms = _run(token, token.words, language, text)
        own += terms
        if token.kind == "date":
            others.append(_month_first(terms))
        others += (_run(token, other, language, text) for other in token.others)
    return tuple(own), tuple(others)


def _may_be_acronym(token: Token) -> bool:
    """Whether a function word of two letters or more is written in capitals."""
    return any(
        len(word) > 1 and word.isupper() and word.lower() in STOP_WORDS for word in token.words
    )


def _run(token: Token, words: Terms, language: str, text: str, *, keep: bool = False) -> Terms:
    """The terms of some words of a token in one language."""
    if token.kind == "number":
        return tuple(map(fold, words))
    if token.kind == "date":
        return _day(words, language)
    if language == "en" and not keep:
        return tuple(term for word in words for term in _english(word, token, text))
    return tuple(term for word in words if (term := _stemmed(word, language)))


def _day(words: Terms, language: str) -> Terms:
    """Day, month and year; in English the month by its name, so that both ways to write a date meet."""
    day, month, year = (str(int(word)) for word in words)
    if language == "en":
        month = _stemmed_english(english.MONTHS[int(month) - 1])
    return day, month, year


def _month_first(date: Terms) -> Terms:
    day, month, year = date
    return month, day, year


def _english(word: str, token: Token, text: str) -> Terms:
    """The term of an English word; none for a function word, but "WHO" in capitals is a name."""
    if len(word) > 1 and (word.isupper() or token.kind == "acronym"):
        low = word.lower()
        if low == _NATION or (
            low in STOP_WORDS and (token.kind == "acronym" or stands_out(text, token))
        ):
            return (low.upper(),)
    term = _stemmed_english(word)
    return (term,) if term else ()


@lru_cache(_REMEMBERED)
def _stemmed_english(word: str) -> str:
    """The stem of an English word; "" for a function word."""
    plain = without_possessive(fold(word)).replace("\u2019", "'")
    # A stemmer has state and is not thread-safe; making one takes microseconds.
    return "" if plain in STOP_WORDS else Stemmer.Stemmer("english", 0).stemWord(american(plain))


@lru_cache(_REMEMBERED)
def _stemmed(word: str, language: str) -> str:
    """The stem of a word by the rules of its language, without accents."""
    # "l'usine", "dell'acqua", "Ford's": the longest part is the word.
    low = (word.translate(_TURKISH) if language == "tr" else word).casefold()
    parts = unicodedata.normalize("NFC", low).replace("\u2019", "'").split("'")
    plain = max(parts, key=len)
    name = STEMMERS.get(language)
    return fold(Stemmer.Stemmer(name, 0).stemWord(plain) if name else plain)
