"""Why a question has no answer, in one sentence that says what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rag.answer.lacking import Lacking
from rag.english.names import names, same
from rag.english.question import Question
from rag.english.words import places
from rag.protocols import Analyzer


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
    """The names of which the index does not hold every word: no article has them.

    ``frequency`` says how many passages hold a term.
    """
    return [name for name in asked if not all(map(frequency, analyzer(name)))]


def unknown_words(
    question: Question, analyzer: Analyzer, frequency: Callable[[str], int]
) -> list[str]:
    """The words of a question that no passage holds in any form, if they explain an abstention.

    Names explain it, and so do unknown words that are most of the question; “runs” alone does not.
    ``frequency`` says how many passages hold a term.
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
    """The word of a question that the fewest passages hold; None if no passage holds some word of it.

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
    """The names that one of the texts has, spelled the same or another way.

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
