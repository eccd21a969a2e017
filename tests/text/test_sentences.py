"""Sentences, table rows and list items: where they begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import Block
from rag.text.lines import is_table_rule
from rag.text.sentences import sentence_spans
from rag.text.units import unit_spans
from tests.timing import assert_linear, repeated


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The U.S. Treasury met Mr. Smith and Dr. J. R. Jones of Foo Inc. (NASDAQ: FOO) in May",
        "Shares reached C$1.59, up 3.5% on Oct. 28, said No. 5 of the list, e.g. Alice vs. Bob.",
        "Vale S.A. is large, i.e. Very large.",
        "He pioneered core... technologies and leads.",
        "“Is it safe?” he asked.",
        "Yahoo! shares rose.",
        "A line that was\nwrapped here\r\nand there.",
        "1. Upstream mining comes first",
        "See Fig. 3 and pp. 10 to 12 of Smith et al. 2010 for more.",
        "It met at 5 p.m. Tuesday in St. Louis.",
        "It met at 5 p.m. EST in May.",
        "Foo Pty. Ltd. of Perth sold it to Sens. Kim and Lee.",
        "On Fig. 2 it is 5² m.",
        "On May 5 J. Smith spoke, on Oct. 31 B. Lee did, and in 2020 A. Ray.",
        # other languages: days with a full stop, abbreviations without a vowel
        "Am 7. Juni wird im Rat beraten.",
        "Er kam am 24. Dezember an.",
        "Das Bad kostet rd. 30 Mio. Euro.",
        "Es gibt Kuchen bzw. Torte in Saal Nr. 4 der Str. Am Markt.",
    ],
)
def test_one_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It left the U.S. The deal held.", ["It left the U.S.", "The deal held."]),
        ("It works at Foo Inc. This is good.", ["It works at Foo Inc.", "This is good."]),
        ("We improve.” He said so.", ["We improve.”", "He said so."]),
        ("It ended (at last.) Then it rained.", ["It ended (at last.)", "Then it rained."]),
        ("Really?! Yes! “Go.” Why?", ["Really?!", "Yes!", "“Go.”", "Why?"]),
        ("In 2020. It was 45. 3 more came.", ["In 2020.", "It was 45.", "3 more came."]),
        ("He waited... Nothing came.", ["He waited...", "Nothing came."]),
        ("no stop\n\nanother", ["no stop", "another"]),
        ("no stop\r\n \t\r\nanother", ["no stop", "another"]),
        ("这是一。那是二！好吗？是", ["这是一。", "那是二！", "好吗？", "是"]),
        ("it has no capitals. none at all.", ["it has no capitals.", "none at all."]),
        ("It sold. iPhone sales rose.", ["It sold.", "iPhone sales rose."]),
        ("It is proven.[12] Next came doubt.", ["It is proven.[12]", "Next came doubt."]),
        (
            "He suffers from MS. Final approval came.",
            ["He suffers from MS.", "Final approval came."],
        ),
        ("He said no. The rest agreed.", ["He said no.", "The rest agreed."]),
        ("It met at 5 p.m. Trains were late.", ["It met at 5 p.m.", "Trains were late."]),
        ("It was 5,001 C. Bern knows.", ["It was 5,001 C.", "Bern knows."]),
        ("It was 5,001 Ω. Bern knows.", ["It was 5,001 Ω.", "Bern knows."]),
        ("It was 7 B. Bern knows.", ["It was 7 B.", "Bern knows."]),
        ("It was 41° C. Bern knows.", ["It was 41° C.", "Bern knows."]),
        ("It is proven.² Next came doubt.", ["It is proven.²", "Next came doubt."]),
        ("It is proven.¹⁴ Next came doubt.", ["It is proven.¹⁴", "Next came doubt."]),
        ("It is proven.† Next came doubt.", ["It is proven.†", "Next came doubt."]),
        ("It is proven.3,4 Next came doubt.", ["It is proven.3,4", "Next came doubt."]),
        ("It is proven.[see note] Next.", ["It is proven.[see note]", "Next."]),
        ("He left Rome.“We stay,” she said.", ["He left Rome.", "“We stay,” she said."]),
        ("It is 9,000 ft. Nepal is near.", ["It is 9,000 ft.", "Nepal is near."]),
        ("It hums at 50 Hz. Bern knows.", ["It hums at 50 Hz.", "Bern knows."]),
        ("It costs 3 francs per kg. Bern pays.", ["It costs 3 francs per kg.", "Bern pays."]),
        ("She fell to 5. May I go?", ["She fell to 5.", "May I go?"]),
    ],
)
def test_several_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_offsets_are_into_the_whole_text() -> None:
    text = "Before. One here. Two here. After."
    start, end = text.index("One"), text.index(" After")
    found = [text[low:high] for low, high in sentence_spans(text, start, end)]
    assert found == ["One here.", "Two here."]


PIECES = st.sampled_from(
    ["Word", " ", "  ", "\n", "\n\n", "\r\n", ".", "?", "!", "...", "U.S.", "Inc.", "”", "(", "1.5",
     "é", "e\u0301", "👩\u200d🚀", "שלום", "。", "a", "No.", "\u00a0", "J.", "[3]", "\u200b"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join), st.data())
def test_spans_are_ordered_trimmed_and_cover_everything(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    spans = sentence_spans(text, start, end)
    previous = start
    for low, high in spans:
        assert previous <= low < high <= end
        assert text[low:high] == text[low:high].strip()
        assert not text[previous:low].strip()
        previous = high
    assert not text[previous:end].strip()


@pytest.mark.parametrize(
    "unit",
    [
        ".",
        "a.a.a.",
        "x",
        ". ",
        "U.S. ",
        "\n ",
        ".”",
        "'",
        "word ",
        ". . ",
        "A.\n",
        "(",
        "Mr. ",
        "2020 J. ",
        "5 A. ",
        "。",
    ],
)
def test_time_is_linear_in_the_length_of_the_text(unit: str) -> None:
    assert_linear(sentence_spans, repeated(unit), 5_000)


def test_units_of_a_table_are_rows_without_the_rule() -> None:
    text = "| a | b |\n|---|:-:|\n| 1. It | x |\n\n| 2 | y |"
    rows = unit_spans(text, Block(0, len(text), "table"), 0, len(text))
    assert [text[s:e] for s, e in rows] == ["| a | b |", "| 1. It | x |", "| 2 | y |"]


@pytest.mark.parametrize("rule", ["---|---", "|--|", "| :-- | --: |", "-----", " |:-:| "])
def test_table_rules(rule: str) -> None:
    assert is_table_rule(rule)
    assert not is_table_rule(rule + "x")


def test_units_of_a_list_are_items_with_their_continuation() -> None:
    text = "- one. Still one\n  and more\n• two\n 3) three\n– four"
    items = unit_spans(text, Block(0, len(text), "list"), 0, len(text))
    assert [text[s:e] for s, e in items] == ["one. Still one\n  and more", "two", "three", "four"]


def test_units_are_cut_to_the_range_and_the_block() -> None:
    text = "Out. One is in. Two is out."
    block = Block(5, len(text), "paragraph")
    assert [text[s:e] for s, e in unit_spans(text, block, 0, 15)] == ["One is in."]
    assert unit_spans(text, block, 0, 5) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Yahoo! Japan bought Line.", 1),
        ("Guess? Inc. opened 5 stores.", 1),
        ("Joomla! 5 was released in October.", 1),
        ("Why? China wants it.", 2),
        ("Output was 5,000 t. China leads.", 2),
        ("The voltage is 400 V. Siemens built it.", 2),
        ("In 2019 K. Smith left.", 1),
        ("It was 5 °C. China was colder.", 2),
        ("It costs $1.5.The next is tin.", 2),
        ("It runs on Node.js and U.S. steel.", 1),
        ("He uses Booking.Com often.", 1),
        ("The levy is 25 euros.4 By 2020 nine had paid.", 2),
        ("See No.4 By the way.", 1),
        ("It rose 5.4 Billion dollars.", 1),
        ("It is so.[1][2] They left.[4]:12 As of 2022 it works.", 3),
        ("MR. SMITH: It cost 9 dollars.", 1),
        ("It grew to 1,2 Mrd. Euro.", 1),
        ("It went to Vale S.A. for 9 dollars.", 1),
    ],
)
def test_stops_that_end_a_sentence_and_stops_that_do_not(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@pytest.mark.parametrize(
    "piece", [".", "!", "?", "…", ". ", ".\u00a0", "a.", '."', "!'", "[1]", ".[1]", "Mr. ", "1.", "Wait! "]
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "x", "x and more."])
def test_time_is_linear_in_the_length(piece: str, end: str) -> None:
    assert_linear(lambda text: sentence_spans(f"Wait{text}{end}"), repeated(piece), 3_000)
