"""What is not a mail's own text: heads of forwarded mails, quoted ones, signatures, feet of newsletters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.english.furniture import MAIL_FURNITURE
from rag.formats.front_matter import fields_of, is_ruled, key_and_value
from rag.records import Block
from rag.records.document import LINE_END

_NAMES: Final = frozenset(
    "from sent date to cc bcc subject reply-to organization importance attachments".split()
)
"""The fields of a head, as mail programs write them into the text that they forward."""
_LONGEST_NAME: Final = 15
_FEWEST: Final = 2
_FEWEST_ELSEWHERE: Final = 3  # in another language, with an address in one of them

_SHORTEST_RULE: Final = 20  # characters of the rule above a foot
_LONGEST_FOOT: Final = 1500  # characters
_LONGEST_LINE: Final = 400
_SHORT: Final = 200
_LAST: Final = 0.5  # the foot of a newsletter stands behind this part of its text
_FIRST_BLOCKS: Final = 3
_LAST_BLOCKS: Final = 2


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a forwarded or quoted mail: where it stands, and its fields by lower-case name."""

    start: int
    end: int
    fields: dict[str, str]

    def value(self, field: str) -> str:
        """The value of a field of metadata, in whatever language it is named; "" if the head lacks it."""
        return next((value for name, value in self.fields.items() if field in fields_of(name)), "")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def _lines(text: str) -> Iterator[_Line]:
    """The lines that are not blank."""
    at = 0
    for end in LINE_END.finditer(text):
        if text[at : end.start()].strip():
            yield _Line(at, end.start(), text[at : end.start()])
        at = end.end()
    if text[at:].strip():
        yield _Line(at, len(text), text[at:])


def heads(text: str) -> list[Head]:
    """The heads of mails in a text, each with the line that announces it ("--- Forwarded message ---")."""
    lines = list(_lines(text))
    found: list[Head] = []
    at = 0
    while at < len(lines):
        end, fields = _fields(lines, at)
        if end == at or not _is_head(fields):
            at = max(end, at + 1)
            continue
        first = at
        if (
            at
            and lines[at - 1].start >= (found[-1].end if found else 0)
            and _announces(lines[at - 1].text)
        ):
            first -= 1
        found.append(Head(lines[first].start, lines[end - 1].end, fields))
        at = end
    return found


def _fields(lines: list[_Line], at: int) -> tuple[int, dict[str, str]]:
    """The end of the run of fields at a line, and the fields."""
    fields: dict[str, str] = {}
    end = at
    while end < len(lines) and len(lines[end].text) <= _LONGEST_LINE:
        field = _field(lines[end].text)
        if field is None:
            # A long list of addresses goes on in the next line.
            follows = (
                end > at
                and _has_address(lines[end].text)
                and lines[end - 1].text.rstrip()[-1] in ",;"
            )
            if not follows:
                break
        elif field[0] in fields or not (field[1] or field[0] in _NAMES):
            break
        else:
            fields[field[0]] = field[1]
        end += 1
    # The text may begin like a field: "Note: the harbour …".
    if not _NAMES.isdisjoint(fields):
        while (
            end > at
            and (last := _field(lines[end - 1].text))
            and last[0] not in _NAMES
            and not _has_address(last[1])
        ):
            fields.pop(last[0], None)
            end -= 1
    return end, fields


def _field(line: str) -> tuple[str, str] | None:
    """The name of a field in small letters, and its value; None for any other line."""
    entry = key_and_value(line)
    if entry is None or len(entry[0]) > _LONGEST_NAME:
        return None
    is_name = all(c.isalnum() or c in " -_" for c in entry[0])
    return (entry[0].lower(), entry[1].strip(" \t*_\u00a0")) if is_name else None


def _has_address(text: str) -> bool:
    return any("@" in word[1:] and "." in word.rpartition("@")[2][1:-1] for word in text.split())


def _is_head(fields: dict[str, str]) -> bool:
    known = _NAMES.intersection(fields)
    if len(known) >= _FEWEST and known.intersection(("from", "to", "subject")):
        return True
    return len(fields) >= _FEWEST_ELSEWHERE and any(map(_has_address, fields.values()))


