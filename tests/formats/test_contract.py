"""The contract of all formats. To test a new format, add it to WRITERS."""

import io
import re
from importlib import metadata
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen import canvas

from rag.corpus.chunk import chunk
from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats import base
from rag.formats.base import BUILT_IN, choose, is_supported, parse
from rag.records import Block, Extracted
from tests.formats import writers
from tests.profiles import LONG
from tests.timing import assert_linear, repeated


def as_pdf(text):
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, invariant=1, pageCompression=0)
    for lines in batched(
        [part for line in text.splitlines() for part in wrap(line, 80) or [""]], 50
    ):
        for number, line in enumerate(lines):
            page.drawString(72, 780 - 14 * number, line)
        page.showPage()
    page.save()
    return buffer.getvalue()


def batched(lines, size):
    return [lines[at : at + size] for at in range(0, len(lines), size)]


def lines_of(text):
    return re.sub(r"\r\n?", "\n", text).split("\n")


def as_docx(text):
    return writers.docx(*[writers.par(writers.run(line)) for line in lines_of(text)])


def as_odt(text):
    return writers.odt(
        "".join(f"<text:p>{writers.clean(line)}</text:p>" for line in lines_of(text))
    )


def as_html(text):
    return "".join(f"<p>{writers.clean(line)}</p>" for line in lines_of(text))


def as_page(text):
    page = f"<!DOCTYPE html><html><head><title>x</title></head><body>{as_html(text)}</body></html>"
    return page.encode("utf-8", "replace")


def as_epub(text):
    return writers.epub({"one": as_html(text)})


def as_mail(text):
    head = b"From: a@example.org\nContent-Type: text/plain; charset=utf-8\n\n"
    return head + "\n".join(lines_of(text)).encode("utf-8", "replace")


WRITERS = {
    ".doc": as_docx,
    ".docx": as_docx,
    ".eml": as_mail,
    ".epub": as_epub,
    ".htm": as_page,
    ".html": as_page,
    ".markdown": str.encode,
    ".md": str.encode,
    ".odt": as_odt,
    ".pdf": as_pdf,
    ".txt": str.encode,
    ".xhtml": as_page,
}
"""Encodes a text of several lines as a file of each format."""
SCALES = {".doc": 20, ".eml": 4, ".epub": 20, ".htm": 20, ".odt": 20, ".pdf": 20}
"""Divide the size of long texts: a character of these formats costs more to write and to read."""
PROSE = "The mine opened in spring, and it sold its first ore to the smelter next door."

PIECES = [
    "# Heading", "Heading\n===", "Two\nlines\n---", "##", "Copper Mine Opens", PROSE,
    "**Run In Heads** It was.", "- one", "* two\n  goes on", "1. one\n\n   loose", "3) three",
    "• bullet", "    indented", "\tcode", "```\n# no\n```", "~~~", "> quoted", "> - a\n>\n> # b",
    ">>> deep", "| a | b |\n|---|---|\n| 1 | 2 |", "a | b\nc | d", "a\tb\nc\td", "<!-- note -->",
    "<!-- open", "<div>inside</div>", "<p>\nline\n</p>", "<script>\n\nx\n</script>",
    "[a]: https://b.org", "![pic](p.png)", "[![badge](b.svg)](u)", "***", "---", "---\na: b\n---",
    "===", "• • •", "\\",
    "é̂\u200d", "一、二。", "\u2028sep", "\x0c",
]  # fmt: skip
TEXTS = st.lists(
    st.tuples(
        st.sampled_from(PIECES) | st.text("ab #->*`|1.\t<[", max_size=12),
        st.sampled_from(["\n", "\n\n", "\n \n"]),
    ),
    max_size=8,
).map(lambda pairs: "".join(piece + end for piece, end in pairs) + "end")  # fmt: skip


ENDINGS = tuple(
    {type(choose(WRITERS[e]("text"), f"a{e}")): e for e in sorted(WRITERS, reverse=True)}.values()
)
"""One ending of each format."""


@pytest.fixture(params=ENDINGS)
def name(request):
    return f"a{request.param}"


def written(text, name):
    return WRITERS[name.removeprefix("a")](text)


def test_every_format_is_tested():
    within = {".json", ".mht", ".mhtml"}  # their text is in another format
    assert set(BUILT_IN) == {*WRITERS, *within}


