"""PDFs: text in reading order, pages, furniture, and what cannot be read."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from benchmarks.pdfs import Style, broken_sentences, sample, typeset, word_f1
from rag.corpus.load import load
from rag.errors import UnreadableFile
from rag.formats.base import choose, parse
from rag.formats.pdf.columns import in_reading_order
from rag.formats.pdf.furniture import repeated_rows
from rag.formats.pdf.glyphs import Glyph
from rag.formats.pdf.words import Word, rows_of
from rag.text.markup import shown

FILLER = "The wardens count the reed beds twice a year and write down what they see there"


def pdf(*pages, size=(595, 842), turn=0, encrypt=None, **information):
    """A file of pages: lists of (x, y, text), with a size, a font and a turn in degrees if need be."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=1, encrypt=encrypt)
    for key, value in information.items():
        getattr(canvas, f"set{key}")(value)
    for page in pages:
        canvas.setPageRotation(turn)
        for x, y, text, *rest in page:
            points, font, angle = (*rest, *(11, "Times-Roman", 0)[len(rest) :])
            canvas.saveState()
            canvas.translate(x, y)
            canvas.rotate(angle)
            canvas.setFont(font, points)
            canvas.drawString(0, 0, text)
            canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def lines(*texts, x=72, y=760, leading=14, **style):
    return [(x, y - leading * n, text, *style.values()) for n, text in enumerate(texts)]


def blocks(data, kind=None):
    found = parse(data, "a.pdf")
    return [found.text[b.start : b.end] for b in found.blocks if kind in (None, b.kind)]


def test_a_letter_set_higher_or_lower_within_a_word_is_part_of_it():
    begin = "We wrote it in T"
    low = 72 + stringWidth(begin, "Times-Roman", 11) - 1.5
    behind = low + stringWidth("E", "Times-Roman", 11) - 1.5
    written = [(72, 700, begin), (low, 697.6, "E"), (behind, 700, "X and sent it to Oslo.")]
    assert blocks(pdf(written)) == ["We wrote it in TEX and sent it to Oslo."]


def test_words_of_a_line_set_tight_stay_apart():
    words = "The mayor said that it would cost them nothing at all".split()
    written, x = [], 72.0
    for word in words:
        written.append((x, 700, word))
        x += stringWidth(word, "Times-Roman", 11) + 0.14 * 11
    assert blocks(pdf(written)) == [" ".join(words)]


class TestInvented:
    """Documents with all that papers have, set in many ways (benchmarks/pdfs.py)."""

    @pytest.mark.parametrize("number", [1, 4, 13, 24, 37])
    def test_every_sentence_stands_whole_and_in_its_order(self, number):
        made = sample(number)
        found = parse(made.data, "a.pdf")
        text = "\n\n".join(
            found.text[b.start : b.end] for b in found.blocks if b.kind != "boilerplate"
        )
        expected = "\n\n".join(part for _, part in made.parts)
        assert word_f1(expected, text) >= 0.985
        assert broken_sentences(made, text) == []
        assert len(found.locator) == made.pages

    @settings(max_examples=6, deadline=None)
    @given(
        seed=st.integers(0, 10**6),
        columns=st.integers(1, 3),
        by=st.sampled_from(["line", "word", "letter"]),
        across=st.booleans(),
    )
    def test_blocks_and_pages_are_in_order_and_reading_is_repeatable(
        self, seed, columns, by, across
    ):
        data = typeset("a", seed, Style(columns, by=by, across=across), paragraphs=9).data
        found = parse(data, "a.pdf")
        assert parse(data, "a.pdf") == found
        document = load("a.pdf", "a.pdf", data)
        for number, begin in enumerate(found.locator):
            assert document.page(begin) == number + 1
        for block in found.blocks:
            quote = found.text[block.start : block.end]
            assert quote == quote.strip()
        numbers = [b for b in found.blocks if found.text[b.start : b.end].isdigit()]
        assert [document.page(b.start) for b in numbers if b.kind == "boilerplate"] == [
            int(found.text[b.start : b.end]) for b in numbers if b.kind == "boilerplate"
        ]


