"""Word files: what Word shows is read, once, and nothing else."""

from __future__ import annotations

import io
import zipfile

import pytest

from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats.base import choose, parse
from rag.formats.docx import Docx
from tests.formats.writers import docx, item, packed, par, relationships, run, table
from tests.timing import assert_linear

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
TYPES = {"[Content_Types].xml": "<Types/>"}
SUPER = 'w:val="superscript"'
NOTE = '<w:r><w:footnoteReference w:id="1"/></w:r>'
BOX = "<w:txbxContent>" + par("Parking costs four crowns.") + "</w:txbxContent>"
DRAWN = f"<w:r><w:drawing><wps:wsp><wps:txbx>{BOX}</wps:txbx></wps:wsp></w:drawing></w:r>"


def blocks_of(data: bytes) -> list[tuple[str, str]]:
    extracted = parse(data, "a.docx")
    return [(block.kind, extracted.text[block.start : block.end]) for block in extracted.blocks]


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        (
            [
                par("The Quarry", style="Title"),
                par("History", style="berschrift1"),
                par("Ours", style="Chapter"),
                par("By level", properties='<w:outlineLvl w:val="1"/>'),
                par("It is old."),
            ],
            [
                ("title", "The Quarry"),
                ("heading", "History"),
                ("heading", "Ours"),
                ("heading", "By level"),
                ("paragraph", "It is old."),
            ],
        ),
        (
            [item("Slate"), item("Blue", 1), item("Lime"), par("End."), item("One", numbered=True)],
            [("list", "- Slate\n  - Blue\n- Lime"), ("paragraph", "End."), ("list", "1. One")],
        ),
        (
            [table([["Year", "2024 (t)"], ["2023", "1,200"]], head=True), par("After.")],
            [
                ("table", "Year | 2024 (t)\n--- | ---\n2023 | 1,200"),
                ("paragraph", "After."),
            ],
        ),
        (
            [par("Contents 4", style="Verzeichnis1"), par("Text.")],
            [("boilerplate", "Contents 4"), ("paragraph", "Text.")],
        ),
        (
            [
                par(
                    run("In 19"),
                    run("7", "<w:b/>"),
                    run("4, m"),
                    run("2", f"<w:vertAlign {SUPER}/>"),
                )
            ],
            [("paragraph", "In 1974, m²")],
        ),
    ],
)
def test_styles_lists_and_tables_become_blocks(
    body: list[str], blocks: list[tuple[str, str]]
) -> None:
    assert blocks_of(docx(*body)) == blocks


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<w:ins>" + run("New") + "</w:ins><w:del><w:r><w:delText>Old</w:delText></w:r></w:del>", "New"),
        ("<w:moveFrom>" + run("Old") + "</w:moveFrom><w:moveTo>" + run("New") + "</w:moveTo>", "New"),
        (run("Seen ") + run("hidden", "<w:vanish/>") + run("twice", '<w:vanish w:val="0"/>'), "Seen twice"),
        (run("Seen") + run("hidden", '<w:rStyle w:val="Secret"/>'), "Seen"),
        (run("Struck", "<w:strike/>") + run("Kept"), "Kept"),
        ('<w:fldSimple w:instr="DATE">' + run("3 May") + "</w:fldSimple>", "3 May"),
        (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF x</w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("12")
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            "12",
        ),
        ("<w:sdt><w:sdtContent>" + run("Filled in") + "</w:sdtContent></w:sdt>", "Filled in"),
        ('<w:hyperlink w:anchor="a">' + run("Hjalmar") + "</w:hyperlink>", "Hjalmar"),
        ("<w:bdo>" + run("right to left") + "</w:bdo>", "right to left"),
        ("<m:oMath><m:r><m:t>x = 5</m:t></m:r></m:oMath>", "x = 5"),
        (
            f"<w:r><w:ruby><w:rt>{run('ほく')}</w:rt><w:rubyBase>{run('北')}</w:rubyBase></w:ruby></w:r>",
            "北",
        ),
        ("<w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>three</w:t></w:r>", "one\ntwo three"),
        ("<w:commentRangeStart/>" + run("Said") + "<w:r><w:commentReference/></w:r>", "Said"),
    ],
)  # fmt: skip
def test_what_word_shows_is_read_once(content: str, text: str) -> None:
    assert parse(docx(par(content)), "a.docx").text == text


@pytest.mark.parametrize(
    "damage",
    [
        '<w:hyperlink r:id="r99"><w:r><w:t>x</w:t></w:r></w:hyperlink>',
        '<w:r><w:footnoteReference w:id="99"/><w:endnoteReference/></w:r>',
        '<w:r><w:sym w:font="Wingdings" w:char="zz"/><w:sym/></w:r>',
        "<w:r><w:commentReference/></w:r><w:bookmarkStart/><w:r><w:fldChar/></w:r>",
        '</w:p><w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="x"/></w:tcPr></w:tc></w:tr></w:tbl><w:p>',
        "</w:p><w:tbl><w:r/><w:tr><w:p/></w:tr></w:tbl><w:p>",
    ],
)
def test_a_small_damage_does_not_cost_the_text(damage: str) -> None:
    assert "Kept text." in parse(docx(par("Kept text."), f"<w:p>{damage}</w:p>"), "a.docx").text


