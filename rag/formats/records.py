"""Articles as records: JSON Lines, JSON, CSV. One record is one article.

The citable text of a record is its title and its text, never the JSON or the row. The names of its
fields vary from source to source, so each is known by several.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from io import BytesIO, StringIO
from itertools import chain, islice
from pathlib import PurePath
from typing import Any, Final

from rag.errors import UnreadableFile
from rag.formats.base import LARGEST_FILE, ending_of, parse
from rag.records import Block, Extracted, Member, Skipped, Stated
from rag.text.elements import BLOCKS, any_of_names
from rag.text.encoding import decode

_NAMES: Final = {
    "text": (
        "text content body article articlebody articletext bodytext fulltext fullarticle maintext story"
        " contenttext contenthtml html bodyhtml markdown description summary abstract"
    ),
    "title": "title headline headlines webtitle heading",
    "id": "id guid uid uuid articleid docid slug",
    "url": "url link permalink canonicalurl articleurl weburl href",
    "publisher": (
        "publisher source sourcename site sitename outlet publication newspaper sourcedomain domain"
    ),
    "published": (
        "published publishedat publishedon publishedtime publishdate datepublished datepublish"
        " publicationdate webpublicationdate pubdate date created createdat timestamp"
    ),
    "updated": "updated updatedat datemodified modified modifiedat lastmodified",
    "author": "author authors byline creator",
    "language": "language lang",
}
"""The names of each field, the best first: in lower case, without "_", "-" and blanks."""

_ORDER: Final = {
    field: {name: place for place, name in enumerate(names.split())}
    for field, names in _NAMES.items()
}
_LISTS: Final = (
    "articles", "items", "entries", "results", "documents", "docs", "posts", "rows", "data", "response",
    "hits",
)  # fmt: skip
"""Under which key, or keys one inside the other, a JSON file holds its list of articles."""
_WRAPPERS: Final = (
    "source", "data", "attributes", "fields", "article", "document", "meta", "metadata",
)  # fmt: skip
"""Under which key, written like the names of fields, a record may hold more of its fields."""
_OF_TEXT: Final = ("rendered", "text", "html", "content", "value")
_OF_OTHERS: Final = ("name", "title", "rendered", "value", "id")
"""Under which key the value of a field stands that is an object itself."""
_DEEPEST: Final = 2  # such keys inside each other
_DEEPER: Final = 100  # more than any field has names: an outer field comes first

_NAMED: Final = 100  # bad lines that are named one by one; of more, only how many
_LONGEST_VALUE: Final = 2_000  # characters of a field besides the text
_LONGEST_NAME: Final = 100
_DELIMITERS: Final = ",;\t|"
_RETRIES: Final = 50  # open quotes in one table
_BLOCK_TAG: Final = re.compile(rf"</?{any_of_names(BLOCKS | {'br'})}\b[^<>]*+>", re.IGNORECASE)
_MARKDOWN: Final = ("```", *(f"{'#' * level} " for level in range(1, 7)))
"""How a line of Markdown may begin."""

Row = Mapping[str, Any]


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
        return isinstance(value, dict) and "text" in _fields(value)

    def parse(self, data: bytes, name: str) -> Extracted:  # noqa: ARG002
        """The title, a blank line, and the text, which may be plain, Markdown or HTML."""
        row = _object(decode(data).text)
        fields = _fields(row)
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
        """The articles, which may stand in a list or over several lines too; what is none is skipped."""
        first = data.removeprefix(codecs.BOM_UTF8).lstrip()[:2]
        if first.startswith(b"[") or first.rstrip() == b"{":
            with suppress(ValueError, RecursionError):
                yield from _counted(list(enumerate(_values(decode(data).text), 1)), "record")
                return
        yield from _counted(_lines(data), "line")


class Json:
    """A JSON list of articles, or an object that holds such a list."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether the name says JSON, and ``data`` begins as a list or an object."""
        return ending_of(name) == ".json" and data[:99].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (
            b"[",
            b"{",
        )

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:
        """The articles; what is not one is skipped."""
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
        yield from _counted(enumerate(value, 1), "record")


def _list_in(value: Row, depth: int = _DEEPEST) -> list[Any] | None:
    """The list of articles that an object holds; None if there is none."""
    inner = [value[key] for key in _LISTS if key in value]
    lists = (each for each in inner if isinstance(each, list))
    deeper = (_list_in(each, depth - 1) for each in inner if isinstance(each, dict) and depth)
    return next(chain(lists, filter(None, deeper)), None)


class Table:
    """Comma-separated values: a row for each article, under a row with the names of the fields."""

    def accepts(self, data: bytes, name: str) -> bool:
        """Whether the name says so. The content cannot tell."""
        return ending_of(name) in (".csv", ".tsv") and not data.startswith((b"PK\3\4", b"%PDF-"))

    def members(self, data: bytes, name: str) -> Iterator[Member | Skipped]:  # noqa: ARG002
        """The articles; a row that is not one is skipped."""
        csv.field_size_limit(LARGEST_FILE)
        lines = list(StringIO(decode(data).text, newline=""))
        given = lines[0].rstrip("\r\n").removeprefix("sep=")  # what spreadsheets write first
        is_given = lines[0].startswith("sep=") and len(given) == 1
        begin = 1 if is_given else 0
        while begin < len(lines) and not lines[begin].strip():
            begin += 1
        delimiter = given if is_given else _delimiter(lines[begin:])
        yield from _counted(_rows(lines, begin, delimiter), "line")


