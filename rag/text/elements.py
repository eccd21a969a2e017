"""The elements of HTML by their part in a text, as pages, books, mails and Markdown use them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

HEADINGS: Final = frozenset("h1 h2 h3 h4 h5 h6".split())

BLOCKS: Final = HEADINGS | frozenset(
    "address article aside blockquote body caption center col colgroup dd details dialog dir div dl"
    " dt fieldset figcaption figure footer form header hgroup hr html legend li listing main menu nav"
    " ol p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp".split()
)
"""Elements that begin a line of their own."""

INLINE: Final = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s"
    " samp small span strike strong sub sup time tt u var wbr".split()
)
"""Elements inside a line."""

WITHOUT_TEXT: Final = frozenset(
    "applet audio canvas datalist embed frameset iframe img input map meter noembed noframes noscript"
    " object picture progress script select source style svg template textarea track video".split()
)
"""Elements that hold no text for a reader."""


def any_of_names(names: Iterable[str]) -> str:
    """A regular expression for one of these names: ``(?:br|p)``."""
    return f"(?:{'|'.join(sorted(names))})"