@pytest.mark.parametrize("part", ["<broken", "<x/>", BOMB + "<x>&b;</x>", ""])
def test_damaged_styles_lists_and_notes_do_not_cost_the_text(part: str) -> None:
    for name in ("styles", "numbering", "footnotes", "endnotes"):
        assert "Kept text." in parse(docx(item("Kept text."), **{name: part}), "a.docx").text


@pytest.mark.parametrize(
    "box",
    [
        DRAWN,
        f"<w:r><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict></w:r>",
        f"<w:r><mc:AlternateContent><mc:Choice>{DRAWN}</mc:Choice></mc:AlternateContent></w:r>",
        f"<w:r><mc:AlternateContent><mc:Choice>{DRAWN}</mc:Choice><mc:Fallback/></mc:AlternateContent></w:r>",
        (
            f"<w:r><mc:AlternateContent><mc:Choice>{DRAWN}</mc:Choice><mc:Fallback><w:pict><v:textbox>{BOX}"
            "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        ),
    ],
)
def test_a_text_box_is_read_once_however_it_is_drawn(box: str) -> None:
    text = parse(docx(par(run("The market."), box), par("End.")), "a.docx").text
    assert text == "The market.\n\nParking costs four crowns.\n\nEnd."


def test_notes_follow_the_paragraph_that_refers_to_them() -> None:
    data = docx(
        par(run("It was last worked in 1974"), NOTE, run(".")),
        table([["a", "b"], ["c", "d"]]),
        par("It reopens."),
        notes=["So the parish book says."],
    )
    assert parse(data, "a.docx").text == (
        "It was last worked in 1974.\n\nSo the parish book says.\n\na | b\nc | d\n\nIt reopens."
    )


CORE = (
    "<dc:title>{}</dc:title><dc:creator>Ada Quill</dc:creator>"
    "<dcterms:created>2025-03-09T10:00:00Z</dcterms:created>"
)


@pytest.mark.parametrize(
    ("body", "title", "expected"),
    [
        ([par("The Quarry", style="Title")], "Another", "The Quarry"),
        ([par("The Quarry", style="berschrift1")], "The Quarry", "The Quarry"),
        ([par("The Quarry", style="berschrift1")], "Template of the office", "The Quarry"),
        ([par("No heading here, only text.")], "The Quarry", "The Quarry"),
        ([par("The Quarry", style="berschrift1")], "Microsoft Word - x.doc", "The Quarry"),
    ],
)
def test_the_title_is_the_one_in_the_text(body: list[str], title: str, expected: str) -> None:
    data = docx(*body, par("Slate is dug here again since the spring."), core=CORE.format(title))
    document = load("a.docx", "a.docx", data)
    assert document.title == expected
    assert document.published == "2025-03-09"


def test_the_date_in_the_text_comes_before_the_date_of_the_file() -> None:
    data = docx(
        par("The Quarry", style="Title"),
        par("4 May 2021"),
        par("Slate is dug here again."),
        core=CORE.format("x"),
    )
    assert load("a.docx", "a.docx", data).published == "2021-05-04"


def test_parts_are_found_by_their_relationships() -> None:
    with zipfile.ZipFile(io.BytesIO(docx(par("Found.")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document2.xml"] = parts.pop("word/document.xml")
    parts["_rels/.rels"] = relationships(officeDocument="/word/document2.xml").encode()
    assert parse(packed(parts), "a.docx").text == "Found."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900), "old Word file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected with a password",
        ),
        (b"{\\rtf1 Hello}", "Rich Text"),
        (b"", "damaged"),
        (b"no zip", "damaged"),
        (docx(par("x"))[:300], "damaged"),
        (packed({"a.txt": "x"}), "without a text document"),
        (docx(), "has no text"),
        (docx("<w:p>"), "document.xml: damaged"),
        (packed({**TYPES, "word/document.xml": BOMB + "<a>&b;</a>"}), "declares entities"),
        (packed({**TYPES, "word/document.xml": " " * 60_000_000}), "over the limit"),
        (packed({**TYPES, "word/document.xml": " " * 20_000_000}), "would unpack"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as caught:
        parse(data, "a.docx")
    assert "\n" not in str(caught.value)


def test_a_word_file_is_known_by_its_content() -> None:
    data = docx(par("Found."))
    for name in ("a.doc", "a", "a.zip", "a.pdf"):
        assert isinstance(choose(data, name), Docx), name
    archive = packed({"report.docx": data, "a.txt": "x"})
    assert not isinstance(choose(archive, "a.zip"), Docx)


def test_reading_long_documents_is_linear() -> None:
    def make(size: int) -> bytes:
        return docx(*[par(run("Words of a sentence."), NOTE) for _ in range(size)], notes=["n"])

    assert_linear(lambda data: parse(data, "a.docx"), make, 60)
