"""Finds the article in a page: the element that holds it, without the furniture inside."""

from __future__ import annotations

import logging
import re
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Final

from rag.english.datelines import is_dateline

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BLOCKS: Final = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_WINDOW: Final = 16
_ENOUGH: Final = 0.6
_ADDRESS: Final = re.compile(r"://|\bwww\.")
_NOT_ALNUM: Final = re.compile(r"[\W_]+")


def key_of(text: str) -> str:
    """The letters and digits of a text, by which texts are compared."""
    return _NOT_ALNUM.sub("", text).casefold()


class Leaf:
    """A block with text of its own: a paragraph, heading, list item or cell.

    ``key`` is its letters and digits; ``links`` is how many of them are in links. ``seed`` says that the
    extractor took it for content.
    """

    __slots__ = ("anchors", "element", "key", "links", "seed", "sentence")

    def __init__(self, element: HtmlElement) -> None:
        self.element = element
        self.key = ""
        self.links = 0
        self.anchors = 0
        self.seed = False
        self.sentence = False


def leaves_of(body: HtmlElement) -> list[Leaf]:
    """The blocks of a page that have text of their own, in document order."""
    from lxml.etree import iterwalk

    leaves: dict[HtmlElement, Leaf] = {}
    blocks: list[HtmlElement] = []
    anchors: Counter[HtmlElement] = Counter()
    links = 0

    def add(text: str | None) -> None:
        if text and (key := key_of(text)):
            leaf = leaves.get(blocks[-1]) or leaves.setdefault(blocks[-1], Leaf(blocks[-1]))
            leaf.key += key
            leaf.links += len(key) if links and not _ADDRESS.search(text) else 0
            leaf.sentence = text.rstrip().endswith((".", ":"))

    for event, element in iterwalk(body, events=("start", "end")):
        is_block = element.tag in _BLOCKS
        if event == "start":
            links += element.tag == "a"
            if element.tag == "a":
                anchors[blocks[-1]] += 1
            if is_block:
                blocks.append(element)
            add(element.text)
        else:
            links -= element.tag == "a"
            if is_block:
                blocks.pop()
            if element is not body:
                add(element.tail)
    for leaf in leaves.values():
        leaf.anchors = anchors[leaf.element]
    return list(leaves.values())


def mark_seeds(leaves: list[Leaf], extracted: str) -> None:
    """Mark the leaves whose text is, for the most part, in the extracted text."""
    key = key_of(extracted)
    windows = {key[at : at + _WINDOW] for at in range(max(1, len(key) - _WINDOW + 1))}
    short = {key_of(part) for part in re.split(r"[\n|]", extracted)}
    for leaf in leaves:
        if len(leaf.key) < _WINDOW:
            leaf.seed = leaf.key in short
            continue
        starts = range(0, len(leaf.key) - _WINDOW + 1, _WINDOW)
        found = sum(leaf.key[at : at + _WINDOW] in windows for at in starts)
        leaf.seed = found >= _ENOUGH * len(starts)


