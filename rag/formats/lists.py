"""A list of HTML that is open: its markers, and its terms that wait for their definition."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.formats.display import Element, local_name


@dataclass(slots=True)
class OpenList:
    """An open list."""

    element: Element
    is_ordered: bool
    next: int = 1
    step: int = 1
    has_letters: bool = False
    marker: str = ""  # of the item that has no text yet
    in_item: bool = False  # and no heading has come in it
    in_term: bool = False
    terms: list[str] = field(default_factory=list)  # that wait for their definition


def open_list(element: Element, name: str) -> OpenList:
    """A list that begins with an element of this name."""
    opened = OpenList(element, is_ordered=name == "ol")
    if opened.is_ordered:
        start = element.get("start", "")
        if re.fullmatch(r"[0-9]{1,3}", start):
            opened.next = int(start)
        if element.get("reversed") is not None:
            opened.step = -1
            opened.next = (
                opened.next if start else sum(1 for each in element if local_name(each) == "li")
            )
        opened.has_letters = element.get("type", "") in ("a", "A")
    return opened


def next_marker(opened: OpenList) -> str:
    """The marker of the next item; a bullet where the number is longer than one in a text would be."""
    number = opened.next
    if opened.has_letters and 1 <= number <= 26:
        return f"{chr(ord('a') + number - 1)}) "
    return f"{number}. " if 0 <= number <= 999 else "- "
