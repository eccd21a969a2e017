"""Quoted phrases, +required and -excluded words: how they are parsed, and their effect on a search."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag.search.query import Query, parse
from rag.stores.analyzer import TextAnalyzer

ANALYZER = TextAnalyzer()


def read(text):
    return parse(text, ANALYZER)


def plain(text):
    return Query(text, tuple(ANALYZER(text)))


@pytest.mark.parametrize(
    ("typed", "text", "phrases", "required", "excluded"),
    [
        ('"price floor" now', '"price floor" now', [("price", "floor")], [], []),
        ("“price floor” now", "“price floor” now", [("price", "floor")], [], []),
        ('"floor"', '"floor"', [], [], []),  # one word is no phrase
        ('"the price of floors"', '"the price of floors"', [("price", "floor")], [], []),
        ("magnets +NdPr", "magnets NdPr", [], [("ndpr",)], []),
        ('+"rare earth" oxide', '"rare earth" oxide', [("rare", "earth")], [("rare", "earth")], []),
        ("+US-Japan deal", "US-Japan deal", [], [("us", "japan")], []),
        ("+U.S. oxide", "U.S. oxide", [], [("us",)], []),
        ("magnets -China", "magnets", [], [], [("china",)]),
        ("Who sells magnets -China?", "Who sells magnets ?", [], [], [("china",)]),
        ('-"price floor" magnets', "magnets", [], [], [("price", "floor")]),
        ("magnets +the", "magnets the", [], [], []),  # a function word is in no index
        ("magnets -the", "magnets", [], [], []),
    ],
)
def test_operators(typed, text, phrases, required, excluded):
    assert read(typed) == Query(
        text, tuple(ANALYZER(text)), tuple(phrases), tuple(required), tuple(excluded)
    )


@pytest.mark.parametrize(
    "text",
    [
        "-5 degrees",
        "+45 tonnes",
        "the point (x, -y) and -x",
        "a US-Japan deal",
        "15-20% more",
        "price - floor -- now",
        "C++ and a+b",
        "--full",
        "+-x",
        '"unclosed price',
        '-"unclosed price',
        'a 5" pipe and a 6" pipe',
        '"" and " "',
        "rock'n'roll",
    ],
)
def test_text_that_looks_like_an_operator(text):
    assert read(text) == plain(text)


@pytest.mark.parametrize("typed", ["-china", '-"price floor" -china', "-the", "-china ?"])
def test_a_query_of_only_exclusions_is_rejected(typed):
    with pytest.raises(rag.InvalidArgument, match="leave out") as caught:
        read(typed)
    assert caught.value.fix


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_text_without_signs_and_quotes_does_not_change(text):
    text = " ".join("".join(c for c in text if c not in '"“”+-').split())
    if text:
        assert read(text) == plain(text)


@given(st.text(alphabet='ab1 +-"“”?.', max_size=60) | st.text(max_size=60))
def test_any_text_is_parsed_or_rejected(text):
    try:
        query = read(text)
    except rag.InvalidArgument:
        return
    assert query.text.strip()
    assert query.terms == tuple(ANALYZER(query.text))
    runs = (*query.phrases, *query.required, *query.excluded)
    assert all(run and all(run) for run in runs)


@pytest.mark.parametrize("piece", ['"', "-", '-"', '"a', '+"a ', '-"a" ', "-a", "“ "])
def test_parsing_time_is_linear(piece):
    def spent(length):
        text = "x " + piece * (length // len(piece))
        begun = time.process_time()
        for _ in range(3):
            read(text)
        return time.process_time() - begun

    short, long = (min(spent(length) for _ in range(3)) for length in (1_200, 9_600))
    assert long < 25 * short + 0.01  # 8 times the text; quadratic time would be 64 times as long


# ---------------------------------------------------------------- through the public door

MODES = pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid"])


def texts(passages):
    return [f"{p.title}\n{p.heading or ''}\n{p.text}".lower() for p in passages]


@MODES
def test_a_required_word_selects_exactly_the_passages_with_it(seeds, mode):
    everything = seeds.search("rare earths", k=1_000)
    holding = {p.chunk_id for p in everything if "china" in texts([p])[0]}
    found = seeds.search("rare earths +China", k=1_000, mode=mode)
    assert {p.chunk_id for p in found} == holding
    assert 0 < len(holding) < len(everything)


@MODES
def test_an_excluded_word_selects_exactly_the_passages_without_it(seeds, mode):
    everything = seeds.search("rare earths", k=1_000, mode=mode)
    without = {p.chunk_id for p in everything if "china" not in texts([p])[0]}
    found = seeds.search("rare earths -China", k=1_000, mode=mode)
    assert {p.chunk_id for p in found} == without
    assert 0 < len(without) < len(everything)


@MODES
def test_a_phrase_can_be_required_or_excluded(seeds, mode):
    everything = seeds.search("price floor rare earths", k=1_000)
    held = seeds.search('rare earths +"price floor"', k=1_000, mode=mode)
    others = seeds.search('rare earths -"price floor"', k=1_000, mode="dense")
    assert all("price floor" in text.replace("-", " ") for text in texts(held))
    assert held
    assert {p.chunk_id for p in held} | {p.chunk_id for p in others} == {
        p.chunk_id for p in everything
    }
    assert not {p.chunk_id for p in held} & {p.chunk_id for p in others}


@MODES
def test_operators_and_filters_both_apply_before_ranking(seeds, mode):
    """A search returns ``k`` passages if that many pass, however many others rank higher."""
    filters = rag.Filters(publisher="kallanish")
    every = seeds.search("rare earths -China", k=100, mode=mode, filters=filters)
    assert every
    assert {p.publisher for p in every} == {"Kallanish"}
    assert seeds.search("rare earths -China", k=2, mode=mode, filters=filters) == every[:2]


def test_a_passage_with_the_phrase_ranks_higher(corpus, tmp_path):
    (corpus / "apart.txt").write_text(
        "Two things\n\nThe floor of the hall was sold at a low price.\n"
    )
    (corpus / "together.txt").write_text(
        "Two other things\n\nThe price floor of the hall was kept low by the sale of it.\n"
    )
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        loose = retriever.search("price floor", mode="lexical")
        quoted = retriever.search('"price floor"', mode="lexical")
        assert {p.doc_id for p in loose} == {p.doc_id for p in quoted}
        assert [p.doc_id for p in quoted] == ["together.txt", "apart.txt"]
        gained = {p.doc_id: p.score for p in quoted}
        before = {p.doc_id: p.score for p in loose}
        assert gained["together.txt"] > before["together.txt"]
        assert gained["apart.txt"] == before["apart.txt"]


def test_a_result_keeps_the_typed_query_but_searches_the_parsed_one(seeds):
    typed = "price floor -China"
    result = seeds.search_result(typed)
    assert result.query == typed
    scores = {p.chunk_id: p.contributions["dense"].score for p in seeds.search("price floor")}
    for passage in result.passages:
        if passage.chunk_id in scores:
            assert passage.contributions["dense"].score == scores[passage.chunk_id]


def test_an_answer_comes_from_passages_that_pass_the_operators(seeds):
    question = "What price floor was agreed for NdPr? -MP"
    answer = seeds.ask(question, passages=3)
    assert answer.question == question
    assert answer.passages
    assert not any("mp materials" in text for text in texts(answer.passages))
    assert "MP Materials" in seeds.ask(question.replace("-MP", ""), passages=3).passages[0].text


def test_an_answer_says_that_no_passage_has_the_required_words(seeds):
    answer = seeds.ask("Who sells magnets? +magnets -rare -magnet")
    assert (answer.status, answer.passages) == ("abstained", ())
    assert "no passage has everything marked +" in answer.reason
    answer = seeds.ask("Who sells magnets? +Atlantis")
    assert "Atlantis" in answer.reason


@pytest.mark.parametrize("query", ["who is it", '"of the"', "+the", "?!"])
def test_a_query_without_terms_searches_by_meaning(seeds, query):
    assert seeds.search(query, mode="lexical") == []
    assert len(seeds.search(query, k=3)) == 3
