"""Finds the article in a page: the element that holds it, without the furniture inside.

trafilatura says which texts belong to the article. Its own output lacks lists, tables, captions and
headings in places, so only its choice is taken: the blocks that have these texts are the seeds. The article
is the element with most seeds and least else, and what stands among the seeds belongs to it unless it looks
like furniture.
"""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from typing import TYPE_CHECKING, Final

from rag.formats.html.leaves import Leaf, key_of, leaves_of
from rag.formats.html.names import BOXES, LEADS, NOTES, has_name
from rag.text.datelines import is_dateline
from rag.text.elements import BLOCKS, HEADINGS

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# A leaf is a seed if the share _FOUND of its windows, of _WINDOW letters, is in the extracted text.
_WINDOW: Final = 16
_FOUND: Final = 0.6
_LONGEST_EXTRACTED: Final = 2_000_000

_FEW: Final = 600
_PART: Final = 0.5
"""Seeds of fewer letters than _FEW, and than this share of the page's main part, are not trusted."""

_FOREIGN: Final = 0.5
"""The cost of each letter outside the seeds; each letter in a seed counts 1."""

_WHOLE: Final = frozenset("ul ol dl table pre blockquote details figure".split())
_PARTS_OF_WHOLE: Final = frozenset("li dt dd tr td th figcaption".split())
"""They belong to the article if other parts of their list or table do."""
_LINKED: Final = 0.5
"""Share of letters in links: a list or a paragraph with more of them leads elsewhere."""
# Letters of a block among the seeds, or of a paragraph around them, that is long enough to be text.
_BLOCK: Final = 100
_PARAGRAPH: Final = 60
_SENTENCE: Final = 20
_DATE: Final = 40
_CAPTION: Final = 20
_CAPTION_START: Final = 40
_LINK_PARAGRAPHS: Final = 0.2
_MENU: Final = 3
_LEADS: Final = 4
_HEADING_NAMES: Final = frozenset(
    "head headline heading subhead subheadline subheading subtitle".split()
)


def choose(
    tree: HtmlElement, title: str, certain: frozenset[HtmlElement] = frozenset()
) -> HtmlElement:
    """The element that holds the article, with all other text in it blanked. ``title`` is left out too.

    What is in one of the ``certain`` elements belongs to the article.
    """
    body = tree.find(".//body")
    if body is None:
        body = tree
    leaves = leaves_of(body)
    _mark_seeds(leaves, _extracted(body))
    inside_certain = {each for element in certain for each in element.iter()}
    for leaf in leaves:
        leaf.is_seed = leaf.is_seed or leaf.element in inside_certain
    _check_seeds(body, leaves)
    _mark_lead(leaves, key_of(title))
    container = _container(body, leaves)
    _bring_notes(body, container)
    kept = _kept(container, leaves)
    key = key_of(title)
    kept -= {leaf.element for leaf in leaves if leaf.key == key}
    _blank_rest(container, kept)
    return container


# ---------------------------------------------------------------- seeds


