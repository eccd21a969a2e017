"""Candidates that say the same count together, once for each independent publisher."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rag.answer.agree import Assertion, SameFact, differs, says_the_same
from rag.answer.articles import is_later_version, one_voice, same_article
from rag.answer.candidates import Candidate
from rag.answer.cite import Source
from rag.answer.rules import ALL
from rag.english.sentences import corrects
from rag.records import UNDATED, Document
from rag.text.copies import grouped

LEAST: Final = 0.15
"""Least probability of an answer that contradicts another. The two share the whole probability."""
NEAR: Final = 0.3
"""Least probability of such an answer, as a share of the other's."""
WRONG: Final = 0.01
"""The share of its probability that an answer keeps if a later article corrects it."""
MOST: Final = 0.99
"""Most that probabilities add up to: however many agree, no answer is certain."""
WORTH: Final = 0.05
"""Least probability of an answer that agrees with another, as a share of the other's."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """A candidate, its article and what it asserts."""

    candidate: Candidate
    source: Source
    assertion: Assertion


@dataclass(frozen=True, slots=True)
class Opinion:
    """Testimonies that say the same, one for each independent publisher, the most probable first."""

    testimonies: tuple[Testimony, ...]
    probability: float
    """How probably it is right."""

    @property
    def best(self) -> Testimony:
        """The testimony whose words stand for all."""
        return self.testimonies[0]

    @property
    def newest(self) -> str:
        """The latest date of its articles; "" if none has a date."""
        return max(testimony.assertion.published or "" for testimony in self.testimonies)


def opinions(testimonies: Sequence[Testimony], same_fact: SameFact | None) -> list[Opinion]:
    """The different answers, most probable first. Without ``same_fact``, no two testimonies say the same.

    ``testimonies`` come most probable first. The probabilities of independent testimonies that say the same
    add up: the judge has weighed each as an answer of its own, against all the others.
    """
    groups: list[list[Testimony]] = []
    for testimony in testimonies:
        for group in groups:
            assertion, first = testimony.assertion, group[0].assertion
            if (
                same_fact
                and says_the_same(assertion.answer, first.answer)
                and same_fact(assertion, first, alike=True)
                and "consensus" in same_fact.rules
            ):
                if testimony.candidate.probability >= WORTH * group[0].candidate.probability:
                    group.append(testimony)
                break
        else:
            groups.append([testimony])
    rules = same_fact.rules if same_fact else ALL
    return sorted(
        (_opinion(group, rules) for group in groups), key=lambda opinion: -opinion.probability
    )


def weigh_corrections(testimonies: Sequence[Testimony], same_fact: SameFact) -> list[Testimony]:
    """The testimonies, most probable first; one that a later correction contradicts is hardly probable."""
    corrections = [each for each in testimonies if corrects(each.assertion.quote)]
    left = [
        replace(each, candidate=each.candidate.keeping({"corrected": WRONG}))
        if any(_is_corrected(each, by, same_fact) for by in corrections)
        and "corrected" in same_fact.rules
        else each
        for each in testimonies
    ]
    return sorted(left, key=lambda testimony: -testimony.candidate.probability)


def _is_corrected(one: Testimony, by: Testimony, same_fact: SameFact) -> bool:
    return (
        (one.assertion.published or "") <= (by.assertion.published or UNDATED)
        and by.candidate.probability >= NEAR * one.candidate.probability
        and not corrects(one.assertion.quote)
        and differs(one.assertion.answer, by.assertion.answer, same_fact.question)
        and same_fact(one.assertion, by.assertion)
    )


def disagreement(ranked: Sequence[Opinion], same_fact: SameFact) -> list[Opinion]:
    """The first opinion and those that contradict it, newest first, undated last; [] if none does.

    An article does not contradict an answer that it names itself, nor another version of itself.
    """
    first = ranked[0]
    others = [
        other
        for other in ranked[1:]
        if other.probability >= max(LEAST, NEAR * first.probability)
        and _contradict(first, other, same_fact)
        and not _versions(first, other)
    ]
    return sorted([first, *others], key=lambda o: o.newest, reverse=True) if others else []


def prefer_later_version(ranked: list[Opinion], same_fact: SameFact) -> list[Opinion]:
    """The opinions. If a later version of the first one's article contradicts it, the later comes first."""
    first = ranked[0]
    for n, other in enumerate(ranked[1:], 1):
        if (
            is_later_version(other.best.source.document, first.best.source.document)
            and _contradict(first, other, same_fact)
            and _versions(first, other)
        ):
            taken = replace(other, probability=first.probability)
            given = replace(first, probability=other.probability)
            return [taken, *ranked[1:n], *ranked[n + 1 :], given]
    return ranked


def _contradict(one: Opinion, other: Opinion, same_fact: SameFact) -> bool:
    return (
        differs(one.best.assertion.answer, other.best.assertion.answer, same_fact.question)
        and same_fact(one.best.assertion, other.best.assertion)
        and not _allows(one, other)
        and not _allows(other, one)
    )


def _versions(one: Opinion, other: Opinion) -> bool:
    """Whether every article of an opinion is a version of an article of the other one."""
    ours = [testimony.source.document for testimony in one.testimonies]
    theirs = [testimony.source.document for testimony in other.testimonies]
    groups = same_article([*ours, *theirs])
    return set(groups[len(ours) :]) <= set(groups[: len(ours)])


def _allows(one: Opinion, other: Opinion) -> bool:
    """Whether an article of one opinion also holds the other opinion, or names its answer."""
    answer = other.best.assertion.answer
    named = not any(character.isdecimal() for character in answer)
    others = {testimony.candidate.passage.doc_id for testimony in other.testimonies}
    return any(
        testimony.candidate.passage.doc_id in others
        or (named and answer != answer.lower() and answer in testimony.source.document.text)
        for testimony in one.testimonies
    )


def _opinion(testimonies: Sequence[Testimony], rules: Collection[str]) -> Opinion:
    """One testimony for each independent publisher. Of several copies, the earliest counts."""
    if len(testimonies) == 1:
        return Opinion((testimonies[0],), testimonies[0].candidate.probability)
    documents = [testimony.source.document for testimony in testimonies]
    alone = list(range(len(documents)))
    same_text = same_article(documents)
    if same_text != alone and "copies" not in rules:
        same_text = alone
    same_voice = independent(same_text, documents)
    if same_voice != same_text and "publishers" not in rules:
        same_voice = same_text
    chosen: dict[int, Testimony] = {}
    added: dict[str, float] = {}
    for n, testimony in enumerate(testimonies):
        if same_voice[n] in chosen:
            continue
        printed = [
            t for t, text in zip(testimonies, same_text, strict=True) if text == same_text[n]
        ]
        chosen[same_voice[n]] = min(printed, key=lambda t: t.assertion.published or UNDATED)
        # The judge weighs equal sentences as one.
        added.setdefault(testimony.assertion.quote, testimony.candidate.probability)
    return Opinion(tuple(chosen.values()), min(MOST, sum(added.values())))


def independent(same_text: Sequence[int], documents: Sequence[Document]) -> list[int]:
    """A number for each document, the same for documents that count as one.

    Two documents count as one if they are copies (equal numbers in ``same_text``), have the same publisher,
    or each count as one with a third. An unknown publisher without a site is the same as no other.
    """
    pairs = [
        (m, n)
        for n, one in enumerate(documents)
        for m, other in enumerate(documents[:n])
        if same_text[m] == same_text[n] or one_voice(one, other)
    ]
    return grouped(len(documents), pairs)
