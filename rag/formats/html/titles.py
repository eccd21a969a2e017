"""Finds the title of an article in its page, and what only names the site."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations, islice, pairwise
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from rag.formats.html.claims import Claim, all_in_metas, in_metas, in_microdata, one_line
from rag.formats.html.leaves import key_of, leaves_of
from rag.formats.html.linked_data import LinkedData
from rag.formats.html.names import is_about_others
from rag.text.datelines import iso_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_T = TypeVar("_T")
_LONGEST_TITLE: Final = 300
_SHORTEST_TITLE: Final = 3  # words, if nothing else says that it is one
_LONGEST_SITE: Final = 6  # words
_AROUND: Final = frozenset(("header", "nav", "footer", "aside"))
_HEADINGS: Final = 100  # the title stands among the first
_MOST_PIECES: Final = 8  # of text in a heading
_MOST_PARTS: Final = 12
_MOST_WORDS: Final = 0.7
_SEPARATOR: Final = re.compile(
    r"\s+[|\-\u2013\u2014\u00b7\u2022\u00bb\u00ab\u203a<>/~]+\s+|\s*(?:\||::|\u2503)\s*|(?<=\w):\s+"
    r"|(?<=[\u2e80-\uffef])[_-]+(?=[\u2e80-\uffef])|(?<=[\u2e80-\uffef])_+|_+(?=[\u2e80-\uffef])"
)
"""What separates title and site; in scripts without spaces, it has no spaces around it."""


def titles_of(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    linked: LinkedData,
    sites: Sequence[str],
    address: str,
) -> tuple[list[Claim], list[Claim]]:
    """The titles of the article; and the names of the site that stand beside it in the page's title.

    A heading that agrees with what the page says of itself comes first: it is the title that readers see.
    """
    page_title = one_line(tree.findtext(".//title"))
    claims = [
        (linked.text("headline"), "JSON-LD headline"),
        *in_metas(metas, "title"),
        *in_microdata(tree, "headline"),
        (linked.text("name"), "JSON-LD name"),
        *_entry_title(tree),
    ]
    claims = [(_without_site(value, sites), where) for value, where in claims if value]
    values = [value for value, _ in claims]
    every = [*values, *(_without_site(value, sites) for value in all_in_metas(metas, "title"))]
    stated = (_keys(values), _keys(_beginnings((page_title, *values))))
    names = set(map(key_of, sites))
    headings = [
        (text, element.tag)
        for element in islice(tree.iter("h1", "h2", "h3"), _HEADINGS)
        # A pilcrow links to the heading.
        if (text := _text_of(element, stated).rstrip("\u00b6 "))
        and len(text) <= _LONGEST_TITLE
        and key_of(text) not in names
        and not is_about_others(element)
    ]
    if not any(_agrees(text, page_title, []) for text, _ in headings):
        headings = [*_unmarked_title(tree, page_title), *headings]
    named = [_named_in(address)]
    agreeing = [claim for claim in headings if _agrees(claim[0], page_title, every)]
    agreeing = agreeing or [claim for claim in headings if _agrees(claim[0], "", named)]
    agreeing = agreeing or _only_heading(tree, headings)
    first = [claim for claim in headings if claim[1] == "h1"]
    # The name of the site may be a heading too; it is shorter than the title that stands beside it.
    parts = {key_of("".join(run)) for run in _runs(title_parts(page_title))}
    beside_it = [claim for claim in agreeing if key_of(claim[0]) in parts]
    if beside_it:
        shown = [
            max(beside_it, key=lambda claim: (_length(claim[0]), _agrees(claim[0], "", named)))
        ]
    else:
        keys = set(map(key_of, every))
        shown = [claim for claim in agreeing if key_of(claim[0]) in keys][:1] or agreeing[:1]
    rest, beside = _split_title(
        page_title, [value for value, _ in (*shown, *claims, *first)], sites
    )
    found = [*shown, *claims, *first, (rest, "title element")]
    return [claim for claim in found if claim[0]], [(name, "title element") for name in beside]


def _length(text: str) -> int:
    """The number of words in a text; in scripts without spaces, an estimate from its characters."""
    return max(len(text.split()), sum(each >= "\u2e80" for each in text) // 2)


def title_parts(title: str) -> list[str]:
    """The parts of a page's title: the article's own, perhaps with the site's name or a date."""
    return _SEPARATOR.split(title, _MOST_PARTS - 1)


