"""Finds what a page says of its article: title, publisher, author, dates, address and language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rag.formats.html.claims import Claim, all_in_metas, in_metas, metas_of, one_line
from rag.formats.html.dates import (
    changed_times,
    near_title,
    published_dates,
    signed_dates,
    updated_dates,
)
from rag.formats.html.linked_data import LinkedData, linked_data
from rag.formats.html.names import has_name, is_about_others
from rag.formats.html.titles import titles_of
from rag.records import Stated

if TYPE_CHECKING:
    from lxml.html import HtmlElement


_SAVED_FROM: Final = re.compile(
    r"<!--[^>]{0,200}?(?:\burl:\s{1,3}|saved from url=\(\d{4}\))(https?://[^\s>]{3,2000})"
)
_SAVED_HEAD: Final = 20_000  # characters
_AUTHOR_NAMES: Final = frozenset("author byline authorname bylinename".split())
_LONGEST_AUTHOR: Final = 200


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says of its article. ``title`` is "" if it has none; ``found`` is as in ``Extracted``."""

    title: str
    found: tuple[Stated, ...]
    linked: LinkedData
    is_article: bool
    """Whether the page calls itself an article."""


def read_facts(source: str, tree: HtmlElement) -> PageFacts:
    """What a whole page says of its article."""
    metas = metas_of(tree)
    addresses = list(_addresses(source, tree, metas))
    address = addresses[0][0] if addresses else ""
    linked = linked_data(tree, address)
    publishers = _publishers(tree, metas, linked)
    titles, sites = titles_of(tree, metas, linked, [name for name, _ in publishers], address)
    title = titles[0][0] if titles else ""
    near = near_title(tree, title)
    named = [tree.findtext(".//title") or "", *all_in_metas(metas, "title")]
    changed = changed_times(tree, near)
    published = published_dates(tree, metas, linked, near, addresses, named, changed)
    claims = {
        "title": titles,
        "publisher": [*publishers, *sites],
        "published": published,
        "signed": [] if published else islice(signed_dates(tree), 1),
        "updated": updated_dates(tree, metas, linked, near, published, changed),
        "author": _authors(tree, metas, linked),
        "url": addresses,
        "language": _languages(tree, metas),
    }
    found = dict.fromkeys(
        Stated(field, line, where)
        for field, values in claims.items()
        for value, where in values
        if (line := one_line(value))
    )
    is_article = linked.is_article or "article" in metas.get("og:type", ())
    return PageFacts(title, tuple(found), linked, is_article)


def _publishers(tree: HtmlElement, metas: dict[str, list[str]], linked: LinkedData) -> list[Claim]:
    claims = [
        (linked.text("publisher", "sourceOrganization"), "JSON-LD publisher"),
        *in_metas(metas, "publisher"),
    ]
    claims += [
        (name.get("content") or name.text_content(), "itemprop publisher")
        for name in tree.iterfind('.//*[@itemprop="publisher"]//*[@itemprop="name"]')
    ]
    lines = ((one_line(value), where) for value, where in claims)
    return [(name, where) for name, where in lines if name and name[0] != "@" and "//" not in name]


def _authors(tree: HtmlElement, metas: dict[str, list[str]], linked: LinkedData) -> list[Claim]:
    claims = [(linked.text("author", "creator"), "JSON-LD author"), *in_metas(metas, "author")]
    for element in tree.iter():
        marked = "author" in (element.get("rel"), element.get("itemprop"))
        named = marked or has_name(element, frozenset(), _AUTHOR_NAMES)
        if named and not is_about_others(element):
            link = element.find(".//a")
            claims.append(((element if link is None else link).text_content(), "byline"))
            break
    lines = ((one_line(value), where) for value, where in claims)
    names = ((line[3:] if line[:3].lower() == "by " else line, where) for line, where in lines)
    return [
        (name, where) for name, where in names if "//" not in name and len(name) <= _LONGEST_AUTHOR
    ]


def _addresses(source: str, tree: HtmlElement, metas: dict[str, list[str]]) -> Iterator[Claim]:
    links = [
        link for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    claims = [*((link.get("href"), "link canonical") for link in links), *in_metas(metas, "url")]
    if saved := _SAVED_FROM.search(source, 0, _SAVED_HEAD):
        claims.append((saved[1], "saved page"))
    for value, where in claims:
        if value and _is_address(value.strip()):
            yield value.strip(), where


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in parts.netloc


def _languages(tree: HtmlElement, metas: dict[str, list[str]]) -> Iterator[Claim]:
    root = tree.getroottree().getroot()
    for name in ("lang", "{http://www.w3.org/XML/1998/namespace}lang", "xml:lang"):
        if root.get(name):
            yield root.get(name), "html lang"
    yield from in_metas(metas, "language")
