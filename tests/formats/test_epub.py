"""E-books: all chapters in order, under their titles, without what leads to them."""

from __future__ import annotations

import pytest

from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats.base import choose, parse
from rag.formats.epub import Epub
from tests.formats.writers import epub, packed


def blocks_of(data: bytes) -> list[tuple[str, str]]:
    extracted = parse(data, "a.epub")
    return [(block.kind, extracted.text[block.start : block.end]) for block in extracted.blocks]


def test_chapters_follow_the_spine_under_their_titles() -> None:
    data = epub(
        {
            "z": "<h1>The island</h1><p>Grey.</p>",
            "b": "<p>War came.</p>",
            "a": "<p>The end</p><p>Peace.</p>",
        },
        contents=(
            '<li><a href="text/z.xhtml">Island</a></li><li><a href="text/b.xhtml">The <i>war</i></a></li>'
            '<li><a href="text/a.xhtml">The End</a></li>'
        ),
    )
    assert blocks_of(data) == [
        ("heading", "The island"),
        ("paragraph", "Grey."),
        ("heading", "The war"),
        ("paragraph", "War came."),
        ("paragraph", "The end"),
        ("paragraph", "Peace."),
    ]


NCX = (
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>The war</text>'
    '</navLabel><content src="text/one.xhtml#start"/></navPoint></navMap></ncx>'
)


def test_the_older_list_of_contents_names_chapters_too() -> None:
    data = epub({"one": "<p>War came.</p>"}, ncx=NCX)
    assert blocks_of(data) == [("heading", "The war"), ("paragraph", "War came.")]


@pytest.mark.parametrize(
    ("page", "guide"),
    [
        ('<section epub:type="cover"><p>Cover words</p></section>', ""),
        ('<section epub:type="frontmatter copyright-page"><p>Cover words</p></section>', ""),
        ("<nav><p>Cover words</p></nav>", ""),
        ("<p>Cover words</p>", '<reference type="title-page" href="text/x.xhtml"/>'),
        (
            "<p><a href='a'>Cover words</a></p><p><a href='b'>One</a></p><p><a href='c'>Two</a></p>",
            "",
        ),
    ],
)
def test_pages_that_lead_to_the_text_are_furniture(page: str, guide: str) -> None:
    data = epub({"x": page, "one": "<h1>One</h1><p>Text.</p>"}, guide=guide)
    kinds = {text: kind for kind, text in blocks_of(data)}
    assert kinds["Cover words"] == "boilerplate"
    assert kinds["Text."] == "paragraph"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Caf&eacute;&nbsp;&mdash; &lt;b&gt; &amp; co.</p>", "Café\u00a0— <b> & co."),
        ('<p>a<a id="p1"/>b <span/>c</p><div/><p>d</p>', "ab c\n\nd"),
        ('<p>It was 1926<a epub:type="noteref" href="#n1">1</a>.</p>', "It was 1926."),
        ('<p>One</p><aside epub:type="footnote" hidden="">A note.</aside>', "One\n\nA note."),
        ('<p>half a <span epub:type="pagebreak">12</span>sentence</p>', "half a sentence"),
        # Not well-formed, as many books are.
        ("<p>a<br>b <i>c</p><p>d &bogus; <a id='x'/>e", "a\nb c\n\nd &bogus; e"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><html><title/><script/><p>é<p>x", "é\n\nx"),
        ('<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "x">]><html><p>b&a;</p></html>', "b&a;"),
    ],
)
def test_pages_are_read_as_readers_show_them(page: str, text: str) -> None:
    assert parse(epub({"one": page}), "a.epub").text == text


CHANGED = "<dc:date opf:event='modification'>2024-01-02</dc:date>"


@pytest.mark.parametrize(
    ("metadata", "stated", "published"),
    [
        ("<dc:date>2019-10-01</dc:date>", ["2019-10-01"], "2019-10-01"),
        ("<dc:date>2011</dc:date>", ["2011"], None),  # no day of that year is made up
        (
            f"{CHANGED}<dc:date opf:event='publication'>2011-05-06</dc:date>",
            ["2011-05-06"],
            "2011-05-06",
        ),
        (CHANGED, [], None),
    ],
)
def test_the_book_says_what_it_is(metadata: str, stated: list[str], published: str | None) -> None:
    whole = (
        "<dc:title>The Hermit</dc:title><dc:creator>Ilka Strand</dc:creator><dc:creator>B. Om</dc:creator>"
        "<dc:publisher>Tolvane Press</dc:publisher><dc:language>en</dc:language>"
    )
    data = epub({"one": "<h1>One</h1><p>He lived in a hut by the sea.</p>"}, whole + metadata)
    document = load("a.epub", "a.epub", data)
    assert (document.title, document.publisher) == ("The Hermit", "Tolvane Press")
    assert document.published == published
    found = parse(data, "a.epub").found
    assert [each.value for each in found if each.field == "published"] == stated
    assert [each.value for each in found if each.field == "author"] == ["Ilka Strand, B. Om"]


ENCRYPTED = (
    '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:EncryptionMethod '
    'Algorithm="{}"/><e:CipherData><e:CipherReference URI="{}"/></e:CipherData></e:EncryptedData>'
    "</encryption>"
)
AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
FONT = "http://www.idpf.org/2008/embedding"


def test_protected_books_say_so_and_protected_fonts_do_not_matter() -> None:
    def book(algorithm: str, part: str) -> bytes:
        protection = ENCRYPTED.format(algorithm, part)
        return epub({"one": "<p>Text.</p>"}, **{"META-INF__encryption.xml": protection})

    assert parse(book(FONT, "OEBPS/font.otf"), "a.epub").text == "Text."
    assert parse(book(AES, "OEBPS/font.otf"), "a.epub").text == "Text."
    with pytest.raises(UnreadableFile, match="protected against copying"):
        parse(book(AES, "OEBPS/text/one.xhtml"), "a.epub")


def test_a_lost_page_does_not_cost_the_others() -> None:
    data = epub({"one": "<p>Text.</p>", "two": "<p>Lost.</p>"})
    broken = data.replace(b"text/two.xhtml", b"text/off.xhtml")  # its name in the list of files
    extracted = parse(broken, "a.epub")
    assert extracted.text == "Text."
    assert extracted.notes == ("1 of 2 pages of the book could not be read: OEBPS/text/two.xhtml",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged"),
        (epub({"one": "x"})[:400], "damaged"),
        (packed({"META-INF/container.xml": "<a/>"}), "the list of its pages is lost"),
        (epub({}), "names no pages"),
        (epub({"one": ""}), "has no text"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        parse(data, "a.epub")


def test_a_book_is_known_by_its_content() -> None:
    data = epub({"one": "<p>Text.</p>"})
    for name in ("hermit", "hermit.zip", "hermit.epub"):
        assert isinstance(choose(data, name), Epub)
    assert not isinstance(choose(packed({"hermit.epub": data}), "books.zip"), Epub)
