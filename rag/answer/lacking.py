"""What a question names and the article of an answer never mentions.

A sentence may fit a question well and be about another person, firm or year. If the whole article never
mentions the one that the question names, it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rag.answer.candidates import Candidate, Inquiry
from rag.answer.cite import Source
from rag.english.presence import Mentions, names_by_case
from rag.records import Document

SHARE: Final = 0.01
"""The share of its probability that an answer keeps if its article lacks what the question names."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """An article's title, and what the question names and the article never mentions."""

    title: str
    names: tuple[str, ...]


def lacking(
    inquiry: Inquiry, candidates: Sequence[Candidate], source: Callable[[str], Source]
) -> dict[str, Lacking]:
    """What the articles of the candidates lack, by their ids; those that lack nothing are left out."""
    question = inquiry.question
    if not (question.named or question.years or question.is_lower):
        return {}
    documents = {
        doc_id: source(doc_id).document
        for doc_id in dict.fromkeys(candidate.passage.doc_id for candidate in candidates)
    }
    articles = {
        doc_id: Mentions(_all_of(document), document.published)
        for doc_id, document in documents.items()
    }
    named = (
        names_by_case(question.words, list(articles.values()))
        if question.is_lower
        else question.named
    )
    found: dict[str, Lacking] = {}
    for doc_id, mentions in articles.items():
        names = [name for name in named if not mentions.has_name(name)]
        years = [year for year in sorted(question.years) if not mentions.has_year(int(year))]
        if (names and "names" in inquiry.rules) or (years and "article-years" in inquiry.rules):
            found[doc_id] = Lacking(documents[doc_id].title, (*names, *years))
    return found


def doubted(candidate: Candidate, missing: Mapping[str, Lacking]) -> Candidate:
    """A candidate, hardly probable if its article lacks something."""
    if candidate.passage.doc_id not in missing:
        return candidate
    return replace(
        candidate,
        probability=candidate.probability * SHARE,
        features={**candidate.features, "lacking": math.log(SHARE)},
    )


def _all_of(document: Document) -> str:
    """The text of an article and what its metadata say."""
    stated = (document.title, document.publisher, document.published_text, document.doc_id)
    return "\n".join((document.text, *filter(None, stated)))
