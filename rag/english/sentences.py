"""Sentences: what does not end one; whether it leans on the one before, is only speech, or is denied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from rag.english.lexicon import (
    AMOUNTS,
    ARTICLES,
    AUXILIARIES,
    COMMON_PREPOSITIONS,
    DEMONSTRATIVES,
    FUNCTION_WORDS,
    LINKS,
    POSSESSIVES,
    SHORT_MONTHS,
    SUBJECT_PRONOUNS,
    any_of,
    word_set,
)
from rag.english.verbs import forms
from rag.english.words import words

NEVER_LAST: Final = word_set(
    "mr mrs ms mx dr prof gen sen rep gov lt col sgt maj capt cmdr adm rev hon pres supt messrs profs sens"
    " reps amb atty insp mme sra e.g i.e vs v cf viz approx ca"
)
"""These never end a sentence."""
BEFORE_FIGURES: Final = frozenset(SHORT_MONTHS) | word_set(
    "no nos fig figs eq eqs vol vols p pp art arts sec sect ch chap ed para tab ref refs"
)
"""Abbreviations only before a number: "No. 5", "Fig. 2", "Oct. 28"."""
AFTER_NAMES: Final = word_set("inc corp co ltd plc bros cie gmbh jr sr dept univ assn st")
_OTHERS: Final = word_set("ste mt ft al mio mrd pty")
HALVES: Final = ("a.m", "p.m")
"""The halves of a day."""
UNIT_CAPITALS: Final = frozenset("KVWANJTLFC")
"""Units of one capital letter; after a number, none of them is an initial."""

OPENERS: Final = (FUNCTION_WORDS | AMOUNTS | {"according"}) - AUXILIARIES - {"of"}
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


# ---------------------------------------------------------------- denied, ruled out, or only supposed

_RULED_OUT: Final = re.compile(
    r"(?:\bnot|n['’]t|\brather than|\binstead of|\bunlike|\bno longer)"
    rf"(?: (?:{any_of(COMMON_PREPOSITIONS | ARTICLES)})){{0,2}} $",
    re.IGNORECASE,
)
_LONGEST: Final = 32
"""Characters before the words that can rule them out."""
_UNTRUE: Final = (
    "(?:a lie|untrue|false|wrong|incorrect|mistaken|inaccurate|a myth|a hoax|not true|absurd|baseless"
    "|unfounded)"
)
_FALSELY: Final = "(?:falsely|wrongly|mistakenly|incorrectly|erroneously)"
_REJECTS: Final = any_of(forms("deny dismiss dispute doubt reject refute retract withdraw".split()))
_STATES: Final = any_of(forms("allege argue assume believe claim report say state suggest".split()))
_CLAIMS: Final = (
    "(?:(?:an?|the|its) )?(?:allegation|claim|figure|idea|report|rumou?r|statement|story|storie)s?"
)
_LIMITS: Final = (
    "(?:until|before|because|unless|except|only|just|more|less|fewer|think|know|see|want|doubts?)"
)
_NOBODY: Final = "(?:no(?:body| one|ne)?|neither|few|(?:hardly|scarcely|barely) any(?:one|body)?)"
_NOT: Final = (
    r"(?:(?:do|does|did|will|would|could|has|have|had)(?: not|n['’]t)|won['’]t|can(?:not|['’]t)"
    r"|fail(?:s|ed)? to|(?:far from|den(?:y|ies|ied))(?= \w+ing)|no longer|never|hardly|scarcely"
    "|rarely|seldom)"
)
_EARLIER: Final = (
    r"\b(?:(?:earlier|original|previous) version|originally said|mis(?:identified|reported|stated))"
    r"\b"
)
"""What a correction says of what it corrects."""
_WORDS: Final = rf"(?: (?!(?:{_LIMITS}|since|for)\b)[\w-]+)"
_DENIED_BEFORE: Final = re.compile(
    # "It is untrue that …", "He denied reports that …", "no evidence that …", "An earlier version said …"
    rf"\b(?:(?:is|was|are|were|be) (?:{_UNTRUE}|doubtful|unlikely)|(?:is|was)n['’]t true|contrary to"
    rf"|(?<!not )(?<!nobody )(?<!n['’]t ){_REJECTS}(?: as \w+)?|no (?:evidence|proof|sign|truth))"
    rf"(?: (?:in|to) \w+)?(?: {_CLAIMS})? (?:that|whether)\b|{_EARLIER}"
    # "falsely claimed", "wrong to say", "Nobody believes", "does not say", for all that follows
    rf"|\b(?:(?:{_FALSELY}|{_UNTRUE} to) (?:{_STATES}|put|wrote)|{_STATES} {_FALSELY})\b"
    rf"|(?:^{_NOBODY}(?: [\w-]+){{0,3}}|\b{_NOT}) {_STATES}\b(?!.{{0,80}}\b{_LIMITS}\b)"
    # "does not employ 540", "Hardly any mine employs 540"; but "did not open until 1990"
    rf"|(?:\b{_NOT}|^{_NOBODY}{_WORDS}?){_WORDS}{{1,3}} $",
    re.IGNORECASE,
)
_CLAIMED: Final = re.compile(rf"\b{_CLAIMS} (?:of|that)\b|\brumou?red\b", re.IGNORECASE)
_DENIED_AFTER: Final = re.compile(
    rf"[^.;:]*\b(?:is|was|are|were) (?:{_UNTRUE}|(?:denied|retracted|withdrawn)\b)", re.IGNORECASE
)
_NEGATED: Final = re.compile(
    rf"\b(?:{_REJECTS}|{_UNTRUE}|{_FALSELY}|{_NOBODY}|{_NOT}|not|without|lie)\b|n['’]t\b|{_EARLIER}",
    re.IGNORECASE,
)
_SUPPOSING: Final = word_set("would could might")
_IF: Final = word_set("if unless assuming provided supposing")
_INVERTED: Final = {
    (verb, subject) for verb in ("had", "were", "should") for subject in ARTICLES | SUBJECT_PRONOUNS
} | {(verb, "have") for verb in _SUPPOSING}
"""Two words that make a condition: "had the strike gone on", "would have lost"."""

_CORRECTS: Final = re.compile(
    r"^\W*(?:correct(?:ion|ed)|clarification|erratum)\b"
    rf"|\b(?:article|report|story) (?:was|has been) (?:amended|corrected)\b|{_EARLIER}",
    re.IGNORECASE,
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
    before = sentence[:start].rpartition(" but ")[2]
    is_claim = _CLAIMED.search(before)
    return bool(_DENIED_BEFORE.search(before) or (is_claim and _DENIED_AFTER.match(sentence, end)))


def is_supposed(sentence: str) -> bool:
    """Whether a sentence says only what would be so if something else were.

    >>> is_supposed("The mill would cost $5 if it were built."), is_supposed("If it rains, it floods.")
    (True, False)
    """
    tokens = [word.low for word in words(sentence)]
    return not (_IF | _INVERTED).isdisjoint([*tokens, *pairwise(tokens)]) and _may_suppose(tokens)


def supposes(question: str) -> bool:
    """Whether a question asks what would or might be so."""
    tokens = [word.low for word in words(question)]
    return not _IF.isdisjoint(tokens) or _may_suppose(tokens)


def _may_suppose(tokens: Sequence[str]) -> bool:
    return any(word in _SUPPOSING or word.endswith(("'d", "’d")) for word in tokens)


def corrects(text: str) -> bool:
    """Whether a text corrects another, or an earlier version of itself.

    >>> corrects("Correction: Nine people died."), corrects("They asked for a correction of course.")
    (True, False)
    """
    return _CORRECTS.search(text) is not None


def asks_for_denial(question: str) -> bool:
    """Whether a question is itself about what is not so: then a denial can answer it."""
    return _NEGATED.search(question) is not None
