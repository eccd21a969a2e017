"""Parts of a text that a label opens: who speaks in a transcript, or the time of an entry in a live report.

A label stands before what is said ("MS. LOPEZ: …", "**Mara Lund:** …"), or above it ("Mara Lund -- Chief
Executive", "12:05 GMT"). A single label does not count: "Correction: …" is no speaker.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rag.records import Document
from rag.text.clock import CLOCK
from rag.text.lines import read_lines
from rag.text.markup import GONE, JOINER, masked

_HIDDEN: Final = rf"[{JOINER}{GONE}]"
_NAME: Final = r"[^\W\d_][\w.'\u2019-]*(?: [^\W\d_][\w.'\u2019-]*){0,4}"
_ABOUT: Final = r"(?: ?[(\[][^()\[\]\n]{1,80}[)\]]|, [^:\n]{1,80})?"
_SPEAKER: Final = re.compile(
    rf"[\s{JOINER}{GONE}]*(?:[\[(]?\d{{1,2}}:\d\d(?::\d\d)?[\])]?[ \u2013-]*)?{_HIDDEN}*"
    rf"(?:(?P<before>{_NAME}){_ABOUT}{_HIDDEN}*[:\uff1a]{_HIDDEN}*(?=\s|\Z)"
    rf"|(?P<above>{_NAME})(?: +(?:--|[\u2013\u2014]) +[^\n]{{2,80}})?{_HIDDEN}*\Z)"
)
_BEFORE_CLOCK: Final = f" \t\u00a0{JOINER}{GONE}"
_BEHIND_CLOCK: Final = ("\u2013", "\u2014", "|", ":", "-")
_PARTICLE: Final = 3
"""Most letters of a part of a name that has no capital: "van", "de"."""
_LONGEST: Final = 200
"""Characters of a line that can hold a label."""


class Turn(NamedTuple):
    """What one label opens, as offsets into a document."""

    start: int
    """Where its label begins …"""
    end: int
    """… and ends."""
    kind: str
    """speaker, time, or "" if what follows is under no label."""


def turns(document: Document) -> list[Turn]:
    """The labels of a document, in order. Each applies to what follows, up to the next."""
    found = list(_labels(document))
    names = Counter(_folded(document.text, turn) for turn in found)
    kinds = Counter(turn.kind for turn in found)
    kept = []
    for turn in found:
        name = _folded(document.text, turn)
        # One word is a name only if it comes again: "Correction: …".
        sure = turn.kind != "speaker" or len(name.split()) > 1 or names[name] > 1
        kept.append(turn if sure and kinds[turn.kind] > 1 else turn._replace(kind=""))
    return kept


def turn_at(found: Sequence[Turn], place: int) -> Turn | None:
    """The turn in which an offset stands; None if it is under no label."""
    at = bisect_right(found, place, key=lambda turn: turn.start) - 1
    return found[at] if at >= 0 and found[at].kind else None


def _labels(document: Document) -> Iterator[Turn]:
    text = masked(document.text)
    under_time = False
    headings: Counter[str] = Counter(
        text[block.start : block.end] for block in document.blocks if block.kind == "heading"
    )
    for block in document.blocks:
        if block.kind not in {"title", "heading", "paragraph"}:
            continue
        is_heading = block.kind != "paragraph"
        for line in read_lines(text, block.start, block.end):
            label = _label(line.text[:_LONGEST], headings, alone=is_heading)
            if label:
                kind, begin, end = label
                under_time = kind == "time"
                yield Turn(line.start + begin, line.start + end, kind)
            elif is_heading and not under_time:  # what stands below is said by nobody
                yield Turn(line.start, line.end, "")
            if is_heading:
                break


def _label(line: str, headings: Counter[str], *, alone: bool) -> tuple[str, int, int] | None:
    """The kind of label with which a line begins, and where it stands; None if it begins with none.

    ``alone`` says that the line is a heading.
    """
    clock = CLOCK.match(line, len(line) - len(line.lstrip(_BEFORE_CLOCK)))
    behind = line[clock.end() :].lstrip() if clock else ""
    if clock and (not behind or behind.startswith(_BEHIND_CLOCK)):
        return "time", *clock.span()
    match = _SPEAKER.match(line)
    if match is None:
        return None
    group = "before" if match["before"] else "above"
    if group == "above":
        titled = match.end() > match.end("above")
        if not alone or not (titled or headings[line] > 1):
            return None
    parts = match[group].split()
    if group == "above" and len(parts) < 2:
        return None
    capitals = all(
        part[0].isupper() or (0 < n < len(parts) - 1 and len(part) <= _PARTICLE)
        for n, part in enumerate(parts)
    )
    return ("speaker", *match.span(group)) if capitals else None


def _folded(text: str, turn: Turn) -> str:
    return " ".join(text[turn.start : turn.end].casefold().split())
