"""The leaves of a page: blocks with text of their own, and what their links say of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rag.text.elements import BLOCKS

if TYPE_CHECKING:
    from lxml.html import HtmlElement


# Characters of a key, as below.
_LABEL: Final = 20
_LONG_LINK: Final = 150
_SOCIAL: Final = frozenset(
    "twitter.com x.com facebook.com instagram.com youtube.com linkedin.com tiktok.com t.me threads.net"
    " threads.com bsky.app".split()
)
_OF_PROFILES: Final = frozenset("user channel in company profile c".split())
"""The first part of the path of a profile, if it has two."""


class Leaf:
    """A block with text of its own: a paragraph, heading, list item or cell.

    ``key`` is its letters and digits, ``links`` the number of its links, ``linked`` the number of letters
    and digits in links. ``is_sentence`` says that it ends like a sentence, ``is_seed`` that it belongs to
    the article for sure.
    """

    __slots__ = ("element", "is_seed", "is_sentence", "key", "linked", "links")

    def __init__(self, element: HtmlElement) -> None:
        self.element = element
        self.key = ""
        self.linked = 0
        self.links = 0
        self.is_sentence = False
        self.is_seed = False

    @property
    def is_link(self) -> bool:
        """Whether it is a link to something else, perhaps with a label before it, and no sentence."""
        rest = len(self.key) - self.linked
        if self.linked == 0 or rest > _LABEL or rest > 0.5 * self.linked:
            return False
        return not self.is_sentence or (rest == 0 and self.linked > _LONG_LINK)

    @property
    def calls_to_follow(self) -> bool:
        """Whether half of its links or more lead to profiles on social networks or are mail addresses."""
        links = [link.get("href") or "" for link in self.element.iter("a")]
        profiles = sum(map(_is_profile, links))
        mails = sum(1 for link in links if link.startswith("mailto:"))
        return profiles > 0 and profiles + mails >= 0.5 * len(links)

    @property
    def is_caption(self) -> bool:
        """Whether it is, or stands in, the caption of a picture."""
        element = self.element
        for _ in range(3):
            if element is None or element.tag in ("table", "caption", "td", "th"):
                return False
            if (
                element.tag in ("figcaption", "figure")
                or "caption" in (element.get("class") or "").lower()
            ):
                figure = next(element.iterancestors("figure"), element)
                return figure.find(".//table") is None
            element = element.getparent()
        return False


def _is_profile(link: str) -> bool:
    """Whether a link leads to the profile of somebody on a social network, and not to a post."""
    try:
        parts = urlsplit(link.lower())
    except ValueError:
        return False
    host = parts.netloc.removeprefix("www.").removeprefix("m.")
    first, *behind = parts.path.strip("/").split("/")
    alone = not behind or (first in _OF_PROFILES and len(behind) == 1)
    return host in _SOCIAL and bool(first) and alone


def key_of(text: str) -> str:
    """The letters and digits of a text, by which texts are compared."""
    return "".join(filter(str.isalnum, text)).casefold()


def leaves_of(body: HtmlElement) -> list[Leaf]:
    """The leaves of a page, in document order."""
    from lxml.etree import iterwalk

    leaves: dict[HtmlElement, Leaf] = {}
    texts: dict[HtmlElement, list[str]] = {}
    links: Counter[HtmlElement] = Counter()
    blocks: list[HtmlElement] = []
    depth = 0  # of links

    def add(text: str | None) -> None:
        if text and (key := key_of(text)):
            block = blocks[-1]
            leaf = leaves.setdefault(block, Leaf(block))
            texts.setdefault(block, []).append(key)
            leaf.linked += len(key) if depth and not ("://" in text or "www." in text) else 0
            leaf.is_sentence = text.rstrip().endswith((".", ":"))

    for event, element in iterwalk(body, events=("start", "end")):
        is_block = element.tag in BLOCKS or element is body
        if event == "start":
            if is_block:
                blocks.append(element)
            if element.tag == "a":
                depth += 1
                links[blocks[-1]] += 1
            add(element.text)
        else:
            depth -= element.tag == "a"
            if is_block:
                blocks.pop()
            if element is not body:
                add(element.tail)
    for leaf in leaves.values():
        leaf.key = "".join(texts[leaf.element])
        leaf.links = links[leaf.element]
    return list(leaves.values())