@given(text=TEXTS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_blocks_cover_all_text_in_order_without_overlap(ending, text):
    data = WRITERS[ending](text)
    extracted = parse(data, f"a{ending}")
    assert parse(data, f"a{ending}") == extracted
    end = 0
    held = set()
    for block in extracted.blocks:
        assert end <= block.start < block.end <= len(extracted.text)
        assert (
            extracted.text[block.start : block.end].strip()
            == extracted.text[block.start : block.end]
        )
        assert block.kind in {"title", "heading", "paragraph", "list", "table", "boilerplate"}
        held.update(range(block.start, block.end))
        end = block.end
    lost = [at for at, letter in enumerate(extracted.text) if letter.isalnum() and at not in held]
    assert not lost
    assert [block.kind for block in extracted.blocks].count("title") <= 1


@given(text=TEXTS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_all_line_ends_give_the_same_blocks(ending, text):
    def blocks(eol):
        found = parse(WRITERS[ending](text.replace("\n", eol)), f"a{ending}")
        return [(b.kind, found.text[b.start : b.end].replace(eol, "\n")) for b in found.blocks]

    assert blocks("\r\n") == blocks("\r") == blocks("\n")


@given(data=st.binary(max_size=200) | TEXTS.map(str.encode))
@pytest.mark.parametrize("ending", ENDINGS)
def test_any_bytes_are_read_or_rejected_with_a_reason(ending, data):
    name = f"a{ending}"
    text, reason = read(data, name)
    assert text.strip() or re.search("[a-z]", reason)
    # A page or mail may be one, and have no text, and so may a PDF whatever its name.
    if ending in base.TEXT and not data.startswith(b"%PDF-"):
        assert bool(choose(data, name)) == bool(text)


def read(data, name):
    """The text of a file, and why it has none."""
    try:
        return parse(data, name).text, ""
    except UnreadableFile as error:
        return "", str(error)


@pytest.mark.parametrize("other", ["\ud800", "a\0b", "x" * 5000, ""])
def test_hostile_names_are_harmless(other):
    assert is_supported(other) == bool(other)
    assert is_supported(f"{other}.TXT")
    assert parse(b"text", f"{other}.md").text == "text"
    with pytest.raises(UnreadableFile, match="binary"):
        parse(b"a\0b", other)


HOSTILE = {
    "quotes in quotes": "> ", "tight quotes": ">", "lists in lists": "- ", "numbers in numbers": "1. ",
    "lists in quotes": "- > ", "brackets": "[", "link after link": "[a](", "pictures": "![a](b",
    "bars": "|", "hashes": "# ", "stars": "*a ", "ticks": "`", "tildes and ticks": "```\n~~~~\n",
    "angles": "<", "tags": "<a ", "open comments": "<!-- x\n", "comments": "<!-- x --> ",
    "divisions": "<div>\n", "scripts": "<script>\n\n", "definitions": "[a]: b\n",
    "open definitions": '[a]: b "\n', "tables": "a|b\n-|-\n", "rows": "a | b\n",
    "loose items": "- a\n\n  b\n\n", "quoted items": "> - a\n", "underlined": "a\n-\n", "spaces": " ",
    "lines": "a\n", "carriage returns": "a\r", "tabs": "a\tb\nc\n", "bold": "**a** ",
    "joined": "e\u0301\u200d", "dates": "3/4/2026\n\n", "labels": "Title: x\n", "backslashes": "\\",
    "heads": "Heading Here\n", "front": "---\na: b\n",
}  # fmt: skip


ANYWHERE = (
    "brackets",
    "spaces",
    "lines",
    "carriage returns",
    "tabs",
    "rows",
    "joined",
    "dates",
    "labels",
)
"""These mean something in each format; the others only in Markdown and plain text."""


@pytest.mark.parametrize(
    ("ending", "unit"),
    [
        (ending, unit)
        for ending in ENDINGS
        for unit in (HOSTILE if LONG or ending in (".markdown", ".txt") else ANYWHERE)
    ],
)
def test_time_is_linear_in_the_size_of_the_file(ending, unit):
    name = f"a{ending}"

    def make(size):
        return written("Some words here.\n" + repeated(HOSTILE[unit])(size), name)

    small = 1_000 // SCALES.get(ending, 1)
    assert_linear(lambda data: chunk(load(name, name, data)), make, small)


@pytest.mark.parametrize("unit", ["> ", ">", "- ", "1. ", "- > ", "[", "![", "<!--", "**", "|"])
def test_deep_nesting_is_read(unit, name):
    text = unit * (30_000 // SCALES.get(name.removeprefix("a"), 1)) + "the end"
    extracted = parse(written(text, name), name)
    assert extracted.text.endswith("the end")
    assert extracted.blocks[-1].end == len(extracted.text)


@pytest.mark.parametrize(
    ("blocks", "pages"),
    [
        ([(0, 3), (2, 4)], ()), ([(2, 4), (0, 1)], ()), ([(0, 9)], ()), ([(1, 1)], ()), ([(-1, 2)], ()),
        ([], (3, 1)), ([], (9,)), ([], (-1,)),
    ],
)  # fmt: skip
def test_offsets_outside_the_text_are_rejected(blocks, pages):
    with pytest.raises(ValueError, match=r"does not fit|not in order"):
        Extracted("text", tuple(Block(*span, "paragraph") for span in blocks), pages)


def test_built_in_formats_need_no_entry_point_lookup(monkeypatch):
    def looked(**_):
        pytest.fail("entry points were looked up")

    base._plugins.cache_clear()
    base._values.cache_clear()
    monkeypatch.setattr(metadata, "entry_points", looked)
    assert is_supported("a.txt")
    assert is_supported("b/c.MARKDOWN")
