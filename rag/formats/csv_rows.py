"""Tables of articles: comma-separated values, and their kin."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import Final

from rag.errors import UnreadableFile
from rag.formats.base import LARGEST_FILE, ending_of
from rag.formats.fields import known_columns
from rag.formats.records import members_of
from rag.records import Member, Skipped
from rag.text.encoding import decode

_DELIMITERS: Final = ",;\t|"
_RETRIES: Final = 50  # open quotes in one table


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
        yield from members_of(_rows(lines, begin, delimiter), "line")


def _delimiter(lines: list[str]) -> str:
    """The delimiter by which the first row names the most fields that we know."""

    def known(delimiter: str) -> tuple[int, int]:
        try:
            header = next(csv.reader(lines, delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return len(known_columns(header)), len(header)

    return max(_DELIMITERS, key=known)


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
                    if "text" not in known_columns(header):
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
