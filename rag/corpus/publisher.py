"""Finds the publisher of an article in the article's own text.

A wrong publisher is worse than none, because two copies of one article would count as two sources. So
every rule requires a name in a place where publishers name themselves, and rejects names of persons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from rag.corpus.boilerplate import CONTENT
from rag.corpus.head import Head, domain, is_prose
from rag.english.furniture import AGENCIES, GENERIC, place_line
from rag.english.names import BODIES, COMPANY_FORMS, OUTLETS
from rag.records import Block
from rag.text.headings import may_be_name

_NamedBlock = tuple[str, Block, str]

_LONGEST = 2000  # characters; longer boilerplate is not searched
_LONGEST_LINE = 160

_WORD = r"[^\W\d_a-z][\w&'\u2019.-]*"
_NAME = rf"(?-i:{_WORD}(?: (?:{_WORD}|of|the|and|&|for|de|du)){{0,5}})"
_NAMES_IT = re.compile(_NAME)
_CREDITS = (
    *("publisher", "source"),
    *(f"{when}published {by}" for when in ("", "originally ", "first ") for by in ("by", "in")),
)
_COPYRIGHT = ("copyright", "©", "(c)")
_UNNAMED = frozenset((*_COPYRIGHT, "by"))
_RIGHTS = "all rights reserved"
_REPORTS = (" reports", " understands", " has learned")
_COMMENTARY = " Commentary"
_DISCLAIMER = re.compile(
    rf"(?P<name>{_WORD}(?: {_WORD}){{0,4}}) (?:does not|makes no|assumes no|accepts no|shall not)\b"
)

_APART = str.maketrans("•·", "||")
_IN_PLACE = re.compile(
    r"(?: (?:in|from)|,) [A-Z].*|(?i: staff(?: writers?| reporters?)?| and agencies)\Z"
)
_SUFFIX = re.compile(rf".*\S ?(?: [-|\u2013—»·•]| ?::| //) (?P<name>{_NAME}|[a-z\d.-]{{4,80}})")

_SURNAMES = frozenset(("battle", "church", "city", "house", "law", "state", "states", "company"))
_OUTLET_WORDS = (OUTLETS | BODIES | COMPANY_FORMS) - _SURNAMES
"""A name of two or more words belongs to an outlet, not a person, if it contains one of these words.
Words that are also surnames are left out."""


def find_publisher(text: str, head: Head, blocks: list[Block]) -> tuple[str, Block, str] | None:
    """The publisher's name, the block that states it, and how; None if no block does.

    ``blocks`` are the document's blocks with boilerplate marked. Places in order of trust: a label or
    credit line, a copyright line, the byline beside the dateline, the site name above the title,
    "X reports" at the end of the lead, "X Commentary", and a disclaimer that names its author.
    """
    for candidate, block, how in _candidates(text, head, blocks):
        rights = candidate.lower().find(_RIGHTS)
        name = candidate[: rights if rights >= 0 else None].strip(" .,|\u2013—-*_")
        if 2 <= len(name) <= 80:
            return name, block, how
    return None


def _candidates(text: str, head: Head, blocks: list[Block]) -> Iterator[_NamedBlock]:
    short = [b for b in blocks if b.kind == "boilerplate" and b.end - b.start <= _LONGEST]
    # A credit in the middle of an article belongs to an image or a table.
    last_content = max((b.end for b in blocks if b.kind in CONTENT), default=0)
    tail = [block for block in short if block.start >= last_content]
    yield from _labels(head)
    yield from _lines(text, tail, _credited, "credit line")
    yield from _lines(text, short, _copyrighted, "copyright line")
    yield from _in_head(text, head)
    yield from _in_lead(text, blocks)
    for block in blocks:
        heading = text[block.start : block.end] if block.kind == "heading" else ""
        name = _before(heading.removesuffix(":"), (_COMMENTARY,), 3)
        if name and _is_own_name(name):
            yield name, block, "heading of its commentary"
    for block in short:
        named = _DISCLAIMER.search(text, block.start, block.end)
        if named and _is_name(named["name"]):
            yield named["name"], block, "names itself in the disclaimer"


def _labels(head: Head) -> Iterator[_NamedBlock]:
    for key in ("publisher", "source"):
        if key in head.labels:
            value, block = head.labels[key]
            if _NAMES_IT.fullmatch(value) or domain(value):
                yield value, block, f"label “{key}”"


def _lines(
    text: str, blocks: list[Block], named: Callable[[str], str], how: str
) -> Iterator[_NamedBlock]:
    for block in blocks:
        if block.end - block.start <= _LONGEST_LINE:
            name = named(text[block.start : block.end])
            if _is_name(name) and _NAMES_IT.fullmatch(name):
                yield name, block, how


def _credited(line: str) -> str:
    """The name in a line like "Source: Metal Weekly"; "" for any other line."""
    label = next((label for label in _CREDITS if line.lower().startswith(label)), line)
    return line[len(label) :].lstrip(" :")


def _copyrighted(line: str) -> str:
    """The name in a line like "© 2025 Metal Weekly. All rights reserved."; "" for any other line."""
    if not line.lower().startswith(_COPYRIGHT):
        return ""
    rights = line.lower().find(_RIGHTS)
    words = line[: rights if rights >= 0 else None].replace("©", " ").split()
    named = (w for w in words if w.lower() not in _UNNAMED and w.strip("0123456789-–,."))
    return " ".join(named).strip(" .,|\u2013—-")


def _in_head(text: str, head: Head) -> Iterator[_NamedBlock]:
    beside = [
        (name.strip(" |•·,\u2013—-"), block)
        for dateline, block in head.datelines
        for name in (dateline.before, dateline.rest)
    ]
    for names, block in [*head.authors, *head.bylines, *beside]:
        for name in names.translate(_APART).split(" | "):
            outlet = _IN_PLACE.sub("", name)
            if is_outlet(outlet):
                yield outlet, block, "byline"
    above = [(text[block.start : block.end], block) for block in head.mastheads]
    title = text[head.title.start : head.title.end] if head.title else ""
    if head.title and (suffix := _SUFFIX.fullmatch(title)):
        above.append((suffix["name"], head.title))
    for name, block in above:
        if site := domain(name.lower()):
            yield site, block, "site name at the title"
    for name, block in above:
        # "AboutServices" is a menu that lost its spaces.
        if is_outlet(name) and (" " in name or name.lower() in AGENCIES):
            yield name, block, "outlet at the title"


def _in_lead(text: str, blocks: list[Block]) -> Iterator[_NamedBlock]:
    lead = next((block for block in blocks if is_prose(text, block)), None)
    if lead is None or lead.kind != "paragraph":
        return
    wire = place_line(text[lead.start : lead.end])
    if wire and wire["agency"] and _is_name(wire["agency"]):
        yield wire["agency"], lead, "opens the lead"
    end = text[max(lead.start, lead.end - 120) : lead.end].rstrip().removesuffix(".")
    name = _before(end.rpartition(", ")[2], _REPORTS, 4)
    if name and _is_name(name):
        yield name, lead, "closes the lead"


def _before(line: str, endings: tuple[str, ...], most: int) -> str:
    """The name of at most ``most`` words before one of these endings; "" if there is none."""
    for ending in endings:
        name = line.removesuffix(ending)
        words = name.split(" ")
        if name != line and len(words) <= most and all(map(may_be_name, words)):
            return name
    return ""


def is_outlet(line: str) -> bool:
    """Whether a short line beside a dateline names an outlet rather than a person or a section."""
    words = line.split()
    if not 1 <= len(words) <= 5 or not _NAMES_IT.fullmatch(line):
        return False
    bare = [word.strip(".,").lower() for word in words]
    if all(word in GENERIC for word in bare):
        return False
    if any(word in AGENCIES for word in bare):
        return True
    if len(words) == 1:
        return _has_inner_capital(line) or (line.isupper() and 3 <= len(line) <= 8)
    return any(word in _OUTLET_WORDS for word in bare) or any(map(_has_inner_capital, words))


def _has_inner_capital(word: str) -> bool:
    """Whether a word has a capital inside, as brands do and few personal names: SuperMetalPrice."""
    return (
        len(word) >= 6
        and sum(map(str.isupper, word)) >= 2
        and any(a.islower() and b.isupper() for a, b in pairwise(word))
    )


def _is_name(name: str) -> bool:
    words = name.lower().split()
    return bool(words) and not all(word in GENERIC for word in words)


def _is_own_name(name: str) -> bool:
    words = name.split()
    if any(word.lower() in GENERIC for word in words):
        return False
    return len(words) == 1 or is_outlet(name)
