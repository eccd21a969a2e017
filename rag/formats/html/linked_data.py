"""Reads what a page says about its article in JSON-LD, the vocabulary of schema.org."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLES: Final = ("Article", "Posting", "Report", "Review", "Recipe", "CreativeWork", "Book")
"""How the types of articles end."""
# What hangs on an article under these names is about others: the dates of comments are not its own.
_OTHERS: Final = frozenset(
    """
    comment comments review reviews itemListElement liveBlogUpdate citation mentions relatedLink
    isPartOf hasPart associatedMedia image video author publisher about breadcrumb potentialAction
    """.split()
)
_TRAILING_COMMA: Final = re.compile(r",(?=\s*+[}\]])")
_LONGEST: Final = 2_000_000
_BROKEN_KEYS: Final = ("headline", "datePublished", "dateModified")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What JSON-LD says of the article."""

    node: Node

    def text(self, *keys: str) -> str:
        """The first of these properties that has a text, or a name; "" if none has."""
        for key in keys:
            if found := ", ".join(dict.fromkeys(_names(self.node.get(key)))):
                return found
        return ""

    def types(self) -> list[str]:
        """The types of the article."""
        return _types(self.node)

    @property
    def is_article(self) -> bool:
        """Whether there is an article among what JSON-LD describes."""
        return any(map(_is_article, self.types()))

    @property
    def is_free(self) -> bool:
        """False if the page says that its article, or a part of it, is not accessible for free."""
        parts = self.node.get("hasPart")
        nodes = [self.node, *(parts if isinstance(parts, list) else [parts])]
        return not any(
            isinstance(each, dict) and str(each.get("isAccessibleForFree")).lower() == "false"
            for each in nodes
        )


def linked_data(tree: HtmlElement, address: str | None) -> LinkedData:
    """The JSON-LD about the article of a page, whose canonical address is ``address`` if it states one."""
    nodes: list[Node] = []
    broken: Node = {}
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not (source := script.text):
            continue
        try:
            nodes += _nodes(_loads(source[:_LONGEST]))
        except (ValueError, RecursionError):
            broken = broken or _scraped(source[:_LONGEST])
    articles = [node for node in nodes if any(map(_is_article, _types(node)))]
    own = [node for node in articles if address and address in _addresses(node)]
    pages = [node for node in nodes if any(each.endswith("Page") for each in _types(node))]
    # Several articles without an address may be the teasers of others; the first one is the page's own.
    chosen = next(iter(own or articles), None)
    if chosen is None:
        return LinkedData(broken or next(iter(pages), {}))
    return LinkedData(_joined(chosen, nodes))


def _loads(source: str) -> Any:
    source = source.replace("<![CDATA[", "", 1)
    begin = next((at for at, character in enumerate(source) if character in "{["), 0)
    decoder = json.JSONDecoder(strict=False)  # raw line ends in texts are frequent
    try:
        return decoder.raw_decode(source, begin)[0]
    except ValueError:
        return decoder.raw_decode(_TRAILING_COMMA.sub("", source), begin)[0]


def _nodes(value: Any) -> Iterator[Node]:
    """All nodes that stand for the page itself, in order."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            yield value
            waiting += [
                inner
                for key, inner in reversed(value.items())
                if key not in _OTHERS and isinstance(inner, (dict, list))
            ]


def _joined(node: Node, nodes: list[Node]) -> Node:
    """A node in which references to its publisher and authors are replaced by the nodes they name."""
    named = {
        each["@id"]: each for each in nodes if isinstance(each.get("@id"), str) and "name" in each
    }

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(each) for each in value]
        if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
            return named.get(value["@id"], value)
        return value

    return {
        **node,
        **{key: resolve(node[key]) for key in ("author", "publisher", "creator") if key in node},
    }


def _scraped(source: str) -> Node:
    """The first value of the most telling properties in JSON-LD that no parser accepts."""
    found: Node = {}
    for key in _BROKEN_KEYS:
        quoted = rf'"{key}"\s{{0,9}}:\s{{0,9}}(?:"((?:[^"\\\n]|\\.){{1,400}})"|([\w:.+-]{{8,40}}))'
        if match := re.search(quoted, source):
            found[key] = (match[1] or match[2]).replace('\\"', '"').replace("\\/", "/")
    return found


def _types(node: Node) -> list[str]:
    value = node.get("@type")
    values = value if isinstance(value, list) else [value]
    return [each.rpartition("/")[2] for each in values if isinstance(each, str)]


def _is_article(kind: str) -> bool:
    return kind.endswith(_ARTICLES) or kind.startswith("Report")


def _addresses(node: Node) -> set[str]:
    page = node.get("mainEntityOfPage")
    values = [
        node.get("url"),
        node.get("@id"),
        page,
        page.get("@id") if isinstance(page, dict) else None,
    ]
    return {value for value in values if isinstance(value, str)}


def _names(value: Any) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    for each in values:
        name = each.get("name") if isinstance(each, dict) else each
        name = next(iter(name), None) if isinstance(name, list) else name
        if isinstance(name, str) and (text := " ".join(html.unescape(name).split())):
            yield text
