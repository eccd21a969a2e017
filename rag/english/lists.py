"""Enumerations within a phrase."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_BETWEEN: Final = re.compile(r" ?(?:,|;|\band\b) ?(?:and )?")


@lru_cache(maxsize=256)
def items(text: str) -> tuple[str, ...]:
    """The items that a phrase enumerates, with single spaces; the phrase itself if it is no enumeration.

    >>> items("copper, nickel, and  zinc"), items("copper")
    (('copper', 'nickel', 'zinc'), ('copper',))
    """
    return tuple(_BETWEEN.split(" ".join(text.split())))
