"""What meta elements and microdata of a page say of its article."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rag.formats.html.names import is_about_others

if TYPE_CHECKING:
    from lxml.html import HtmlElement


_META: Final = {
    "title": """
        og:title twitter:title citation_title dc.title dcterms.title parsely-title headline
        sailthru.title
    """,
    "publisher": """
        og:site_name dc.publisher dcterms.publisher citation_publisher citation_journal_title publisher
        application-name apple-mobile-web-app-title
    """,
    "published": """
        article:published_time og:article:published_time article:published og:published_time
        dc.date.issued dcterms.issued dc.date.created dcterms.created citation_publication_date
        citation_online_date citation_date parsely-pub-date sailthru.date datepublished
    """,
    "updated": """
        article:modified_time og:article:modified_time og:updated_time dc.date.modified
        dcterms.modified datemodified last-modified lastmod article.updated date.updated modified
        revised bt:moddate
    """,
    "author": """
        author parsely-author citation_author dc.creator dcterms.creator sailthru.author byl
        article:author og:article:author cxenseparse:author
    """,
    "language": "content-language dc.language dcterms.language og:locale",
    "url": "og:url parsely-link twitter:url",
}
"""Names of meta elements for each field, in small letters, most trusted first."""

Claim = tuple[str, str]
"""A value and where it stands."""


def one_line(text: str | None) -> str:
    """A text on one line; what was escaped twice is unescaped."""
    return " ".join(html.unescape(text or "").replace("\xad", "").split())


def metas_of(tree: HtmlElement) -> dict[str, list[str]]:
    """The contents of the meta elements by name, in small letters."""
    metas: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("http-equiv")
        if name and (content := one_line(meta.get("content"))):
            metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def in_metas(metas: dict[str, list[str]], field: str) -> Iterator[Claim]:
    """What meta elements say of a field, most trusted first."""
    for name in _META[field].split():
        if name in metas:
            yield metas[name][0], f"meta {name}"


def all_in_metas(metas: dict[str, list[str]], field: str) -> list[str]:
    """All that meta elements say of a field, even where several of one name disagree."""
    return [value for name in _META[field].split() for value in metas.get(name, ())]


def in_microdata(tree: HtmlElement, *properties: str) -> Iterator[Claim]:
    """The values of microdata that are about the article itself."""
    for element in tree.iterfind(".//*[@itemprop]"):
        names = element.get("itemprop").split()
        for name in properties:
            if name in names and not is_about_others(element):
                value = element.get("content") or element.get("datetime") or element.text_content()
                yield one_line(value), f"itemprop {name}"
