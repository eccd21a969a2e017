"""What a question names but the answer's article never mentions, and why a question has no answer.

A sentence may fit a question well but be about another person, firm or year. It is if the whole article
never mentions the one that the question names. A question may also say which article it asks about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rag.answer.candidates import Candidate, Inquiry
from rag.answer.cite import Source
from rag.english.lexicon import FUNCTION_WORDS
from rag.english.names import names, same
from rag.english.presence import Mentions, names_by_case
from rag.english.question import Question
from rag.english.verbs import is_verb_form
from rag.english.words import places
from rag.protocols import Analyzer
from rag.records import Document

SHARE: Final = 0.01
"""The share of its probability that an answer keeps if its article lacks what the question names."""
UNMENTIONED: Final = 0.25
"""The share that a yes or no keeps if its article lacks another word of the question."""
TOPIC: Final = 0.8
"""An article is the one asked about if it has this share of the topic's words that the best one has."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """An article's title, and what the question names but the article never mentions.

    Without ``names``, the only fault is that the question asks about another article.
    """

    title: str
    names: tuple[str, ...]


def lacking(
    inquiry: Inquiry, candidates: Sequence[Candidate], source: Callable[[str], Source]
) -> dict[str, Lacking]:
    """What the candidates' articles lack, by article id; articles that lack nothing are left out."""
    question = inquiry.question
    names_one = question.named or question.numbered or question.is_lower
    if not (names_one or question.years or question.topic):
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
    wanted = (*named, *question.numbered)
    result: dict[str, Lacking] = {}
    for doc_id, mentions in articles.items():
        names = [name for name in wanted if not mentions.has_name(name)]
        years = [year for year in sorted(question.years) if not mentions.has_year(int(year))]
        if (names and "names" in inquiry.rules) or (years and "article-years" in inquiry.rules):
            result[doc_id] = Lacking(documents[doc_id].title, (*names, *years))
    others = _of_other_topics(inquiry, documents) if question.topic else ()
    if others and "topic" in inquiry.rules:
        result |= {
            doc_id: Lacking(documents[doc_id].title, ())
            for doc_id in others
            if doc_id not in result
        }
    return result


def unmentioned(inquiry: Inquiry, document: Document) -> Lacking | None:
    """The words of a yes-or-no question that an article has in no form; None if there are none."""
    question = inquiry.question
    if question.declared is None or "unmentioned" not in inquiry.rules:
        return None
    known = set(inquiry.analyzer.all_terms(_all_of(document)))
    words = [w for w in question.words if w.lower() not in FUNCTION_WORDS and not is_verb_form(w)]
    terms_of = {word: inquiry.analyzer.all_terms(word) for word in words}
    missing = [word for word, terms in terms_of.items() if terms and known.isdisjoint(terms)]
    return Lacking(document.title, tuple(missing)) if missing else None


def _of_other_topics(inquiry: Inquiry, documents: Mapping[str, Document]) -> list[str]:
    """The articles that have fewer words of the topic than the best of them, weighted by idf."""
    weights = {term: inquiry.idf(term) for term in inquiry.analyzer(inquiry.question.topic)}
    shares = {
        doc_id: sum(
            weights[term] for term in weights.keys() & set(inquiry.analyzer(_all_of(document)))
        )
        for doc_id, document in documents.items()
    }
    best = max(shares.values(), default=0.0)
    return [doc_id for doc_id, share in shares.items() if share < TOPIC * best]


def doubted(candidate: Candidate, missing: Mapping[str, Lacking]) -> Candidate:
    """The candidate, made hardly probable if its article lacks something."""
    if candidate.passage.doc_id not in missing:
        return candidate
    return candidate.keeping({"lacking": SHARE})


def _all_of(document: Document) -> str:
    """The text of an article and what its metadata say."""
    stated = (document.title, document.publisher, document.published_text, document.doc_id)
    return "\n".join((document.text, *filter(None, stated)))


