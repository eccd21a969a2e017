"""Words that exclude each other: a thing is the first or the second, the minimum or the maximum."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from rag.answer.candidates import Candidate, Inquiry
from rag.english.lexicon import DIRECTIONS, MONTHS, PARTS_OF_DAY
from rag.english.words import without_possessive, words

SHARE: Final = 0.01
"""The share of its probability that an answer about another kind of thing keeps."""
_EXCLUSIVE: Final = (
    *(
        frozenset(kinds.split())
        for kinds in (
            "adult adults child children student students pupil pupils senior seniors pensioners",
            "men women boys girls male female",
            "import imports imported export exports exported",
            "minimum maximum lowest highest average median",
            "monthly yearly annual annually daily weekly quarterly",
            "first second third fourth fifth",
            "domestic foreign global worldwide national regional local",
            "gross net",
            "old new",
            "indoor outdoor",
            "upper lower",
            "dead killed died injured hurt wounded missing",
            "capacity output production reserves resources demand consumption sales stock",
        )
    ),
    DIRECTIONS,
    frozenset(PARTS_OF_DAY),
    frozenset(MONTHS) - {"may"},
)


def words_in(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without numbers and the endings of possessives."""
    return tuple(without_possessive(word.low) for word in words(text) if word.text[0].isalpha())


def of_two_kinds(some: Collection[str], others: Collection[str]) -> bool:
    """Whether two texts, given as words, each say which kind of thing they mean, and mean different kinds.

    >>> of_two_kinds(["minimum", "fare"], ["maximum", "fare"]), of_two_kinds(["minimum"], ["fare"])
    (True, False)
    """
    a, b = frozenset(some), frozenset(others)
    return any(a & kinds and b & kinds and not a & b & kinds for kinds in _EXCLUSIVE)


def contrasted(inquiry: Inquiry, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates; one about another kind of thing gives way if one of the right kind says as much."""
    asked = words_in(inquiry.question.text)
    if not any(kinds.intersection(asked) for kinds in _EXCLUSIVE):
        return list(candidates)
    terms = [inquiry.question.about.intersection(inquiry.analyzer(c.sentence)) for c in candidates]
    is_other = [of_two_kinds(asked, words_in(candidate.sentence)) for candidate in candidates]
    own = [has for has, other in zip(terms, is_other, strict=True) if not other]
    return [
        candidate.keeping({"contrast": SHARE})
        if other and any(has < more for more in own) and "contrasts" in inquiry.rules
        else candidate
        for candidate, has, other in zip(candidates, terms, is_other, strict=True)
    ]
