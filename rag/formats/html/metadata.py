"""Finds what a page says of its article: title, publisher, author, dates, address and language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rag.formats.html.leaves import key_of, leaves_of
from rag.formats.html.linked_data import LinkedData, linked_data
from rag.formats.html.names import has_name, is_about_others
from rag.records import Stated
from rag.text.datelines import iso_date, read_date, read_dateline

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Names of meta elements in small letters, most trusted first.
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

_PUBLISHED: Final = ("public", "publis", "pubdate", "pub_date", "pub-date", "issued", "release")
_UPDATED: Final = ("updat", "modif", "edit", "revis")
"""What the names of meta elements and classes say of the date in them."""

_LONGEST_TITLE: Final = 300
_SHORTEST_TITLE: Final = 3  # words, if nothing else says that it is one
_LONGEST_SITE: Final = 6  # words
_AROUND: Final = frozenset(("header", "nav", "footer", "aside"))
_HEADINGS: Final = 100  # the title stands among the first
_MOST_WORDS: Final = 0.7
_SEPARATOR: Final = re.compile(
    r"\s+[|\-\u2013\u2014\u00b7\u2022\u00bb\u00ab\u203a<>/~]+\s+|\s*(?:\||::|\u2503)\s*|(?<=\w):\s+"
)

_URL_DATE: Final = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/_-]|\b)"
)
_UTC: Final = ("Z", "+00:00", "-00:00", "+0000", "UTC", "GMT")
_NO_DATES: Final = ("0001-", "0000-", "1970-01-01")
_LONGEST_DATE: Final = 200  # characters
_AFTER_TITLE: Final = 12  # leaves
_BEFORE_TITLE: Final = 3
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


Claim = tuple[str, str]
"""A value and where it stands."""


def read_facts(source: str, tree: HtmlElement) -> PageFacts:
    """What a whole page says of its article."""
    metas = _metas(tree)
    addresses = list(_addresses(source, tree, metas))
    linked = linked_data(tree, addresses[0][0] if addresses else None)
    publishers = _publishers(tree, metas, linked)
    titles, sites = _titles(tree, metas, linked, [name for name, _ in publishers])
    title = titles[0][0] if titles else ""
    near = _near(tree, title)
    claims = {
        "title": titles,
        "publisher": [*publishers, *sites],
        "published": _published(tree, metas, linked, near, addresses),
        "updated": _updated(tree, metas, linked, near),
        "author": _authors(tree, metas, linked),
        "url": addresses,
        "language": _languages(tree, metas),
    }
    found = dict.fromkeys(
        Stated(field, line, where)
        for field, values in claims.items()
        for value, where in values
        if (line := _line(value))
    )
    is_article = linked.is_article or "article" in metas.get("og:type", ())
    return PageFacts(title, tuple(found), linked, is_article)


def _line(text: str | None) -> str:
    """A text on one line, with what was escaped twice as it should be."""
    return " ".join(html.unescape(text or "").replace("\xad", "").split())


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    """The contents of the meta elements by name, in small letters."""
    metas: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("http-equiv")
        if name and (content := _line(meta.get("content"))):
            metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def _of(metas: dict[str, list[str]], field: str) -> Iterator[Claim]:
    for name in _META[field].split():
        if name in metas:
            yield metas[name][0], f"meta {name}"


def _other_dates(metas: dict[str, list[str]]) -> Iterator[Claim]:
    """What meta elements of any other name say of the date of publication."""
    for name, (value, *_) in metas.items():
        dated = name == "created" or name.startswith("displaydate") or name.endswith("date")
        if (dated or _has_any(name, _PUBLISHED)) and not _has_any(name, _UPDATED):
            yield value, f"meta {name}"


def _item(tree: HtmlElement, *properties: str) -> Iterator[Claim]:
    """The values of microdata that are about the article itself."""
    for element in tree.iterfind(".//*[@itemprop]"):
        names = element.get("itemprop").split()
        for name in properties:
            if name in names and not is_about_others(element):
                value = element.get("content") or element.get("datetime") or element.text_content()
                yield _line(value), f"itemprop {name}"


# ---------------------------------------------------------------- title and publisher


def _titles(
    tree: HtmlElement, metas: dict[str, list[str]], linked: LinkedData, sites: Sequence[str]
) -> tuple[list[Claim], list[Claim]]:
    """The titles of the article; and the names of the site that stand beside it in the page's title.

    A heading that agrees with what the page says of itself comes first: it is the title that readers see.
    """
    page_title = _line(tree.findtext(".//title"))
    claims = [
        (linked.text("headline"), "JSON-LD headline"),
        *_of(metas, "title"),
        *_item(tree, "headline"),
        (linked.text("name"), "JSON-LD name"),
    ]
    claims = [(_without_site(value, sites), where) for value, where in claims if value]
    names = set(map(key_of, sites))
    headings = [
        (text, element.tag)
        for element in islice(tree.iter("h1", "h2", "h3"), _HEADINGS)
        if (text := _line(element.text_content()).rstrip("\u00b6 "))  # which links to the heading
        and len(text) <= _LONGEST_TITLE
        and key_of(text) not in names
        and not is_about_others(element)
    ]
    if not any(_agrees(text, page_title, []) for text, _ in headings):
        headings = [*_unmarked_title(tree, page_title), *headings]
    agreeing = [
        claim for claim in headings if _agrees(claim[0], page_title, [value for value, _ in claims])
    ]
    first = [claim for claim in headings if claim[1] == "h1"]
    # The name of the site may be a heading too; it is shorter than the title that stands beside it.
    parts = set(map(key_of, _SEPARATOR.split(page_title)))
    beside_it = [claim for claim in agreeing if key_of(claim[0]) in parts]
    shown = [max(beside_it, key=lambda claim: len(claim[0].split()))] if beside_it else agreeing[:1]
    rest, beside = _split_title(
        page_title, [value for value, _ in (*shown, *claims, *first)], sites
    )
    found = [*shown, *claims, *first, (rest, "title element")]
    return [claim for claim in found if claim[0]], [(name, "title element") for name in beside]


def _unmarked_title(tree: HtmlElement, page_title: str) -> Iterator[Claim]:
    """A line that is the page's title in all but its tag, as word processors write it."""
    body = tree.find(".//body")
    key = key_of(page_title)
    for leaf in leaves_of(body)[:_HEADINGS] if body is not None else ():
        if leaf.key == key and not leaf.linked and len(page_title.split()) >= _SHORTEST_TITLE:
            if not any(each.tag in _AROUND for each in leaf.element.iterancestors()):
                yield _line(leaf.element.text_content()), "title"
            return


