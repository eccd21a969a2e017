"""OpenDocument texts read as Word files do."""

from __future__ import annotations

import pytest

from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats.base import choose, parse
from rag.formats.odt import Odt
from tests.formats.writers import odt, packed


def item(text: str) -> str:
    return f"<text:list-item><text:p>{text}</text:p></text:list-item>"


def row(*cells: str) -> str:
    inside = "".join(
        f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells
    )
    return f"<table:table-row>{inside}</table:table-row>"


NOTE = "<text:note-citation>1</text:note-citation><text:note-body><text:p>So.</text:p></text:note-body>"
HEADED = f"<table:table-header-rows>{row('Year', 't')}</table:table-header-rows>{row('2023', '9')}"
COMMENT = "<office:annotation><text:p>Really?</text:p></office:annotation>"
BOX = "<draw:frame><draw:text-box><text:p>Box</text:p></draw:text-box></draw:frame>"
SPACED = "<text:p>One<text:s/>two<text:tab/>three<text:line-break/>four</text:p>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<text:h text:outline-level="2">Hall</text:h><text:p>One</text:p>', "Hall\n\nOne"),
        (SPACED, "One two three\nfour"),
        ("<text:p>T<text:span>wo</text:span> <text:a>links</text:a></text:p>", "Two links"),
        (f"<text:list>{item('Ore')}{item('Tin')}</text:list>", "- Ore\n- Tin"),
        (f"<text:p>Dug<text:note>{NOTE}</text:note>, shut.</text:p>", "Dug, shut.\n\nSo."),
        (f"<table:table>{HEADED}</table:table>", "Year | t\n--- | ---\n2023 | 9"),
        (f"<text:tracked-changes>Old</text:tracked-changes><text:p>New{COMMENT}</text:p>", "New"),
        ('<text:p>Seen<text:span text:style-name="T9">hidden</text:span></text:p>', "Seen"),
        (f"<text:p>One{BOX} two</text:p><text:p>End</text:p>", "One two\n\nBox\n\nEnd"),
    ],
)
def test_the_text_reads_as_it_is_printed(body: str, text: str) -> None:
    assert parse(odt(body), "a.odt").text == text


def test_title_properties_and_date() -> None:
    meta = "<dc:title>Other</dc:title><meta:creation-date>2025-03-09T10:00:00</meta:creation-date>"
    data = odt(
        '<text:p text:style-name="P1">The Quarry</text:p><text:p>Slate is dug.</text:p>', meta
    )
    document = load("a.odt", "a.odt", data)
    assert (document.title, document.published) == ("The Quarry", "2025-03-09")
    assert isinstance(choose(data, "a"), Odt)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged"),
        (odt(""), "has no text"),
        (odt("<text:p>x</text:p>", manifest="<m><encryption-data/></m>"), "protected with a password"),
        (packed({"content.xml": "<a/>"}), "without a text document"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        parse(data, "a.odt")
