"""What a sentence does not say, though its words stand there.

It may rule them out ("not in Oslo but in Bergen", "Bergen rather than Oslo"), or deny them or take them
back ("It is a lie that the mine employs 540 people").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from rag.english.lexicon import ARTICLES, COMMON_PREPOSITIONS, SUBJECT_PRONOUNS, any_of, word_set
from rag.english.words import words

_RULED_OUT: Final = re.compile(
    r"(?:\bnot|n['’]t|\brather than|\binstead of|\bunlike|\bno longer)"
    rf"(?: (?:{any_of(COMMON_PREPOSITIONS | ARTICLES)})){{0,2}} $",
    re.IGNORECASE,
)
_LONGEST: Final = 32
"""Characters before the words that can rule them out."""
_UNTRUE: Final = (
    "(?:a lie|untrue|false|wrong|incorrect|mistaken|inaccurate|a myth|a hoax|not true|no truth)"
)
_REJECTS: Final = "(?:den(?:y|ies|ied)|dismiss(?:es|ed)|reject(?:s|ed)|refut(?:es?|ed))"
_CLAIMS: Final = word_set(
    "allegation allegations claim claims report reports rumor rumors rumour rumours statement statements"
    " story stories suggestion suggestions"
)
_LIMITS: Final = (
    "(?:until|till|before|because|unless|except|only|just|more|less|fewer|think|know|see|hear|want)"
)
_EARLIER: Final = r"\b(?:earlier|previous|original) version\b|\bmis(?:stated|reported|identified)\b"
"""What a correction says of what it corrects."""
_DENIED_BEFORE: Final = re.compile(
    # "It is untrue that …", "He denied reports that …", "An earlier version said …"
    rf"\b(?:(?:is|was|are|were|be) {_UNTRUE}|{_REJECTS})(?: (?:in|to) \w+)?(?: {any_of(_CLAIMS)})? that\b"
    rf"|{_EARLIER}"
    # "does not employ 540"; but "did not open until 1990"
    rf"|\b(?:(?:do|does|did)(?: not|n['’]t)|no longer|never)(?: (?!{_LIMITS}\b)[\w-]+){{1,3}} $"
    # "No mine employs 540"
    rf"|^no (?!{_LIMITS}\b)[\w-]+(?: (?!{_LIMITS}\b)[\w-]+){{1,3}} $",
    re.IGNORECASE,
)
_DENIED_AFTER: Final = re.compile(rf"[^.;:]*\b(?:is|was|are|were) {_UNTRUE}\b", re.IGNORECASE)
_NEGATED: Final = word_set("not never no without deny denies denied false untrue wrong lie")
_SUPPOSING: Final = word_set("would could might")
_IF: Final = word_set("if unless")
_INVERTED: Final = {
    (verb, subject) for verb in ("had", "were", "should") for subject in ARTICLES | SUBJECT_PRONOUNS
} | {(verb, "have") for verb in _SUPPOSING}
"""Two words that make a condition: "had the strike gone on", "would have lost"."""

_CORRECTS: Final = re.compile(
    rf"^\W*(?:correction|corrected|clarification)\b|{_EARLIER}", re.IGNORECASE
)


def is_ruled_out(sentence: str, start: int) -> bool:
    """Whether the words that begin at ``start`` are named only to rule them out.

    >>> text = "The mill is not in Oslo but in Bergen, unlike the dam."
    >>> is_ruled_out(text, text.index("Oslo")), is_ruled_out(text, text.index("Bergen"))
    (True, False)
    """
    return _RULED_OUT.search(sentence[max(0, start - _LONGEST) : start]) is not None


def is_denied(sentence: str, start: int, end: int) -> bool:
    """Whether a sentence denies or takes back what it says with the words from ``start`` to ``end``.

    >>> text = "The mill does not employ 540 people, but 450."
    >>> is_denied(text, text.index("540"), text.index(",")), is_denied(text, text.index("450"), len(text))
    (True, False)
    """
    if _DENIED_BEFORE.search(sentence[:start]):
        return True
    before = [word.low for word in words(sentence[:start])]
    is_claim = any(noun in _CLAIMS and word == "that" for noun, word in pairwise(before))
    return is_claim and _DENIED_AFTER.match(sentence, end) is not None


def is_supposed(sentence: str) -> bool:
    """Whether a sentence says only what would be so if something else were.

    >>> is_supposed("The mill would cost $5 if it were built."), is_supposed("If it rains, it floods.")
    (True, False)
    """
    found = [word.low for word in words(sentence)]
    has_condition = not _IF.isdisjoint(found) or not _INVERTED.isdisjoint(pairwise(found))
    return has_condition and _may_suppose(found)


def supposes(question: str) -> bool:
    """Whether a question asks what would or might be so."""
    found = [word.low for word in words(question)]
    return not _IF.isdisjoint(found) or _may_suppose(found)


def _may_suppose(found: Sequence[str]) -> bool:
    return any(word in _SUPPOSING or word.endswith(("'d", "’d")) for word in found)


def corrects(text: str) -> bool:
    """Whether a text corrects another, or an earlier version of itself.

    >>> corrects("Correction: Nine people died."), corrects("They asked for a correction of course.")
    (True, False)
    """
    return _CORRECTS.search(text) is not None


def asks_for_denial(question: str) -> bool:
    """Whether a question is itself about what is not so: then a denial can answer it."""
    found = [word.low for word in words(question)]
    negated = any(word in _NEGATED or word.endswith(("n't", "n’t")) for word in found)
    return negated or "earlier version" in question.lower()
