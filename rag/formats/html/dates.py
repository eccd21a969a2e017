"""Finds when an article was published and updated, in the elements of its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from rag.formats.html.claims import Claim, in_metas, in_microdata, one_line
from rag.formats.html.leaves import key_of, leaves_of
from rag.formats.html.linked_data import LinkedData
from rag.formats.html.names import is_about_others
from rag.text.datelines import iso_date, read_date, read_dateline

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED: Final = ("public", "publis", "pubdate", "pub_date", "pub-date", "issued", "release")
_UPDATED: Final = ("updat", "modif", "edit", "revis")
"""What the names of meta elements and classes say of the date in them."""
_URL_DATE: Final = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/_-]|\b)"
)
_UTC: Final = ("Z", "+00:00", "-00:00", "+0000", "UTC", "GMT")
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
) -> list[Claim]:
    """When the article was published, most trusted first; ``near`` are the blocks around its title."""
    times = list(_times(tree, near, updated=False))
    claims = [
        (linked.text("datePublished"), "JSON-LD datePublished"),
        *in_metas(metas, "published"),
        *_other_dates(metas),
        *in_microdata(tree, "datePublished", "dateCreated"),
        *times[:1],
        (linked.text("dateCreated", "uploadDate"), "JSON-LD dateCreated"),
    ]
    shown = list(_dated([*times[1:], *_datelines(near, updated=False)]))
    named = [
        ("-".join(match.groups()), "address")
        for url, _ in addresses[:1]
        if (match := _URL_DATE.search(url))
    ]
    stated = list(_dated(claims))
    if own := _own_day(stated, shown, list(_dated(named))):
        return [own, *stated]
    return [*stated, *shown, *_dated(named)]


def _own_day(
    stated: Sequence[Claim], shown: Sequence[Claim], named: Sequence[Claim]
) -> Claim | None:
    """The publisher's own day, where the first stated one is that of a clock elsewhere.

    A clock in London may show another day. One that does not say where it stands may be in London too,
    or have a wrong offset: the day before counts if readers see it, since a day after may be that of
    the visit.
    """
    for first, _ in stated[:1]:
        elsewhere = first.endswith(_UTC)
        local = (*shown, *stated[1:], *named) if elsewhere else shown
        for written, where in local:
            apart = 0 if written.endswith(_UTC) else _days_between(written, first)
            if apart == 1 or (apart == -1 and elsewhere and (written, where) not in stated):
                return written, where
    return None


def _dated(claims: Iterable[Claim]) -> Iterator[Claim]:
    """The claims that hold a date, cut down to it if more stands around it."""
    for value, where in claims:
        line = read_date(one_line(value)[:_LONGEST_DATE])
        if line and (line.day or line.ambiguous) and not line.written.startswith(_NO_DATES):
            yield line.written, where


def _days_between(first: str, second: str) -> int:
    """The days from the first date to the second; 0 if one of them is not whole."""
    days = [line.day for text in (first, second) if (line := read_dateline(text)) and line.day]
    return (days[1] - days[0]).days if len(days) == 2 else 0


def updated_dates(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    linked: LinkedData,
    near: Sequence[HtmlElement],
    published: Sequence[Claim],
) -> list[Claim]:
    """When the article was last changed, most trusted first; ``published`` is from ``published_dates``."""
    stated = _dated(
        [
            (linked.text("dateModified"), "JSON-LD dateModified"),
            *in_metas(metas, "updated"),
            *in_microdata(tree, "dateModified"),
        ]
    )
    (first, _), (second, where) = (*published, ("", ""), ("", ""))[:2]
    # On a clock that shows the next day, a change within the hour would be one of the day after.
    next_day = second if where not in _SHOWN and _days_between(first, second) == 1 else ""
    return [
        *(claim for claim in stated if not next_day or _days_between(next_day, claim[0])),
        *_dated([*_times(tree, near, updated=True), *_datelines(near, updated=True)]),
    ]


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


def _datelines(near: Sequence[HtmlElement], *, updated: bool) -> Iterator[Claim]:
    for element in near:
        for part in (element, *element.iterdescendants()):
            text = one_line(part.text_content())
            line = read_dateline(text) if len(text) <= _LONGEST_DATE else None
            if line and line.is_update and not updated:
                line = line.behind()
            if line and line.is_update == updated:
                yield line.written if line.label else text, "dateline"
                return