def extract(body: HtmlElement) -> str:
    """What trafilatura takes for the text of the article, "" if it finds none."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return (
        trafilatura.extract(
            deepcopy(body), include_comments=False, favor_precision=True, with_metadata=False
        )
        or ""
    )


def container(body: HtmlElement, leaves: list[Leaf]) -> HtmlElement:
    """The element with most seeds and least else."""
    value: dict[HtmlElement, float] = {}
    for leaf in leaves:
        value[leaf.element] = len(leaf.key) if leaf.seed else -0.5 * len(leaf.key)
    best, most = body, float("-inf")
    for element in reversed(list(body.iter())):
        total = value.get(element, 0.0) + sum(value[child] for child in element)
        value[element] = total
        if total > most:
            best, most = element, total
    return best


_WHOLE: Final = frozenset("ul ol dl table pre blockquote details figure".split())
_HEADINGS: Final = frozenset("h1 h2 h3 h4 h5 h6".split())


class _Unit:
    """The largest part of the article around some leaves that holds no seed."""

    __slots__ = ("element", "leaves")

    def __init__(self, element: HtmlElement) -> None:
        self.element = element
        self.leaves: list[Leaf] = []

    @property
    def size(self) -> int:
        return sum(len(leaf.key) for leaf in self.leaves)

    @property
    def links(self) -> int:
        return sum(leaf.links for leaf in self.leaves)


def keep(inside: HtmlElement, leaves: list[Leaf]) -> set[HtmlElement]:
    """The elements whose own text is part of the article."""
    within = set(inside.iter())
    leaves = [leaf for leaf in leaves if leaf.element in within]
    fertile: set[HtmlElement] = set()  # holds a seed
    for leaf in leaves:
        if leaf.seed:
            element = leaf.element
            while element not in fertile:
                fertile.add(element)
                if element is inside:
                    break
                element = element.getparent()
    numbers = [n for n, leaf in enumerate(leaves) if leaf.seed]
    if not numbers:
        return {leaf.element for leaf in leaves}
    first, last = numbers[0], numbers[-1]
    kept: set[HtmlElement] = set()
    units: dict[HtmlElement, _Unit] = {}
    for leaf in leaves:
        if leaf.seed:
            kept.add(leaf.element)
            continue
        element = leaf.element
        while element not in fertile and element.getparent() not in fertile:
            if element.getparent().tag in ("header", "hgroup"):  # holds the title and the lead
                break
            element = element.getparent()
        units.setdefault(element, _Unit(element)).leaves.append(leaf)
    order = {leaf.element: n for n, leaf in enumerate(leaves)}
    for unit in units.values():
        between = first < order[unit.leaves[0].element] < last
        if _belongs(unit, between) and not (order[unit.leaves[0].element] < first and _is_dateline(unit)):
            kept.update(leaf.element for leaf in unit.leaves)
    _drop_repeats(leaves, kept)
    _drop_links(leaves, kept)
    return _without_empty_sections(leaves, kept)


def _drop_repeats(leaves: list[Leaf], kept: set[HtmlElement]) -> None:
    """Captions are often there twice: in full and cut short, or in a gallery that opens over the page."""
    seen: set[str] = set()
    for leaf in leaves:
        caption = is_caption(leaf.element)
        key = leaf.key[:_CAPTION] if caption else leaf.key
        if caption and (NOCAP or len(leaf.key) < 30):
            kept.discard(leaf.element)
        if len(key) >= _CAPTION and leaf.element in kept and caption:
            if key in seen:
                kept.discard(leaf.element)
            seen.add(key)


NOCAP = False
_CAPTION: Final = 40


def _is_dateline(unit: _Unit) -> bool:
    return unit.size <= _LABEL * 2 and is_dateline(" ".join(unit.element.text_content().split()))


def is_caption(element: HtmlElement) -> bool:
    """Whether a block is, or stands in, the caption of a picture."""
    for _ in range(3):
        if element is None or element.tag in ("table", "caption", "td", "th"):
            return False
        name = (element.get("class") or "").lower()
        if element.tag in ("figcaption", "figure") or "caption" in name:
            return element.find(".//table") is None
        element = element.getparent()
    return False


def is_link_only(leaf: Leaf) -> bool:
    """Whether a block is a link to something else, perhaps with a label before it, and no sentence."""
    rest = len(leaf.key) - leaf.links
    if leaf.links == 0 or rest > _LABEL or rest > 0.5 * leaf.links:
        return False
    return not leaf.sentence or (rest == 0 and leaf.links > _LONG_LINK)


_LABEL: Final = 20
_LONG_LINK: Final = 150


def calls_to_follow(leaf: Leaf) -> bool:
    """Whether a paragraph's links lead to profiles on social networks, and at most to a mail address besides."""
    links = [link.get("href") or "" for link in leaf.element.iter("a")]
    profiles = sum(1 for link in links if _PROFILE.match(link))
    mails = sum(1 for link in links if link.startswith("mailto:"))
    return profiles > 0 and profiles + mails >= 0.5 * len(links)


_PROFILE: Final = re.compile(
    r"(?:https?:)?//(?:www\.|m\.)?(?:twitter|x|facebook|instagram|youtube|linkedin|tiktok|t|threads|bsky)"
    r"\.(?:com|me|net|app)/(?:(?:user|channel|in|company|profile|c)/)?[^/]+/?(?:\?.*)?$",
    re.IGNORECASE,
)


