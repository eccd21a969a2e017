"""The analyzer: ways to write the same word meet, and words that differ stay apart."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import BREAK
from rag.stores.analyzer import STEMMERS, STOP_WORDS, TextAnalyzer, document_terms, fold

analyze = TextAnalyzer()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U.S.", "US"),
        ("45,000 tonnes", "45000 tonne"),
        ("produced", "produces"),
        ("15-20%", "15–20 %"),
        ("Japan’s", "Japan"),
        ("Araxá", "araxa"),
        ("rare-earth", "rare earth"),
        ("C$1.59", "c 1.59"),
        ("US‑China", "US-China"),
        ("NdFeB", "ndfeb"),
        ("３.5", "3.5"),
        # figures
        ("62 500 visitors", "62,500 visitors"),
        ("62\u00a0500", "62500"),
        ("62\u2009500", "62500"),
        ("62\u202f500", "62500"),
        ("62'500", "62500"),
        ("62’500", "62500"),
        ("62.000", "62,000"),
        ("3.250.000 Stück", "3,250,000 Stück"),
        ("2¼ miles", "2.25 miles"),
        ("¾ mile", "0.75 mile"),
        ("2 1/4 miles", "2.25 miles"),
        ("2 ¼ miles", "2¼ miles"),
        ("2 1⁄4 miles", "2.25 miles"),
        ("3,62,500 votes", "362,500 votes"),
        ("12,34,56,789", "123456789"),
        ("release v4.12.0", "release 4.12.0"),
        ("7.11.2024", "7 November 2024"),
        ("2024-11-07", "7 November 2024"),
        # invisible characters
        ("ytter\u00adbium", "ytterbium"),
        ("ytter\u200bbium", "ytterbium"),
        ("ytter\u200dbium", "ytterbium"),
        ("ytter\ufeffbium", "ytterbium"),
        ("ytter\u2060bium", "ytterbium"),
        ("ytter\u3164bium", "ytterbium"),
        ("ytter\U000e0061bium", "ytterbium"),
        ("ytter\U000e0100bium", "ytterbium"),
        ("ytter\ufffabium", "ytterbium"),
        ("ytter\u00ad\nbium", "ytterbium"),
        ("ytter-\nbium", "ytterbium"),
        # British and American
        ("harbours", "harbor"),
        ("recognised", "recognized"),
        ("centre", "center"),
        ("offence", "offense"),
        ("catalogue", "catalog"),
        ("paediatric anaemia", "pediatric anemia"),
    ],
)
def test_ways_to_write_the_same_give_the_same_terms(one, other):
    assert analyze(one) == analyze(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.59", "1"),
        ("1.500", "1,500"),
        ("the US", "with us"),
        ("the WHO", "who"),
        ("4.12.0", "4.12"),
        ("2 1/4", "2"),
        ("1/4/2026", "0.25/2026"),
        ("in 2026 ½", "2026.5"),
        ("C++", "C"),
        ("C#", "C"),
        ("AT&T", "T"),
        ("S&P", "P"),
        ("four", "for"),
        ("prize", "prise"),
    ],
)
def test_what_differs_keeps_different_terms(one, other):
    assert analyze(one) != analyze(other)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What is the price of it?", ["price"]),
        ("What did the IT of the WHO cost?", ["IT", "WHO", "cost"]),
        ("Boise, ID, and Portland, OR, voted", ["bois", "id", "portland", "OR", "vote"]),
        ("WHO WILL PAY FOR IT", ["pay"]),  # a line of capitals
        ("US TROOPS LEAVE", ["US", "troop", "leav"]),
        ("WILL", ["WILL"]),  # nothing around it
        ("I.T. and i.e.", ["IT", "ie"]),
        ("M&A at Marks&Spencer", ["m&a", "marks&spenc"]),
        ("Notepad++ in F# or 300+", ["notepad", "f#", "300"]),
        ("Vue.js at example.com", ["vue", "js", "exampl", "com"]),
        ("rose 5 t.China fell", ["rose", "5", "t", "china", "fell"]),
        ("東京電力の株", ["東京", "京電", "電力", "力の", "の株"]),
        ("2025年に金", ["2025", "年に", "に金"]),
        ("서울시", ["서울", "울시"]),
        ("ทอง", ["ทอ", "อง"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
    ],
)
def test_terms(text, terms):
    assert analyze(text) == terms


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("an e-mail", ["email"]),
        ("Co-operation", ["cooper"]),
        ("start-ups and Wi-Fi", ["startup", "wifi"]),
        ("F-16 and 15-20", []),
        ("state-of-the-art", []),
        ("rare-\nearth", ["rare", "earth"]),
        ("Disney+", ["disney+"]),
        ("Highway 61 500 km", ["61", "500"]),
        ("62.000", ["62.000"]),
        ("1/4", ["0.25"]),
        ("won 24/7 on 9/11", []),
        ("2 1/4 miles", ["2", "1", "4"]),
    ],
)
def test_other_ways_to_write_words(text, others):
    plain = analyze(text)
    assert sorted(analyze.all_terms(text)) == sorted([*plain, *others])
    assert document_terms([text], "en") == [*plain, *([BREAK, *others] if others else [])]


def test_a_date_in_digits_is_found_in_either_order():
    terms = " ".join(document_terms(["Opened 7.11.2024"], "en"))
    assert "7 novemb 2024" in terms
    assert "novemb 7 2024" in terms


def test_parts_of_a_passage_are_kept_apart():
    assert document_terms(["Zinc", "Prices", "An e-bike, an e-bike"], "en") == [
        *("zinc", BREAK, "price", BREAK),
        *("e", "bike", "e", "bike", BREAK, "ebik"),
    ]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "die Verträge", "den Vertrag"),
        ("fr", "les journaux", "le journal"),
        ("es", "las naciones", "la nación"),
        ("it", "dell’acqua", "acqua"),
        ("sv", "husen", "huset"),
        ("ru", "заводы", "завод"),
        ("de", "3,5 Prozent", "3.5 Prozent"),
        ("fr", "62.500", "62 500"),
        ("tr", "IRMAKLAR", "ırmak"),
        ("tr", "İller", "il"),
        ("vi", "Đường", "đường"),  # Snowball does not know it
    ],
)
def test_words_are_stemmed_by_their_own_language(language, one, other):
    both = [set(document_terms([text], language)) for text in (one, other)]
    assert both[0] & both[1]
    asked = {
        t
        for f in TextAnalyzer([language], function_words=True).forms(other)
        for r in f.words
        for t in r
    }
    assert asked & both[0]


def test_a_question_has_the_terms_of_each_language():
    forms = TextAnalyzer(["en", "de", "fr"]).forms("the Verträge")
    assert [(f.written, f.words) for f in forms] == [
        ("vertrage", (("vertrag",), ("vertrag",), ("vertrag",)))
    ]
    assert TextAnalyzer(["en", "nl"])("the huizen") == ["huizen", "huis"]
    assert TextAnalyzer(["en", "fr"])("or") == []
    assert TextAnalyzer(["en", "fr"], function_words=True)("or") == ["or"]


@given(st.text())
def test_any_text_gives_terms_without_spaces_or_line_ends(text):
    for language in ("en", "de", "zh"):
        for term in document_terms([text], language):
            assert term == BREAK or not any(c.isspace() for c in term)


@given(st.text(alphabet=st.characters(max_codepoint=0x2FFF)))
def test_terms_ignore_case_but_for_capitals(text):
    assert analyze(fold(text)) == analyze(fold(fold(text)))


@given(st.text(), st.sampled_from(sorted(STEMMERS)))
def test_a_question_finds_what_was_indexed(text, language):
    """The terms of a text are among those of the same text as a question, in every language."""
    asked = TextAnalyzer([language], function_words=language != "en").forms(text)
    found = {term for form in asked for run in (*form.words, *form.others) for term in run}
    assert found >= set(document_terms([text], language)) - {BREAK}


def test_the_stop_words_never_change():
    """Existing indexes were built without them; another list needs another analyzer id."""
    listed = " ".join(sorted(STOP_WORDS)).encode()
    assert hashlib.sha256(listed).hexdigest() == (
        "b9976057250b4d05ea5fc5773db55e822ca82fefb8c98112f60cab4697f92b65"
    )