def _announces(line: str) -> bool:
    return is_ruled(line.strip("> \t")) or (len(line) <= _SHORT and line.rstrip().endswith(":"))


def unquoted(text: str) -> str:
    """A text without one level of quotation marks."""
    return re.sub(r"^[ \t]{0,3}>[ \t]?", "", text, flags=re.MULTILINE)


def mark(text: str, blocks: list[Block], *, is_forward: bool) -> tuple[list[Block], list[Head]]:
    """The blocks of a mail's text, with what is not its own marked as boilerplate, and the heads in it.

    In a forward, what is quoted is the text. If nothing but boilerplate would be left, quotes stay.
    """
    found = heads(text)
    spans = [(head.start, head.end) for head in found]
    spans += _signature(text)
    marked = _cut(blocks, sorted(spans))
    if not is_forward:
        quoted = _cut(marked, _quoted(text))
        if any(block.kind != "boilerplate" for block in quoted):
            marked = quoted
    return _without_foot(text, marked), found


def _signature(text: str) -> list[tuple[int, int]]:
    """The signature, from the line "--" on, or the foot of a mailing list below its rule."""
    last = None
    for line in _lines(text):
        rule = line.text.strip()
        is_rule = len(rule) >= _SHORTEST_RULE and not rule.strip("_=-")
        if is_rule or line.text.rstrip() == "--":
            last = line
    if last is None or len(text) - last.start > _LONGEST_FOOT:
        return []
    return [(last.start, len(text))]


def _quoted(text: str) -> list[tuple[int, int]]:
    """Runs of lines that begin with ">", each with the line that says who wrote them."""
    spans: list[tuple[int, int]] = []
    before: _Line | None = None
    for line in _lines(text):
        if not line.text.lstrip(" \t").startswith(">"):
            before = line
            continue
        start = line.start
        if before is not None and len(before.text) <= _SHORT and before.text.rstrip().endswith(":"):
            start = before.start
        before = None
        if spans and not text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], line.end)
        else:
            spans.append((start, line.end))
    return spans


def _cut(blocks: list[Block], spans: list[tuple[int, int]]) -> list[Block]:
    """The blocks, with what lies in the spans cut off as boilerplate. Spans are sorted."""
    result: list[Block] = []
    number = 0
    for block in blocks:
        while number and spans[number - 1][1] > block.start:
            number -= 1
        at = block.start
        while number < len(spans) and spans[number][0] < block.end:
            start, end = max(spans[number][0], at), min(spans[number][1], block.end)
            if start < end:
                if at < start:
                    result.append(Block(at, start, block.kind))
                result.append(Block(start, end, "boilerplate"))
                at = end
            if spans[number][1] > block.end:
                break
            number += 1
        if at < block.end:
            result.append(Block(at, block.end, block.kind))
    return result


def trimmed_blocks(text: str, blocks: list[Block]) -> list[Block]:
    """The blocks without white space at their ends, and without those that hold nothing else."""
    result = []
    for block in blocks:
        content = text[block.start : block.end]
        start = block.start + len(content) - len(content.lstrip())
        end = block.start + len(content.rstrip())
        if start < end:
            result.append(Block(start, end, block.kind))
    return result


def _without_foot(text: str, blocks: list[Block]) -> list[Block]:
    """The blocks with a newsletter's first lines as boilerplate, and its foot with all that follows."""
    result: list[Block] = []
    is_foot = False
    for number, block in enumerate(blocks):
        is_last = block.start >= _LAST * len(text) and len(text) - block.start <= _LONGEST_FOOT
        is_last = is_last or 0 < number >= len(blocks) - _LAST_BLOCKS
        is_around = is_last or number < _FIRST_BLOCKS
        if not is_foot and is_around and block.end - block.start <= _LONGEST_LINE:
            is_furniture = bool(MAIL_FURNITURE.search(text[block.start : block.end]))
            is_foot = is_furniture and is_last
        else:
            is_furniture = is_foot
        result.append(Block(block.start, block.end, "boilerplate" if is_furniture else block.kind))
    return result
