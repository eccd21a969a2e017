"""Words of titles and headings."""

from __future__ import annotations

from typing import Final

from rag.english.lexicon import ARTICLES, COMMON_PREPOSITIONS, COORDINATORS

SMALL: Final = (
    ARTICLES
    | COORDINATORS
    | COMMON_PREPOSITIONS
    | frozenset("vs via per over is are it de la le du von van der und et".split())
)
"""Words that titles write small, those within foreign names too."""
SECTIONS: Final = frozenset(
    "introduction overview summary background abstract highlights contents conclusion".split()
)
"""Names of sections that every kind of article has."""