def _drop_links(leaves: list[Leaf], kept: set[HtmlElement]) -> None:
    """Drop the paragraphs that are a link to another article, unless a page consists of them."""
    shown = [leaf for leaf in leaves if leaf.element in kept]
    paragraphs = [leaf for leaf in shown if leaf.element.tag == "p"]
    links = {leaf.element for leaf in paragraphs if is_link_only(leaf)}
    if len(links) <= _LINKED_SHARE * len(paragraphs):
        kept -= links
    kept -= {leaf.element for leaf in shown if leaf.anchors >= _MENU and is_link_only(leaf)}
    for leaf in reversed(shown):
        if leaf.element in kept and not is_link_only(leaf) and not calls_to_follow(leaf):
            break
        kept.discard(leaf.element)


_LINKED_SHARE = 0.2
_MENU = 3


def _belongs(unit: _Unit, between: bool) -> bool:
    tag = _unwrapped(unit.element).tag
    share = unit.links / unit.size
    if tag in _HEADINGS:
        return True
    if tag == "p":
        return share < 0.5 and (between or unit.size >= 60 or (unit.size >= 20 and unit.leaves[0].sentence))
    if tag in _WHOLE or is_caption(unit.leaves[0].element):
        return share < 0.5
    if between and len(unit.leaves) == 1 and _HEADING_NAME.search(unit.leaves[0].element.get("class") or "") and share < .5:
        unit.leaves[0].element.tag = "h3"
        return True
    return between and unit.size >= 100 and share < 0.2


def _unwrapped(element: HtmlElement) -> HtmlElement:
    """The only element in an element without text of its own."""
    while element.tag in ("div", "section", "span") and len(element) == 1 and not (element.text or "").strip():
        element = element[0]
    return element


_HEADING_NAME: Final = re.compile(r"head(?:line|ing)?\b|subtitle", re.IGNORECASE)


def _without_empty_sections(leaves: list[Leaf], kept: set[HtmlElement]) -> set[HtmlElement]:
    """Without headings at the end, and without links to other articles that are set as headings."""
    below = "end"
    for leaf in reversed(leaves):
        if leaf.element not in kept:
            continue
        if leaf.element.tag not in _HEADINGS:
            below = "text"
        elif below == "end" or (below == "heading" and is_link_only(leaf)):
            kept.discard(leaf.element)
        else:
            below = "heading"
    return kept


def blank_rest(inside: HtmlElement, kept: set[HtmlElement]) -> None:
    """Blank, in place, the text of all blocks that are not kept."""
    from lxml.etree import iterwalk

    blocks = [inside]
    for event, element in iterwalk(inside, events=("start", "end")):
        is_block = element.tag in _BLOCKS
        if event == "start":
            if is_block:
                blocks.append(element)
            if blocks[-1] not in kept:
                element.text = None
        else:
            if is_block:
                blocks.pop()
            if element is not inside and blocks[-1] not in kept:
                element.tail = None


def choose(tree: HtmlElement, title: str, certain: frozenset[HtmlElement] = frozenset()) -> HtmlElement:
    """The element that holds the article, with all other text in it blanked. ``title`` is left out too.

    What is in one of the ``certain`` elements belongs to the article.
    """
    body = tree.find(".//body")
    if body is None:
        body = tree
    leaves = leaves_of(body)
    mark_seeds(leaves, extract(body))
    for leaf in leaves:
        if certain and any(each in certain for each in (leaf.element, *leaf.element.iterancestors())):
            leaf.seed = True
    if not any(leaf.seed for leaf in leaves):
        region = main_part(body)
        within = set(region.iter())
        for leaf in leaves:
            leaf.seed = leaf.element in within and leaf.links <= 0.5 * len(leaf.key)
    inside = container(body, leaves)
    kept = keep(inside, leaves)
    key = key_of(title)
    kept -= {leaf.element for leaf in leaves if leaf.element.tag in _HEADINGS and leaf.key == key}
    blank_rest(inside, kept)
    return inside


def main_part(body: HtmlElement) -> HtmlElement:
    """The part of a page that its markup names as the main one; the whole body if it names none."""
    for path in ('.//*[@itemprop="articleBody"]', ".//article", ".//main", './/*[@role="main"]'):
        found = body.findall(path)
        if len(found) == 1:
            return found[0]
    return body