def _delimiter(lines: list[str]) -> str:
    """The delimiter that splits the first row into the most fields that we know."""

    def known(delimiter: str) -> tuple[int, int]:
        try:
            header = next(csv.reader(lines, delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return len(_columns(header)), len(header)

    return max(_DELIMITERS, key=known)


def _columns(header: Iterable[str]) -> set[str]:
    return {field for name in header for field, names in _ORDER.items() if _key(name) in names}


def _rows(lines: list[str], begin: int, delimiter: str) -> Iterator[tuple[int, object]]:
    """The rows below the header as objects, or as errors; each with its line."""
    header: list[str] | None = None
    escape: str | None = None
    for _ in range(_RETRIES):
        reader = csv.reader(
            islice(lines, begin, None), delimiter=delimiter, escapechar=escape, strict=True
        )
        at = begin
        try:
            for row in reader:
                number, at = at + 1, begin + reader.line_num
                if header is None:
                    header = row
                    if "text" not in _columns(header):
                        names = ", ".join(name.strip()[:30] for name in header[:6])
                        raise UnreadableFile(
                            "a table, but not of articles: no column is called text, content, body"
                            f" or article (but: {names})"
                        )
                elif any(map(str.strip, row)):
                    yield number, _row(header, row)
        except csv.Error as error:
            if escape is None and '\\"' in lines[at]:  # some programs write \" for ""
                begin, escape = at, "\\"
                continue
            yield at + 1, UnreadableFile(_malformed(error))
            begin, escape = at + 1, None
        else:
            return
    yield begin + 1, UnreadableFile("too many open quotes; what follows is not read")


def _malformed(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a quotation mark is opened and never closed"
    return "text behind a closing quotation mark" if "expected after" in str(error) else str(error)


def _row(header: list[str], row: list[str]) -> object:
    if len(row) > len(header) and any(map(str.strip, row[len(header) :])):
        return UnreadableFile(f"{len(row)} fields, but {len(header)} columns")
    return dict(zip(header, row, strict=False))


# ---------------------------------------------------------------- records


def _counted(records: Iterable[tuple[int, object]], unit: str) -> Iterator[Member | Skipped]:
    """A member for each record that is an article; the others are skipped, with their numbers.

    A record that is an error says why there is none.
    """
    skipped = 0
    any_article = False
    for number, record in records:
        reason = record.message if isinstance(record, UnreadableFile) else "not a JSON object"
        if isinstance(record, dict):
            fields = _fields(record)
            if "text" in fields:
                any_article = True
                yield _member(fields, number)
                continue
            reason = "no text (a field text, content, body or article)"
        skipped += 1
        if skipped <= _NAMED:
            yield Skipped("", f"{unit} {number}: {reason}")
    if skipped > _NAMED:
        yield Skipped("", f"{skipped - _NAMED} more {unit}s are not articles")
    if not any_article and not skipped:
        raise UnreadableFile("holds no article")


def _member(fields: Mapping[str, tuple[str, str]], number: int) -> Member:
    name = _name(fields["id"][1]) if "id" in fields else ""
    record = dict(fields.values())
    return Member(name or str(number), json.dumps(record).encode(), file="article.json")


def _name(identity: str) -> str:
    """An id as one part of a path."""
    name = re.sub(r"[^\w.,=@+~#-]+", "-", re.sub(r"^\w+://", "", identity)).strip("-. ")
    return PurePath(name).name[:_LONGEST_NAME].rstrip("-. ")


def _fields(record: Row) -> dict[str, tuple[str, str]]:
    """The fields of a record by our names for them: its own name for each, and the value as text."""
    found: dict[str, tuple[int, str, str]] = {}
    wrapped = [(0, record)]
    for depth, row in wrapped:
        for key, value in row.items():
            plain, used = _key(key), False
            wraps = isinstance(value, dict) and plain in _WRAPPERS and depth < _DEEPEST
            if wraps and "text" in _columns(value):
                wrapped.append((depth + 1, value))
                continue
            for field, names in _ORDER.items():
                place = names.get(plain, len(names)) + depth * _DEEPER
                if plain not in names or (field in found and found[field][0] <= place):
                    continue
                if written := _written(field, value):
                    found[field], used = (place, key.strip(), written), True
            if wraps and not used:
                wrapped.append((depth + 1, value))
    return {field: found[field][1:] for field in _ORDER if field in found}


def _key(name: object) -> str:
    return re.sub(r"[\W_]+", "", str(name)[:100]).lower()


def _written(field: str, value: object) -> str:
    """A value as text; "" if it has none."""
    if isinstance(value, dict):  # "source": {"id": null, "name": "The Gazette"}
        keys = _OF_TEXT if field == "text" else _OF_OTHERS
        value = next((value[key] for key in keys if isinstance(value.get(key), str)), "")
    if field == "text":
        paragraphs = value if isinstance(value, list) else [value]
        text = "\n\n".join(each for each in paragraphs if isinstance(each, str))
        return _unicode(text) if text.strip() else ""
    if isinstance(value, list):
        return ", ".join(filter(None, (_written(field, each) for each in value[:20])))
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        moment = _moment(value) if field in ("published", "updated") else ""
        return moment or str(value)
    return " ".join(_unicode(value).split())[:_LONGEST_VALUE] if isinstance(value, str) else ""


def _unicode(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON may hold and no encoding can write."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _moment(seconds: float) -> str:
    """The date of a time stamp in seconds or milliseconds; "" if it is none."""
    if seconds > 1e11:
        seconds /= 1_000
    if not 1e8 < seconds < 1e10:
        return ""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


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
    """Whether only a few lines are not UTF-8, so that these are damaged and not in another encoding."""
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
