"""Makes PDFs of invented text, and says what they should be read as: python -m benchmarks.pdfs.

A small typesetter places every line by itself, as TeX does: justified columns, words broken at a line's
end, footnotes, running heads, tables, lists, figures and captions, headings, an abstract over the full
width. It varies the order in which a program may draw: column by column or across, line by line, word by
word or letter by letter. Everything follows from a seed.
"""

from __future__ import annotations

import io
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 60.0
SYLLABLES = (
    "an bel cor dun el fan gor hal im jun kel lor mar nel or pal quin ros sul tam ul var wen yar zel bran"
    " stor fil flo offi tren mond wick ley ford ham"
).split()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A PDF and what it says: its parts in reading order, each with its kind, and its running matter."""

    name: str
    data: bytes
    parts: tuple[tuple[str, str], ...]
    columns: int
    pages: int


class Writer:
    """Invents words, sentences and paragraphs."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - nothing secret
        self.syllables: dict[str, list[str]] = {}

    def word(self) -> str:
        """An invented word; its syllables are kept, to break it at."""
        parts = self.random.choices(SYLLABLES, k=self.random.choice((1, 1, 2, 2, 2, 3, 4)))
        word = "".join(parts)
        if len(parts) > 1 and self.random.random() < 0.03:
            word = f"{parts[0]}-{''.join(parts[1:])}"
            parts = [f"{parts[0]}-", *parts[1:]]
        self.syllables[word] = parts
        return word

    def sentence(self) -> str:
        """A sentence of 6 to 22 words, some of them names and numbers."""
        words = [self.word() for _ in range(self.random.randint(6, 22))]
        for place in self.random.sample(range(1, len(words)), 2):
            words[place] = self.random.choice(
                (f"{self.random.randint(2, 9999):,}", words[place].capitalize(), f"{words[place]},")
            )
        return " ".join([words[0].capitalize(), *words[1:]]) + "."

    def paragraph(self) -> str:
        """Two to seven sentences."""
        return " ".join(self.sentence() for _ in range(self.random.randint(2, 7)))

    def title(self, words: int) -> str:
        """A line without a full stop."""
        return " ".join([self.word().capitalize(), *(self.word() for _ in range(words - 1))])


@dataclass(slots=True)
class Style:
    """How a document looks and in which order it is drawn."""

    columns: int
    font: str = "Times-Roman"
    bold: str = "Times-Bold"
    size: float = 10.0
    justified: bool = True
    broken: bool = True
    indented: bool = True
    by: str = "word"  # line, word or letter
    across: bool = False
    head: bool = True
    gutter: float = 14.0


Place = tuple[float, float]


