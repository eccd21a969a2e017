"""Markup is hidden from readers, and stays in quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.chunk import chunk, indexed_text
from rag.corpus.load import load
from rag.text.markup import masked, shown
from rag.text.units import unit_spans
from tests.timing import assert_linear, repeated

PIECES = [
    "[pit](https://a.org/b_c)", "[a [b] c](d.md)", "![p](q.png)", "[![p](q.png)](https://r.org)", "[[a|b]]",
    "[[a]]", "![[a.png]]", "**bold**", "__bold__", "*it*", "_it_", "`code`", "~~old~~", "==new==",
    "<b>b</b>",     "<br/>", "<!-- c -->", "&nbsp;", "&amp;", "[^1]", "[^n]: ", "> ", "> [!tip] ",
    "data:image/png;base64,AB+/=",
    "\\*", "a. B", "word", " ", "\n", "\n\n", "| x |", "1. ", "é", "<del>x</del>", "[t][r]", "{#id}",
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("The [old pit](https://a.org/x?y=z) fell", "The old pit fell"),
        ('set by [the court](https://a.org/p "tip").', "set by the court."),
        ("in [Rome (Italy)](https://a.org/Rome_(Italy)) and", "in Rome (Italy) and"),
        ("the [law][l] and [12][13]", "the law and [12][13]"),
        ("The [[Vale|Brazilian firm]] in [[Oslo]]", "The Brazilian firm in Oslo"),
        ("rose.![](data:image/png;base64,iVBORw0KGgo=)", "rose."),
        ("[![badge](b.svg)](https://c.org) rose", " rose"),
        ("now **110** *dollars* or __5__ _euros_ in `Oslo`", "now 110 dollars or 5 euros in Oslo"),
        ("costs ~~90~~95 and <del>8</del>9", "costs 95 and 9"),
        ("signed[^1] in Oslo.[^note] It", "signed in Oslo. It"),
        ("[^2]: The fee", " The fee"),
        ("> [!note]- Fees\n> It cost\n>> five", " Fees\nIt cost\nfive"),
        (
            'the <b>old</b> <a href="x">mill</a>&mdash;CO<sub>2</sub>&amp;more',
            "the old mill—CO2&more",
        ),
        (r"paid \$5 \[sic\]", "paid $5 [sic]"),
        ("pit](https://a.org/b) fell at [the", "pit fell at [the"),  # cut out of its sentence
    ],
)
def test_what_people_see(written, seen):
    assert shown(written) == seen
    assert len(masked(written)) == len(written)


@pytest.mark.parametrize(
    "text",
    ["a < b and c > d", "snake_case_name", "f[i](x)", "2**3 * 4 * 5", "<ann@example.org>", "[1] [2]",
     "R&D and AT&T", "~5 to ~6", "a == b", "https://a.org/b_c_d", "5 > 4", "C:\\data\\new"],
)  # fmt: skip
def test_other_signs_are_text(text):
    assert masked(text) == text


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_offsets_hold_with_any_markup(name, text):
    text = f"Copper Story\n\n{text} end"
    assert len(masked(text)) == len(text)
    document = load(name, name, text.encode())
    assert document.text == text
    for each in chunk(document):
        assert text[each.start : each.end].strip()
        assert "base64" not in indexed_text(document, each)
    for block in document.blocks:
        end = block.start
        for start, stop in unit_spans(text, block, block.start, block.end):
            assert end <= start < stop <= block.end
            end = stop


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("It fell. ![](data:image/png;base64,AAAA.BBBB) It rose.", ["It fell.", "It rose."]),
        ("Sold in Oslo.[^1] It rose [by 5.](https://a.org) Then.", ["Sold in Oslo.",
            "It rose [by 5.](https://a.org)", "Then."]),
        ("The [U.S. firm](https://a.org/b. C) fell.", ["The [U.S. firm](https://a.org/b. C) fell."]),
    ],
)  # fmt: skip
def test_sentences_do_not_see_markup(text, units):
    document = load("a.md", "a.md", f"# Copper\n\n{text}".encode())
    spans = [s for b in document.blocks[1:] for s in unit_spans(document.text, b, b.start, b.end)]
    assert [document.text[slice(*span)] for span in spans] == units


@pytest.mark.parametrize("unit", ["[", "![", "](/", "**a ", "`", "<a ", "<!-- ", "[[a|", "~~a", "&amp;",
    "[a](/b", "_a", "*a ", "\\", "==a", "> ", "data:a/b,A", "[a [b] c", "<del>", "{#a", "<b x=",
    "(a"])  # fmt: skip
def test_time_is_linear(unit):
    assert_linear(masked.__wrapped__, repeated(unit), 3_000)
