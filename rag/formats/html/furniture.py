"""Removes from a page what is not shown, and the furniture around and within its article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rag.formats.display import is_hidden
from rag.formats.html.names import CONSENT, has_name, is_furniture
from rag.text.elements import HEADINGS, WITHOUT_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement

_NO_TEXT: Final = WITHOUT_TEXT - {"img", "picture", "source", "track"} | {
    "base",
    "dialog",
    "link",
    "meta",
}
"""Elements that hold no text for a reader."""

_AROUND: Final = frozenset(("nav", "menu", "footer", "aside"))
_ROLES: Final = frozenset(
    "navigation banner contentinfo complementary dialog alertdialog alert search menu menubar"
    " toolbar tablist tooltip".split()
)
_NEVER: Final = frozenset("html body main article blockquote tbody thead tr td th".split())
_MOST: Final = 0.4
"""Share of a page's prose: what holds more of it is the article, whatever it is called."""
_LONGEST_FORM: Final = 400
"""Characters of text: old pages put the whole article into a form."""
_UNPROMPTED: Final = frozenset(("hidden", "checkbox", "radio"))


def remove_furniture(tree: HtmlElement, spared: frozenset[HtmlElement]) -> None:
    """Remove from a page, in place, whatever its markup says is hidden or not part of the article.

    Nothing is removed that is ``spared``.
    """
    body = tree.find(".//body")
    if body is None:
        return
    sizes = text_lengths(body)
    fields = list(body.iter("form", "input", "textarea"))
    _remove([box for field in fields if (box := _box_around(field, sizes)) not in (None, body)])
    _remove(list(body.iter(*_NO_TEXT)))
    _remove([button for button in body.iter("button") if not _is_in_heading(button)])
    prose = prose_lengths(body)
    most = _MOST * prose[body]
    _remove(
        [
            element
            for element in body.iterdescendants()
            if element not in spared
            and (
                _is_around(element)
                or (prose[element] <= most and _is_hidden_or_named(element, prose))
            )
        ]
    )


def _remove(elements: list[HtmlElement | None]) -> None:
    for element in elements:
        if element is not None and element.getparent() is not None:
            element.drop_tree()


def text_lengths(body: HtmlElement) -> dict[HtmlElement, int]:
    """For each element, the number of characters of text in it."""
    return _sizes(body, lambda _: True)


def prose_lengths(body: HtmlElement) -> dict[HtmlElement, int]:
    """For each element, the number of characters of text in it that is not in links."""
    return _sizes(body, lambda element: element.tag != "a")


def _sizes(body: HtmlElement, counts: Callable[[HtmlElement], bool]) -> dict[HtmlElement, int]:
    """For each element, the number of characters of text in it, without elements that do not count."""
    sizes: dict[HtmlElement, int] = {}
    for element in reversed(list(body.iter())):
        sizes[element] = 0
        if counts(element):
            tails = sum(sizes[child] + len((child.tail or "").strip()) for child in element)
            sizes[element] = len((element.text or "").strip()) + tails
    return sizes


def _is_in_heading(element: HtmlElement) -> bool:
    return any(each.tag in HEADINGS or each.tag == "summary" for each in element.iterancestors())


def _box_around(field: HtmlElement, sizes: dict[HtmlElement, int]) -> HtmlElement | None:
    """The box that asks readers to fill in a field; None if the field stands in the article itself."""
    box = None
    if field.get("type") not in _UNPROMPTED:
        for element in (field, *field.iterancestors()):
            if element.tag in _NEVER or sizes.get(element, _LONGEST_FORM + 1) > _LONGEST_FORM:
                break
            if element.find(".//h1") is not None:
                break
            box = element
    return box


def _is_around(element: HtmlElement) -> bool:
    """Whether a page's own structure says that an element is not the article."""
    named = (
        element.tag in _AROUND
        or (element.get("role") or "").lower() in _ROLES
        or (element.tag not in _NEVER and has_name(element, CONSENT))
    )
    return named and element.find(".//h1") is None and element.find(".//article") is None


def _is_hidden_or_named(element: HtmlElement, prose: dict[HtmlElement, int]) -> bool:
    if element.get("hidden", "until-found") != "until-found":
        return True
    if element.tag in _NEVER or element.get("itemprop") == "articleBody":
        return False
    if element.tag == "form":
        return prose[element] <= _LONGEST_FORM
    if is_hidden(element):
        return True
    return is_furniture(element) and not _is_quotation(element, prose)


def _is_quotation(element: HtmlElement, prose: dict[HtmlElement, int]) -> bool:
    """Whether an element is a frame around a quotation, such as a post of a social network."""
    quoted = sum(prose[quotation] for quotation in element.iter("blockquote"))
    return quoted > prose[element] / 2