def _extracted(body: HtmlElement) -> str:
    """What trafilatura takes for the text of the article; "" if it finds none, or fails."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        text = trafilatura.extract(
            deepcopy(body),
            fast=True,
            include_comments=False,
            favor_precision=True,
            with_metadata=False,
        )
    except (ValueError, TypeError, AttributeError, RecursionError):  # on odd trees
        return ""
    return (text or "")[:_LONGEST_EXTRACTED]


def _mark_seeds(leaves: list[Leaf], extracted: str) -> None:
    """Mark the leaves whose text is, for the most part, in the extracted text."""
    key = key_of(extracted)
    windows = {key[at : at + _WINDOW] for at in range(max(1, len(key) - _WINDOW + 1))}
    short = {key_of(part) for part in re.split(r"[\n|]", extracted)}
    for leaf in leaves:
        if len(leaf.key) < _WINDOW:
            leaf.is_seed = leaf.key in short
            continue
        starts = range(0, len(leaf.key) - _WINDOW + 1, _WINDOW)
        found = sum(leaf.key[at : at + _WINDOW] in windows for at in starts)
        leaf.is_seed = found >= _FOUND * len(starts)


def _check_seeds(body: HtmlElement, leaves: list[Leaf]) -> None:
    """Take all of the main part for seeds if it has much more text than a few short ones.

    trafilatura passes over short paragraphs, and may then find nothing but a notice.
    """
    main = set(_main_part(body).iter())
    prose = [
        leaf for leaf in leaves if leaf.element in main and leaf.linked <= _LINKED * len(leaf.key)
    ]
    found = sum(len(leaf.key) for leaf in leaves if leaf.is_seed)
    if found < _FEW and found < _PART * sum(len(leaf.key) for leaf in prose):
        for leaf in leaves:
            leaf.is_seed = False
        for leaf in prose:
            leaf.is_seed = True


def _mark_lead(leaves: list[Leaf], title: str) -> None:
    """Take as seeds a lead below the title, told by its name, and sentences in the title's header."""
    for at, heading in enumerate(leaves):
        if heading.key != title or heading.element.tag not in HEADINGS:
            continue
        above = set(heading.element.iterancestors())
        header = next(heading.element.iterancestors("header", "hgroup"), None)
        for leaf in leaves[at + 1 : at + _LEADS]:
            around = list(leaf.element.iterancestors())
            own = [leaf.element, *(each for each in around if each not in above)]
            is_lead = any(has_name(each, LEADS) for each in own)
            is_lead = is_lead or (leaf.is_sentence and header in around)
            if is_lead and len(leaf.key) >= _PARAGRAPH and leaf.linked < _LINKED * len(leaf.key):
                leaf.is_seed = True


def _main_part(body: HtmlElement) -> HtmlElement:
    """The part of a page that its markup names as the main one; the whole body if it names none."""
    for path in ('.//*[@itemprop="articleBody"]', ".//article", ".//main", './/*[@role="main"]'):
        found = body.findall(path)
        if len(found) == 1:
            return found[0]
    return body


def _container(body: HtmlElement, leaves: list[Leaf]) -> HtmlElement:
    """The element with most seeds and least else; the innermost of several."""
    value: dict[HtmlElement, float] = {
        leaf.element: len(leaf.key) * (1 if leaf.is_seed else -_FOREIGN) for leaf in leaves
    }
    best, most = body, float("-inf")
    for element in reversed(list(body.iter())):
        total = value.get(element, 0.0) + sum(value[child] for child in element)
        value[element] = total
        if total > most:
            best, most = element, total
    return best


def _bring_notes(body: HtmlElement, container: HtmlElement) -> None:
    """Move the notes that lead back to the text, and stand outside its element, to its end."""
    within = {*container.iter(), *container.iterancestors()}
    for element in list(body.iter()):
        leads_back = (
            element not in within
            and has_name(element, NOTES)
            and any((link.get("href") or "").startswith("#") for link in element.iter("a"))
        )
        if leads_back:
            within.update(element.iter())
            element.tail = None
            container.append(element)


# ---------------------------------------------------------------- what belongs


class _Part:
    """The largest part of the article that holds some leaves and no seed."""

    def __init__(self, element: HtmlElement, first: int) -> None:
        self.element = element
        self.first = first  # number of its first leaf
        self.leaves: list[Leaf] = []

    @property
    def size(self) -> int:
        return sum(len(leaf.key) for leaf in self.leaves)

    @property
    def linked(self) -> float:
        return sum(leaf.linked for leaf in self.leaves) / self.size

    @property
    def tag(self) -> str:
        """The tag of the element, or of the only one in it."""
        element = self.element
        while (
            element.tag in ("div", "section", "span")
            and len(element) == 1
            and not (element.text or "").strip()
        ):
            element = element[0]
        return str(element.tag)


def _kept(container: HtmlElement, leaves: list[Leaf]) -> set[HtmlElement]:
    """The elements whose own text is part of the article."""
    within = set(container.iter())
    leaves = [leaf for leaf in leaves if leaf.element in within]
    seeds = [number for number, leaf in enumerate(leaves) if leaf.is_seed]
    if not seeds:
        return {leaf.element for leaf in leaves}
    kept = {leaves[number].element for number in seeds}
    for part in _parts(container, leaves):
        if _belongs(part, seeds[0], seeds[-1]):
            kept.update(leaf.element for leaf in part.leaves)
    _drop_repeated_captions(leaves, kept)
    _drop_links(leaves, kept)
    _drop_bare_headings(leaves, kept)
    return kept or {leaves[number].element for number in seeds}


