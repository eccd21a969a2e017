"""Blocks of plain text and Markdown."""

from __future__ import annotations

import pytest

from rag.corpus.chunk import chunk
from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats.base import parse
from rag.formats.front_matter import front_scalars
from rag.records import Document
from rag.text.units import unit_spans

BODY = "The mine opened in spring, and it sold its first ore to the smelter next door."


def read(text: str, name: str = "a.txt") -> Document:
    return load(name, name, text.encode())


def blocks(text: str, name: str = "a.txt") -> list[tuple[str, str]]:
    document = read(text, name)
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def kinds(text: str, name: str = "a.txt") -> list[str]:
    return [kind for kind, _ in blocks(text, name)]


def test_lines_without_blank_lines_between_them() -> None:
    text = f"Copper Mine Opens in Spring\n{BODY}\nWhat Comes Next\n{BODY}"
    assert kinds(text) == ["title", "paragraph", "heading", "paragraph"]


def test_wrapped_prose_is_one_paragraph() -> None:
    wrapped = (
        "The mine opened in the spring of last year, after a long dispute over\n"
        "water rights with the farmers of the valley. The first ore went to the\n"
        "smelter next door, which had been built for it ten years before and\n"
        "had stood idle since."
    )
    assert blocks(f"Copper Mine Opens in Spring\n\n{wrapped}")[1] == ("paragraph", wrapped)
    # A heading set tight above it stays a heading.
    found = blocks(f"Copper Mine Opens in Spring\n\n{BODY}\n\nWater Rights\n{wrapped}")
    assert found[2:] == [("heading", "Water Rights"), ("paragraph", wrapped)]


def test_a_line_of_spaces_of_any_kind_is_blank() -> None:
    text = f"Copper Mine Opens in Spring\n \u00a0\t\n{BODY}"
    assert kinds(text) == ["title", "paragraph"]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_blocks_do_not_depend_on_line_ends(eol: str) -> None:
    text = f"Copper Mine Opens in Spring\n\n{BODY}\n\n- one\n- two".replace("\n", eol)
    document = read(text)
    assert document.text == text
    assert [b.kind for b in document.blocks] == ["title", "paragraph", "list"]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r", "\u2028"])
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_lines_are_counted_by_the_ends_that_the_file_uses(eol: str, name: str) -> None:
    document = read(
        f"Copper Mine Opens in Spring{eol}{eol}{BODY}{eol}{eol}It closed in May.{eol}", name
    )
    assert document.line(document.text.index("It closed")) == 5
    assert len(document.blocks) == 3


@pytest.mark.parametrize("end", ["\x0c", "\n\x0c", "\x0c\n", "\u2029"])
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_new_page_ends_a_block(end: str, name: str) -> None:
    pages = ("The mine closed in May after the spill", "The director resigned in June")
    text = f"Copper Report for All\n\n{end.join(pages)}"
    assert blocks(text, name)[1:] == [("paragraph", page) for page in pages]


def test_short_wrapped_lines_are_one_paragraph() -> None:
    wrapped = (
        "The plan, drawn up last year\nby a firm in Oslo, sees ten\n"
        "mines in the north by 2035.\nit is so."
    )
    assert blocks(f"Copper Mine Opens in Spring\n\n{wrapped}")[1] == ("paragraph", wrapped)


def test_run_in_heading() -> None:
    text = f"Copper Mine Opens in Spring\n\n**Water Rights at Last** {BODY}"
    assert blocks(text)[1:] == [("heading", "Water Rights at Last"), ("paragraph", BODY)]


def test_the_label_of_a_speaker_is_no_heading() -> None:
    found = blocks(
        "# Talk with Ada Holm\n\n**Q: Why tin?**\n\n**A:** It was cheap, and I had the tools.\n",
        "a.md",
    )
    assert ("heading", "Q: Why tin?") in found
    assert ("paragraph", "**A:** It was cheap, and I had the tools.") in found


