"""Quoted phrases, +required and -excluded words: how they are parsed, and their effect on a search."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import rag
from rag.records import Filters
from rag.search.query import Query, parse
from rag.search.terms import COMPLETIONS, QuestionAnalyzer
from rag.stores.analyzer import STEMMERS, TextAnalyzer, document_terms
from rag.text.tokens import visible
from tests.timing import assert_linear, repeated


class Words:
    """A vocabulary of a few passages, each the terms of a text."""

    def __init__(self, *texts, language="en"):
        self.passages = [document_terms([text], language) for text in texts]

    def document_frequency(self, term):
        return sum(term in terms for terms in self.passages)

    def phrase_frequency(self, run):
        return sum(f" {' '.join(run)} " in f" {' '.join(terms)} " for terms in self.passages)

    def terms_with(self, prefix):
        known = {term for terms in self.passages for term in terms if term}
        return sorted(term for term in known if term.startswith(prefix))


def analyzer(*texts, languages=("en",)):
    return QuestionAnalyzer(TextAnalyzer(languages), Words(*texts))


ANALYZER = analyzer()


def read(text):
    return parse(text, ANALYZER)


def plain(text):
    return Query(text, tuple(ANALYZER(text)))


@pytest.mark.parametrize(
    ("typed", "text", "phrases", "required", "excluded"),
    [
        ('"price floor" now', '"price floor" now', ["price floor"], [], []),
        ("“price floor” now", "“price floor” now", ["price floor"], [], []),
        ("„price floor“ now", "„price floor“ now", ["price floor"], [], []),
        ("«price floor» now", "«price floor» now", ["price floor"], [], []),
        ("»price floor« now", "»price floor« now", ["price floor"], [], []),
        ("‘price floor’ now", "‘price floor’ now", ["price floor"], [], []),
        ("`price floor` now", "`price floor` now", ["price floor"], [], []),
        ("❝price floor❞ now", "❝price floor❞ now", ["price floor"], [], []),
        ("〝price floor〞 now", "〝price floor〞 now", ["price floor"], [], []),
        ("'price floor' now", "'price floor' now", ["price floor"], [], []),
        ("'Japan's floor' now", "'Japan's floor' now", ["japan floor"], [], []),
        ("+'price floor' now", "'price floor' now", ["price floor"], ["price floor"], []),
        ('"floor"', '"floor"', ["floor"], [], []),
        ('"the price of floors"', '"the price of floors"', ["price floor"], [], []),
        ("magnets +NdPr", "magnets NdPr", [], ["ndpr"], []),
        ('+"rare earth" oxide', '"rare earth" oxide', ["rare earth"], ["rare earth"], []),
        ("+U.S. oxide", "U.S. oxide", [], ["US"], []),
        ("+OR oxide", "OR oxide", [], ["OR"], []),
        ("magnets -WHO", "magnets", [], [], ["WHO"]),
        ("magnets -China", "magnets", [], [], ["china"]),
        ("Who sells magnets -China?", "Who sells magnets ?", [], [], ["china"]),
        ('-"price floor" magnets', "magnets", [], [], ["price floor"]),
        ("magnets +the", "magnets the", [], [], []),  # a function word is in no index
        ("magnets -the", "magnets", [], [], []),
        # figures, and names with signs
        ("levy +2031", "levy 2031", [], ["2031"], []),
        ("levy -2031", "levy", [], [], ["2031"]),
        ("levy \u22122031 zinc", "levy zinc", [], [], ["2031"]),
        ("＋tin －zinc", "tin", [], ["tin"], ["zinc"]),
        ("+4K and -8K screens", "4K and screens", [], ["4k"], ["8k"]),
        ("+62,500 seats", "62,500 seats", [], ["62500"], []),
        ("+I-95 toll", "I-95 toll", [], ["95"], []),
        ("+M&A +F# -C++", "M&A F#", [], ["m&a", "f#"], ["c++"]),
        ("vitamin +K", "vitamin K", [], ["k"], []),
        ("vitamin -D", "vitamin", [], [], ["d"]),
        ("+§4.2.1 spills", "§4.2.1 spills", [], ["4.2.1"], []),
        ("+.NET -#tin", ".NET", [], ["net"], ["tin"]),
        ("+€40 toll", "€40 toll", [], ["40"], []),
        ("+1½ miles", "1½ miles", [], ["1.5"], []),
        # capitals
        ("zinc NOT (lead)", "zinc", [], [], ["lead"]),
        ("zinc NOT (lead OR tin) price", "zinc price", [], [], ["lead", "tin"]),
        ("zinc AND (lead) price", "zinc lead price", [], ["zinc", "lead"], []),
        ("price NOT floor", "price", [], [], ["floor"]),
        ('price NOT "zinc mine"', "price", [], [], ["zinc mine"]),
        ("NOT zinc price", "price", [], [], ["zinc"]),
        ('NOT "zinc mine" price', "price", [], [], ["zinc mine"]),
        ("zinc AND lead price", "zinc lead price", [], ["zinc", "lead"], []),
        ("zinc AND NOT lead", "zinc", [], [], ["lead"]),
        ("zinc OR lead", "zinc lead", [], [], []),
    ],
)
def test_operators(typed, text, phrases, required, excluded):
    query = read(typed)
    assert " ".join(query.text.split()) == text
    assert query.terms == tuple(ANALYZER(text))
    assert [" ".join(run) for run in query.phrases] == phrases
    assert [" ".join(runs[0]) for runs in query.required] == required
    assert [" ".join(run) for run in query.excluded] == excluded
    assert (query.filters, query.notes) == (None, ())


@pytest.mark.parametrize(
    ("typed", "text", "required"),
    [
        ("(zinc OR lead) AND price", "zinc lead price", ["zinc|lead", "price"]),
        (
            "price AND (zinc OR lead OR tin) now",
            "price zinc lead tin now",
            ["price", "zinc|lead|tin"],
        ),
        ("zinc OR lead AND tin OR price", "zinc lead tin price", ["zinc|lead", "tin|price"]),
        ('("zinc mine" OR lead) AND price', '"zinc mine" lead price', ["zinc mine|lead", "price"]),
        ("(pric* OR lead) AND zinc", "pric* lead zinc", ["pric|lead", "zinc"]),
        ("tin AND zinc OR lead AND price", "tin zinc lead price", ["tin", "zinc|lead", "price"]),
        ("(zinc OR 5G) AND price", "zinc 5G price", ["zinc|5g", "price"]),
        ("+tin \x1fzinc", "tin zinc", ["tin"]),
        ("zinc OR the OR tin AND price", "zinc OR the OR tin price", ["price"]),
        ("[zinc OR tin AND price", "[zinc tin price", ["price"]),
    ],
)
def test_one_of_the_alternatives_beside_an_and_is_required(typed, text, required):
    query = read(typed)
    assert " ".join(query.text.split()) == text
    assert ["|".join(" ".join(run) for run in runs) for runs in query.required] == required


@pytest.mark.parametrize(
    "text",
    [
        "-5 degrees",
        "-40,000 dollars",
        "the point (x, -y) and -x",
        "a US-Japan deal",
        "15-20% more",
        "price - floor -- now",
        "C++ and a+b",
        "--full",
        "+-x",
        'a 5" pipe and a 6" pipe',
        '"" and " "',
        "rock'n'roll and the workers' pay in the '90s",
        "Which firm did NOT sign?",
        "PRICES AND WAGES",
        "Portland, OR",
        "AND then",
        "the ratio is 10:30",
        "what: nothing",
        "5 * 3 is 15",
    ],
)
def test_text_that_looks_like_an_operator(text):
    assert read(text) == plain(text)


@pytest.mark.parametrize(
    ("typed", "text", "filters"),
    [
        ("title:zinc price", "zinc price", rag.Filters(title="zinc")),
        ('title:"zinc mine" price', "zinc mine price", rag.Filters(title="zinc mine")),
        ("price publisher:Kallanish", "price", rag.Filters(publisher="Kallanish")),
        ("price publisher:«Le Temps»", "price", rag.Filters(publisher="Le Temps")),
        ("after:2025-03-01 price", "price", rag.Filters(since="2025-03-01")),
        (
            "price before:2025-06-30 after:2025-03-01",
            "price",
            rag.Filters("2025-03-01", "2025-06-30"),
        ),
        ("after:2025-03 price", "price", rag.Filters(since="2025-03-01")),
        ("since:2025 price", "price", rag.Filters(since="2025-01-01")),
        ("before:2024-02 price", "price", rag.Filters(until="2024-02-29")),
        ("until:2025 price", "price", rag.Filters(until="2025-12-31")),
        ("date:2024-11 price", "price", rag.Filters("2024-11-01", "2024-11-30")),
        ("price ON:2024-11-05", "price", rag.Filters("2024-11-05", "2024-11-05")),
        ("price on:2024", "price", rag.Filters("2024-01-01", "2024-12-31")),
    ],
)
def test_fields_are_filters(typed, text, filters):
    query = read(typed)
    assert (query.text, query.filters) == (text, filters)
    others = rag.Filters(path="*.txt", publisher="Reuters")
    both = query.narrowed(others)
    assert both.path == "*.txt"
    assert both.publisher == (filters.publisher or "Reuters")


@pytest.mark.parametrize(
    "date", ["last week", "2025-13", "2025-00", "0000", "25", "2025-2-3", "1/2/2025"]
)
def test_a_date_that_cannot_be_one_is_refused(date):
    for field in ("after", "since", "before", "until", "date", "on"):
        with pytest.raises(rag.InvalidFilter, match=f"'{date}' is not a date"):
            read(f'{field}:"{date}" price')


@given(st.dates())
def test_a_month_and_a_year_are_all_their_days_and_no_others(day):
    for size in (len("YYYY"), len("YYYY-MM"), len("YYYY-MM-DD")):
        written = day.isoformat()[:size]
        first, last = rag.Filters(since=written).since, rag.Filters(until=written).until
        assert first <= day.isoformat() <= last
        assert first[:size] == last[:size] == written
        assert first.endswith("-01-01"[size - 4 :])
        if last < dt.date.max.isoformat():
            beyond = dt.date.fromisoformat(last) + dt.timedelta(1)
            assert beyond.isoformat()[:size] != written


def test_only_filters_are_no_query():
    with pytest.raises(rag.InvalidArgument, match="leave out"):
        read("publisher:Kallanish")


@pytest.mark.parametrize(
    ("typed", "note"),
    [('"unclosed price', "not closed"), ("pr?ce", "[*]"), ("*price", "[*]"), ("pr*ce now", "[*]")],
)
def test_what_is_no_operator_is_said(typed, note):
    query = read(typed)
    assert query.terms == tuple(ANALYZER(typed))
    [said] = query.notes
    assert re.search(note, said)


# ---------------------------------------------------------------- words as the index has them


@pytest.mark.parametrize(
    ("articles", "word", "runs"),
    [
        (["an email"], "e-mail", {("e", "mail"), ("email",)}),
        (["an e-mail"], "email", {("email",)}),
        (["the startup"], "start-up", {("start", "up"), ("startup",)}),
        (["child care"], "childcare", {("childcar",), ("child", "care")}),
        (["childcare"], "child care", {("child", "care"), ("childcar",)}),
        (["the US"], "us", {("us",), ("US",)}),
        (["a T-34 tank"], "T34", {("t", "34")}),
        (["a T34 tank"], "T-34", {("t", "34"), ("t34",)}),
        (["a 7 nm chip"], "7nm", {("7", "nm")}),
        (["prices pricing primer"], "pri*", {("pri",), ("price",), ("primer",)}),
        (["production"], "producti*", {("product",)}),
        (["2 1/4 miles"], "2¼", {("2.25",)}),
        (["¼ mile"], "1/4", {("1", "4"), ("0.25",)}),
        (["錫の輸出"], "錫", {("錫の",)}),
        (["on 7.11.2024"], "2024-11-07", {("7", "novemb", "2024"), ("novemb", "7", "2024")}),
    ],
)
def test_a_required_word_may_be_written_in_any_way(articles, word, runs):
    quoted = f'"{word}"' if " " in word else word
    [found] = parse(f"+{quoted}", analyzer(*articles)).required
    assert set(found) >= runs


@pytest.mark.parametrize(
    ("articles", "word", "run"),
    [
        (["Canal+ and the canal"], "Canal+", "canal+"),
        (["the canal"], "Canal+", "canal"),
        (["Notepad++, a notepad"], "Notepad++", "notepad++"),
        (["Canal+"], "canal", "canal"),
    ],
)
def test_a_sign_at_the_end_of_a_name_counts_if_the_articles_have_it(articles, word, run):
    asks = analyzer(*articles)
    [found] = parse(f"+{word}", asks).required
    assert found[0] == (run,)
    assert asks(word) == [run]


def test_many_languages_leave_room_for_other_ways_to_write_a_word():
    asks = QuestionAnalyzer(TextAnalyzer(STEMMERS), Words("an email"))
    assert ("email",) in asks.runs("e-mail")


def test_a_star_stands_for_the_words_that_most_passages_have():
    rare = [f"pri{letter}{other}ka" for letter in "abcdefgh" for other in "abcdefgh"]
    often = analyzer(" ".join(rare), "prizzka").completions("pri")
    assert len(often) == COMPLETIONS
    assert "prizzka" not in often
    assert "prizzka" in analyzer(" ".join(rare), "prizzka", "prizzka").completions("pri")


@pytest.mark.parametrize(
    ("articles", "question", "terms"),
    [
        (["an email"], "the e-mail", ["email"]),
        (["an email", "e-mail"], "e-mail", ["email"]),  # which all of them have
        (["e mail", "e-mail"], "e-mail", ["e", "mail"]),
        (["an e-mail"], "the e-mail", ["e", "mail"]),
        ([], "the e-mail", ["e", "mail"]),
        (["child care"], "childcare", ["child", "care"]),
        (["care for a child"], "childcare", ["childcar"]),
        (["childcare"], "child care", ["child", "care", "childcar"]),
        (["child care"], "child care", ["child", "care"]),
        (["62.000 t"], "62,000 t", ["62000", "t"]),
        (["2 1/4 t"], "2.25 t", ["2.25", "t"]),
        (["2¼ t"], "2 1/4 t", ["2.25", "t"]),
        (["the US"], "us tariffs", ["us", "US", "tariff"]),
        (["the US"], "Let us see", ["let", "us", "see"]),
    ],
)
def test_the_index_decides_which_way_is_looked_for(articles, question, terms):
    assert analyzer(*articles)(question) == terms


def test_a_question_is_asked_in_the_languages_of_the_index():
    asks = QuestionAnalyzer(TextAnalyzer(["en", "nl"]), Words("huis", language="nl"))
    assert asks("the huizen") == ["huis"]
    assert asks("the homes") == ["home"]
    assert ("huis",) in asks.runs("huizen")
    assert ("huizen",) in asks.runs("huizen")


@pytest.mark.parametrize("typed", ["-china", '-"price floor" -china', "-the", "-china ?"])
def test_a_query_of_only_exclusions_is_rejected(typed):
    with pytest.raises(rag.InvalidArgument, match="leave out") as caught:
        read(typed)
    assert caught.value.fix


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_text_without_signs_and_quotes_does_not_change(text):
    signs = "\"'+-*:" + "“”„‟″«»‹›‘’‚‛′`´❛❜❝❞〝〞〟「」『』−＋－＂"
    text = visible(" ".join("".join(c for c in text if c not in signs).split())).strip()
    if text and not {"AND", "OR", "NOT"} & set(text.split()):
        query = read(text)
        assert (query.text, query.terms) == (text, tuple(ANALYZER(text)))
        assert query == replace(plain(text), notes=query.notes)


PIECES = 'AND OR NOT zinc lead) (tin the the?foo 5?x a?b +a -zinc "x y" $5 [b (the title:x'.split()


@given(
    st.text(alphabet='ab1 +-"“”?.*:', max_size=60)
    | st.text(max_size=60)
    | st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
)
@example("the?foo OR zinc AND lead")
def test_any_text_is_parsed_or_rejected(text):
    try:
        query = read(text)
    except rag.InvalidArgument:
        return
    assert query.terms[: len(ANALYZER(query.text))] == tuple(ANALYZER(query.text))
    runs = (*query.phrases, *(run for runs in query.required for run in runs), *query.excluded)
    assert all(run and all(run) for run in runs)
    assert all(query.required)


@pytest.mark.parametrize(
    "piece",
    [
        '"',
        "-",
        '-"',
        '"a',
        '+"a ',
        '-"a" ',
        "-a",
        "“ ",
        " 'a",
        "'a ",
        "a AND ",
        "NOT ",
        "NOT (a ",
        "a NOT (b OR ",
        "a AND (b OR ",
        "a OR ",
        "pri* ",
        "a? ",
        "+e-mail ",
    ],
)
def test_parsing_time_is_linear(piece):
    assert_linear(lambda text: read("x " + text), repeated(piece), 1_200)


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


@pytest.mark.parametrize("query", ["who is it", '"of the"', "+the"])
def test_a_query_without_terms_searches_by_meaning(seeds, query):
    assert seeds.search(query, mode="lexical") == []
    assert len(seeds.search(query, k=3)) == 3


@pytest.mark.parametrize("query", ["?!", "…", "🙂", '"?"'])
def test_a_query_without_a_word_is_an_error(seeds, query):
    with pytest.raises(rag.InvalidArgument, match="no word"):
        seeds.search(query)


@pytest.mark.parametrize("question", ["?!", "🙂", "the", "Who is it?"])
def test_a_question_without_a_word_to_look_for_is_asked_back(seeds, question):
    answer = seeds.ask(question)
    assert answer.status == "abstained"
    assert "what would you like to know" in answer.reason
    assert answer.read == 0


def test_fields_and_notes_work_at_the_door(seeds):
    """A field is the same as its flag; a note is a warning."""
    typed = seeds.search("price publisher:Kallanish", k=5)
    assert typed
    assert typed == seeds.search("price", k=5, filters=rag.Filters(publisher="Kallanish"))
    assert "not closed" in seeds.search_result('"price floor').warnings[-1]
    assert "not closed" in seeds.ask('What is the "price floor').warnings[-1]
    named = seeds.search("title:Japan price", k=50)
    assert named
    assert all("japan" in passage.title.lower() for passage in named)


def test_phrases_stay_within_title_heading_or_text(corpus, tmp_path):
    (corpus / "lamp.md").write_text("# Amber lamp\n\nFactory gates\n\n## Copper\n\nWire is sold.\n")
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        for phrase in ("lamp factory", "copper wire", "lamp copper"):
            assert retriever.search(f'+"{phrase}"') == []
        for phrase in ("amber lamp", "factory gates", "wire sold"):
            assert {p.doc_id for p in retriever.search(f'+"{phrase}"')} == {"lamp.md"}


def test_a_quoted_phrase_in_its_very_words_comes_before_other_forms_of_it(corpus, tmp_path):
    for name, text in (
        (
            "forms.txt",
            "Printer sale\n\nThe prints sold well. A printed map, print maps, print maps.",
        ),
        ("words.txt", "Shop\n\nHe hung up the printing maps."),
    ):
        (corpus / name).write_text(text)
    rag.build(corpus, tmp_path / "index")
    with rag.Retriever.open(tmp_path / "index") as retriever:
        for typed, first in (('"printing maps"', "words.txt"), ('"print maps"', "forms.txt")):
            assert retriever.search(typed, mode="lexical")[0].doc_id == first


@pytest.mark.parametrize("field", ["publisher:Kyodo", "Publisher:Kyodo", "PUBLISHER:Kyodo"])
def test_a_field_may_be_written_in_capitals(field):
    assert read(f"harbour {field}").filters == Filters(publisher="Kyodo")


@pytest.mark.parametrize("marks", ['""', "\uff02\uff02"])
def test_wide_quotation_marks_are_quotation_marks(marks):
    assert read(f"{marks[0]}price floor{marks[1]}").phrases == (("price", "floor"),)
