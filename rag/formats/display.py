"""How a browser shows an element of HTML: as a block, verbatim, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from rag.text.elements import BLOCKS

Element = Any
"""An element of lxml, which has no types."""
_VERBATIM: Final = frozenset(("pre", "listing", "xmp", "plaintext"))
_HIDING_STYLES: Final = frozenset(
    (("display", "none"), ("visibility", "hidden"), ("mso-hide", "all"))
)
_FAR_OUT: Final = ("-999", "-1000")
_BLOCK_DISPLAYS: Final = ("block", "flex", "grid", "list-item", "table")


def local_name(element: Element) -> str:
    """The name of an element in small letters, without its namespace; "" for a comment or instruction."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def is_hidden(element: Element) -> bool:
    """Whether a browser does not show an element, by its own attributes."""
    get = element.get
    return bool(
        get("hidden", "until-found") != "until-found"
        or get("aria-hidden", "").lower() == "true"
        or ((style := get("style")) and _hides(declarations(style)))
        or (get("open") is None and local_name(element) == "dialog")
    )


def _hides(declared: Mapping[str, str]) -> bool:
    """Whether a style hides an element, or moves it far out of the window."""
    return not _HIDING_STYLES.isdisjoint(declared.items()) or any(
        declared.get(side, "").startswith(_FAR_OUT) for side in ("left", "top")
    )


@lru_cache(maxsize=1024)
def declarations(style: str) -> dict[str, str]:
    """What a style attribute sets, without "!important" and in small letters."""
    pairs = (declaration.partition(":") for declaration in style.lower().split(";"))
    return {name.strip(): value.partition("!")[0].strip() for name, _, value in pairs}


def is_block(element: Element, name: str) -> bool:
    """Whether an element of this name begins and ends lines."""
    style = element.get("style")
    return name in BLOCKS or bool(
        style and declarations(style).get("display", "").startswith(_BLOCK_DISPLAYS)
    )


def is_verbatim(element: Element, name: str) -> bool:
    """Whether the white space in an element of this name is shown as it is."""
    style = element.get("style")
    return name in _VERBATIM or bool(
        style and declarations(style).get("white-space", "").startswith("pre")
    )
