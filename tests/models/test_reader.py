"""The project's own reader: exact offsets in any passage, and the same results on any runtime."""

import logging
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ModelRefused
from rag.models import graph, load_reader
from rag.models.readers.compiled import load_uncompiled, open_reader
from rag.models.readers.trained import (
    ANSWER,
    COLUMNS,
    TrainedReader,
    Window,
    _adjust,
    choose_spans,
    findings_of,
)
from rag.models.weights import locate_model, locate_reader
from rag.records import Excerpt

pytestmark = pytest.mark.model

MILL = "Since 2019 the mill in Araxá has been run by Ann Ørsted; it made 1,200 tons in 2024."


def excerpt(text, title=""):
    return Excerpt(title, None, text)


@pytest.fixture(scope="module")
def reader():
    """The project's own reader, compiled, in fp32 on any processor."""
    return open_reader(locate_reader(), "fp32")


@pytest.fixture(scope="module")
def exact():
    """The same reader on PyTorch."""
    return load_uncompiled(locate_reader())


@pytest.fixture(scope="module")
def passages(seeds):
    """Excerpts from real passages."""
    return [passage.excerpt for passage in seeds.search("rare earths", k=12)]


def best(reader, question, text, title=""):
    [found] = reader.read(question, [excerpt(text, title)])
    return text[found.spans[0].start : found.spans[0].end]


def test_it_finds_who_and_how_much(reader):
    assert best(reader, "Who runs the mill?", MILL) == "Ann Ørsted"
    assert best(reader, "How many tons did the mill make?", MILL).startswith("1,200")


def test_what_a_passage_says_is_supported_and_the_opposite_contradicted(reader):
    said, opposite, other = (
        reader.entailments(statement, [MILL])[0]
        for statement in (
            "Ann Ørsted has run the mill since 2019.",
            "Nobody has ever run the mill in Araxá.",
            "The harbour was dredged twice.",
        )
    )
    assert said.supports > 0.5 > opposite.supports
    assert opposite.contradicts > said.contradicts
    assert other.supports < 0.5


def test_the_clearest_part_of_a_long_passage_decides_entailment(reader):
    filler = "The harbour was dredged twice, and the town paid for it out of the salt tax. " * 30
    [alone] = reader.entailments("The mill made 1,200 tons.", [MILL])
    [within] = reader.entailments("The mill made 1,200 tons.", [f"{filler}\n\n{MILL}"])
    [without] = reader.entailments("The mill made 1,200 tons.", [filler])
    assert min(alone.supports, within.supports) > without.supports


def test_entailments_are_probabilities_of_every_text_in_order(reader, passages):
    texts = [passage.text for passage in passages]
    found = reader.entailments("Japan and the United States agreed on magnets.", texts)
    assert len(found) == len(passages)
    assert all(
        s.supports >= 0 and s.contradicts >= 0 and s.supports + s.contradicts <= 1 for s in found
    )
    assert reader.entailments("Anything", []) == []


def test_a_passage_that_answers_scores_higher(reader):
    other = "The harbour was dredged twice, and the town paid for it out of the salt tax."
    right, wrong = reader.read("Who runs the mill?", [excerpt(MILL), excerpt(other)])
    assert right.spans[0].score > 2 * wrong.spans[0].score
    assert right.relevance > wrong.relevance


def test_spans_are_offsets_into_the_text(reader):
    text = "👩\u200d👧 日本のレアアース。 " + MILL
    [found] = reader.read("Who runs the mill?", [excerpt(text)])
    for span in found.spans:
        assert 0 <= span.start < span.end <= len(text)
        quoted = text[span.start : span.end]
        assert quoted == quoted.strip()
    assert text[found.spans[0].start : found.spans[0].end] == "Ann Ørsted"