class TestText:
    def test_a_sentence_over_a_page_break_is_one_block_that_begins_on_the_first_page(self):
        first = lines(
            FILLER + ",",
            "and in wet years they find that the water at the old sluice of the mill stands",
        )
        data = pdf(
            [*first, (290, 30, "1")],
            [*lines("two metres above the meadow.", FILLER + "."), (290, 30, "2")],
        )
        document = load("a.pdf", "a.pdf", data)
        start = document.text.index("The wardens")
        end = document.text.index("above the meadow")
        assert any(
            b.start <= start and end < b.end and b.kind == "paragraph" for b in document.blocks
        )
        assert (document.page(start), document.page(end)) == (1, 2)

    @pytest.mark.parametrize(
        ("before", "after", "written", "read"),
        [
            ("dredging by Brenn-", "dorf and sons", "Brenn-\ndorf", "Brenndorf"),
            ("a plan that is long-", "term at best", "long-\nterm", "longterm"),
            ("in the years 1990-", "1995 it was", "1990-1995", "1990-1995"),
            ("led by Ewa Lind-", "Moor of Lissa", "Lind-Moor", "Lind-Moor"),
        ],
    )
    def test_a_word_broken_at_a_lines_end_is_quoted_as_printed_and_read_whole(
        self, before, after, written, read
    ):
        [text] = blocks(pdf(lines(f"{FILLER} {before}", f"{after}, and so on.")))
        assert written in text
        assert read in shown(text)

    @pytest.mark.parametrize("turn", [0, 90, 180])
    def test_a_turned_page_is_read(self, turn):
        places = {
            0: [(72, 700), (72, 686)],
            90: [(60, 72), (74, 72)],
            180: [(520, 100), (520, 114)],
        }
        page = [
            (*place, text, 11, "Times-Roman", turn)
            for place, text in zip(
                places[turn], (FILLER, "until the ferry of Ommeld leaves."), strict=True
            )
        ]
        assert blocks(pdf(page, turn=turn)) == [f"{FILLER} until the ferry of Ommeld leaves."]

    def test_a_stamp_up_the_margin_is_boilerplate(self):
        stamp = (30, 300, "Fetched by reader 12 on 3 May", 8, "Helvetica", 90)
        assert blocks(pdf([*lines(FILLER + "."), stamp]), "boilerplate") == [
            "Fetched by reader 12 on 3 May"
        ]

    def test_a_line_struck_twice_is_said_once(self):
        line = "No sheep may graze on the office dyke."
        assert blocks(pdf([*lines(line, x=72), *lines(line, x=72.4)])) == [line]

    @pytest.mark.parametrize("spacing", [0, 1.2, 3])
    def test_letters_placed_one_by_one_are_words(self, spacing):
        from reportlab.pdfbase.pdfmetrics import stringWidth

        page, x = [], 72
        for letter in "The office of Ferry Hill is shut":
            page.append((x, 700, letter))
            x += stringWidth(letter, "Times-Roman", 11) + spacing
        assert blocks(pdf(page)) == ["The office of Ferry Hill is shut"]

    def test_a_raised_mark_is_no_part_of_a_number(self):
        page = [
            *lines("They raised 143"),
            (144, 764, "2", 6.5),
            (150, 760, "young in 12 km"),
            (220, 764, "2", 6.5),
        ]
        [text] = blocks(pdf([*page, *lines(FILLER.lower(), FILLER.lower() + ".", y=746)]))
        assert text.startswith("They raised 143[^2] young in 12 km²")
        assert shown(text).startswith("They raised 143 young")

    def test_a_footnote_is_not_inside_the_sentence_above_it(self):
        rows = lines(*[FILLER] * 40, FILLER + ", until the last", y=790)
        note = [(72, 74, "1", 5.5), (78, 71.5, "Counted by Carsten Weyde.", 8)]
        data = pdf([*rows, *note], lines("of the reeds is gone.", FILLER + "."))
        assert any("until the last of the reeds is gone." in each for each in blocks(data))
        assert "1 Counted by Carsten Weyde." in blocks(data, "paragraph")

    def test_a_table_is_rows(self):
        rows = [
            ("Village", "Houses", "People"),
            ("Nether Sill", "342", "803"),
            ("Tarn End", "89", "190"),
        ]
        page = [
            (72 + 110 * column, 700 - 16 * row, cell)
            for row, cells in enumerate(rows)
            for column, cell in enumerate(cells)
        ]
        [table] = blocks(pdf([*lines(FILLER + "."), *page]), "table")
        assert table == "Village | Houses | People\nNether Sill | 342 | 803\nTarn End | 89 | 190"

    def test_headings_and_lists_are_marked(self):
        data = pdf([
            (72, 780, "What the Reeds Hold", 18, "Times-Bold"), *lines(FILLER + ".", y=750),
            (72, 720, "Methods", 11, "Times-Bold"), *lines(FILLER + ".", y=700),
            *lines("• one boat", "• two nets", y=670),
        ])  # fmt: skip
        assert [b.kind for b in parse(data, "a.pdf").blocks] == [
            "title",
            "paragraph",
            "heading",
            "paragraph",
            "list",
        ]

    def test_running_heads_and_page_numbers_are_boilerplate(self):
        pages = [
            [
                (72, 810, f"Reed Papers {n % 2 or 'Annual'}"),
                *lines(f"{FILLER} in part {'abcd'[n]}."),
                (280, 30, f"- {n + 7} -"),
            ]
            for n in range(4)
        ]
        found = blocks(pdf(*pages), "boilerplate")
        assert len(found) == 8
        assert "- 10 -" in found

    def test_what_a_browser_prints_around_a_single_page_is_boilerplate(self):
        page = [
            (30, 820, "3/4/25, 9:12 AM"),
            (240, 820, "What the Reeds Hold - The Reed"),
            (72, 770, "What the Reeds Hold", 18),
            *lines(FILLER + ".", FILLER + "."),
            (30, 20, "https://reed.example/what-the-reeds-hold"),
            (560, 20, "1/1"),
        ]
        found = blocks(pdf(page), "boilerplate")
        assert [each[:10] for each in found] == ["3/4/25, 9:", "https://re"]

    def test_code_in_a_smaller_size_does_not_break_its_paragraph(self):
        words = "The wardens write what they count in the file, and"
        code = 72 + stringWidth("then into ", "Times-Roman", 11)
        behind = code + stringWidth("/var/reeds/by-hand ", "Courier", 9)
        page = [
            *lines(words, "then into"),
            (code, 746, "/var/reeds/by-hand", 9, "Courier"),
            (behind, 746, "as well, every week"),
            *lines("of the year in which there are any reeds at all.", y=732),
        ]
        assert len(blocks(pdf(page), "paragraph")) == 1


