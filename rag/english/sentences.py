"""Sentences: what does not end one; whether one leans on the one before, is only speech, or is denied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from rag.english import lexicon
from rag.english.lexicon import any_of, word_set
from rag.english.verbs import forms
from rag.english.words import lower_words, singular, words

NEVER_LAST: Final = word_set(
    "mr mrs ms mx dr prof gen sen rep gov lt col sgt maj capt cmdr adm rev hon pres supt messrs profs sens"
    " reps amb atty insp mme sra e.g i.e vs v cf viz approx ca"
)
"""These never end a sentence."""
BEFORE_FIGURES: Final = frozenset(lexicon.SHORT_MONTHS) | word_set(
    "no nos fig figs eq eqs vol vols p pp art arts sec sect ch chap ed para tab ref refs"
)
"""These are abbreviations only before a number: "No. 5", "Fig. 2", "Oct. 28"."""
AFTER_NAMES: Final = word_set("inc corp co ltd plc bros cie gmbh jr sr dept univ assn st")
_OTHERS: Final = word_set("ste mt ft al mio mrd pty")

OPENERS: Final = (
    (lexicon.FUNCTION_WORDS | lexicon.AMOUNTS | {"according"}) - lexicon.AUXILIARIES - {"of"}
)
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

_LEANING: Final = (
    lexicon.DEMONSTRATIVES | lexicon.SUBJECT_PRONOUNS | lexicon.POSSESSIVES | lexicon.LINKS
) - word_set("i you we my your our") | frozenset(("such", "both", "so", "then", "likewise"))
_PHRASES: Final = (
    "as a result", "in addition", "in turn", "for instance", "for example", "in other words", "that is why",
)  # fmt: skip
_NAMED_BEFORE: Final = word_set(
    "former latter same two three company firm group agency organisation organization ministry"
    " government country city town region mine"
    " project facility plant deal agreement pact plan programme program partnership team club school"
    " university study report book film song album building bridge ship man woman author singer actor"
    " president minister director couple pair"
)
_OPENING: Final = 32
"""Characters at the beginning of a sentence that are looked at."""


def leans(text: str, start: int) -> bool:
    """Whether the sentence at ``start`` is unclear without the one before it.

    >>> leans("It produces oxide.", 0), leans("Lynas produces oxide.", 0)
    (True, False)
    """
    opening = text[start : start + _OPENING].lower()
    first, second, *_ = [*lower_words(opening), "", ""]
    leaning = first in _LEANING or (first == "the" and singular(second) in _NAMED_BEFORE)
    return leaning or opening.lstrip('"“').startswith(_PHRASES)


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

_RULES_OUT: Final = (" not", "n't", "n’t", " rather than", " instead of", " unlike", " no longer")
_SMALL: Final = (lexicon.COMMON_PREPOSITIONS | lexicon.ARTICLES) - {"of"}
_LONGEST: Final = 32
"""Characters before the words that can rule them out."""
_WRONG: Final = word_set(
    "untrue false wrong incorrect mistaken inaccurate absurd baseless unfounded"
)
_WRONGLY: Final = word_set("falsely wrongly mistakenly incorrectly erroneously")
_REJECTING: Final = forms("deny dismiss dispute doubt reject refute retract withdraw".split())
_SELDOM: Final = word_set("never hardly scarcely rarely seldom")
_DENYING: Final = (
    _WRONG | _WRONGLY | _REJECTING | _SELDOM | lexicon.NEGATIONS | {"few", "barely", "lie"}
)
_CLAIM: Final = word_set("allegation claim figure idea report rumour rumor statement story")
_UNTRUE: Final = any_of({*_WRONG, "a lie", "a myth", "a hoax", "not true"})
_FALSELY: Final = any_of(_WRONGLY)
_REJECTS: Final = any_of(_REJECTING)
_STATES: Final = any_of(forms("allege argue assume believe claim report say state suggest".split()))
_CLAIMS: Final = f"(?:(?:an?|the|its) )?{any_of({*_CLAIM, 'storie'})}s?"
_LIMITS: Final = (
    "(?:until|before|because|unless|except|only|just|more|less|fewer|think|know|see|want|doubts?)"
)
_NOBODY: Final = "(?:no(?:body| one|ne)?|neither|few|(?:hardly|scarcely|barely) any(?:one|body)?)"
_NOT: Final = (
    r"(?:(?:do|does|did|will|would|could|has|have|had)(?: not|n['’]t)|won['’]t|can(?:not|['’]t)"
    rf"|fail(?:s|ed)? to|(?:far from|den(?:y|ies|ied))(?= \w+ing)|no longer(?! than)|{any_of(_SELDOM)})"
)
_WORDS: Final = rf"(?: (?!(?:{_LIMITS}|since|for)\b)[\w-]+)"
_DENIED_BEFORE: Final = re.compile(
    # "It is untrue that …", "He denied reports that …", "no evidence that …"
    rf"\b(?:(?:is|was|are|were|be) (?:{_UNTRUE}|doubtful|unlikely)|(?:is|was)n['’]t true|contrary to"
    rf"|(?<!not )(?<!nobody )(?<!n['’]t ){_REJECTS}(?: as \w+)?|no (?:evidence|proof|sign|truth))"
    rf"(?: (?:in|to) \w+)?(?: {_CLAIMS})? (?:that|whether)\b"
    # "falsely claimed", "wrong to say", "Nobody believes", "does not say", for all that follows
    rf"|\b(?:(?:{_FALSELY}|{_UNTRUE} to) (?:{_STATES}|put|wrote)|{_STATES} {_FALSELY})\b"
    rf"|(?:^{_NOBODY}(?: [\w-]+){{0,3}}|\b{_NOT}) {_STATES}\b(?!.{{0,80}}\b{_LIMITS}\b)"
    # "does not employ 540", "Hardly any mine employs 540"; but "did not open until 1990"
    rf"|(?:\b{_NOT}|^{_NOBODY}{_WORDS}?){_WORDS}{{1,3}} $",
    re.IGNORECASE,
)
_DENIED_AFTER: Final = re.compile(
    rf"[^.;:]*\b(?:is|was|are|were) (?:{_UNTRUE}|denied|retracted|withdrawn)\b", re.IGNORECASE
)
_SUPPOSING: Final = word_set("would could might")
_IF: Final = word_set("if unless assuming provided supposing")
_INVERTED: Final = {
    (verb, subject)
    for verb in ("had", "were", "should")
    for subject in lexicon.ARTICLES | lexicon.SUBJECT_PRONOUNS
} | {(verb, "have") for verb in _SUPPOSING}
"""Two words that make a condition: "had the strike gone on", "would have lost"."""

_CORRECTS: Final = (" correction ", " corrected ", " clarification ", " erratum ")
"""How a correction begins."""
_EARLIER: Final = (
    *(f" mis{said} " for said in ("identified", "reported", "stated")),
    *(f" {which} version " for which in ("earlier", "original", "previous")),
    " originally said ",
)
"""What a correction says of what it corrects."""
_FAILS: Final = (" fail to ", " fails to ", " failed to ")


def is_ruled_out(sentence: str, start: int) -> bool:
    """Whether the words that begin at ``start`` are named only to rule them out.

    >>> text = "The mill is not in Oslo but in Bergen, unlike the dam."
    >>> is_ruled_out(text, text.index("Oslo")), is_ruled_out(text, text.index("Bergen"))
    (True, False)
    """
    before = ["", *sentence[max(0, start - _LONGEST) : start].lower().split()]
    while before[-1] in _SMALL:
        before.pop()
    return " ".join(before).endswith(_RULES_OUT)


def is_denied(sentence: str, start: int, end: int) -> bool:
    """Whether a sentence denies or takes back what it says with the words from ``start`` to ``end``.

    >>> text = "The mill does not employ 540 people, but 450."
    >>> is_denied(text, text.index("540"), text.index(",")), is_denied(text, text.index("450"), len(text))
    (True, False)
    """
    before = sentence[:start].rpartition(" but ")[2]
    if _DENIED_BEFORE.search(before):
        return True
    tokens = lower_words(before)
    claims = any(
        that in ("of", "that") and singular(one) in _CLAIM for one, that in pairwise(tokens)
    )
    claims = claims or not {"rumoured", "rumored"}.isdisjoint(tokens)
    return _says(before, _EARLIER) or (claims and _DENIED_AFTER.match(sentence, end) is not None)


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
    opens = f" {' '.join(lower_words(text[:_LONGEST]))} ".startswith(_CORRECTS)
    return opens or _says(text, _EARLIER)


def asks_for_denial(question: str) -> bool:
    """Whether a question is itself about what is not so: then a denial can answer it."""
    tokens = [word.low for word in words(question)]
    denies = any(word in _DENYING or word.endswith(("n't", "n’t")) for word in tokens)
    return denies or _says(question, (*_EARLIER, *_FAILS))


def _says(text: str, wordings: Sequence[str]) -> bool:
    """Whether a text has one of these wordings, each between two spaces."""
    plain = f" {' '.join(lower_words(text))} ".replace(" has been ", " was ")
    return any(each in plain for each in wordings)
