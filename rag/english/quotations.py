"""Direct speech: which sentences are only that, so that they do not say whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_QUOTED: Final = re.compile(
    r"“[^”\n]*+(?:\n(?!\s*\n)[^”\n]*+)*+(?:”|(?=\n)|\Z)|\"[^\"\n]*+(?:\n(?!\s*\n)[^\"\n]*+)*+(?:\"|(?=\n)|\Z)"
)
"""From one quotation mark to the next, or to the end of the paragraph."""
_LEAST: Final = 2
"""Words outside the quotation marks that can name a speaker: "she said"."""


def without_speaker(text: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """Whether each of some spans, in order, is direct speech without the words that say whose.

    >>> text = "“Gulls again.” “We hear them,” Ann Lee said."
    >>> without_speaker(text, [(0, 14), (15, 44)])
    [True, False]
    """
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    result, first = [], 0
    for start, end in spans:
        while first < len(quoted) and quoted[first][1] <= start:
            first += 1
        outside, at, n = [], start, first
        while n < len(quoted) and quoted[n][0] < end:
            outside.append(text[at : max(at, quoted[n][0])])
            at, n = min(end, quoted[n][1]), n + 1
        outside.append(text[at:end])
        has_speech = len(outside) > 1
        result.append(has_speech and len(" ".join(outside).split()) < _LEAST)
    return result
