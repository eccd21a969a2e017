"""Abbreviations, and the words that open a sentence after one."""

from __future__ import annotations

from typing import Final

from rag.english.lexicon import (
    AMOUNTS,
    COMMON_PREPOSITIONS,
    CONJUNCTIONS,
    DETERMINERS,
    LINKS,
    PLACE_AND_TIME,
    QUESTION_WORDS,
    SHORT_MONTHS,
    SUBJECT_PRONOUNS,
    word_set,
)

NEVER_LAST: Final = word_set(
    "mr mrs ms mx dr prof gen sen rep gov lt col sgt maj capt cmdr adm rev hon pres supt messrs"
    " e.g i.e vs v cf viz approx ca"
)
"""These never end a sentence."""
BEFORE_FIGURES: Final = frozenset(SHORT_MONTHS) | word_set(
    "no nos fig figs eq eqs vol vols p pp art arts sec sect ch chap ed para tab ref refs"
)
"""Abbreviations only before a number: "No. 5", "Fig. 2", "Oct. 28"."""
AFTER_NAMES: Final = word_set("inc corp co ltd plc bros cie gmbh jr sr dept univ assn st")
_OTHERS: Final = word_set("ste mt ft al mio mrd")
UNIT_CAPITALS: Final = frozenset("KVWANJTL")
"""Units of one capital letter; after a number, none of them is an initial."""

OPENERS: Final = (
    DETERMINERS
    | AMOUNTS
    | SUBJECT_PRONOUNS
    | COMMON_PREPOSITIONS
    | CONJUNCTIONS
    | QUESTION_WORDS
    | LINKS
    | PLACE_AND_TIME
    | word_set("also despite during according not")
) - {"of"}
"""Words that have a capital only where they open a sentence. After "U.S." any other capital proves nothing:
"U.S. Treasury"."""


def is_abbreviation(word: str) -> bool:
    """Whether a word before a full stop is an abbreviation, or single letters with dots between them.

    >>> is_abbreviation("U.S"), is_abbreviation("Inc"), is_abbreviation("J"), is_abbreviation("MS")
    (True, True, True, False)
    """
    return all(len(part) == 1 and part.isalpha() for part in word.split(".")) or (
        key(word) in NEVER_LAST | BEFORE_FIGURES | AFTER_NAMES | _OTHERS
    )


def key(word: str) -> str:
    """The form in which a word is listed; "MS" stays, for it is not "Ms."."""
    return word if len(word) > 1 and word.isupper() else word.lower()