def test_a_line_broken_in_a_word_is_no_title() -> None:
    text = (
        "Council Report\n\nThe council said on Thursday that the new water-\nway between two towns will be"
        " com-\npleted soon. Engineers of the firm Dom-\ninion Dredging will pro-\nduce barges.\n"
    )
    assert read(text).title == "Council Report"
    assert kinds(text).count("paragraph") == 1


@pytest.mark.parametrize(
    "start", ["**Water** is scarce there", "**Acme Mines Ltd and sons** was fined", "**Acme** Corp"]
)
def test_a_sentence_that_starts_in_bold_is_not_a_heading(start: str) -> None:
    paragraph = f"{start} and so it went on for years and years, until it ended."
    assert blocks(f"Copper Mine Opens in Spring\n\n{paragraph}")[1] == ("paragraph", paragraph)


@pytest.mark.parametrize(
    "items",
    ["- one\n- two", "* one\n* two", "• one\n• two", "1. one\n2. two", "1) one\n\n2) two",
     "  - one\n    goes on\n  - two", "– one\n– two"],
)  # fmt: skip
def test_lists_are_one_block(items: str) -> None:
    assert kinds(f"Copper Mine Opens in Spring\n\n{BODY}\n\n{items}\n\n{BODY}") == [
        "title", "paragraph", "list", "paragraph"
    ]  # fmt: skip


def test_empty_items_are_boilerplate() -> None:
    assert kinds(f"Copper Mine Opens in Spring\n\n{BODY}\n\n1. 1\n2. 2\n\n•") == [
        "title", "paragraph", "boilerplate", "boilerplate"
    ]  # fmt: skip


def test_a_numbered_heading_is_not_a_list() -> None:
    text = f"Copper Mine Opens in Spring\n\n{BODY}\n\n1. Background\n\n{BODY}"
    assert kinds(text) == ["title", "paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    "rows",
    [
        "Metal | Price\nCopper | 9\nZinc | 3",
        "Metal\tPrice\nCopper\t9",
        "Metal   Price\nCopper  9\nZinc    3",
        "Metal Main Use\nCopper wire and pipes\nZinc coats for steel",
        "- | 2018 | 2017\nSales | 5 | 4",
    ],
)
def test_tables_are_one_block_with_their_header(rows: str) -> None:
    found = blocks(f"Copper Mine Opens in Spring\n\n{BODY}\n\n{rows}\n\n{BODY}")
    assert found[2] == ("table", rows)


def test_a_byline_group_at_the_top_is_not_a_table() -> None:
    text = f"Copper Mine Opens Today\nJane Doe Senior Reporter\nMining News Daily Post\n\n{BODY}"
    assert kinds(text)[0] == "title"
    assert "table" not in kinds(text)


def test_names_at_the_end_are_content_not_headings() -> None:
    text = f"Copper Prize Goes to Five\n\n{BODY}\n\nJane Doe\n\nJohn Roe\n\nMary Major"
    document = read(text)
    assert "Mary Major" in document.text[chunk(document)[-1].start :]
    assert [b.kind for b in document.blocks] == ["title", *["paragraph"] * 4]


def test_an_article_of_one_line_is_searchable() -> None:
    document = read("Copper Mine Opens in Spring")
    assert document.title == "Copper Mine Opens in Spring"
    assert [document.text[c.start : c.end] for c in chunk(document)] == [document.title]


# ---------------------------------------------------------------- Markdown


def test_markdown_headings_exclude_their_markup() -> None:
    text = f"# Copper *Mine* #\n\n{BODY}\n\n## Water\n{BODY}\n\nRights\n------\n{BODY}\n\nEnd\n===\n{BODY}"
    document = read(text, "a.md")
    heads = [document.text[b.start : b.end] for b in document.blocks if b.kind == "heading"]
    assert heads == ["Water", "Rights", "End"]
    assert (document.title, blocks(text, "a.md")[0]) == (
        "Copper Mine",
        ("title", "Copper *Mine*"),
    )