class TestMetadata:
    @pytest.mark.parametrize(
        ("stated", "title", "evidence"),
        [
            ("What the reeds hold", "What the Reeds Hold", "PDF information"),
            ("untitled", "What the Reeds Hold", "largest text of the first page"),
            (
                "Microsoft Word - draft3.doc",
                "What the Reeds Hold",
                "largest text of the first page",
            ),
        ],
    )
    def test_the_title_is_the_stated_one_only_if_the_page_repeats_it(self, stated, title, evidence):
        page = [(72, 780, "What the Reeds Hold", 18), *lines(FILLER + ".")]
        document = load("a.pdf", "a.pdf", pdf(page, Title=stated))
        assert (document.title, document.evidence["title"]) == (title, evidence)

    def test_the_date_of_making_yields_to_a_date_at_the_head(self):
        plain = [(72, 780, "What the Reeds Hold", 18), *lines(FILLER + ".")]
        dated = [*plain[:1], (72, 766, "12 June 2024"), *lines(FILLER + ".", y=740)]
        assert load("a.pdf", "a.pdf", pdf(plain)).published == "2000-01-01"
        assert load("a.pdf", "a.pdf", pdf(dated)).published == "2024-06-12"
        signed = [
            *dated[:1],
            (72, 766, "Ann Lee"),
            (72, 752, "Wed 12 Jun 2024 07.00 CEST"),
            *dated[2:],
        ]
        assert load("a.pdf", "a.pdf", pdf(signed)).published == "2024-06-12"


class TestUnreadable:
    def reason(self, data):
        with pytest.raises(UnreadableFile) as raised:
            parse(data, "a.pdf")
        return str(raised.value)

    def test_pages_without_text_are_reported(self):
        assert "no text on any of its 2 pages" in self.reason(pdf([], []))
        assert parse(pdf(lines(FILLER), [], [], lines("Then it rains.")), "a.pdf").notes == (
            "pages 2–3 without text (scanned?)",
        )

    def test_a_locked_file_is_reported_and_one_with_an_empty_password_read(self):
        assert "password" in self.reason(pdf(lines(FILLER), encrypt=StandardEncryption("secret")))
        free = StandardEncryption("", ownerPassword="owner")
        assert blocks(pdf(lines(FILLER), encrypt=free)) == [FILLER]

    @settings(max_examples=40, deadline=None)
    @given(cut=st.floats(0, 1), noise=st.binary(max_size=40))
    def test_any_damage_is_read_or_reported(self, cut, noise):
        data = pdf(lines(FILLER), lines(FILLER))
        at = int(cut * len(data))
        for damaged in (data[:at], data[:at] + noise + data[at + len(noise) :]):
            try:
                parse(b"%PDF-" + damaged, "a.pdf")
            except UnreadableFile as error:
                reason = str(error)
            else:
                reason = ""
            assert "Error" not in reason

    def test_bytes_before_the_header_are_passed_over_and_other_files_are_not_taken(self):
        data = b"Checked by the gateway\r\n\r\n" + pdf(lines(FILLER))
        assert blocks(data) == [FILLER]
        assert (
            type(choose(b"<html>about %PDF-1.4 and 1 0 obj</html>", "a.pdf")).__name__
            != "PdfFormat"
        )


