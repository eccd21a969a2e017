"""Finds when an article was published and updated, in the elements of its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from rag.formats.html.claims import Claim, in_metas, in_microdata, one_line
from rag.formats.html.leaves import key_of, leaves_of
from rag.formats.html.linked_data import LinkedData
from rag.formats.html.names import SIGNATURES, has_name, is_about_others
from rag.formats.html.titles import title_parts
from rag.text.clock import CLOCK
from rag.text.datelines import Dateline, iso_date, read_date, read_dateline

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED: Final = ("public", "publis", "pubdate", "pub_date", "pub-date", "issued", "release")
_UPDATED: Final = ("updat", "modif", "edit", "revis")
"""Parts of the names of meta elements and classes that say what the date in them is."""
_URL_DATE: Final = re.compile(
    r"/((?:19|20)\d\d)(?:[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/_-]|\b)"
    r"|(?:/[a-z]+)?/(1[0-2]|0?[1-9]|[a-z]{3})/(3[01]|[12]\d|0?[1-9])/)",
    re.IGNORECASE,
)
"""A day in an address: "/2025/04/02/", "/2025-04-02-", "/2025/4/2/", "/2025/apr/02/", "/2025/x/04/02/"."""
_UTC: Final = ("Z", "+00:00", "-00:00", "+0000", "UTC", "GMT")
_STAMPS: Final = frozenset(("published", "updated"))
"""The classes of a date in the microformat hAtom."""
_NO_DATES: Final = ("0001-", "0000-", "1970-01-01")
_LONGEST_DATE: Final = 200  # characters
_SHOWN: Final = ("time element", "dateline", "address")
"""Where readers see a date."""
_AFTER_TITLE: Final = 12  # leaves
_BEFORE_TITLE: Final = 3


def _other_dates(metas: dict[str, list[str]]) -> Iterator[Claim]:
    """What meta elements of any other name say of the date of publication."""
    for name, (value, *_) in metas.items():
        dated = name == "created" or name.startswith("displaydate") or name.endswith("date")
        dated = dated or "date" in re.split(r"[^a-z]+", name)
        if (dated or _has_any(name, _PUBLISHED)) and not _has_any(name, (*_UPDATED, "expir")):
            yield value, f"meta {name}"


def near_title(tree: HtmlElement, title: str) -> list[HtmlElement]:
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


def published_dates(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    linked: LinkedData,
    near: Sequence[HtmlElement],
    addresses: Sequence[Claim],
    titles: Sequence[str],
    changed: Sequence[Claim],
) -> list[Claim]:
    """When the article was published, most trusted first.

    ``near`` are the blocks around its title, ``titles`` what the page says its title is, ``changed`` is
    from ``changed_times``.
    """
    beside = list(_times(_times_in(near), updated=False))
    claims = [
        (linked.text("datePublished"), "JSON-LD datePublished"),
        *in_metas(metas, "published"),
        *_other_dates(metas),
        *in_microdata(tree, "datePublished", "dateCreated"),
        *beside[:1],
        (linked.text("dateCreated", "uploadDate"), "JSON-LD dateCreated"),
    ]
    away = [] if beside else list(_dated(_times(_own_times(tree), updated=False)))
    shown = list(_dated([*beside[1:], *_datelines(near, updated=False)]))
    named = list(
        _dated(
            ("-".join(filter(None, match.groups())), "address")
            for url, _ in addresses[:1]
            if (match := _URL_DATE.search(url))
        )
    )
    stated = list(_dated(claims))
    if own := _own_day([*stated, *away[:1]], [*away[1:], *shown], named, changed):
        return [own, *stated]
    if stated or shown:
        return [*stated, *shown, *named]
    parts = ((part, "title element") for title in titles for part in title_parts(title))
    return [*_dated(_labelled(tree)), *_dated(_stamps(near)), *away, *named, *_dated(parts)]


def _own_day(
    stated: Sequence[Claim],
    shown: Sequence[Claim],
    named: Sequence[Claim],
    changed: Sequence[Claim],
) -> Claim | None:
    """The publisher's own day, where the first stated one is that of a clock elsewhere.

    A clock in London may show another day. A time without a zone may be London's too, or its offset may
    be wrong: then the day before counts if readers see it; a day after does not, as it may be that of
    the visit. The day of a change counts likewise, since nothing is changed before it is published.
    """
    for first, _ in stated[:1]:
        elsewhere = first.endswith(_UTC)
        local = (*shown, *stated[1:], *named) if elsewhere else shown
        for written, where in (*local, *changed):
            apart = None if written.endswith(_UTC) else _days_between(written, first)
            if apart == 0 and (written, where) in shown:
                return None
            later = elsewhere and (written, where) not in (*stated, *changed)
            if apart == 1 or (apart == -1 and later):
                return written, where
    return None


def _dated(claims: Iterable[Claim]) -> Iterator[Claim]:
    """The claims that hold a date, cut down to it if more stands around it."""
    for value, where in claims:
        line = read_date(one_line(value)[:_LONGEST_DATE])
        if line and (line.day or line.ambiguous) and not line.written.startswith(_NO_DATES):
            yield line.written, where


def _days_between(first: str, second: str) -> int | None:
    """The days from the first date to the second; None if one of them is not whole."""
    days = [line.day for text in (first, second) if (line := read_dateline(text)) and line.day]
    return (days[1] - days[0]).days if len(days) == 2 else None


def changed_times(tree: HtmlElement, near: Sequence[HtmlElement]) -> list[Claim]:
    """The first time of a change, by the title or elsewhere."""
    return list(_dated(_times(chain(_times_in(near), _own_times(tree)), updated=True)))


def updated_dates(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    linked: LinkedData,
    near: Sequence[HtmlElement],
    published: Sequence[Claim],
    changed: Sequence[Claim],
) -> list[Claim]:
    """When the article was last changed, most trusted first.

    ``published`` is from ``published_dates``, ``changed`` from ``changed_times``.
    """
    stated = _dated(
        [
            (linked.text("dateModified"), "JSON-LD dateModified"),
            *in_metas(metas, "updated"),
            *in_microdata(tree, "dateModified"),
        ]
    )
    (first, _), (second, where) = (*published, ("", ""), ("", ""))[:2]
    # A clock that shows the next day would date even a change within the hour to the day after.
    next_day = second if where not in _SHOWN and _days_between(first, second) == 1 else ""
    return [
        *(claim for claim in stated if not next_day or _days_between(next_day, claim[0])),
        *changed,
        *_dated(_datelines(near, updated=True)),
    ]


def _times(times: Iterable[HtmlElement], *, updated: bool) -> Iterator[Claim]:
    """The first time of this kind, as written and as shown; if it shows a label, first as shown."""
    for time in times:
        shown = time.text_content()
        line = read_dateline(one_line(shown))
        says_itself = line is not None and line.label != ""
        is_update = line.is_update if line and says_itself else _is_update(time)
        if is_update == updated:
            if says_itself:
                yield shown, "time element"
            yield time.get("datetime") or time.get("title") or shown, "time element"
            yield shown, "time element"
            return


def _times_in(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """The times in some elements, but not those of posts that are quoted there."""
    for element in elements:
        for time in element.iter():
            if _is_time(time) and next(time.iterancestors("blockquote"), None) is None:
                yield time


def _own_times(tree: HtmlElement) -> Iterator[HtmlElement]:
    return (time for time in _times_in([tree]) if not is_about_others(time))


def _is_time(element: HtmlElement) -> bool:
    """Whether an element is a time, by its own tag, a web component's, or the older abbr or class."""
    if element.tag in ("time", "relative-time"):
        return True
    stamped = element.tag == "abbr" or not _STAMPS.isdisjoint((element.get("class") or "").split())
    return stamped and iso_date(element.get("title") or "") is not None