@dataclass(slots=True)
class Typesetter:
    """Fills pages with columns of lines."""

    canvas: Canvas
    style: Style
    writer: Writer
    running: str
    page: int = 1
    column: int = 0
    top: float = HEIGHT - MARGIN
    y: float = HEIGHT - MARGIN
    bottoms: list[float] = field(default_factory=list)
    notes: list[list[tuple[str, str]]] = field(default_factory=list)
    drawn: list[Callable[[], None]] = field(default_factory=list)
    lines: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    marks: int = 0

    def __post_init__(self) -> None:
        self._begin()

    # ------------------------------------------------------------ places

    @property
    def width(self) -> float:
        """The width of a column."""
        gaps = self.style.gutter * (self.style.columns - 1)
        return (WIDTH - 2 * MARGIN - gaps) / self.style.columns

    @property
    def x(self) -> float:
        """The left edge of the column."""
        return MARGIN + self.column * (self.width + self.style.gutter)

    def _begin(self) -> None:
        self.column, self.top, self.y = 0, HEIGHT - MARGIN, HEIGHT - MARGIN
        self.bottoms = [MARGIN] * self.style.columns
        self.notes = [[] for _ in range(self.style.columns)]
        self.lines = []
        if self.style.head:
            self._draw(MARGIN, HEIGHT - 36, self.running, self.style.font, 9)
            self._draw(WIDTH / 2 - 4, 34, str(self.page), self.style.font, 9)

    def finish(self) -> None:
        """Draw what the page holds, in the order of the style."""
        for column, notes in enumerate(self.notes):
            x = MARGIN + column * (self.width + self.style.gutter)
            y = self.bottoms[column]
            for mark, text in notes:
                for number, line in enumerate(
                    self._wrapped(text, "Times-Roman", 8, self.width - 8)
                ):
                    self._keep(x + 8, y - 10, line[0], "Times-Roman", 8)
                    if not number:
                        self._keep(x, y - 7.5, mark, "Times-Roman", 5.5)
                    y -= 10
        order = (
            sorted(self.lines, key=lambda line: (-line[0], line[1]))
            if self.style.across
            else self.lines
        )
        for _, _, draw in order:
            draw()
        self.canvas.showPage()

    def room(self, height: float) -> None:
        """Go to the next column or page unless there is room for so much."""
        if self.y - height >= self.bottoms[self.column]:
            return
        if self.column + 1 < self.style.columns:
            self.column += 1
            self.y = self.top
            return
        self.finish()
        self.page += 1
        self._begin()

    # ------------------------------------------------------------ text

    def block(
        self, text: str, *, font: str = "", size: float = 0.0, left: float = 0.0, first: float = 0.0,
        note: str = "", after: float = 0.0,
    ) -> None:  # fmt: skip
        """Set a paragraph. ``note`` is the text of a footnote to its first line."""
        font, size = font or self.style.font, size or self.style.size
        leading = round(size * 1.2, 1)
        lines = list(self._wrapped(text, font, size, self.width - left, first - left))
        for number, (line, last) in enumerate(lines):
            extra = (
                10 * len(list(self._wrapped(note, "Times-Roman", 8, self.width - 8)))
                if note and not number
                else 0
            )
            self.room(leading + extra + (4 if extra else 0))
            self.y -= leading
            x = self.x + (first if not number else left)
            room = self.width - (first if not number else left)
            self._line(line, x, font, size, room, justified=self.style.justified and not last)
            if extra:
                self.marks += 1
                self.bottoms[self.column] += extra
                self.notes[self.column].append((str(self.marks), note))
        self.y -= after

    def mark(self, text: str, note: int) -> str:
        """A text with the mark of a note after its first word."""
        first, rest = text.split(" ", 1)
        return f"{first}\x01{note} {rest}"

    def _wrapped(
        self, text: str, font: str, size: float, width: float, first: float = 0.0
    ) -> Iterator[tuple[str, bool]]:
        """The lines of a text, and whether each is the last."""
        line, room = "", width - first
        for word in text.split():
            if not line or self._size(f"{line} {word}", font, size) <= room:
                line = f"{line} {word}".strip()
                continue
            head, tail = self._hyphenated(
                word, font, size, room - self._size(f"{line} ", font, size)
            )
            yield f"{line} {head}".strip(), False
            line, room = tail, width
        yield line, True

    def _hyphenated(self, word: str, font: str, size: float, room: float) -> tuple[str, str]:
        bare = word.strip(",.").lower()
        parts = self.writer.syllables.get(bare, [])
        if not self.style.broken or "".join(parts) != bare:
            return "", word
        for count in range(len(parts) - 1, 0, -1):
            at = len("".join(parts[:count]))
            head = word[:at] if word[at - 1] == "-" else word[:at] + "-"
            if 2 < at < len(bare) - 1 and self._size(head, font, size) <= room:
                return head, word[at:]
        return "", word

    def _size(self, text: str, font: str, size: float) -> float:
        plain, *marks = text.split("\x01")
        width = float(stringWidth(plain, font, size))
        for each in marks:
            digits, _, rest = each.partition(" ")
            width += stringWidth(digits, font, 0.6 * size)
            width += stringWidth(f" {rest}" if rest or each.endswith(" ") else "", font, size)
        return width

    def _line(
        self, line: str, x: float, font: str, size: float, room: float, *, justified: bool
    ) -> None:
        words = line.split(" ")
        space = stringWidth(" ", font, size)
        if justified and len(words) > 1:
            free = room - sum(self._size(word, font, size) for word in words)
            space = min(free / (len(words) - 1), 2.2 * size)
        if self.style.by == "line" and not justified and "\x01" not in line:
            self._keep(x, self.y, line, font, size)
            return
        for word in words:
            plain, _, note = word.partition("\x01")
            self._word(x, plain, font, size)
            x += stringWidth(plain, font, size)
            if note:
                digits = note.rstrip(",.")
                self._keep(x, self.y + 0.35 * size, digits, font, 0.6 * size)
                x += stringWidth(digits, font, 0.6 * size)
            x += space

    def _word(self, x: float, word: str, font: str, size: float) -> None:
        if self.style.by != "letter":
            self._keep(x, self.y, word, font, size)
            return
        for letter in word:
            self._keep(x, self.y, letter, font, size)
            x += stringWidth(letter, font, size)

    def _keep(self, x: float, y: float, text: str, font: str, size: float) -> None:
        self.lines.append((y, self.column, lambda: self._draw(x, y, text, font, size)))

    def _draw(self, x: float, y: float, text: str, font: str, size: float) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)

    # ------------------------------------------------------------ other parts

    def wide(self, text: str, font: str, size: float) -> None:
        """Set a block over the full width, at the top of the page."""
        columns, self.style.columns = self.style.columns, 1
        self.block(text, font=font, size=size, after=8)
        self.style.columns = columns
        self.top = self.y

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Set a table with a line above and below."""
        leading = self.style.size * 1.3
        self.room(leading * (len(rows) + 1))
        step = self.width / len(rows[0])
        for row in rows:
            self.y -= leading
            for number, cell in enumerate(row):
                x = self.x + number * step
                if number and cell[0].isdigit():
                    x += step - 6 - stringWidth(cell, self.style.font, self.style.size)
                self._keep(x, self.y, cell, self.style.font, self.style.size)
        self.y -= leading * 0.8

    def figure(self, caption: str) -> None:
        """Set a drawing and its caption."""
        self.room(90)
        x, y, width = self.x, self.y - 70, self.width
        self.lines.append((y, self.column, lambda: self.canvas.rect(x, y, width, 60)))
        self.y -= 74
        self.block(caption, font="Times-Italic", size=8.5, after=8)


def typeset(name: str, seed: int, style: Style, paragraphs: int = 24) -> Sample:
    """A document in a style."""
    writer = Writer(seed)
    columns = style.columns
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    running = f"{writer.title(3)} {writer.random.randint(1, 40)}"
    setter = Typesetter(canvas, style, writer, running)
    parts: list[tuple[str, str]] = [("title", writer.title(6)), ("paragraph", writer.paragraph())]
    setter.wide(parts[0][1], style.bold, 17)
    setter.wide(parts[1][1], style.font, 9)
    captions = 0
    for number in range(paragraphs):
        if number % 6 == 0:
            parts.append(("heading", writer.title(3)))
            setter.y -= 5
            setter.room(50)
            setter.block(parts[-1][1], font=style.bold, size=12, after=3)
        kind = writer.random.random()
        if kind < 0.1:
            rows = [[writer.word()[:7].capitalize() for _ in range(3)] for _ in range(5)]
            for row in rows[1:]:
                row[1:] = [str(writer.random.randint(10, 900)) for _ in range(2)]
            setter.y -= 6
            setter.table(rows)
            parts.append(("table", "\n".join(" | ".join(row) for row in rows)))
        elif kind < 0.2:
            items = [writer.sentence() for _ in range(3)]
            for item in items:
                setter.block(f"• {item}", left=10)
            setter.y -= 6
            parts.append(("list", "\n".join(f"• {item}" for item in items)))
        elif kind < 0.28:
            captions += 1
            parts.append(("caption", f"Figure {captions}. {writer.sentence()}"))
            setter.y -= 6
            setter.figure(parts[-1][1])
        else:
            text = writer.paragraph()
            note = writer.sentence() if kind > 0.85 else ""
            drawn = text
            if note:
                drawn = setter.mark(text, setter.marks + 1)
                first, rest = text.split(" ", 1)
                parts.append(("paragraph", f"{first}[^{setter.marks + 1}] {rest}"))
                parts.append(("note", f"{setter.marks + 1} {note}"))
            else:
                parts.append(("paragraph", text))
            setter.block(
                drawn,
                first=12 if style.indented else 0,
                note=note,
                after=0 if style.indented else 6,
            )
    setter.finish()
    canvas.save()
    return Sample(name, buffer.getvalue(), tuple(parts), columns, setter.page)


def flowing(name: str, seed: int, *, columns: int) -> Sample:
    """A document set by fpdf2 itself: its own line breaks, head and foot."""
    from fpdf import FPDF

    writer = Writer(seed)
    running = writer.title(3)

    class Paged(FPDF):  # type: ignore[misc]
        def header(self) -> None:
            self.set_font("Helvetica", size=8)
            self.cell(0, 8, running, new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            self.set_y(-14)
            self.set_font("Helvetica", size=8)
            self.cell(0, 8, f"Page {self.page_no()} of {{nb}}", align="C")

    pdf = Paged(format="A4")
    pdf.set_creation_date(datetime(2025, 3, 1, tzinfo=UTC))
    pdf.add_page()
    parts = [("title", writer.title(5))]
    pdf.set_font("Helvetica", "B", 18)
    pdf.multi_cell(0, 9, parts[0][1], new_x="LMARGIN", new_y="NEXT")
    paragraphs = [writer.paragraph() for _ in range(20)]
    parts += [("paragraph", text) for text in paragraphs]
    pdf.set_font("Helvetica", size=10.5)
    if columns > 1:
        with pdf.text_columns(text_align="J", ncols=columns, gutter=7) as text:
            for each in paragraphs:
                text.write(each)
                text.ln(2)
                text.ln(1)
    else:
        for each in paragraphs:
            pdf.multi_cell(0, 5, each, new_x="LMARGIN", new_y="NEXT")
            pdf.ln(3)
    return Sample(name, bytes(pdf.output()), tuple(parts), columns, pdf.page_no())


COUNT = 40


def sample(number: int) -> Sample:
    """One of the COUNT documents."""
    if number >= 32:
        return flowing(f"flow-{number - 32:02}", 68 + number, columns=1 + (number - 32) % 3)
    columns = (2, 2, 1, 2, 3, 2, 1, 2)[number % 8]
    style = Style(
        columns,
        font=("Times-Roman", "Helvetica", "Times-Roman")[number % 3],
        bold=("Times-Bold", "Helvetica-Bold", "Times-Bold")[number % 3],
        size=(10, 9.5, 10, 11, 9)[number % 5] if columns < 3 else 9,
        justified=number % 4 != 3,
        broken=number % 7 != 6,
        indented=number % 2 == 0,
        by=("word", "line", "letter")[number % 3 if number % 5 else 0],
        across=number % 4 == 1,
        gutter=(10, 14, 20)[number % 3],
    )
    return typeset(f"set-{number:02}", number, style)


# ---------------------------------------------------------------- measures


def words(text: str) -> Counter[str]:
    """The words of a text, those broken at a line's end joined, without hyphens."""
    joined = re.sub(r"-\n", "", text).replace("-", "")
    return Counter(re.findall(r"\w+|[^\w\s|]", joined.replace("|", " ")))


