"""The words and marks of a text, each with its place: what names and clauses are read from."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"\d[\d.,]*\d"  # a number with its commas
    r"|(?:[^\W\d_]\.){2,}(?!\w)|[A-Z]\.(?= [A-Z])"  # "U.S.", and the initial of "J. Smith"
    r"|\w(?:[\w’'&./-]*\w)?"
    r"|[$€£C]{1,3}\$?\d[\d.,]*|[^\w\s]"
)


class Word(NamedTuple):
    """A word or mark of a text, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """The word in lower case, as the closed classes have it; "US" is no pronoun."""
        return self.text if self.text == "US" else self.text.lower()

    @property
    def is_name(self) -> bool:
        """Whether it holds a capital or a figure. The first word of a sentence has a capital anyway."""
        return any(c.isupper() or c.isdecimal() for c in self.text)


def words(text: str) -> list[Word]:
    """The words and marks of a text, in order.

    >>> [word.text for word in words("Does the U.S. mine 45,000 t?")]
    ['Does', 'the', 'U.S.', 'mine', '45,000', 't', '?']
    """
    return [Word(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
