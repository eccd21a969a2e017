"""Greetings, thanks and nods: what people say to a machine without asking anything."""

from __future__ import annotations

import re
from typing import Final

from rag.english.lexicon import word_set

_COURTESIES: Final = word_set(
    "hi hello hey hiya greetings goodbye bye thanks thank thx cheers ok okay okey yes yeah yep yup no nope"
    " nah sure right alright fine great good nice cool perfect wonderful excellent interesting wow please"
    " sorry welcome understood agreed exactly indeed lol hm hmm oh ah aha well so and but then now"
)
_BESIDE: Final = word_set(
    "you very much so a lot there morning afternoon evening night day all that's thats it i see got for the"
    " help that is was very really"
)
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
MORE: Final = frozenset(
    (
        "tell me more", "can you tell me more", "more", "go on", "anything else", "what else",
        "what else is there",
    )
)  # fmt: skip
"""What asks for more of what was said."""
LONGEST: Final = 6
"""Words; who says more says something."""


def is_courtesy(text: str) -> bool:
    """Whether a text only greets, thanks, agrees or refuses.

    >>> [is_courtesy(text) for text in ("Hello!", "ok, thank you very much", "yes, the second one", "IT")]
    [True, True, False, False]
    """
    found = [word.lower() for word in _WORD.findall(text[:200])]
    if not found or len(found) > LONGEST or len(text) > 200:
        return False
    return found[0] in _COURTESIES and all(w in _COURTESIES | _BESIDE for w in found)