# ---------------------------------------------------------------- why there is no answer


def why_not(
    confidence: float,
    threshold: float,
    *,
    any_passages: bool,
    filtered: bool,
    narrowed: bool,
    unknown: Sequence[str],
    lacking: Lacking | None,
    known: Sequence[str],
) -> str:
    """Why a question was not answered, in one sentence.

    ``any_passages``: the search found something to read. ``filtered``: it searched only some documents.
    ``narrowed``: it searched only passages with certain words. ``unknown``: words and names of the question
    that no article has. ``lacking``: what the article that comes nearest lacks. ``known``: names and words
    of the question that the passages have.
    """
    if not any_passages and filtered:
        return "no article passes the filters"
    if unknown:
        return f"no passage of the articles mentions {_quoted(unknown, 'or')}"
    if not any_passages:
        return (
            "no passage has everything marked + and nothing marked -"
            if narrowed
            else "no passage has anything in common with the question"
        )
    if lacking and lacking.names:
        never = _quoted(lacking.names, "or")
        return f"the article that comes nearest, “{lacking.title}”, never mentions {never}"
    short = f"confidence {confidence:.3f}, {threshold:g} is needed"
    mention = f"the articles mention {_quoted(known, 'and')}, but " if known else ""
    return f"{mention}no sentence answers well enough ({short})"


def unknown_names(
    asked: Iterable[str], analyzer: Callable[[str], Sequence[str]], frequency: Callable[[str], int]
) -> list[str]:
    """The names with a word that the index does not hold: no article has such a name.

    ``frequency`` says how many passages hold a term.
    """
    return [name for name in asked if not all(map(frequency, analyzer(name)))]


def unknown_words(
    question: Question, analyzer: Analyzer, frequency: Callable[[str], int]
) -> list[str]:
    """The words of a question that no passage holds in any form, if they explain an abstention.

    An unknown name explains one, and so do unknown words that are most of the question; “runs” alone does
    not. ``frequency`` says how many passages hold a term.
    """
    known, unknown = 0, []
    for place, word in enumerate(question.words):
        terms = analyzer(word)
        if not all(frequency(term) for term in terms):
            unknown.append((place, word))
        elif terms:
            known += 1
    most = len(unknown) > known
    return list(dict.fromkeys(word for place, word in unknown if most or _is_name(place, word)))


def _is_name(place: int, word: str) -> bool:
    """Whether a word looks like a name: it holds a digit, or a capital and is not the first."""
    return any(c.isdecimal() for c in word) or (place > 0 and word != word.lower())


def rarest_word(
    question: Question, analyzer: Analyzer, frequency: Callable[[str], int]
) -> str | None:
    """The word of a question that the fewest passages hold; None if one of its words is in no passage.

    Leaves out the first two words: a question word, and perhaps the verb.
    """
    counts = {
        word: min(frequency(term) for term in terms)
        for word in question.words
        if (terms := analyzer(word))
    }
    if not counts or not min(counts.values()):
        return None
    first = question.words[:2]
    return min((word for word in counts if word not in first), key=counts.__getitem__, default=None)


def mentioned(asked: Sequence[str], texts: Iterable[str]) -> list[str]:
    """The names that occur in one of the texts, spelled the same or another way.

    >>> mentioned(["Bank of Japan", "U.S."], ["A bank in Japan bought American bonds."])
    ['U.S.']
    """
    missing, texts = set(asked), list(texts)
    for text in texts:
        missing -= {name for name in missing if places(name, text, cased=False)}
    if missing:
        others = {name.text for text in texts for name in names(text)}
        missing -= {name for name in missing if any(same(name, other) for other in others)}
    return [name for name in asked if name not in missing]


def _quoted(words: Sequence[str], joint: str) -> str:
    quoted = [f"“{word}”" for word in words]
    return ", ".join(quoted[:-1]) + f" {joint} " * (len(quoted) > 1) + quoted[-1]
