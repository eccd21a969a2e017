"""Articles as records of JSON: one record is one article.

The citable text of a record is its title and its text, never the JSON.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from itertools import chain, islice
from pathlib import PurePath
from typing import Any, Final

from rag.errors import UnreadableFile
from rag.formats.base import ending_of, parse
from rag.formats.fields import DEEPEST, Row, fields_of
from rag.records import Block, Extracted, Member, Skipped, Stated
from rag.text.datelines import month_comes_first, read_dateline
from rag.text.elements import BLOCKS, any_of_names
from rag.text.encoding import decode

_LISTS: Final = (
    "articles", "items", "entries", "results", "documents", "docs", "posts", "rows", "data", "response",
    "hits",
)  # fmt: skip
"""The keys, perhaps one inside the other, under which a JSON file holds its list of articles."""

_DATES: Final = ("published", "updated")
_SAMPLE: Final = 1_000  # records that show how dates are written
_NAMED: Final = 100  # bad lines that are named one by one; further ones are only counted
_LONGEST_NAME: Final = 100
_BLOCK_TAG: Final = re.compile(rf"</?{any_of_names(BLOCKS | {'br'})}\b[^<>]*+>", re.IGNORECASE)
_MARKDOWN: Final = ("```", *(f"{'#' * level} " for level in range(1, 7)))
"""How a line of Markdown may begin."""

Fields = Mapping[str, tuple[str, str]]
"""The fields of a record by our names for them: its own name for each, and the value."""


class Article:
    """One article as a JSON object."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` is a JSON object with the text of an article."""
        if (
            ending_of(name) not in (".json", "")
            or data.lstrip(codecs.BOM_UTF8)[:9].lstrip()[:1] != b"{"
        ):
            return False
        try:
            value = json.loads(decode(data).text)
        except (ValueError, RecursionError, UnreadableFile):
            return False
        return isinstance(value, dict) and "text" in fields_of(value)

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The title, a blank line, and the text, which may be plain, Markdown or HTML."""
        row = _object(decode(data).text)
        fields = fields_of(row)
        if "text" not in fields:
            raise UnreadableFile("a JSON object without the text of an article")
        found = tuple(
            Stated(field, value, f"field {key}")
            for field, (key, value) in fields.items()
            if field not in ("id", "text")
        )
        title = fields["title"][1] if "title" in fields else ""
        return replace(_headed(_parsed(fields["text"][1]), title), found=found)


def _parsed(text: str) -> Extracted:
    """The text of a record, by its markup."""
    if _tags(text) >= 3 or (text.lstrip().startswith("<") and _tags(text)):
        page = f"<!DOCTYPE html><html><body><article>{text}</article></body></html>"
        return parse(page.encode(), "text.html")
    return parse(text.encode(), "text.md" if _is_markdown(text) else "text.txt")


def _is_markdown(text: str) -> bool:
    has_link = "](http://" in text or "](https://" in text
    return has_link or any(line.startswith(_MARKDOWN) for line in text.splitlines())


def _tags(text: str) -> int:
    return sum(1 for _ in islice(_BLOCK_TAG.finditer(text), 3))


def _headed(body: Extracted, title: str) -> Extracted:
    """The text under its title, unless it begins with the title anyway."""
    first = next((b for b in body.blocks if b.kind != "boilerplate"), None)
    if not title or (first and _same(body.text[first.start : first.end].partition("\n")[0], title)):
        return body
    shift = len(title) + 2
    blocks = [
        Block(b.start + shift, b.end + shift, "heading" if b.kind == "title" else b.kind)
        for b in body.blocks
    ]
    return replace(
        body,
        text=f"{title}\n\n{body.text}",
        blocks=(Block(0, len(title), "title"), *blocks),
        locator=(),
    )


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


class JsonLines:
    """A JSON object on each line."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether ``data`` is text whose first line is an article; or any text, if the name says so."""
        if ending_of(name) in (".jsonl", ".ndjson"):
            return b"\0" not in data[:1_000] or data.startswith(
                (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
            )
        first, more, _ = data.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")
        return bool(more) and first.startswith(b"{") and Article().accepts(first, "")

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:  # noqa: ARG002
        """The articles, which may stand in a list or over several lines too; anything else is skipped."""
        first = data.removeprefix(codecs.BOM_UTF8).lstrip()[:2]
        if first.startswith(b"[") or first.rstrip() == b"{":
            with suppress(ValueError, RecursionError):
                yield from members_of(list(enumerate(_values(decode(data).text), 1)), "record")
                return
        yield from members_of(_lines(data), "line")


class Json:
    """A JSON list of articles, or an object that holds such a list."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether the name says JSON, and ``data`` begins as a list or an object."""
        return ending_of(name) == ".json" and data[:99].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (
            b"[",
            b"{",
        )

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:
        """The articles; anything else is skipped."""
        text = decode(data).text
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg != "Extra data":
                raise UnreadableFile(f"not JSON (line {error.lineno}: {error.msg})") from None
            yield from JsonLines().members(data, name)
            return
        except (ValueError, RecursionError):
            raise UnreadableFile("not JSON (nested too deeply, or a number too long)") from None
        if isinstance(value, dict):
            value = _list_in(value)
        if not isinstance(value, list):
            raise UnreadableFile(
                "JSON, but neither an article nor a list of articles (fields: title, text, url …)"
            )
        yield from members_of(enumerate(value, 1), "record")


def _list_in(value: Row, depth: int = DEEPEST) -> list[Any] | None:
    """The list of articles that an object holds; None if there is none."""
    inner = [value[key] for key in _LISTS if key in value]
    lists = (each for each in inner if isinstance(each, list))
    deeper = (_list_in(each, depth - 1) for each in inner if isinstance(each, dict) and depth)
    return next(chain(lists, filter(None, deeper)), None)


# ---------------------------------------------------------------- records


def members_of(records: Iterable[tuple[int, object]], unit: str) -> Iterator[Member | Skipped]:
    """A member for each record that is an article; the others are skipped, with their numbers.

    An error in place of a record is the reason why it is skipped.
    """
    skipped = 0
    any_article = False
    read = ((number, _fields(record)) for number, record in records)
    first = list(islice(read, _SAMPLE))
    month_first = _month_comes_first(fields for _, fields in first if isinstance(fields, dict))
    for number, fields in chain(first, read):
        if isinstance(fields, dict):
            any_article = True
            yield _member(fields, number, month_first=month_first)
            continue
        reason = fields
        skipped += 1
        if skipped <= _NAMED:
            yield Skipped("", f"{unit} {number}: {reason}")
    if skipped > _NAMED:
        yield Skipped("", f"{skipped - _NAMED} more {unit}s are not articles")
    if not any_article and not skipped:
        raise UnreadableFile("holds no article")


def _fields(record: object) -> Fields | str:
    """The fields of a record, or the reason why it is no article."""
    if not isinstance(record, dict):
        return record.message if isinstance(record, UnreadableFile) else "not a JSON object"
    fields = fields_of(record)
    return fields if "text" in fields else "no text (a field text, content, body or article)"


def _month_comes_first(records: Iterable[Fields]) -> bool | None:
    """Whether the dates in digits of some records put the month first; None if nothing shows it."""
    dates = (fields[name][1] for fields in records for name in _DATES if name in fields)
    return month_comes_first("\n".join(dates))


def _member(fields: Fields, number: int, *, month_first: bool | None) -> Member:
    """The member for a record. A date such as 3/4/2026 is made plain, if other records show its order."""
    name = _name(fields["id"][1]) if "id" in fields else ""
    record = dict(fields.values())
    for field in _DATES if month_first is not None else ():
        key, written = fields.get(field, ("", ""))
        if (line := read_dateline(written)) and line.ambiguous:
            line = read_dateline(written, month_first=month_first)
            record[key] = line.day.isoformat() if line and line.day else written
    return Member(name or str(number), json.dumps(record).encode(), file="article.json")


def _name(identity: str) -> str:
    """An id as one part of a path."""
    name = re.sub(r"[^\w.,=@+~#-]+", "-", re.sub(r"^\w+://", "", identity)).strip("-. ")
    return PurePath(name).name[:_LONGEST_NAME].rstrip("-. ")


def _object(text: str) -> Row:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"not JSON ({error})") from None
    if not isinstance(value, dict):
        raise UnreadableFile("not a JSON object")
    return value


def _lines(data: bytes) -> Iterator[tuple[int, object]]:
    """The values of the lines, or why a line has none; blank lines are passed over."""
    if not _mostly_utf8(data):
        data = decode(data).text.encode()
    for number, line in enumerate(BytesIO(data.removeprefix(codecs.BOM_UTF8)), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line.decode())
        except UnicodeDecodeError:
            yield number, UnreadableFile("not UTF-8 text")
        except json.JSONDecodeError as error:
            yield number, UnreadableFile(f"not JSON ({error.msg.removesuffix(' at')})")
        except (ValueError, RecursionError):
            yield number, UnreadableFile("not JSON (nested too deeply, or a number too long)")


def _values(text: str) -> Iterator[object]:
    """The values that follow each other in a text, those of a list one by one. Raises ValueError."""
    decoder = json.JSONDecoder()
    at = len(text) - len(text.lstrip())
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        yield from value if isinstance(value, list) else [value]
        while at < len(text) and text[at] in ", \t\r\n":
            at += 1


def _mostly_utf8(data: bytes) -> bool:
    """Whether only a few lines are not UTF-8, so that these lines are damaged, not in another encoding."""
    if data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return False
    good = bad = 0
    for line in BytesIO(data):
        if not line.isascii():
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return bad <= good