@pytest.mark.parametrize("turn", [0, 90])
def test_no_gap_follows_a_ligature(turn):
    # Chrome draws one glyph and says beside it which letters it stands for.
    said = "The office of the affinity is a staffing traffic office"
    ligature = b") Tj /Span<</ActualText<feff006600660069>>>BDC (W) Tj EMC ("
    shown = b"BT /F 12 Tf 60 300 Td (%b) Tj ET" % said.encode().replace(b"ffi", ligature)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Rotate %d/Contents 5 0 R"
        b"/Resources<</Font<</F 4 0 R>>>>>>" % turn,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(shown), shown),
    ]
    objects = b"".join(b"%d 0 obj%b endobj\n" % each for each in enumerate(parts, 1))
    data = b"%PDF-1.7\n" + objects + b"trailer<</Root 1 0 R>>\n%%EOF"
    assert parse(data, "a.pdf").text == said


class TestGeometry:
    """The rules of layout on plain records."""

    @staticmethod
    def line(text, left, base, size=10.0):
        row = []
        for word in text.split():
            row.append(Word(word, left, left + 5 * len(word), base, size))
            left += 5 * len(word) + 3
        return row

    def test_columns_at_different_heights_are_read_one_after_the_other(self):
        left = [self.line("and left is the side that", 0, 12 * n) for n in range(6)]
        right = [self.line("but right is the side that", 160, 12 * n + 5) for n in range(6)]
        rows = [self.line("A wide line over all of the columns that there are here", 0, -30)]
        rows += sorted(left + right, key=lambda row: row[0].base)
        assert in_reading_order(rows, set()) == [rows[:1], left, right]

    def test_a_space_in_a_large_title_over_the_gutter_does_not_part_it(self):
        left = [self.line("and left is the side that", 0, 12 * n) for n in range(6)]
        right = [self.line("but right is the side that", 160, 12 * n + 5) for n in range(6)]
        title = [Word("Reeds in", 0, 146, -30, 26.0), Word("May", 156, 200, -30, 26.0)]
        rows = [title, *sorted(left + right, key=lambda row: row[0].base)]
        assert in_reading_order(rows, set()) == [[title], left, right]

    def test_a_few_lines_are_columns_if_a_page_before_has_them_in_the_same_place(self):
        left = [self.line("and left is the side that", 0, 12 * n) for n in range(6)]
        right = [self.line("but right is the side that", 160, 12 * n) for n in range(6)]
        together = [one + other for one, other in zip(left, right, strict=True)]
        known: set[float] = set()
        assert in_reading_order(together, known) == [left, right]
        few = [*together[:2], left[2]]
        assert in_reading_order(few, known) == [left[:3], right[:2]]
        assert in_reading_order(few, set()) == [few]

    def test_letters_of_a_ligature_keep_their_order_and_accents_join_their_letters(self):
        def glyph(text, left, right, drawn):
            return Glyph(text, left, right, 0, 10, bold=False, font=0, drawn=drawn)

        assert (
            rows_of([glyph("f", 0, 8, 0), glyph("f", 0, 8, 0), glyph("i", 0, 8, 0)])[0][0].text
            == "ffi"
        )
        assert rows_of([glyph("\ufb01", 0, 5, 0), glyph("n", 5, 10, 0)])[0][0].text == "fin"
        assert (
            rows_of([glyph("B", 0, 6, 0), glyph("¨", 6.2, 9, 0), glyph("o", 6, 11, 0)])[0][0].text
            == "Bö"
        )

    def test_what_stands_in_one_place_of_many_pages_is_furniture(self):
        pages = [
            [
                self.line("Reed Papers", 0, 0),
                self.line(f"text {word}", 0, 30),
                self.line(f"{n}", 50, 90),
            ]
            for n, word in enumerate(("one", "two", "three"), 4)
        ]
        assert repeated_rows(pages) == [frozenset((0, 2))] * 3