def test_footnotes_are_content() -> None:
    text = f"# Copper\n\n{BODY}[^1] It fell.[^b]\n\n[^1]: The fee was 5 euros.\n[^b]: Disputed.\n\n[c]: https://a.org"
    found = blocks(text, "a.md")
    assert "".join(content for kind, content in found if kind == "paragraph").endswith(
        "[^b]: Disputed."
    )
    assert found[-1] == ("boilerplate", "[c]: https://a.org")


def test_a_callout_has_a_heading() -> None:
    text = (
        f"# Copper\n\n> [!note]- Price floor\n> The floor is\n> 110 dollars.\n\n> [!tip]\n> {BODY}"
    )
    assert blocks(text, "a.md")[1:] == [
        ("boilerplate", "> [!note]-"),
        ("heading", "Price floor"),
        ("paragraph", "The floor is\n> 110 dollars."),
        ("boilerplate", "> [!tip]"),
        ("paragraph", BODY),
    ]


def test_code_is_a_paragraph_and_never_a_heading() -> None:
    text = f"# Copper\n\n{BODY}\n\n```sh\n# not a heading\n\n- not a list\n```\n\n    # nor this\n"
    assert blocks(text, "a.md")[2:] == [
        ("paragraph", "# not a heading\n\n- not a list"),
        ("paragraph", "# nor this"),
    ]


def test_an_open_fence_runs_to_the_end() -> None:
    text = f"# Copper\n\n{BODY}\n\n~~~\n# code\n```\nmore"
    assert blocks(text, "a.md")[-1] == ("paragraph", "# code\n```\nmore")


def test_markdown_quotes_lists_tables_comments_and_rules() -> None:
    text = (
        f"<!-- draft\n\nv2 -->\n# Copper\n\n{BODY}\n> quoted line\n> and more\n\n* a\n* b\n\n"
        f"| a | b |\n|---|---|\n| 1 | 2 |\n\n***\n\n{BODY}\n\n[1]: https://example.org\n"
    )
    assert blocks(text, "a.md") == [
        ("boilerplate", "<!-- draft\n\nv2 -->"),
        ("title", "Copper"),
        ("paragraph", BODY),
        ("paragraph", "quoted line\n> and more"),
        ("list", "* a\n* b"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("boilerplate", "***"),
        ("paragraph", BODY),
        ("boilerplate", "[1]: https://example.org"),
    ]


@pytest.mark.parametrize(
    ("items", "kept"),
    [
        ("1. one\n\n   A paragraph.\n\n2. two", ["one", "A paragraph.", "two"]),
        (
            "- one. Two sentences\n\n  First here. Second here.\n\n- two",
            ["one. Two sentences", "First here.", "Second here.", "two"],
        ),
        ("- one\n\n      code\n\n- two\n  goes on", ["one", "code", "two\n  goes on"]),
        ("- a\n\n  - b\n\n    below\n- c", ["a", "b", "below", "c"]),
    ],
)
def test_a_loose_list_is_one_block_and_its_paragraphs_are_cut_into_sentences(
    items: str, kept: list[str]
) -> None:
    document = read(f"# Copper\n\n{BODY}\n\n{items}\n\n{BODY}", "a.md")
    found = [block for block in document.blocks if block.kind == "list"]
    assert [document.text[b.start : b.end] for b in found] == [items]
    spans = unit_spans(document.text, found[0], found[0].start, found[0].end)
    assert [document.text[start:end] for start, end in spans] == kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> one\n>\n> two\nlazy", [("paragraph", "one"), ("paragraph", "two\nlazy")]),
        ("> ## Head\n> body", [("paragraph", "Head"), ("paragraph", "body")]),
        ("| a |\n| --- |\n| b |\nafter", [("table", "| a |\n| --- |\n| b |"), ("paragraph", "after")]),
        ("a | b\nc | d", [("table", "a | b\nc | d")]),
        ("one\ntwo\n---", [("paragraph", "one\ntwo"), ("boilerplate", "---")]),
        ("<div>\nIt is here.\n</div>", [
            ("boilerplate", "<div>"), ("paragraph", "It is here."), ("boilerplate", "</div>")]),
        ("<style>\na {}\n\nb {}\n</style>", [("boilerplate", "<style>\na {}\n\nb {}\n</style>")]),
        ("<!-- never closed\n\nIt goes on.", [
            ("paragraph", "<!-- never closed"), ("paragraph", "It goes on.")]),
        ("![a](b.png)\nIt is here.", [("boilerplate", "![a](b.png)"), ("paragraph", "It is here.")]),
        ("## ![logo](b.svg)", [("boilerplate", "## ![logo](b.svg)")]),
        ("```\n```", []),
        ("```py\nx\x0by\n```", [("paragraph", "x\x0by")]),
        ("• one\n• two", [("list", "• one\n• two")]),
        ("text\n \u00a0\nmore text", [("paragraph", "text"), ("paragraph", "more text")]),
    ],
)  # fmt: skip
def test_markdown_blocks(text: str, expected: list[tuple[str, str]]) -> None:
    extracted = parse(text.encode(), "a.md")
    assert [(b.kind, extracted.text[b.start : b.end]) for b in extracted.blocks] == expected


