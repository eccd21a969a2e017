"""A name typed with a slip is searched for as the articles write it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.roots import corpus_of
from rag.english.words import letters_off
from rag.records import (
    Bm25Parameters,
    Chunk,
    Document,
    EmbedderInfo,
    IndexedDocument,
    Recipe,
    SourceRecord,
    chunk_id_of,
)
from rag.search import respelled
from rag.search.wording import as_written
from rag.stores.analyzer import TextAnalyzer
from rag.stores.memory import MemoryIndex

ANALYZER = TextAnalyzer()
TEXTS = [
    "The probe Cassini reached Saturn. It said that Cassini is well.",
    "The minister Peter Mandelson resigned. They often break bread where Arnold Schwarzenegger is.",
    "Prices rose. Everyone was surprised that the broad market in Austria held.",
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    index = MemoryIndex()
    index.begin(None)
    for number, text in enumerate(TEXTS):
        doc_id = f"{number}.txt"
        chunk = Chunk(chunk_id_of(doc_id, 0, len(text)), doc_id, 0, len(text))
        document = Document(doc_id, doc_id, text, "A title", None, None, None)
        vector = np.ones((1, 1), np.float32)
        index.put(
            IndexedDocument(document, SourceRecord("", 0, 0, ""), [chunk], [ANALYZER(text)], vector)
        )
    embedder = EmbedderInfo("none", "", 1, 1, "", "", "")
    index.commit(
        corpus_of([tmp_path_factory.mktemp("articles")]),
        Recipe(embedder, ANALYZER.id, "", 1, Bm25Parameters()),
    )
    return index.open()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("when did casini reach saturn", "when did Cassini reach saturn"),
        ("When did Casini's probe reach Saturn?", "When did Cassini's probe reach Saturn?"),
        ("Why did Peter Mandleson resign?", "Why did Peter Mandelson resign?"),
        ("where is arnold schwarznegger", "where is arnold Schwarzenegger"),
        ("Where is Schwartznegger?", "Where is Schwarzenegger?"),
        ("Casini, Mandleson", "Cassini, Mandelson"),
    ],
)
def test_a_slip_in_a_name_is_put_right(store, typed, meant):
    text, changed = respelled(typed, ANALYZER, store)
    assert text == meant
    assert changed
    assert all(each.typed in typed and each.meant in meant for each in changed)


@pytest.mark.parametrize(
    "typed",
    [
        "When did Cassini reach Saturn?",
        "who bakes breed",  # no name
        "who sells broads",
        "Who sells Breads?",
        "What happened in Australia?",  # a country of its own, though it is near Austria
        '"Casini" reached Saturn',
        "+Casini Saturn",
        "Saturn -Casini",
        "Saturn Casin*",
        "publisher:Casini Saturn",
        "«Casini» reached Saturn",
        "Cas",
        "",
    ],
)  # fmt: skip
def test_all_else_is_left_alone(store, typed):
    assert respelled(typed, ANALYZER, store) == (typed, ())


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_slips_are_counted_alike_from_both_sides(one, other):
    assert letters_off(one, other, 2) == letters_off(other, one, 2)
    assert letters_off(one, other, 0) == (one == other)
    assert not letters_off(one, other, 1) or letters_off(one, other, 2)


@given(st.text("abcde", min_size=1, max_size=8), st.data())
def test_one_slip_is_one_slip(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    for slip in (word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], swapped):
        assert letters_off(word, slip, 1)


@pytest.mark.parametrize(
    ("question", "text", "read_as"),
    [
        ("Who ended cooperation?", "Co-operation ended.", "Who ended co-operation?"),
        ("Cooperation with whom?", "The co-operation ended.", "Co-operation with whom?"),
        ("Who sent the e-mail?", "An email came.", "Who sent the email?"),
        ("healthcare costs", "Costs of health care rose.", "health care costs"),
        ("the startup", "A start\u2010up failed.", "the start\u2010up"),
        # what the text has as it was asked for, or not at all, stays
        ("the start-up", "A start-up, a startup.", "the start-up"),
        ("the e-mail", "Nothing came by post.", "the e-mail"),
        ("", "Anything.", ""),
        # amounts, where both have a unit of one kind
        ("Who took 1.5 tonnes?", "The Anna took 1½ tonnes.", "Who took 1½ tonnes?"),
        ("Who paid $2 million?", "They paid $2,000,000, she $3.", "Who paid $2,000,000?"),
        ("A fall of three percent?", "It fell by 3%.", "A fall of 3%?"),
        ("Who took 300 kg?", "She took 300 kg, he .3 tonnes.", "Who took 300 kg?"),
        ("Who took 300 kg?", "She took 400 kg, and 300 people.", "Who took 300 kg?"),
        ("Who took over 2 tonnes?", "She took 2,000 kg.", "Who took over 2 tonnes?"),
        ("Who came in 2004?", "There were 2,004 ships.", "Who came in 2004?"),
    ],
)
def test_compounds_and_amounts_are_read_as_the_articles_write_them(question, text, read_as):
    assert as_written(question, [text]) == read_as
