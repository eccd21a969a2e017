"""Candidates that say the same count together, as often as independent publishers say it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from rag.answer.agree import differs, says_the_same
from rag.answer.candidates import Candidate
from rag.answer.cite import Source
from rag.answer.rules import ALL
from rag.answer.same_fact import Claim, SameFact
from rag.english.canonical import form
from rag.records import Document
from rag.text.copies import copies

LEAST: Final = 0.15
"""How probable answers must be that are said to differ: two that do share what probability there is."""
NEAR: Final = 0.3
"""The same of the less probable one, as a share of the other's probability."""

WORTH: Final = 0.05
"""How probable one that agrees must be, as a share of the probability of the one that it agrees with."""

_UNDATED: Final = "9999"
"""Sorts behind every date."""
_NO_CONTENT: Final = frozenset({"boilerplate", "title"})


@dataclass(frozen=True, slots=True)
class Testimony:
    """A candidate, what it says and in which article."""

    candidate: Candidate
    source: Source
    claim: Claim


@dataclass(frozen=True, slots=True)
class Opinion:
    """Testimonies that say the same, one for each independent publisher, the most probable first."""

    testimonies: tuple[Testimony, ...]
    probability: float
    """That it is right."""

    @property
    def best(self) -> Testimony:
        """The testimony whose words stand for all."""
        return self.testimonies[0]

    @property
    def newest(self) -> str:
        """The latest date of its articles; "" if none is dated."""
        return max(testimony.claim.published or "" for testimony in self.testimonies)


def opinions(testimonies: Sequence[Testimony], same_fact: SameFact | None) -> list[Opinion]:
    """The different answers, most probable first; without ``same_fact`` each is taken by itself.

    ``testimonies`` come most probable first. The probabilities of independent ones that say the same
    are added up: each was weighed as an answer of its own, against all the others.
    """
    gathered: list[list[Testimony]] = []
    for testimony in testimonies:
        for others in gathered:
            claim, first = testimony.claim, others[0].claim
            if (
                same_fact
                and says_the_same(claim.answer, first.answer)
                and same_fact(claim, first, alike=True)
                and "consensus" in same_fact.rules
            ):
                if testimony.candidate.probability >= WORTH * others[0].candidate.probability:
                    others.append(testimony)
                break
        else:
            gathered.append([testimony])
    rules = same_fact.rules if same_fact else ALL
    return sorted(
        (_opinion(own, rules) for own in gathered), key=lambda opinion: -opinion.probability
    )


def disagreement(found: Sequence[Opinion], same_fact: SameFact) -> list[Opinion]:
    """The first opinion and those that contradict it, newest first, undated last; none if none does.

    An article that names somebody or something itself does not contradict another that does.
    """
    first = found[0]
    others = [
        other
        for other in found[1:]
        if other.probability >= max(LEAST, NEAR * first.probability)
        and differs(first.best.claim.answer, other.best.claim.answer, same_fact.question)
        and same_fact(first.best.claim, other.best.claim)
        and not _allows(first, other)
        and not _allows(other, first)
    ]
    return sorted([first, *others], key=lambda o: o.newest, reverse=True) if others else []


def _allows(one: Opinion, other: Opinion) -> bool:
    """Whether an article of the one opinion holds the other too, or its name."""
    answer = other.best.claim.answer
    named = not any(character.isdecimal() for character in answer)
    own = {testimony.candidate.passage.doc_id for testimony in other.testimonies}
    return any(
        testimony.candidate.passage.doc_id in own
        or (named and form(answer).names and answer in testimony.source.document.text)
        for testimony in one.testimonies
    )


def _opinion(testimonies: Sequence[Testimony], rules: Collection[str]) -> Opinion:
    """Those of independent publishers; of copies the earliest speaks for all."""
    if len(testimonies) == 1:
        return Opinion((testimonies[0],), testimonies[0].candidate.probability)
    documents = [testimony.source.document for testimony in testimonies]
    alone = list(range(len(documents)))
    same_text = copies([_content(document) for document in documents])
    if same_text != alone and "copies" not in rules:
        same_text = alone
    same_voice = independent(same_text, [document.publisher for document in documents])
    if same_voice != same_text and "publishers" not in rules:
        same_voice = same_text
    kept: dict[int, Testimony] = {}
    added: dict[str, float] = {}
    for n, testimony in enumerate(testimonies):
        if same_voice[n] in kept:
            continue
        printed = [
            t for t, text in zip(testimonies, same_text, strict=True) if text == same_text[n]
        ]
        kept[same_voice[n]] = min(printed, key=lambda t: t.claim.published or _UNDATED)
        # The same sentence was weighed but once, however often it stands there.
        added.setdefault(testimony.claim.quote, testimony.candidate.probability)
    return Opinion(tuple(kept.values()), min(1.0, sum(added.values())))


def independent(same_text: Sequence[int], publishers: Sequence[str | None]) -> list[int]:
    """A number for each document; those that count as one have the same.

    They do if they are copies of one text, which have the same number to begin with, or of one publisher,
    or either by way of a third. Where the publisher is unknown, a document is its own.

    >>> independent([0, 1, 0, 3], ["Gazette", "Post", "Post", None])
    [0, 0, 0, 3]
    """
    group = list(same_text)
    named = [publisher.casefold() if publisher else None for publisher in publishers]
    for n, name in enumerate(named):
        earlier = named.index(name) if name else n
        low, high = sorted((group[earlier], group[n]))
        group = [low if number == high else number for number in group]
    return group


def _content(document: Document) -> str:
    """A document's text without title and furniture, in which copies differ and others are alike."""
    kept = [
        document.text[block.start : block.end]
        for block in document.blocks
        if block.kind not in _NO_CONTENT
    ]
    return "\n".join(kept) if kept else document.text