def _agrees(heading: str, page_title: str, claims: Sequence[str]) -> bool:
    """Whether a heading says what the page says its title is."""
    key = key_of(heading)
    if len(key) < 2:
        return False
    if any(key == key_of(claim) for claim in claims):
        return True
    if key in (key_of(page_title), key_of(_SEPARATOR.split(page_title)[0])):
        return True
    words = _words(heading)
    return len(words) >= _SHORTEST_TITLE and any(
        len(words & others) >= _MOST_WORDS * min(len(words), len(others))
        for others in map(_words, (page_title, *claims))
        if len(others) >= _SHORTEST_TITLE
    )


def _words(text: str) -> set[str]:
    return {word for part in text.split() if (word := key_of(part))}


def _without_site(title: str, sites: Sequence[str]) -> str:
    """A title without the name of its site at the end or the beginning."""
    for site in sites:
        for separator in _SEPARATOR.finditer(title):
            if key_of(title[separator.end() :]) == key_of(site):
                return title[: separator.start()]
            if key_of(title[: separator.start()]) == key_of(site):
                return title[separator.end() :]
    return title


def _split_title(
    page_title: str, titles: Sequence[str], sites: Sequence[str]
) -> tuple[str, list[str]]:
    """The page's title without the name of the site; and that name, in a list."""
    without = _without_site(page_title, sites)
    if without != page_title:
        return without, []
    for title in titles:
        if len(title) < _SHORTEST_TITLE:
            continue
        found = re.search(re.escape(title), page_title, re.IGNORECASE)
        if found:
            before, after = page_title[: found.start()], page_title[found.end() :]
            names = [part for part in _SEPARATOR.split(after) if key_of(part)][-1:]
            if not _SEPARATOR.match(after):
                names = [part for part in _SEPARATOR.split(before) if key_of(part)][:1]
            is_apart = _SEPARATOR.match(after) or _SEPARATOR.search(before)
            return title, [
                name.strip() for name in names if is_apart and len(name.split()) <= _LONGEST_SITE
            ]
    parts = _SEPARATOR.split(page_title)
    if len(parts) > 1 and len(parts[-1].split()) <= _LONGEST_SITE:
        last = list(_SEPARATOR.finditer(page_title))[-1]
        if len(page_title[: last.start()].split()) >= _SHORTEST_TITLE:
            return page_title[: last.start()], [parts[-1]]
    return page_title, []


def _publishers(tree: HtmlElement, metas: dict[str, list[str]], linked: LinkedData) -> list[Claim]:
    claims = [
        (linked.text("publisher", "sourceOrganization"), "JSON-LD publisher"),
        *_of(metas, "publisher"),
    ]
    claims += [
        (name.get("content") or name.text_content(), "itemprop publisher")
        for name in tree.iterfind('.//*[@itemprop="publisher"]//*[@itemprop="name"]')
    ]
    lines = ((_line(value), where) for value, where in claims)
    return [(name, where) for name, where in lines if name and name[0] != "@" and "//" not in name]


# ---------------------------------------------------------------- dates


def _near(tree: HtmlElement, title: str) -> list[HtmlElement]:
    """The blocks around the title, where the date stands."""
    body = tree.find(".//body")
    leaves = leaves_of(body) if body is not None else []
    key = key_of(title)
    places = [
        n
        for n, leaf in enumerate(leaves)
        if leaf.key.startswith(key) and not is_about_others(leaf.element)
    ]
    at = next(
        (n for n in places if leaves[n].element.tag in ("h1", "h2")), places[0] if places else 0
    )
    around = (
        *leaves[at : at + _AFTER_TITLE],  # line breaks may be all that parts title and date
        *reversed(leaves[max(0, at - _BEFORE_TITLE) : at]),
    )
    return [
        leaf.element
        for leaf in around
        if (len(leaf.key) <= _LONGEST_DATE or leaf is leaves[at])
        and not is_about_others(leaf.element)
    ]