def _is_update(time: HtmlElement) -> bool:
    names = " ".join(filter(None, (time.get("class"), time.get("itemprop")))).lower()
    return _has_any(names, _UPDATED) and "publish" not in names


def _has_any(name: str, parts: Iterable[str]) -> bool:
    return any(part in name for part in parts)


def _datelines(near: Sequence[HtmlElement], *, updated: bool) -> Iterator[Claim]:
    for element in near:
        lines = [*_lines_in(element), *_lines_of([element.tail], element.getparent())]
        for text, written, part in lines:
            line = written.behind() if written.is_update and not updated else written
            # A name tells two dates apart; a single date may be named so though the page never changed.
            is_update = line is not None and (
                line.is_update or (len(lines) > 1 and _is_update(part))
            )
            if line and is_update == updated:
                yield line.written if line.label else text, "dateline"
                return


def _stamps(near: Sequence[HtmlElement]) -> Iterator[Claim]:
    """The days near the title behind a colon or before a time of day, in whatever language."""
    for element in near:
        text = one_line(element.text_content())
        line = read_date(text) if len(text) <= _LONGEST_DATE else None
        if line and line.day:
            before, _, behind = text.partition(line.written)
            if before.rstrip().endswith((":", "\uff1a")) or CLOCK.match(behind.lstrip(" ,T")):
                yield line.written, "dateline"


def _labelled(tree: HtmlElement) -> Iterator[Claim]:
    """The first line anywhere in the page that gives the date of publication under a label."""
    for _, line, part in _lines_in(tree.find(".//body")):
        if line.label and not line.is_update and not is_about_others(part):
            yield line.written, "dateline"
            return


def signed_dates(tree: HtmlElement) -> Iterator[Claim]:
    """The dates in lines that are named as an article's signature; a reader's comment may have one too."""
    for element in tree.iter("div", "p", "span", "li", "small", "footer", "section"):
        if has_name(element, SIGNATURES) and not is_about_others(element):
            yield from _dated([(element.text_content(), "signature")])


def _lines_in(element: HtmlElement | None) -> Iterator[tuple[str, Dateline, HtmlElement]]:
    """The lines that date an article, among an element, its parts and the texts between them.

    With each comes the part that holds it. Parts of such a line do not count as lines: after "Updated",
    the date by itself would read as the day of publication.
    """
    text = one_line(element.text_content()) if element is not None else ""
    if element is None or not any(map(str.isdigit, text)):
        return
    if len(text) <= _LONGEST_DATE and (line := read_dateline(text)):
        yield text, line, element
        return
    pieces = [element.text] if len(element) else []
    for child in element:
        yield from _lines_in(child)
        pieces.append(child.tail)
    yield from _lines_of(pieces, element)


def _lines_of(
    pieces: Sequence[str | None], part: HtmlElement
) -> Iterator[tuple[str, Dateline, HtmlElement]]:
    for piece in pieces:
        text = one_line(piece).strip(" ,;")
        if len(text) <= _LONGEST_DATE and (line := read_dateline(text)):
            yield text, line, part
