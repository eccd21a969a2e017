"""HTML elements become text as a browser shows it: nothing glued, nothing lost, nothing that is hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from rag.formats.html.source import parse_page
from rag.formats.markup import Rendered, join, render
from rag.records import Document, Extracted, Passage
from rag.text.units import units_of
from tests.timing import assert_linear


def text_of(markup: str) -> str:
    return render(parse_page(markup)).text


def blocks_of(markup: str) -> list[tuple[str, str]]:
    rendered = render(parse_page(markup))
    return [(block.kind, rendered.text[block.start : block.end]) for block in rendered.blocks]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        # Spaces as a browser shows them.
        ("<p>Two \n\t lines</p>", "Two lines"),
        ("<p> A <b> bold </b> word </p>", "A bold word"),
        ("<p>12&nbsp;400&nbsp;tonnes</p>", "12\u00a0400\u00a0tonnes"),
        ("<p>Far&nbsp;&nbsp;&nbsp;apart</p>", "Far apart"),
        ("<p>&Ouml;l &amp; &lt;Gas&gt; &#8211; &euro;1</p>", "Öl & <Gas> – €1"),
        # Inline elements, possible breaks and invisible characters split no word and no number.
        ("<p><span>T</span>he <b>t</b>wo</p>", "The two"),
        ("<p>re<wbr>con<wbr>struction of 3<span>.</span>6</p>", "reconstruction of 3.6"),
        ("<p>har&shy;bour mas\u200bter</p>", "harbour master"),
        ("<p>می\u200cخواهم 👩\u200d🌾</p>", "می\u200cخواهم 👩\u200d🌾"),
        ("<p>one<img src=x>two <img src=y>.</p>", "one two ."),
        # Block elements part words.
        ("<div>One<div>two</div>three</div>", "One\n\ntwo\n\nthree"),
        ("<h2>Waste</h2>Glass<p>Paper", "Waste\n\nGlass\n\nPaper"),
        (
            "<span style='display:block'>One</span><span style='display: flex'>two</span>",
            "One\n\ntwo",
        ),
        ("<a href=/><div>One</div></a><a href=/><div>Two</div></a>", "One\n\nTwo"),
        ("<p>One</p><hr><p>Two</p>", "One\n\nTwo"),
        # A line break keeps the paragraph, several end it.
        ("<p>One<br>two</p>", "One\ntwo"),
        ("One.<br><br>Two.<br /> <br/>&nbsp;<br>Three.", "One.\n\nTwo.\n\nThree."),
        ("<h1>A long<br>title</h1>", "A long title"),
        ("<p>–<br>* * *<br></p>", ""),
        # Preformatted text keeps its lines.
        ("<pre>a  b\n  c\n\nd</pre>", "a  b\n  c\n\nd"),
        ("<div style='white-space: pre-wrap'>One\ntwo\r\n\r\nthree</div>", "One\ntwo\n\nthree"),
        ("<p>One <q>quoted</q> word", "One “quoted” word"),
        ("<p><ruby>北<rp>(</rp><rt>ほく</rt><rp>)</rp></ruby>海", "北海"),
        # What a browser does not show, and what was struck out.
        ("<p>a<script>x</script><style>y</style><template>z</template><!-- c -->b", "ab"),
        ("<p>a</p><noscript>Switch on</noscript><p hidden>b</p><p aria-hidden=true>c", "a"),
        ("<p>a</p><p style='color:red; display : none'>b</p><dialog>c</dialog>", "a"),
        ("<p>Costs <s>10</s> <del>9</del> 8 crowns</p>", "Costs 8 crowns"),
        ("<p>a</p><svg><title>icon</title><text>t</text></svg><button>Share</button>", "a"),
        ("<h3><button>What may go in?</button></h3>Peelings.", "What may go in?\n\nPeelings."),
        ("<details><summary>How?</summary>So.</details>", "How?\n\nSo."),
        ("<p hidden=until-found>Folded</p><dialog open>Open</dialog>", "Folded\n\nOpen"),
    ],
)
def test_the_text_reads_as_a_browser_shows_it(markup: str, text: str) -> None:
    assert text_of(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        # Exponents, charges and ordinals stay; none is read as a digit of the number before it.
        ("an area of 820 m<sup>2</sup>", "an area of 820 m²"),
        ("40 µg/m<sup>3</sup> of NO<sub>2</sub>", "40 µg/m³ of NO2"),
        ("about 10<sup>6</sup> or 10<sup>&minus;3</sup>", "about 10⁶ or 10⁻³"),
        ("E = mc<sup>2</sup>, R<sup>2</sup> and x<sup>n</sup>", "E = mc², R² and xⁿ"),
        ("Ca<sup>2+</sup> and SO<sub>4</sub><sup>2-</sup>", "Ca²⁺ and SO4²⁻"),
        ("the 19<sup>th</sup> of M<sup>me</sup> Roy, 1<sup>er</sup>", "the 19th of Mme Roy, 1er"),
        ("1<sup>1</sup>/<sub>2</sub> and <sup>3</sup>&frasl;<sub>4</sub>", "1 1/2 and 3\u20444"),
        ("25<sup>°</sup>C, Ample<sup>TM</sup>, Oak<sup>®</sup>", "25°C, Ample™, Oak®"),
        # Marks of notes go.
        ("In 2025<sup>3</sup> it rained", "In 2025 it rained"),
        ("were lost.<sup>1</sup>", "were lost."),
        ("the commission<sup>2, 3</sup> (Roe, 2019)<sup>4</sup>", "the commission (Roe, 2019)"),
        ("founded in 1183<sup><a href='#n'>[1]</a></sup>, they say", "founded in 1183, they say"),
        ("820 m<sup><a href='#n'>2</a></sup> long", "820 m long"),
        ("the well<a href='#n'><sup>7</sup></a> was dry", "the well was dry"),
        ("the well<a class='footnote-anchor' href='#n7'>7</a> was dry", "the well was dry"),
        ("12,400<sup>a</sup> tonnes<sup>b,c</sup>", "12,400ª tonnes"),
        ("true<sup>*</sup> or not<sup>[<i>citation needed</i>]</sup>", "true or not"),
        ("Counted from a balloon. <a href='#r'>↩</a>", "Counted from a balloon."),
        # A link with a number that is part of the sentence stays.
        ("as section <a href='#s3'>3</a> says", "as section 3 says"),
        ("in <a href='/y/2019'>2019</a> and <a href='#x'>1 of 2</a>", "in 2019 and 1 of 2"),
    ],
)
def test_superscripts_never_become_digits_of_another_number(markup: str, text: str) -> None:
    assert text_of(f"<p>{markup}</p>") == text


@pytest.mark.parametrize(
    ("markup", "blocks"),
    [
        ("<ul><li>Ore</li><li>Coal</li></ul>", [("list", "- Ore\n- Coal")]),
        ("<ol start=3><li>Ore<li>Coal<li value=9>Tin</ol>", [("list", "3. Ore\n4. Coal\n9. Tin")]),
        ("<ol type=a><li>Ore<li>Coal</ol>", [("list", "a) Ore\nb) Coal")]),
        ("<ol reversed><li>Ore<li>Coal</ol>", [("list", "2. Ore\n1. Coal")]),
        ("<li>Ore<li>Coal", [("list", "- Ore"), ("list", "- Coal")]),
        ("<ul><li>• Ore</li></ul>", [("list", "- Ore")]),
        (
            "<ul><li><p>Costs:</p><ul><li>one</li><li>two</li></ul></li><li>End</li></ul>",
            [("list", "- Costs:\n  - one\n  - two\n- End")],
        ),
        ("<ul><li><p>One.</p><p>More.</p></li></ul>", [("list", "- One.\n\n  More.")]),
        ("<ul><li>One<br>line</li></ul>", [("list", "- One\n  line")]),
        (
            "<ul><li><h3>Ore</h3><p>Is dug.</p></li><li><h3>Coal</h3><p>Too.</p></li></ul>",
            [
                ("heading", "Ore"),
                ("paragraph", "Is dug."),
                ("heading", "Coal"),
                ("paragraph", "Too."),
            ],
        ),
        (
            "<dl><dt>Dog licence</dt><dd>48 crowns</dd><dt>How long?</dt><dd>A year.</dd></dl>",
            [("list", "- Dog licence: 48 crowns\n- How long? A year.")],
        ),
        ("<dl><dt>A<dt>B<dd>both</dl>", [("list", "- A, B: both")]),
        ("<dl><dt>Alone</dl>", [("list", "- Alone")]),
        ("<p>• Ore</p><p>·\u00a0 Coal</p>", [("list", "• Ore\n• Coal")]),
        ("<p>- Ore<br>- Coal</p>", [("list", "- Ore\n- Coal")]),
    ],
)
def test_each_item_of_a_list_stands_on_its_line(markup: str, blocks: list[tuple[str, str]]) -> None:
    assert blocks_of(markup) == blocks


SPANS = """
<table><tr><th rowspan=2>Area<th colspan=2>2024<tr><th>Q1<th>Q2
<tr><td rowspan=2>North<td>1<td>2<tr><td>3<td>4</table>"""


@pytest.mark.parametrize(
    ("markup", "kinds"),
    [
        ("<p><b>What comes next</b></p><p>A vote.", ["heading", "paragraph"]),
        ("<p><strong>What comes <i>next</i></strong></p><p>A vote.", ["heading", "paragraph"]),
        ("<p><b>The council will vote.</b></p><p>In July.", ["paragraph", "paragraph"]),
        ("<p><b>Ada Quill</b><br>editor</p><p>A vote.", ["paragraph", "paragraph"]),
        ("<p><b>Ada</b></p><p><b>Bea</b></p>", ["paragraph", "paragraph"]),
        ("<p><b>Note</b> that it rains</p><p>A vote.", ["paragraph", "paragraph"]),
        ("<p>A vote.</p><p><b>What comes next</b>", ["paragraph", "paragraph"]),
    ],
)
def test_a_bold_line_above_a_paragraph_is_a_heading(markup: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in blocks_of(markup)] == kinds


HARBOURS = """
<table><caption>Cargo</caption><thead><tr><th>Harbour<th>In 2024 (t)<th>Ships</thead>
<tr><td>Skarn<td>9,870<td>96<tr><td>Tolv<td><td>1,035</table>"""


@pytest.mark.parametrize(
    ("markup", "blocks"),
    [
        (
            HARBOURS,
            [
                ("paragraph", "Cargo"),
                (
                    "table",
                    "Harbour | In 2024 (t) | Ships\n--- | --- | ---\nSkarn | 9,870 | 96\nTolv | – | 1,035",
                ),
            ],
        ),
        (  # no marked header, but names above numbers
            "<table><tr><td>Ticket<td>Summer<tr><td>Group<td>51<tr><td>Child<td>7</table>",
            [("table", "Ticket | Summer\n--- | ---\nGroup | 51\nChild | 7")],
        ),
        (  # two rows of column names, and a row name that spans two rows
            SPANS,
            [("table", "Area | 2024 Q1 | 2024 Q2\n--- | --- | ---\nNorth | 1 | 2\nNorth | 3 | 4")],
        ),
        (  # a row over the whole table, and an empty row and column
            "<table><tr><th>A<th><th>B<tr><td colspan=3>Inland<tr><td>1<td><td>2<tr><td><td><td></table>",
            [("table", "A | B\n--- | ---\nInland\n1 | 2")],
        ),
        (  # names with their values
            "<table><tr><th colspan=2>Abbey<tr><th>Order:<td>Cordelian<tr><th>Tower<td>47 m</table>",
            [("list", "- Abbey\n- Order: Cordelian\n- Tower: 47 m")],
        ),
        (  # paragraphs, items and pipes in cells
            "<table><tr><th>A<th>B<tr><td><p>x</p><p>y</p><td><ul><li>1<li>2</ul><tr><td>a|b<td>c<br>d</table>",
            [("table", "A | B\n--- | ---\nx y | 1; 2\na¦b | c d")],
        ),
        (
            "<table><tr><td><h2>News</h2><p>One.</p><p>Two.</p><tr><td>Foot</table>",
            [
                ("heading", "News"),
                ("paragraph", "One."),
                ("paragraph", "Two."),
                ("paragraph", "Foot"),
            ],
        ),
        (
            "<table role=presentation><tr><td>One<td>Two<tr><td>Three<td>Four</table>",
            [
                ("paragraph", "One"),
                ("paragraph", "Two"),
                ("paragraph", "Three"),
                ("paragraph", "Four"),
            ],
        ),
        (
            "<table><tr><td>Top<tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table><tr><td>End</table>",
            [("paragraph", "Top"), ("table", "a | b\nc | d"), ("paragraph", "End")],
        ),
        (
            "<table><tr><td>Home<td>World<td>Sport</table>",
            [("paragraph", w) for w in ("Home", "World", "Sport")],
        ),
        ("<table></table><table><tr></table><table><tr><td></table>", []),
    ],
)
def test_tables_stay_rows_unless_they_are_layout(
    markup: str, blocks: list[tuple[str, str]]
) -> None:
    assert blocks_of(markup) == blocks


def test_units_of_a_rendered_table_know_their_columns_even_if_the_header_has_digits() -> None:
    text, (*_, table) = (rendered := render(parse_page(HARBOURS))).text, rendered.blocks
    document = Document("a", "a", text, "", None, None, None, blocks=(table,))
    passage = Passage(
        "a#0", "a", "a", "", None, None, None, table.start, table.end, 1, None, None, "", 0.0
    )
    *_, last = units_of(document, passage)
    assert [(text[cell.start : cell.end], cell.column) for cell in last.cells] == [
        ("Tolv", "Harbour"),
        ("–", "In 2024 (t)"),
        ("1,035", "Ships"),
    ]


def test_roles_mark_furniture_titles_and_what_to_leave_out() -> None:
    roles = {"nav": "boilerplate", "h1": "title", "aside": "skip", "main": "content"}
    root = parse_page(
        "<nav><p>Home</p><main><h1>News</h1><h1>More</h1></main></nav><aside>Ad</aside><p>Text"
    )
    rendered = render(root, lambda element: roles.get(element.tag))
    assert [(b.kind, rendered.text[b.start : b.end]) for b in rendered.blocks] == [
        ("boilerplate", "Home"),
        ("title", "News"),
        ("title", "More"),
        ("paragraph", "Text"),
    ]
    assert [element.tag for element in rendered.elements] == ["p", "h1", "h1", "p"]


def test_joined_texts_keep_their_offsets() -> None:
    parts = [render(parse_page(f"<h1>{n}</h1><p>text {n}")) for n in range(3)]
    whole = join([parts[0], Rendered("", ()), *parts[1:]])
    assert [whole.text[b.start : b.end] for b in whole.blocks] == [
        part.text[b.start : b.end] for part in parts for b in part.blocks
    ]


# ---------------------------------------------------------------- properties

TAGS = (
    "div p span b a ul ol li table tr td section blockquote h2 dl dt dd pre br q "
    "details summary figure figcaption em article x-box"
).split()


@st.composite
def trees(draw: st.DrawFn, names: list[str]) -> etree._Element:
    """A random tree, however unlikely, in which each text node is one word."""
    source = draw(st.randoms(use_true_random=False))
    root = etree.Element("body")
    elements = [root]
    for number in range(draw(st.integers(1, 40))):
        parent = source.choice(elements[-6:])
        element = etree.SubElement(parent, source.choice(names))
        if source.random() < 0.7:
            element.text = f"w{number}x"
        if source.random() < 0.4:
            element.tail = f" w{number}y" + source.choice(["", " ", "\n\n"])
        elements.append(element)
    return root


@given(trees(TAGS))
def test_all_visible_words_occur_in_order_and_blocks_tile_the_text(root: etree._Element) -> None:
    rendered = render(root)
    assert render(root) == rendered
    Extracted(rendered.text, rendered.blocks)  # raises if blocks overlap
    at = 0
    for word in "".join(f" {text} " for text in root.itertext()).split():
        found = rendered.text.find(word, at)
        assert found >= 0, (word, etree.tostring(root))
        at = found + len(word)
    outside = rendered.text
    for block in reversed(rendered.blocks):
        assert (
            rendered.text[block.start : block.end].strip() == rendered.text[block.start : block.end]
        )
        outside = outside[: block.start] + outside[block.end :]
    assert not outside.strip()


@given(trees([*TAGS, "th", "thead", "caption", "tbody"]))
def test_all_visible_words_occur_once_where_column_names_are_joined(root: etree._Element) -> None:
    words = "".join(f" {text} " for text in root.itertext()).split()
    text = render(root).text
    assert [text.count(word) for word in words] == [1] * len(words)


@pytest.mark.parametrize(
    "name", ["div", "span", "ul", "li", "table", "sup", "a", "blockquote", "pre", "dl"]
)
def test_very_deep_trees_are_read_in_linear_time(name: str) -> None:
    def make(depth: int) -> tuple[int, etree._Element]:
        path = [root := etree.Element("body")]
        for _ in range(depth):
            path.append(etree.SubElement(path[-1], name))
            path[-1].text = "word "
        return depth, root

    def read(tree: tuple[int, etree._Element]) -> None:
        depth, root = tree
        assert render(root).text.count("word") == depth

    assert_linear(read, make, 300)


@pytest.mark.parametrize(
    "markup",
    [
        "<table>" + "<tr><td colspan=1000 rowspan=1000>x" * 500 + "</table>",
        "<table><tr>" + "<td>a" * 3000 + "<tr><td>b<td>c" * 3000 + "</table>",
        "<table>" + ("<tr>" + "<td rowspan=9999>long cell text" * 50) * 200 + "</table>",
        "<table><tr><td>" * 1500,
    ],
)
def test_no_small_table_makes_a_large_text(markup: str) -> None:
    assert len(text_of(markup)) < 6 * len(markup) + 20_000
