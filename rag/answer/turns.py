"""Answers in a label or after one: who speaks in a transcript, or the time of an entry in a live report.

No sentence says so itself, so the reader cannot find it. If a sentence shares enough words with the
question, the label above that sentence answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from rag.answer.candidates import Inquiry, ReadPassage
from rag.answer.cite import LONGEST, Source, cite
from rag.answer.extract import Extraction
from rag.english.requests import Reported
from rag.records import Part, Passage
from rag.text.turns import Turn, turn_at, turns
from rag.text.units import Unit

_SAID: Final = 0.75
"""The least share of the words of what was said, weighted by idf, that a sentence must have."""
_TOLD: Final = 0.6
"""The same for a question about a time, whose verb may differ from the sentence's."""
_SUREST: Final = 0.9
"""The confidence where a sentence has all these words."""
_ANONYMOUS: Final = 1
"""Letters of a label that is no name: "Q:"."""


class _Found(NamedTuple):
    share: float
    source: Source
    turn: Turn | None
    unit: Unit


def speaker(
    inquiry: Inquiry,
    reported: Reported,
    passages: Sequence[ReadPassage],
    source: Callable[[str], Source],
) -> Extraction | None:
    """Who says, or asks, what a question reports; None if no turn says it better than other text."""
    terms = frozenset(inquiry.analyzer(reported.words))
    found = [
        each
        for each in _labelled(inquiry, terms, passages, source)
        if _asks(each) == reported.is_question
    ]
    best = max(found, key=lambda each: each.share, default=None)
    if best is None or best.share < _SAID or best.turn is None or best.turn.kind != "speaker":
        return None
    if best.turn.end - best.turn.start <= _ANONYMOUS or "turns" not in inquiry.rules:
        return None
    return _answered(best, best.turn)


def time_of_entry(
    inquiry: Inquiry, passages: Sequence[ReadPassage], source: Callable[[str], Source]
) -> Extraction | None:
    """The time above the entry that tells most of what is asked; None if no time stands above it."""
    found = _labelled(inquiry, inquiry.question.about, passages, source)
    best = max(found, key=lambda each: each.share, default=None)
    if best is None or best.share < _TOLD or best.turn is None or best.turn.kind != "time":
        return None
    return _answered(best, best.turn) if "turns" in inquiry.rules else None


def value_of_label(
    inquiry: Inquiry, headings: Sequence[Passage], source: Callable[[str], Source]
) -> Extraction | None:
    """What a heading says after a colon, if just what is asked stands before it: "Penalty: 500 euros"."""
    for each in headings:
        label, _, value = each.text.partition(": ")
        named = frozenset(inquiry.analyzer(label))
        if value.strip() and named and named == inquiry.terms and "turns" in inquiry.rules:
            end = each.start + len(each.text.rstrip())
            place = end - len(value.strip()), end
            citation = cite(1, source(each.doc_id), (each.start, end), place)
            part = Part(value.strip(), (1,))
            return Extraction(_SUREST, (part,), (citation,), support=1)
    return None


def _labelled(
    inquiry: Inquiry,
    terms: frozenset[str],
    passages: Sequence[ReadPassage],
    source: Callable[[str], Source],
) -> Iterator[_Found]:
    """The sentences of some passages, each with the share of ``terms`` in it and in its headings."""
    total = sum(map(inquiry.idf, terms))
    if not total:
        return
    for each in passages:
        origin = source(each.passage.doc_id)
        found = turns(origin.document)
        for unit in each.units:
            turn = turn_at(found, unit.end - 1)
            about = each.words(unit.start, unit.end)
            if turn and turn.kind == "time":  # the headings of the entry
                about += f"\n{origin.document.text[turn.end : unit.start][:LONGEST]}"
            own = terms.intersection(inquiry.analyzer.all_terms(about))
            yield _Found(sum(map(inquiry.idf, own)) / total, origin, turn, unit)


def _asks(found: _Found) -> bool:
    return found.source.document.text[: found.unit.end].endswith("?")


def _answered(best: _Found, turn: Turn) -> Extraction:
    """The label as the answer, quoted up to the sentence's end; far apart, the two are quoted singly."""
    document, label = best.source.document, (turn.start, turn.end)
    if best.unit.end - turn.start <= LONGEST:
        citations = [cite(1, best.source, (turn.start, best.unit.end), label)]
    else:
        citations = [
            cite(1, best.source, label),
            cite(2, best.source, (best.unit.start, best.unit.end)),
        ]
    part = Part(document.text[slice(*label)], tuple(each.n for each in citations))
    return Extraction(_SUREST * best.share, (part,), tuple(citations), support=1)
