"""Pages that are not one whole article: live blogs, lists of teasers, and what stands before a paywall."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from rag.formats.html.furniture import prose_lengths, text_lengths
from rag.formats.html.names import has_name, is_about_others

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from rag.formats.html.linked_data import LinkedData
    from rag.formats.html.metadata import PageFacts

ONLY_TEASERS: Final = (
    "this page lists the headlines of several articles and is not an article itself"
)
BEFORE_PAYWALL: Final = "only the part before the paywall is here"

_UPDATES: Final = 2
_TEASERS: Final = 4
_LONGEST_TEASER: Final = 600
_HEADINGS_OF_TEASER: Final = 2
_HALF: Final = 0.5
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_UPDATE_NAMES: Final = frozenset(
    "liveupdate liveblogupdate livepost liveentry liveblog live update updates".split()
)
_WALLS: Final = frozenset(
    "paywall regwall paygate subscriberonly subscribersonly premiumcontent metered subscribewall".split()
)
_SHORTEST_WALL: Final = 40
_LONGEST_WALL: Final = 1000
_STUB: Final = 1500
_PART: Final = 0.6


# ---------------------------------------------------------------- live blogs


def date_updates(tree: HtmlElement, linked: LinkedData) -> list[HtmlElement]:
    """The updates of a live blog, in the order of the page. Each gets a heading that dates it."""
    is_live = "LiveBlogPosting" in linked.types()
    groups: dict[Any, list[HtmlElement]] = defaultdict(list)
    for time in tree.iter("time"):
        if is_about_others(time):
            continue
        update = _update_around(time, is_live=is_live)
        if update is not None and (
            not groups[update.getparent()] or groups[update.getparent()][-1] is not update
        ):
            groups[update.getparent()].append(update)
    updates = max(groups.values(), key=len, default=[])
    if len(updates) < _UPDATES:
        return _written(tree, linked) if is_live else []
    for update in updates:
        _date(update)
    return updates


def _update_around(time: HtmlElement, *, is_live: bool) -> HtmlElement | None:
    """The part of a page that a time belongs to, if it is one of several alike."""
    for element in time.iterancestors():
        if element.tag in ("body", "main", "html"):
            return None
        alike = [
            each for each in (element.getprevious(), element.getnext()) if _is_alike(each, element)
        ]
        named = element.get("itemprop") == "liveBlogUpdate" or has_name(element, _UPDATE_NAMES)
        if alike and (is_live or named) and element.find(".//p") is not None:
            return element
    return None


def _is_alike(one: HtmlElement | None, other: HtmlElement) -> bool:
    return (
        one is not None
        and one.tag == other.tag
        and one.get("class") == other.get("class")
        and one.find(".//time") is not None
    )


def _date(update: HtmlElement) -> None:
    """Put the time of an update into its heading."""
    time = update.find(".//time")
    stamp = _stamp(time.get("datetime")) or " ".join(time.text_content().split())
    time.drop_tree()
    heading = next(update.iter(*_HEADINGS), None)
    if heading is None:
        heading = update.makeelement("h3", {})
        heading.tail, update.text = update.text, None
        update.insert(0, heading)
    heading.text = f"{stamp}: {heading.text or ''}" if len(heading) or heading.text else stamp


def _stamp(written: object) -> str:
    """The day of a time in the form of ISO 8601, and hour and minute if it has them; "" for another."""
    day, _, time = str(written or "").strip().replace(" ", "T").partition("T")
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return ""
    return f"{day} {time[:5]}" if time[2:3] == ":" else day


def _written(tree: HtmlElement, linked: LinkedData) -> list[HtmlElement]:
    """The updates that stand in JSON-LD alone, because a script would show them, added to the page."""
    body = tree.find(".//body")
    updates: list[HtmlElement] = []
    items = linked.node.get("liveBlogUpdate")
    for item in items if isinstance(items, list) and body is not None else []:
        text = item.get("articleBody") if isinstance(item, dict) else None
        if not isinstance(text, str) or not text.strip():
            continue
        update = body.makeelement("section", {})
        heading, paragraph = body.makeelement("h3", {}), body.makeelement("p", {})
        headline = item.get("headline") if isinstance(item.get("headline"), str) else ""
        heading.text = ": ".join(filter(None, (_stamp(item.get("datePublished")), headline)))
        paragraph.text = text
        update.extend((heading, paragraph))
        body.append(update)
        updates.append(update)
    return updates


# ---------------------------------------------------------------- lists of teasers


def teasers(tree: HtmlElement, facts: PageFacts) -> HtmlElement | None:
    """The element that holds the teasers of other articles, if the page consists of them; else None."""
    body = tree.find(".//body")
    if body is None or facts.is_article:
        return None
    sizes = text_lengths(body)
    groups: dict[Any, list[HtmlElement]] = defaultdict(list)
    for element in body.iter("article", "div", "li", "section"):
        if 0 < sizes[element] <= _LONGEST_TEASER and _links_by_heading(element):
            groups[element.getparent(), element.tag, element.get("class")].append(element)
    best = max(groups.values(), key=len, default=[])
    if len(best) < _TEASERS or is_about_others(best[0].getparent()):
        return None
    prose = prose_lengths(body)
    among = {p for teaser in best for p in teaser.iter("p")}
    rest = sum(prose[p] for p in body.iter("p") if p not in among and not _is_below(p))
    return best[0].getparent() if rest <= _HALF * sum(sizes[each] for each in best) else None


def _links_by_heading(element: HtmlElement) -> bool:
    headings = list(element.iter(*_HEADINGS))
    if not 1 <= len(headings) <= _HEADINGS_OF_TEASER:
        return False
    heading = headings[0]
    return heading.find(".//a") is not None or next(heading.iterancestors("a"), None) is not None


def _is_below(paragraph: HtmlElement) -> bool:
    return any(each.tag in ("footer", "nav", "aside") for each in paragraph.iterancestors())


# ---------------------------------------------------------------- paywalls


def has_wall(tree: HtmlElement) -> bool:
    """Whether a page shows a box that asks to pay, or to log in, before one may read on."""
    return any(
        has_name(element, _WALLS)
        and _SHORTEST_WALL <= len(" ".join(element.text_content().split())) <= _LONGEST_WALL
        for element in tree.iter("div", "section", "aside", "p")
    )


def is_stub(text: str, linked: LinkedData, *, is_walled: bool) -> bool:
    """Whether the text is only what stands before a paywall."""
    if linked.is_free and not is_walled:
        return False
    words = str(linked.node.get("wordCount") or "")
    if words.isdecimal() and int(words) > 0:
        return len(text.split()) < _PART * int(words)
    return len(text) < _STUB
