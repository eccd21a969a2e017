"""Words of titles and headings."""

from __future__ import annotations

from typing import Final

from rag.english.lexicon import ARTICLES, COMMON_PREPOSITIONS, COORDINATORS, word_set

SMALL: Final = (
    ARTICLES
    | COORDINATORS
    | COMMON_PREPOSITIONS
    | word_set("vs via per over is are it de la le du von van der und et")
)
"""Words that titles write without a capital, also inside foreign names."""
SECTIONS: Final = word_set(
    "introduction overview summary background abstract highlights contents conclusion"
)
"""Headings of sections that any article may have."""
NOTHING: Final = word_set("null none nil nan false n/a na untitled undefined unknown tbd todo") | {
    "",
    "no title",
}
"""What programs write where a title, a name or a date is missing."""
