"""English words for numbers and measures mean one thing each, wherever they are read."""

import pytest

from rag.english.lexicon import MONTHS, SHORT_MONTHS, UNITS, month_number, unit_of
from rag.english.quantities import quantities
from rag.english.statements import statement
from rag.stores.analyzer import TextAnalyzer


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.sign)
def test_a_unit_goes_by_one_name_of_its_own(unit):
    assert [other for other in UNITS if other.sign == unit.sign] == [unit]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("metric tons", "tonnes"),
        ("Kilograms", "kg"),
        ("feet", "foot"),
        ("US dollars", "dollars"),
        ("kilometers", "kilometres"),
        ("t", "tonne"),
    ],
)
def test_a_unit_is_known_however_it_is_written(one, other):
    assert unit_of(one) is unit_of(other) is not None


@pytest.mark.parametrize("word", ["", "mines", "kgs.", "to", "second hand"])
def test_other_words_are_no_units(word):
    assert unit_of(word) is None


def test_months_are_numbered_spelt_out_or_not():
    assert [month_number(name) for name in MONTHS] == list(range(1, 13))
    assert {month_number(name) for name in SHORT_MONTHS} == set(range(1, 13)) - {5}
    with pytest.raises(ValueError, match="not in list"):
        month_number("spring")


@pytest.mark.parametrize("word", ["mıllion", "thouſand", "fıfteen", "mıles", "\N{KELVIN SIGN}"])
def test_letters_that_pass_for_others_where_case_is_ignored_upset_nothing(word):
    text = f"It has 5 {word} of them."
    assert [quantity.low for quantity in quantities(text)] == [5]
    assert statement(text, TextAnalyzer()).items
