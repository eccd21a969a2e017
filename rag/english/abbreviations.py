"""Abbreviations, and the words after which one can still be the end of a sentence."""

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
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_LAST: Final = _words(
    "mr mrs ms mx dr prof gen sen rep gov lt col sgt maj capt cmdr adm rev hon pres supt messrs"
    " e.g i.e vs v cf viz approx ca"
)
"""What goes on if a capital or a figure follows."""
BEFORE_FIGURES: Final = frozenset(SHORT_MONTHS) | _words(
    "no nos fig figs eq eqs vol vols p pp art arts sec sect ch chap ed para tab ref refs"
)
"""Abbreviations only in front of a figure: "No. 5", "Fig. 2", "Oct. 28"."""
AFTER_NAMES: Final = _words("inc corp co ltd plc bros cie gmbh jr sr dept univ assn st")
_OTHERS: Final = _words("ste mt ft al")

OPENERS: Final = (
    DETERMINERS
    | AMOUNTS
    | SUBJECT_PRONOUNS
    | COMMON_PREPOSITIONS
    | CONJUNCTIONS
    | QUESTION_WORDS
    | LINKS
    | PLACE_AND_TIME
    | _words("also despite during according not")
) - {"of"}
"""Words that, with a capital, practically only open a sentence. After "U.S." or "Inc." a capital alone says
nothing ("U.S. Treasury")."""


def is_abbreviation(word: str) -> bool:
    """Whether a word in front of a full stop is one, or looks like one: single letters, dots between.

    >>> is_abbreviation("U.S"), is_abbreviation("Inc"), is_abbreviation("J"), is_abbreviation("MS")
    (True, True, True, False)
    """
    return all(len(part) == 1 and part.isalpha() for part in word.split(".")) or (
        key(word) in NEVER_LAST | BEFORE_FIGURES | AFTER_NAMES | _OTHERS
    )


def key(word: str) -> str:
    """The form under which a word is listed; "patients with MS" have no "Ms."."""
    return word if len(word) > 1 and word.isupper() else word.lower()