def word_f1(expected: str, found: str) -> float:
    """The harmonic mean of the shares of words found and of found words expected."""
    want, have = words(expected), words(found)
    return 2 * (want & have).total() / max(1, want.total() + have.total())


def bare(text: str) -> str:
    """A text to compare sentences by: without white space, hyphens and bars."""
    return re.sub(r"[\s|-]+", "", text)


def broken_sentences(sample: Sample, found: str) -> list[str]:
    """The sentences that do not stand whole in a text, or stand before the one that they follow."""
    text = bare(found)
    bad, at = [], 0
    for kind, part in sample.parts:
        for sentence in re.split(r"(?<=\.) |\n(?=•)", part):
            place = text.find(bare(sentence))
            if place < 0 or (kind == "paragraph" and place < at):
                bad.append(sentence)
            elif kind == "paragraph":
                at = place
    return bad


def report() -> None:
    """Print F1, broken sentences and pages a second, per document and in all."""
    from rag.formats.pdf.document import PdfFormat

    scores, pages, seconds = [], 0, 0.0
    for made in map(sample, range(COUNT)):
        begin = time.process_time()
        extracted = PdfFormat().parse(made.data, made.name)
        seconds += time.process_time() - begin
        pages += made.pages
        text = "\n\n".join(
            extracted.text[b.start : b.end] for b in extracted.blocks if b.kind != "boilerplate"
        )
        expected = "\n\n".join(part for _, part in made.parts)
        scores.append(word_f1(expected, text))
        bad = broken_sentences(made, text)
        print(
            f"{made.name}  {made.columns} columns  {made.pages} pages"
            f"  F1 {scores[-1]:.4f}  {len(bad)} broken {bad[:1]}"
        )
    print(
        f"F1 {sum(scores) / len(scores):.4f}, least {min(scores):.4f}; {pages / seconds:.1f} pages/s"
    )


if __name__ == "__main__":
    report()