def _parts(container: HtmlElement, leaves: list[Leaf]) -> list[_Part]:
    fertile = {container}  # elements that hold a seed
    for leaf in leaves:
        element = leaf.element
        while leaf.is_seed and element not in fertile:
            fertile.add(element)
            element = element.getparent()
    parts: dict[HtmlElement, _Part] = {}
    for number, leaf in enumerate(leaves):
        element = leaf.element
        while not leaf.is_seed and element not in fertile:
            parent = element.getparent()
            if parent in fertile or parent.tag in (
                "header",
                "hgroup",
            ):  # with the title and the lead
                break
            element = parent
        if not leaf.is_seed:
            parts.setdefault(element, _Part(element, number)).leaves.append(leaf)
    return list(parts.values())


def _belongs(part: _Part, first: int, last: int) -> bool:
    """Whether a part without seeds belongs to the article; ``first`` and ``last`` number the end seeds."""
    tag, size, leaf = part.tag, part.size, part.leaves[0]
    if part.first < first and size <= _DATE and _is_dateline(part.element):
        return False
    if tag in HEADINGS or (tag in _PARTS_OF_WHOLE and leaf.links < _MENU):
        return True
    if part.linked >= _LINKED:
        return False
    if tag in _WHOLE or leaf.is_caption or has_name(part.element, BOXES):
        return True
    between = first < part.first < last
    if tag == "p":
        return between or size >= _PARAGRAPH or (size >= _SENTENCE and leaf.is_sentence)
    return between and (_is_named_heading(part) or (size >= _BLOCK and part.linked < _LINKED / 2))


def _is_named_heading(part: _Part) -> bool:
    """Whether a part is a heading in all but its tag; if so, the tag is corrected."""
    leaf = part.leaves[0]
    named = has_name(leaf.element, frozenset(), _HEADING_NAMES)
    if named and len(part.leaves) == 1:
        leaf.element.tag = "h3"
    return named and len(part.leaves) == 1


def _is_dateline(element: HtmlElement) -> bool:
    return is_dateline(" ".join(element.text_content().split()))


def _drop_repeated_captions(leaves: list[Leaf], kept: set[HtmlElement]) -> None:
    """Drop captions that occur again, in full or cut short, and those that only name a source."""
    seen: set[str] = set()
    for leaf in leaves:
        if leaf.element in kept and leaf.is_caption:
            start = leaf.key[:_CAPTION_START]
            if len(leaf.key) < _CAPTION or start in seen:
                kept.discard(leaf.element)
            seen.add(start)


def _drop_links(leaves: list[Leaf], kept: set[HtmlElement]) -> None:
    """Drop the blocks that are links to other articles, unless the page consists of them."""
    shown = [leaf for leaf in leaves if leaf.element in kept]
    paragraphs = [leaf for leaf in shown if leaf.element.tag == "p"]
    links = {leaf.element for leaf in paragraphs if leaf.is_link}
    if len(links) <= _LINK_PARAGRAPHS * len(paragraphs):
        kept -= links
    kept -= {leaf.element for leaf in shown if leaf.links >= _MENU and leaf.is_link}
    for leaf in reversed(shown):
        if leaf.element in kept and not leaf.is_link and not leaf.calls_to_follow:
            break
        kept.discard(leaf.element)


def _drop_bare_headings(leaves: list[Leaf], kept: set[HtmlElement]) -> None:
    """Drop headings at the end, and links to other articles that are set as headings."""
    below = "end"
    for leaf in reversed(leaves):
        if leaf.element not in kept:
            continue
        if leaf.element.tag not in HEADINGS:
            below = "text"
        elif below == "end" or (below == "heading" and leaf.is_link):
            kept.discard(leaf.element)
        else:
            below = "heading"


def _blank_rest(container: HtmlElement, kept: set[HtmlElement]) -> None:
    """Blank, in place, the text of all blocks that are not kept."""
    from lxml.etree import iterwalk

    blocks = [container]
    for event, element in iterwalk(container, events=("start", "end")):
        is_block = element.tag in BLOCKS
        if event == "start":
            if is_block:
                blocks.append(element)
            if blocks[-1] not in kept:
                element.text = None
        else:
            if is_block:
                blocks.pop()
            if element is not container and blocks[-1] not in kept:
                element.tail = None