def _published(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    linked: LinkedData,
    near: Sequence[HtmlElement],
    addresses: Sequence[Claim],
) -> list[Claim]:
    times = list(_times(tree, near, updated=False))
    claims = [
        (linked.text("datePublished"), "JSON-LD datePublished"),
        *_of(metas, "published"),
        *_other_dates(metas),
        *_item(tree, "datePublished", "dateCreated"),
        *times[:1],
        (linked.text("dateCreated", "uploadDate"), "JSON-LD dateCreated"),
    ]
    shown = [
        *times[1:],
        *_datelines(near),
        *(
            ("-".join(match.groups()), "address")
            for url, _ in addresses[:1]
            if (match := _URL_DATE.search(url))
        ),
    ]
    stated = list(_dated(claims))
    local = list(_dated(shown))
    # A clock in London may show the next day already: what readers see is the publisher's own day.
    if stated and stated[0][0].endswith(_UTC):
        local.sort(key=lambda claim: not _is_next_day(claim[0], stated[0][0]))
        if local and _is_next_day(local[0][0], stated[0][0]):
            return [local[0], *stated, *local[1:]]
    return [*stated, *local]


def _dated(claims: Iterable[Claim]) -> Iterator[Claim]:
    """The claims that hold a date, cut down to it if more stands around it."""
    for value, where in claims:
        line = read_date(_line(value)[:_LONGEST_DATE])
        if line and (line.day or line.ambiguous) and not line.written.startswith(_NO_DATES):
            yield line.written, where


def _is_next_day(shown: str, stated: str) -> bool:
    """Whether two dates are a day apart."""
    days = [line.day for text in (shown, stated) if (line := read_dateline(text)) and line.day]
    return len(days) == 2 and abs((days[0] - days[1]).days) == 1


def _updated(
    tree: HtmlElement, metas: dict[str, list[str]], linked: LinkedData, near: Sequence[HtmlElement]
) -> list[Claim]:
    claims = [
        (linked.text("dateModified"), "JSON-LD dateModified"),
        *_of(metas, "updated"),
        *_item(tree, "dateModified"),
        *_times(tree, near, updated=True),
    ]
    return list(_dated(claims))


def _times(tree: HtmlElement, near: Sequence[HtmlElement], *, updated: bool) -> Iterator[Claim]:
    """The first time of the article, by its title or elsewhere: as it is written, and as it is shown."""
    beside = (time for element in near for time in element.iter() if _is_time(time))
    others = (time for time in tree.iter() if _is_time(time) and not is_about_others(time))
    for time in chain(beside, others):
        if _is_update(time) == updated:
            yield time.get("datetime") or time.get("title") or time.text_content(), "time element"
            yield time.text_content(), "time element"
            return


def _is_time(element: HtmlElement) -> bool:
    """Whether an element is a time, under its own name, that of a page's making, or the older one."""
    if element.tag in ("time", "relative-time"):
        return True
    return element.tag == "abbr" and iso_date(element.get("title") or "") is not None


def _is_update(time: HtmlElement) -> bool:
    names = " ".join(filter(None, (time.get("class"), time.get("itemprop")))).lower()
    return _has_any(names, _UPDATED) and "publish" not in names


def _has_any(name: str, parts: Iterable[str]) -> bool:
    return any(part in name for part in parts)


def _datelines(near: Sequence[HtmlElement]) -> Iterator[Claim]:
    for element in near:
        for part in (element, *element.iterdescendants()):
            text = _line(part.text_content())
            line = read_dateline(text) if len(text) <= _LONGEST_DATE else None
            if line and line.is_update:
                line = line.behind()
            if line and not line.is_update:
                yield line.written if line.label else text, "dateline"
                return


# ---------------------------------------------------------------- author, address, language


def _authors(tree: HtmlElement, metas: dict[str, list[str]], linked: LinkedData) -> list[Claim]:
    claims = [(linked.text("author", "creator"), "JSON-LD author"), *_of(metas, "author")]
    for element in tree.iter():
        marked = "author" in (element.get("rel"), element.get("itemprop"))
        named = marked or has_name(element, frozenset(), _AUTHOR_NAMES)
        if named and not is_about_others(element):
            link = element.find(".//a")
            claims.append(((element if link is None else link).text_content(), "byline"))
            break
    lines = ((_line(value), where) for value, where in claims)
    names = ((line[3:] if line[:3].lower() == "by " else line, where) for line, where in lines)
    return [
        (name, where) for name, where in names if "//" not in name and len(name) <= _LONGEST_AUTHOR
    ]


def _addresses(source: str, tree: HtmlElement, metas: dict[str, list[str]]) -> Iterator[Claim]:
    links = [
        link for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    claims = [*((link.get("href"), "link canonical") for link in links), *_of(metas, "url")]
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
    yield from _of(metas, "language")
