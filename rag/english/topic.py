"""Where a question says which article it asks: "in the article about Houston car sales".

These words choose the article. The sentence that answers need not have them.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_FIRM: Final = r"(?:according to|based on|going by|as per|per)"
_ARTICLE: Final = r"(?:(?:news )?(?:article|story|piece|item)|blog post)"
_REPORT: Final = r"(?:(?:news )?report|interview|review)"
_SOURCE: Final = (
    rf"(?:(?:{_FIRM}|in|from) (?:the|that|this|an?) (?:[\w&.’'-]+ ){{0,3}}?{_ARTICLE}"
    rf"|{_FIRM} (?:the|that|this|an?) (?:[\w&.’'-]+ ){{0,3}}?{_REPORT})"
    r" (?:about|on|regarding|concerning|covering)"
)
_FIRST: Final = re.compile(
    rf"\W*{_SOURCE} (?P<topic>[^,?]+),\s*(?P<rest>[^\W].*)", re.IGNORECASE | re.DOTALL
)
_LAST: Final = re.compile(rf",? {_SOURCE} (?P<topic>[^,?]+)\W*$", re.IGNORECASE)


class Asked(NamedTuple):
    """A question without the words that choose its article, and what that article is about."""

    question: str
    topic: str


def split_topic(text: str) -> Asked:
    """A question and the topic of the article that it names; "" if it names none.

    >>> split_topic("In the article about Houston car sales, how many were sold?")
    Asked(question='how many were sold?', topic='Houston car sales')
    >>> split_topic("How many were sold according to the Reuters report on car sales?")
    Asked(question='How many were sold?', topic='car sales')
    """
    first = _FIRST.fullmatch(text)
    if first:
        return Asked(first["rest"], first["topic"].strip())
    last = _LAST.search(text)
    if last and re.search(r"\w", text[: last.start()]):
        mark = "?" if text.rstrip().endswith("?") else ""
        return Asked(text[: last.start()] + mark, last["topic"].strip())
    return Asked(text, "")
