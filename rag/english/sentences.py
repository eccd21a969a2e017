"""Sentences: what does not end one, what shows that one leans on the one before, what is only speech."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.english.lexicon import (
    AMOUNTS,
    COMMON_PREPOSITIONS,
    CONJUNCTIONS,
    DEMONSTRATIVES,
    DETERMINERS,
    LINKS,
    PLACE_AND_TIME,
    POSSESSIVES,
    QUESTION_WORDS,
    SHORT_MONTHS,
    SUBJECT_PRONOUNS,
    any_of,
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


# ---------------------------------------------------------------- leaning on the sentence before

_LEANING: Final = (DEMONSTRATIVES | SUBJECT_PRONOUNS | POSSESSIVES | LINKS) - word_set(
    "i you we my your our"
) | frozenset(("such", "both", "so", "then", "likewise"))
_PHRASES: Final = (
    "as a result", "in addition", "in turn", "for instance", "for example", "in other words", "that is why",
)  # fmt: skip
_NAMED_BEFORE: Final = (
    "company firm group agency organisation organization ministry government country city town region mine"
    " project facility plant deal agreement pact plan programme program partnership team club school"
    " university study report book film song album building bridge ship man woman author singer actor"
    " president minister director couple pair"
).split()
_LEANS: Final = re.compile(
    rf"[\"“]?(?:{any_of(_LEANING)}|{any_of(_PHRASES)}"
    rf"|the (?:former|latter|same|two|three|{any_of(_NAMED_BEFORE)}s?))\b",
    re.IGNORECASE,
)


def leans(text: str, start: int) -> bool:
    """Whether the sentence at ``start`` is unclear without the one before it.

    >>> leans("It produces oxide.", 0), leans("Lynas produces oxide.", 0)
    (True, False)
    """
    return _LEANS.match(text, start) is not None


# ---------------------------------------------------------------- direct speech

_QUOTED: Final = re.compile(
    r"“[^”\n]*+(?:\n(?!\s*\n)[^”\n]*+)*+(?:”|(?=\n)|\Z)|\"[^\"\n]*+(?:\n(?!\s*\n)[^\"\n]*+)*+(?:\"|(?=\n)|\Z)"
)
"""From one quotation mark to the next, or to the end of the paragraph."""
_LEAST: Final = 2
"""Words outside the quotation marks that can name a speaker: "she said"."""


def without_speaker(text: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """Whether each of some spans, in order, is direct speech without the words that say whose.

    >>> text = "“Gulls again.” “We hear them,” Ann Lee said."
    >>> without_speaker(text, [(0, 14), (15, 44)])
    [True, False]
    """
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    result, first = [], 0
    for start, end in spans:
        while first < len(quoted) and quoted[first][1] <= start:
            first += 1
        outside, at, n = [], start, first
        while n < len(quoted) and quoted[n][0] < end:
            outside.append(text[at : max(at, quoted[n][0])])
            at, n = min(end, quoted[n][1]), n + 1
        outside.append(text[at:end])
        has_speech = len(outside) > 1
        result.append(has_speech and len(" ".join(outside).split()) < _LEAST)
    return result
