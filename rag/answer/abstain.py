"""Why a question has no answer, in one sentence that says what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.english.clauses import as_statement
from rag.english.names import names, same


def why_not(
    question: str,
    confidence: float,
    threshold: float,
    *,
    any_passages: bool,
    filtered: bool,
    narrowed: bool,
    unknown: Sequence[str],
    known: Sequence[str],
) -> str:
    """Why a question was not answered, in one sentence.

    ``any_passages``: the search found something to read. ``filtered``: it searched only some documents.
    ``narrowed``: it searched only passages with certain words. ``unknown``: words of the question that
    no article has. ``known``: names of the question that the passages have.
    """
    if not any_passages and filtered:
        return "no article passes the filters"
    if unknown:
        return f"the articles never mention {_listed([f'“{word}”' for word in unknown])}"
    if not any_passages and narrowed:
        return "no passage has everything marked + and nothing marked -"
    if not any_passages:
        return "no passage has anything in common with the question"
    short = f"confidence {confidence:.3f}, {threshold:g} is needed"
    missing = as_statement(question)
    if known and missing:
        return f"the articles mention {_listed(known)}, but not {missing} ({short})"
    return f"no sentence of the articles answers it well enough ({short})"


def names_in(question: str) -> list[str]:
    """The names in a question, each once.

    >>> names_in("How many people does the Bank of Japan employ in Tokyo?")
    ['Bank of Japan', 'Tokyo']
    """
    return list(dict.fromkeys(name.text for name in names(question) if not name.opens))


def mentioned(question: str, texts: Iterable[str]) -> list[str]:
    """The names of a question that one of the texts has, spelled the same or another way.

    >>> mentioned("Did the Bank of Japan buy U.S. bonds?", ["A bank in Japan bought American bonds."])
    ['U.S.']
    """
    asked = names_in(question)
    missing, texts = set(asked), list(texts)
    for text in texts:
        missing -= {name for name in missing if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)}
    if missing:
        others = {name.text for text in texts for name in names(text)}
        missing -= {name for name in missing if any(same(name, other) for other in others)}
    return [name for name in asked if name not in missing]


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " * (len(words) > 1) + words[-1]
