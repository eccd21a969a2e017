"""A number is one value, however it is written; writing it out and reading it again changes nothing."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.agree import differs, says_the_same
from rag.english.lexicon import ONES, TENS
from rag.english.numbers import numbers
from rag.english.quantities import quantities
from rag.english.question import read_question
from rag.english.statements import statement
from rag.stores.analyzer import TextAnalyzer
from tests.timing import assert_linear, repeated

ANALYZER = TextAnalyzer()


def values(text):
    return [number.value for number in numbers(text)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("45,000", 45_000),
        ("45 000", 45_000),
        ("45\u00a0000", 45_000),
        ("45\u202f000", 45_000),
        ("45'000", 45_000),
        ("45\u2007000", 45_000),
        ("45.000", 45_000),
        ("145.000", 145_000),
        ("3.250.000", 3_250_000),
        ("4.200.000", 4_200_000),
        ("4.500", "4.5"),  # a decimal, unless it has more groups
        ("0.125", "0.125"),
        ("1.234", "1.234"),
        ("40 lakh", 4_000_000),
        ("2 crore", 20_000_000),
        ("40 Mio", 40_000_000),
        ("3 mrd", 3_000_000_000),
        ("1,234,567.89", "1234567.89"),
        (".5", "0.5"),
        ("½", "0.5"),
        ("1½", "1.5"),
        ("-5", -5),
        ("minus five", -5),
        ("1.5 bn", 1_500_000_000),
        ("4.2m", 4_200_000),
        ("45k", 45_000),
        ("3 hundred thousand", 300_000),
        ("seventeen", 17),
        ("thirty-eight", 38),
        ("two hundred and ten", 210),
        ("two hundred ten", 210),
        ("one hundred and five", 105),
        ("twelve hundred", 1200),
        ("a million", 1_000_000),
        ("half a million", 500_000),
        ("half-million", 500_000),
        ("half a dozen", 6),
        ("1 1/2", "1.5"),
        ("12 3/4", "12.75"),
        ("1\u00a0½", "1.5"),
        ("2 1\u20442", "2.5"),
        ("1 5/8", "1.625"),
        ("a quarter of a million", 250_000),
        ("quarter of a million", 250_000),
        ("a quarter-million", 250_000),
        ("three quarters of a million", 750_000),
        ("three-quarters of a million", 750_000),
        ("half a billion", 500_000_000),
        ("half of a billion", 500_000_000),
        ("seven tenths of a million", 700_000),
        ("one and three quarters", "1.75"),
        ("two and a quarter million", 2_250_000),
        ("a million and a quarter", 1_250_000),
        ("one and a half million", 1_500_000),
        ("a million and a half", 1_500_000),
        ("two and a half", "2.5"),
        ("a dozen", 12),
        ("two dozen", 24),
        ("a thousand million", 1_000_000_000),
        ("two million three hundred thousand and five", 2_300_005),
    ],
)
def test_a_number_has_one_value_however_it_is_written(written, value):
    for text in (written, f"It made {written} of them.", f"({written})"):
        [number] = numbers(text)
        assert number.value == Decimal(value)
        assert text[number.start : number.end] == written


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("F-16", []),
        ("5G and 3D", []),
        ("no-one", []),
        ("version 1.2.3", ["1.2"]),
        ("millions of tens of thousands", []),
        ("five and twenty", ["5", "20"]),
        ("nineteen eighty-four", ["19", "84"]),
        ("between one and two", ["1", "2"]),
        ("15-20", ["15", "20"]),
        ("15 -20", ["15", "20"]),
        ("two hundred and a half share", ["200.5"]),
        ("m\u0131llion", []),
        ("in 2024 1/3 of it", ["2024", "1", "3"]),
        ("1 1/2/2025", ["1", "1", "2", "2025"]),
        ("the third quarter of a year", []),
        ("a third man", []),
        ("one and three quarters of a million", ["1", "750000"]),
    ],
)
def test_what_is_several_numbers_or_none(text, found):
    assert values(text) == [Decimal(value) for value in found]


# ---------------------------------------------------------------- confusable pairs

SAME, APART, NEITHER = "same", "apart", "neither"


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("half a million people", "500,000 people", SAME),
        ("half a million people", "a million people", APART),
        ("half a million people", "1,000,000 people", APART),
        ("two hundred and ten people", "210 people", SAME),
        ("two hundred and ten people", "200 people", APART),
        ("two hundred and ten people", "10 people", APART),
        ("1.5 bn dollars", "$1,500,000,000", SAME),
        ("1.5 bn dollars", "1.5 dollars", APART),
        ("1.5 bn dollars", "1.5 million dollars", APART),
        ("22 000 tons", "22,000 tonnes", SAME),
        ("22 000 tons", "22 tons", APART),
        ("$4.2m", "4.2 million dollars", SAME),
        ("$4.2m", "€4.2m", NEITHER),
        ("$4.2m", "A$4.2m", NEITHER),
        ("15–20%", "between 15 and 20 percent", SAME),
        ("15–20%", "from 15 to 20 percent", SAME),
        ("15–20%", "17%", NEITHER),
        ("15–20%", "25%", APART),
        ("4 to 5 million", "4,000,000–5,000,000", SAME),
        ("about 45,000", "45,310", SAME),
        ("45,000", "45,310", APART),
        ("about two hundred", "210", SAME),
        ("at least 10%", "no less than ten percent", SAME),
        ("at least 10%", "12%", NEITHER),
        ("at least 10%", "8%", APART),
        ("up to 10%", "more than 10%", NEITHER),
        ("half an hour", "30 minutes", SAME),
        ("three quarters of an hour", "45 minutes", SAME),
        ("three quarters of an hour", "15 minutes", APART),
        ("a quarter of a million people", "250,000 people", SAME),
        ("a quarter of a million people", "a million people", APART),
        ("1 1/2 miles", "one and a half miles", SAME),
        ("1/2 mile", "half a mile", SAME),
        ("3/4 million people", "750,000 people", SAME),
        ("1/2 mile", "2 miles", APART),
        ("2,62,500 rupees", "262,500 rupees", SAME),
        ("Rs 3,00,00,000", "Rs 3 crore", SAME),
        ("1,5 million euros", "1.5 million euros", SAME),
        ("1.234,50 euros", "1,234.50 euros", SAME),
        ("12,5 percent", "12.5%", SAME),
        ("1,500 million euros", "1.5 million euros", APART),
        ("£500", "500 pounds", SAME),
        ("£500", "600 pounds", APART),
        ("500 pounds", "500 kg", APART),
        ("3 trn dollars", "3 trillion dollars", SAME),
        ("20 kt", "20,000 tonnes", SAME),
        ("20 sq km", "20 km2", SAME),
        ("50 bps", "50 basis points", SAME),
        ("5%", "5 percentage points", NEITHER),
        ("the 22nd", "22 people", NEITHER),
        ("3 hours", "3 years", APART),
        ("110 €", "110 euros", SAME),
        ("5 g", "5 grams", SAME),
        ("1½ miles", "one and a half miles", SAME),
        ("-5 degrees", "5 degrees", APART),
    ],
)  # fmt: skip
def test_confusable_quantities(one, other, relation):
    for a, b in ((one, other), (other, one)):
        assert says_the_same(a, b) is (relation == SAME)
        assert differs(a, b, read_question("How much is it?", str.split)) is (relation == APART)


@pytest.mark.parametrize(
    "text",
    [
        "two hundred and ten people", "1.5 bn dollars", "22 000 tons", "half a million jobs",
        "15 to 20 percent", "$110 per kilogram", "more than 4.2 million euros",
    ],
)  # fmt: skip
def test_an_answer_and_the_check_of_a_sentence_read_the_same(text):
    [quantity] = quantities(text)
    items = statement(f"It has {text} here.", ANALYZER).items
    assert [item.value for item in items if item.kind == "quantity"] == [quantity.exact]


# ---------------------------------------------------------------- rules

SMALL = {value: word for word, value in (ONES | TENS).items()}


def in_words(n):
    """A whole number under 10^15 as it is said."""
    for scale, name in (
        (10**12, "trillion"),
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
    ):
        if n >= scale:
            rest = f" {in_words(n % scale)}" if n % scale else ""
            return f"{in_words(n // scale)} {name}{rest}"
    if n >= 100:
        rest = f" and {in_words(n % 100)}" if n % 100 else ""
        return f"{in_words(n // 100)} hundred{rest}"
    return SMALL[n] if n in SMALL else f"{SMALL[n // 10 * 10]}-{SMALL[n % 10]}"


WHOLE = st.integers(0, 10**15 - 1) | st.integers(0, 1100)


@given(WHOLE)
def test_a_number_written_out_is_read_as_itself(n):
    for written in (
        in_words(n),
        in_words(n).capitalize(),
        str(n),
        *(f"{n:,}".replace(",", gap) for gap in ", '\u00a0\u202f\u2009"),
    ):
        assert values(written) == [n], written


@given(
    st.decimals(0, 10**6, places=3),
    st.sampled_from([("thousand", 3), ("million", 6), ("bn", 9), ("tn", 12)]),
)
def test_a_scale_multiplies_exactly(n, scale):
    name, power = scale
    assert values(f"{n} {name}") == [n * 10**power] or name == "thousand"
    assert values(f"{n:,} {name}") == [n * 10**power]


PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth", 10: "tenth"}


@given(
    st.sampled_from(sorted(PARTS)).flatmap(
        lambda below: st.tuples(st.integers(1, below - 1), st.just(below))
    ),
    st.sampled_from(("-", " ")),
    st.sampled_from((("a thousand", 3), ("a million", 6), ("a billion", 9))),
)
def test_a_part_written_out_is_read_as_its_value(part, joint, whole):
    above, below = part
    value = round(Decimal(above) / below, 6)
    name = PARTS[below] + "s" * (above > 1)
    assert values(f"{SMALL[above]}{joint}{name} of {whole[0]}") == [value * 10 ** whole[1]]
    if below in (2, 4, 8) and above % 2:
        assert values(f"7 {above}/{below}") == values(f"7 {above}\u2044{below}") == [7 + value]


@given(st.lists(WHOLE, max_size=5))
def test_numbers_apart_are_read_apart(whole):
    text = "; ".join(in_words(n) for n in whole)
    assert values(text) == whole
    assert [text[n.start : n.end] for n in numbers(text)] == [in_words(n) for n in whole]


PIECES = st.sampled_from(
    "about over between and to half a 1 12 45,000 9 000 1e400 ² ٣ ½ m\u0131llion million bn $ £ % kg a year"
    " per - – minus two hundred dozen . , second 3D 1/2 of quarter three quarters".split(" ")
)


@given(st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=60))
def test_what_was_read_stands_where_it_says_and_nowhere_twice(text):
    for found in (numbers(text), quantities(text)):
        assert all(0 <= item.start < item.end <= len(text) for item in found)
        assert all(a.end <= b.start for a, b in pairwise(found))
    for number in numbers(text):
        assert values(text[number.start : number.end]) == [number.value]


@pytest.mark.parametrize(
    "part",
    [
        "1,",
        "111,",
        "1 ",
        "1",
        "9 000 ",
        "one ",
        "two hundred and ",
        "a million ",
        "half a ",
        "1 to ",
        "$",
        "-1 ",
    ],
)
def test_reading_takes_time_in_proportion_to_the_text(part):
    assert_linear(quantities, repeated(part), 500)


@pytest.mark.parametrize(
    "text", ["How many million crowns?", "several million crowns", "a few hundred people"]
)
def test_a_scale_behind_a_vague_amount_is_no_number(text):
    assert numbers(text) == []