def test_front_matter_is_boilerplate_and_metadata() -> None:
    text = (
        "---\ntitle: 'Copper: a Story'\ndate: 2025-03-04\nsite: Metal Weekly\n"
        f"url: https://example.org/a\ntags: [x, y]\n---\n# Copper\n\n{BODY}\n"
    )
    document = read(text, "a.md")
    assert document.blocks[0].kind == "boilerplate"
    assert document.blocks[1].kind == "title"
    assert (document.title, document.publisher) == ("Copper: a Story", "Metal Weekly")
    assert (document.published, document.url) == ("2025-03-04", "https://example.org/a")
    assert set(document.evidence.values()) == {"front matter", "utf-8"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("title: A\nbad: [1, 2\nsite: B", {"title": "A", "site": "B"}),
        ("title: A: B\nsite: B", {"title": "A: B", "site": "B"}),
        ("a: &x [l, l]\nb: &y [*x, *x]\nc: !z [*y, *y]\ntitle: T", {"title": "T"}),
        ("? [k]\n: v\ntitle: T", {"title": "T"}),
        ("title: !!python/object/apply:os.system [echo]\nsite: S", {"site": "S"}),
        ("- a\n- b", {}),
        ("title:\nsite: ~\nurl: U", {"url": "U"}),
        ("a: {title: inner}\nb:\n  title: inner\nTitle: outer", {"title": "outer"}),
        ("title: >\n  folded\n  text\r\nsite: 'S'\r\n", {"title": "folded text", "site": "S"}),
        ("title: \x07", {}),
        ("a: " + "[" * 8000 + "\ntitle: T", {"title": "T"}),
        ("title: " + "x" * 5000, {}),
        ("- " * 8000, {}),
        ("a:\n  " + "[" * 900 + "\ntitle: T", {"title": "T"}),
        ("a: ? " + "? " * 400 + "\ntitle: T", {"title": "T"}),
    ],
)
def test_front_matter_survives_anything(source: str, expected: dict[str, str]) -> None:
    assert front_scalars(source) == expected


def test_text_between_rules_is_not_front_matter() -> None:
    assert kinds(f"---\n\n{BODY}\n\n---\n\n{BODY}", "a.md").count("paragraph") == 2
    huge = "---\n" + "k: v\n" * 5000 + f"---\n\n{BODY}"
    assert any(kind == "paragraph" and "k: v" in text for kind, text in blocks(huge, "a.md"))


# ---------------------------------------------------------------- size


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_too_many_lines_are_rejected(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.text.lines.MAX_LINES", 2_000)
    with pytest.raises(UnreadableFile, match="2,000 lines"):
        read("a\n" * 2_001, name)