@settings(max_examples=settings().max_examples // 3)
@given(st.text(max_size=60), st.text(max_size=300), st.text(max_size=20))
def test_any_text_can_be_read(reader, question, text, title):
    [found] = reader.read(question, [excerpt(text, title)])
    assert 0 <= found.relevance <= 1
    scores = [span.score for span in found.spans]
    assert scores == sorted(scores, reverse=True)
    for span in found.spans:
        assert 0 <= span.start < span.end <= len(text)
        assert 0 <= span.score <= 1
    places = sorted((span.start, span.end) for span in found.spans)
    assert all(a[1] <= b[0] for a, b in pairwise(places))


def test_an_answer_at_the_end_of_a_long_passage_is_found(reader):
    text = "Nothing of note happened in the village that winter. " * 95 + MILL
    assert len(text) > 5000
    assert best(reader, "Who runs the mill?", text) == "Ann Ørsted"


@pytest.mark.parametrize("count", [0, 1, 100, 246, 247, 248, 431, 1500])
def test_windows_cover_the_passage(reader, count):
    text = " ".join(str(number % 10) for number in range(count))
    [windows] = reader.windows([("Who?", excerpt(text, "Title"))])
    assert all(len(window.ids) == len(window.types) <= COLUMNS for window in windows)
    held = [{start // 2 for start, _ in window.offsets} for window in windows]
    assert set().union(*held) == set(range(count))
    for first in range(count - ANSWER):  # whatever is no longer than an answer is whole in one
        assert any({first, first + ANSWER - 1} <= tokens for tokens in held)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_damaged_reader_is_refused_and_gives_no_confidence(monkeypatch, tmp_path, value):
    damaged = graph.Graph(tmp_path / "kernels", lambda inputs: [np.full(inputs[0].shape, value)])
    monkeypatch.setattr(graph, "open_graph", lambda *_: ("fp32", damaged))
    with pytest.raises(ModelRefused, match="not finite"):
        open_reader(locate_reader(), "fp32").read("Who runs the mill?", [excerpt(MILL)])


def test_no_passages_no_readings(reader):
    assert reader.read("Who runs the mill?", []) == []


def test_an_empty_passage_has_no_spans(reader):
    empty, full = reader.read("Who runs the mill?", [excerpt(""), excerpt(MILL)])
    assert empty.spans == ()
    assert full.spans


def test_a_reading_does_not_depend_on_the_batch(reader, passages):
    question = "Who is the CEO of REAlloys?"
    for one, again in zip(passages, reader.read(question, passages), strict=True):
        [alone] = reader.read(question, [one])
        assert [(s.start, s.end) for s in alone.spans[:1]] == [
            (s.start, s.end) for s in again.spans[:1]
        ]
        assert abs(alone.relevance - again.relevance) < 1e-3
        assert abs(alone.spans[0].score - again.spans[0].score) < 1e-3


def test_the_compiled_reader_equals_pytorch(reader, exact, passages):
    for question in ("Who is the CEO of REAlloys?", "How much did China produce?"):
        pairs = zip(reader.read(question, passages), exact.read(question, passages), strict=True)
        for compiled, original in pairs:
            assert abs(compiled.relevance - original.relevance) < 1e-3
            assert abs(compiled.spans[0].score - original.spans[0].score) < 1e-3


def brute_force(scores, window):
    count = len(window.offsets)
    return {
        (i, j): scores[window.begin + i, window.begin + j]
        for i in range(count)
        for j in range(i, min(count, i + ANSWER))
        if window.words[i][0] and window.words[j][1] and window.cells[i] == window.cells[j]
    }


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_span_search_is_exact(count, seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 5, (count + 5, count + 5)).astype(np.float32)
    words = [(bool(b), bool(e)) for b, e in rng.random((count, 2)) < 0.8]
    cells = np.cumsum(rng.random(count) < 0.1).tolist()
    places = [(i, i + 1) for i in range(count)]
    window = Window([0] * (count + 5), [0] * (count + 5), 4, places, words, cells)
    found = findings_of(window, scores, np.array([1.5, 0.25], np.float32))
    possible = brute_force(scores, window)
    if not possible:
        assert found.spans == ()
        return
    top = max(possible, key=possible.__getitem__)
    assert found.spans[0][:2] == top
    total = np.logaddexp.reduce(np.array(list(possible.values()), np.float64))
    assert found.odds == pytest.approx(total - 1.5, abs=1e-4)
    assert found.spans[0][2] == pytest.approx(np.exp(possible[top] - total), rel=1e-3)


def test_no_answer_crosses_rows_or_cells(reader):
    rows = "Element | Use\nNeodymium | Wind turbines\nYttrium | Laser crystals\n\nEnd of it."
    [found] = reader.read("What is yttrium used for?", [excerpt(rows)])
    for span in found.spans:
        assert not set("|\n") & set(rows[span.start : span.end])


def test_the_span_that_agrees_most_with_the_others_is_chosen():
    shares = {(0, 2): 0.3, (0, 7): 0.25, (0, 8): 0.25, (20, 24): 0.2}
    first, second = choose_spans(shares)
    assert first == (0, 7, pytest.approx(0.8))
    assert second == (20, 24, pytest.approx(0.2))


@pytest.mark.parametrize(
    ("text", "inner", "expected"),
    [
        ("it cost $45.5 million.", "45", "$45.5"),
        ("up 12% since", "12", "12%"),
        ("in the U.S. alone", "U.S", "U.S."),
        ("called “the union”, it", "“the union”,", "the union"),
        ("the (so-called) end", "(so-called)", "(so-called)"),
        ("a (very) b", "(very", "very"),
        ("...", "...", "."),
    ],
)
def test_spans_have_whole_numbers_and_no_punctuation(text, inner, expected):
    start = text.index(inner)
    begin, end = _adjust(text, start, start + len(inner))
    assert text[begin:end] == expected


def test_the_weights_are_small_and_public():
    [weights] = locate_reader().folder.glob("*.safetensors")
    assert weights.stat().st_size < 50e6


def test_a_process_has_one_reader():
    first = load_reader()
    assert isinstance(first, TrainedReader)
    assert load_reader() is first


def test_pytorch_runs_a_reader_that_cannot_be_saved(monkeypatch, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    caplog.set_level(logging.WARNING, "rag")
    from rag.models import load

    monkeypatch.setattr(load, "_readers", {})
    found = load_reader()
    assert "/dev/null/nowhere" in caplog.text
    assert best(found, "Who runs the mill?", MILL) == "Ann Ørsted"


@pytest.fixture
def tokenizer():
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(locate_model(None).folder)


def tiny(**more):
    from transformers import BertConfig

    return BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, **more
    )


def test_a_question_answering_model_can_replace_it(tmp_path, tokenizer):
    from transformers import BertForQuestionAnswering

    BertForQuestionAnswering(tiny()).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    found = load_reader(str(tmp_path)).read("Who?", [excerpt(MILL * 40), excerpt("")])
    assert found[0].spans
    assert all(0 <= s.start < s.end <= len(MILL) * 40 for s in found[0].spans)
    assert found[1].spans == ()


def test_a_cross_encoder_gives_relevance(tmp_path, tokenizer):
    from transformers import BertForSequenceClassification

    BertForSequenceClassification(tiny(num_labels=1)).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    [found] = load_reader(str(tmp_path)).read("Who?", [excerpt(MILL)])
    assert 0 < found.relevance < 1
    assert found.spans == ()
    assert load_reader(str(tmp_path)).read("Who?", []) == []


def test_a_model_that_cannot_read_is_refused():
    with pytest.raises(ModelRefused, match="neither"):
        load_reader("all-MiniLM-L6-v2")
