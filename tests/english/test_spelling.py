"""British spellings become American; words that only look like them stay."""

import pytest

from rag.english.words import american


@pytest.mark.parametrize(
    ("british", "us"),
    [
        ("favour", "favor"),
        ("neighbourhood", "neighborhood"),
        ("behavioural", "behavioral"),
        ("privatised", "privatized"),
        ("mobilisation", "mobilization"),
        ("organisers", "organizers"),
        ("analysed", "analyzed"),
        ("theatres", "theaters"),
        ("millimetre", "millimeter"),
        ("pretence", "pretense"),
        ("dialogue", "dialog"),
        ("fuelled", "fueled"),
        ("programmes", "programs"),
        ("sulphate", "sulfate"),
        ("haemorrhage", "hemorrhage"),
        ("oestrogen", "estrogen"),
        ("diarrhoea", "diarrhea"),
        ("flavours", "flavors"),
        ("counsellors", "counselors"),
        ("acknowledgement", "acknowledgment"),
        ("archaeological", "archeological"),
        ("three-storey", "three-storey"),  # one word at a time
        ("storeys", "stories"),
        ("skilful", "skillful"),
        ("cheques", "checks"),
        ("kerbside", "curbside"),
    ],
)
def test_american(british, us):
    assert american(british) == us
    assert american(us) == us


@pytest.mark.parametrize(
    "word",
    "hour four tour course journal flour wise rise surprise exercise promise advertised televised precision"
    " disease increase acre more were science audience called filled selling israel analysis".split(),
)
def test_other_words_stay(word):
    assert american(word) == word
