"""Turns text into index terms, both when an index is built and when it is searched."""

from __future__ import annotations

import re
import unicodedata

import Stemmer

from rag.english import lexicon as english

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
    | english.AUXILIARIES - {"am", "may", "might", "must", "shall"}
    | english.NON_FINITE - {"done"}
    | english.COMMON_PREPOSITIONS
    | english.COORDINATORS - {"yet"}
    | english.PLACE_AND_TIME - {"now"}
    | frozenset("also if itself just not only than too very while".split())
)

# A number keeps its decimals and loses its thousands separators ("45,000" is 45000); an acronym loses
# its dots ("U.S." is us, like "US"); everything else is a run of letters and digits. Hyphens, slashes
# and currency signs separate terms, so that a search for a part finds "15-20%", "$110/kg" and
# "rare-earth".
_TOKEN = re.compile(
    r"""
    (?P<number> \d{1,3}(?:,\d{3})+(?:\.\d+)? (?!\d) | \d+\.\d+ )
  | (?P<acronym> (?<!\w) (?:[^\W\d_]\.){2,} [^\W\d_]? (?!\w) )
  | (?P<word> [^\W_]+ (?: ['\u2019] [^\W\d_]+ )? )
    """,
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"['\u2019]s$")


class EnglishAnalyzer:
    """Folds case and accents, drops function words, and stems with Snowball English.

    >>> EnglishAnalyzer()("The U.S. produced 45,000 tonnes")
    ['us', 'produc', '45000', 'tonn']
    """

    id = "english-1"

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, with repeats."""
        # A stemmer has state and is not thread-safe; making one takes microseconds.
        stem = Stemmer.Stemmer("english", 0).stemWord
        return [stem(word) for word in words(text) if word not in STOP_WORDS]


def words(text: str) -> list[str]:
    """The folded words, numbers and acronyms of a text, in order, with function words.

    >>> words("The U.S. agreed to C$1.59, 15-20% more")
    ['the', 'us', 'agreed', 'to', 'c', '1.59', '15', '20', 'more']
    """
    return [_normalise(match) for match in _TOKEN.finditer(fold(text))]


def _normalise(match: re.Match[str]) -> str:
    token = match.group()
    if match.lastgroup == "number":
        return token.replace(",", "")
    if match.lastgroup == "acronym":
        return token.replace(".", "")
    return _POSSESSIVE.sub("", token).replace("\u2019", "'")


def fold(text: str) -> str:
    """Lower case without accents or compatibility forms.

    >>> fold("Araxá NdFeB ①")
    'araxa ndfeb 1'
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
