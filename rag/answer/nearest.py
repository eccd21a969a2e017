"""The answer to a question that the reader cannot read: the sentence with most of its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rag.answer.candidates import Inquiry, ReadPassage
from rag.answer.cite import Source, cite
from rag.answer.extract import Extraction
from rag.records import Part

_ENOUGH: Final = 0.4
"""The least share of the question's words, weighted by idf, that a sentence must have."""
_UNKNOWN: Final = 0.5
"""What a word counts that no article has: it may be a question word, or what is asked about."""
_SHORT: Final = 4
"""Letters of a word that may be a function word of any language that is written with spaces; unknown, it
counts ``_LITTLE``."""
_LITTLE: Final = 0.15
_FIRST_UNSPACED: Final = "\u0e00"
"""Thai, and behind it the scripts of which pairs of characters are terms."""
_AROUND: Final = 0.5
"""What a word in the title or heading counts, if the sentence has it not."""


def nearest_sentence(
    inquiry: Inquiry,
    passages: Sequence[ReadPassage],
    source: Callable[[str], Source],
    min_confidence: float,
    frequency: Callable[[str], int],
) -> Extraction:
    """The sentence, row or item that has most of the question's words; among equals, the first.

    ``frequency`` says how many passages hold a term. The confidence grows from 0 to 1 with the share of
    these words from ``_ENOUGH`` to all.
    """
    weights = {
        term: inquiry.idf(term) * (1 if frequency(term) else _unknown(term))
        for term in inquiry.terms
    }
    total = sum(weights.values())
    best, most = None, 0.0
    for each in passages:
        about = _found(inquiry, weights, f"{each.passage.title}\n{each.passage.heading or ''}")
        for unit in each.units:
            own = _found(inquiry, weights, each.words(unit.start, unit.end))
            found = sum(weights[term] for term in own)
            found += _AROUND * sum(weights[term] for term in about - own)
            if found > most:
                best, most = (each.passage.doc_id, (unit.start, unit.end)), found
    confidence = max(0.0, most / total - _ENOUGH) / (1 - _ENOUGH) if total else 0.0
    if best is None or confidence < min_confidence:
        return Extraction(confidence)
    citation = cite(1, source(best[0]), best[1])
    return Extraction(confidence, (Part(citation.quote, (1,)),), (citation,), support=1)


def _unknown(term: str) -> float:
    """What a word counts that no article has."""
    return _LITTLE if len(term) <= _SHORT and term < _FIRST_UNSPACED else _UNKNOWN


def _found(inquiry: Inquiry, weights: Mapping[str, float], text: str) -> set[str]:
    """Those of the question's terms that a text has."""
    return weights.keys() & set(inquiry.analyzer.all_terms(text))