def _runs(parts: Sequence[_T]) -> list[Sequence[_T]]:
    """All runs of consecutive parts, longest first."""
    ends = sorted(combinations(range(len(parts) + 1), 2), key=lambda run: run[0] - run[1])
    return [parts[start:end] for start, end in ends]


def _beginnings(titles: Sequence[str]) -> Iterator[str]:
    """Titles without what stands behind a bar or a dash; what stands before a colon is no title."""
    for title in titles:
        for separator in islice(_SEPARATOR.finditer(title), _MOST_PARTS):
            if ":" not in separator[0]:
                yield title[: separator.start()]


def _only_heading(tree: HtmlElement, headings: Sequence[Claim]) -> list[Claim]:
    """The one heading of the first level in the part of a page that is its article."""
    own = [claim for claim in headings if claim[1] == "h1" and _length(claim[0]) >= _SHORTEST_TITLE]
    inside = tree.xpath("count(//h1[ancestor::article or ancestor::main])") == 1
    return own if inside and len(own) == 1 else []


def _before_date(title: str) -> str:
    """A page's title up to a date that stands between it and the name of the site."""
    separators = islice(_SEPARATOR.finditer(title), _MOST_PARTS)
    for separator, behind in pairwise(separators):
        if ":" not in separator[0] and iso_date(title[separator.end() : behind.start()]):
            return title[: separator.start()]
    return title


def _entry_title(tree: HtmlElement) -> list[Claim]:
    """The title in the microformat hAtom, if the page has one entry."""
    entries = [
        each
        for each in tree.iterfind(".//*[@class]")
        if "entry-title" in each.get("class").split() and not is_about_others(each)
    ]
    return [(one_line(each.text_content()), "entry-title") for each in entries if len(entries) == 1]


def _text_of(heading: HtmlElement, stated: Sequence[Collection[str]]) -> str:
    """The text of a heading, without a date; or that part of it which is a stated title.

    A kicker or the author's name may stand in the heading too. ``stated`` are keys, most trusted first.
    """
    pieces = [text for text in heading.xpath(".//text()[not(ancestor::time)]") if text.strip()]
    runs = _runs(pieces) if len(pieces) <= _MOST_PIECES else []
    found = (run for keys in stated for run in runs if key_of("".join(run)) in keys)
    return one_line("".join(next(found, pieces)))


def _keys(titles: Iterable[str]) -> frozenset[str]:
    return frozenset(key_of(title) for title in titles if _length(title) >= _SHORTEST_TITLE)


def _named_in(address: str) -> str:
    """The words in the last part of an address that has several."""
    parts = [part.split(".")[0] for part in urlsplit(address).path.split("/")]
    words = [re.sub(r"[-_+]", " ", part) for part in parts]
    return next((each for each in reversed(words) if len(each.split()) >= _SHORTEST_TITLE), "")


def _unmarked_title(tree: HtmlElement, page_title: str) -> Iterator[Claim]:
    """A line that is the page's title in all but its tag, as word processors write it."""
    body = tree.find(".//body")
    keys = _keys((page_title, *_beginnings([page_title])))
    for leaf in leaves_of(body)[:_HEADINGS] if body is not None else ():
        if leaf.key in keys and not leaf.linked:
            if not any(each.tag in _AROUND for each in leaf.element.iterancestors()):
                yield one_line(leaf.element.text_content()), "title"
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
    page_title = _before_date(page_title)
    for last in list(_SEPARATOR.finditer(page_title))[-1:]:
        title, site = page_title[: last.start()], page_title[last.end() :]
        if _length(site) <= _LONGEST_SITE and _length(title) >= _SHORTEST_TITLE:
            return title, [site]
    return page_title, []
