"""Questions about an article itself: when it was published, by whom, and what it is called."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Particular = Literal["published", "author", "publisher", "title"]

_ARTICLE: Final = (
    r"(?:the|this|that|an?) (?P<before>(?:[\w-]+ ){0,3}?)(?:news )?(?:article|story|piece)"
    r"(?: (?:about|concerning|covering|on|regarding) (?P<about>.+?))?"
)
_PATTERNS: Final[tuple[tuple[Particular, str], ...]] = (
    ("published", r"(?:when|on (?:what|which) (?:day|date)) was {} (?:published|written|posted|printed)"),
    ("published", r"when did {} (?:appear|come out)"),
    ("published", r"(?:what|which) (?:is|was) the (?:publication )?date of {}"),
    ("author", r"who wrote {}"),
    ("author", r"by whom was {} written"),
    ("author", r"who (?:is|was|are|were) the (?:author|journalist|reporter|writer)s? of {}"),
    ("publisher", r"(?:who|(?:what|which) (?:agency|magazine|newspaper|outlet|paper|site)) published {}"),
    ("publisher", r"who (?:is|was) the publisher of {}"),
    ("title", r"what (?:is|was) the (?:headline|title) of {}"),
)  # fmt: skip
_QUESTIONS: Final = tuple(
    (particular, re.compile(pattern.format(_ARTICLE), re.IGNORECASE))
    for particular, pattern in _PATTERNS
)


class Asked(NamedTuple):
    """What a question wants to know of an article, and the words for what the article is about."""

    particular: Particular
    topic: str


def asked_of_article(question: str) -> Asked | None:
    """What a question asks of an article itself; None if it asks for something else.

    >>> asked_of_article("When was the article about the mine published?")
    Asked(particular='published', topic='the mine')
    >>> asked_of_article("When was the mine closed?")
    """
    text = " ".join(question.split()).rstrip("?!. ")
    for particular, pattern in _QUESTIONS:
        if match := pattern.fullmatch(text):
            topic = f"{match['before']} {match['about'] or ''}".strip()
            return Asked(particular, topic) if topic else None
    return None
