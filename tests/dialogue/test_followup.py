"""What a follow-up question means, by the words alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dialogue import Exchange, resolve
from rag.english.question import read_question
from rag.stores.analyzer import TextAnalyzer
from tests.timing import assert_linear, repeated

LYNAS = Exchange(
    "How many tons of rare earth products does Lynas produce each year?",
    "22,000 tons",
    "The company conducts mining in Western Australia and separation in Malaysia, producing"
    " approximately 22,000 tons of rare earth products annually.",
)
CEO = Exchange("Who runs REAlloys?", "Leonard Sternheim", "said REAlloys CEO Leonard Sternheim")
TYPED_SMALL = Exchange(
    "where does brassos build boats?", "Tromsø", "Brassos builds boats in Tromsø, the yard said."
)
BRIDGE = Exchange("Was the bridge closed in 2019?", None)


@pytest.mark.parametrize(
    ("before", "typed", "meant"),
    [
        (LYNAS, "who runs it?", "Who runs Lynas?"),
        (TYPED_SMALL, "who runs it?", "Who runs Brassos?"),
        (TYPED_SMALL, "and in Lund?", "Where does Brassos build boats in Lund?"),
        (LYNAS, "What is its capacity?", "What is Lynas' capacity?"),
        (LYNAS, "Where does the company mine?", "Where does Lynas mine?"),
        (CEO, "What did he say about Japan?", "What did Leonard Sternheim say about Japan?"),
        (CEO, "What is its ticker?", "What is REAlloys' ticker?"),
        (CEO, "and how old is he?", "How old is Leonard Sternheim?"),
        (BRIDGE, "when did it reopen?", "When did the bridge reopen?"),
        (
            Exchange("When was the Fisheries Act passed?", "2021"),
            "when does that take effect?",
            "When does the Fisheries Act take effect?",
        ),
        (
            Exchange("What did Lynas announce?", "a new plant"),
            "how much will this cost?",
            "How much will a new plant cost?",
        ),
        (
            Exchange("What did Lynas announce?", "a new plant"),
            "where is that plant?",
            "Where is the new plant?",
        ),
        (
            Exchange("Who won the 2022 World Cup?", "Argentina"),
            "who did they beat?",
            "Who did Argentina beat?",
        ),
        (
            Exchange("Who won the 2022 World Cup?"),
            "who did they beat?",
            "Who did the one who won the 2022 World Cup beat?",
        ),
        (
            Exchange("What tariff did the US impose on China?", "25%"),
            "did they respond?",
            "Did the US respond?",
        ),
        (
            Exchange("Where does Lynas separate its ore?", "Malaysia", "facilities in Malaysia"),
            "How many people work there?",
            "How many people work in Malaysia?",
        ),
        (
            Exchange("Which firms take part?", "Mitsubishi Materials and Mitsui"),
            "What will they build?",
            "What will Mitsubishi Materials and Mitsui build?",
        ),
    ],
)
def test_a_pronoun_stands_for_what_was_spoken_of(before, typed, meant):
    assert resolve(typed, [before])[0] == meant


@pytest.mark.parametrize(
    ("before", "typed", "meant"),
    [
        (CEO, "and Lynas?", "Who runs Lynas?"),
        (LYNAS, "what about MP Materials?", LYNAS.question.replace("Lynas", "MP Materials")),
        (LYNAS, "and in 2024?", LYNAS.question.replace("each year", "in 2024")),
        (BRIDGE, "and in 2020?", "Was the bridge closed in 2020?"),
        (BRIDGE, "and the tunnel?", "Was the tunnel closed in 2019?"),
        (
            Exchange("What is dysprosium used for?"),
            "What about yttrium?",
            "What is yttrium used for?",
        ),
        (
            Exchange("How many direct jobs are expected?"),
            "and indirect ones?",
            "How many indirect jobs are expected?",
        ),
        (
            Exchange("How many passengers does the Aurora carry?"),
            "and how many cars?",
            "How many cars does the Aurora carry?",
        ),
        (
            Exchange("How much does a ticket cost for an adult?"),
            "and for a child?",
            "How much does a ticket cost for a child?",
        ),
    ],
)
def test_what_is_left_out_is_taken_from_the_last_question(before, typed, meant):
    assert resolve(typed, [before])[0] == meant


@pytest.mark.parametrize(
    ("before", "typed", "meant"),
    [
        (
            Exchange("Where does Lynas separate its ore?", "Malaysia", "in Malaysia"),
            "why?",
            "Why does Lynas separate its ore in Malaysia?",
        ),
        (
            LYNAS,
            "Why is that?",
            "Why does Lynas produce 22,000 tons of rare earth products each year?",
        ),
        (CEO, "since when?", "Since when is it that Leonard Sternheim runs REAlloys?"),
        (BRIDGE, "why?", "Why was the bridge closed in 2019?"),
        (BRIDGE, "why not?", "Why was the bridge not closed in 2019?"),
        (BRIDGE, "by whom?", "Who closed the bridge in 2019?"),
        (Exchange("When was the song written?", "1901"), "by whom?", "Who wrote the song?"),
        (
            Exchange("What price floor was agreed for lithium?", "$9 a kilogram"),
            "who with?",
            "With whom was the price floor of $9 a kilogram agreed for lithium?",
        ),
    ],
)
def test_a_bare_question_word_asks_more_of_the_last_question(before, typed, meant):
    assert resolve(typed, [before])[0] == meant


@pytest.mark.parametrize(
    "question",
    [
        "Does Lynas separate its ore in Malaysia?",
        "When did Vale say it would expand?",
        "Which companies say they will expand?",
        "Is there a mine in Malaysia?",
        "How many rare earth elements are there?",
        "Is it true that China controls prices?",
        "How long does it take to build a mine?",
        "How many direct jobs are expected?",
        "What is the capital of Australia?",
        "lithium price",
        "Which mine that Vale owns is the largest?",
    ],
)
def test_a_question_that_stands_on_its_own_is_not_touched(question):
    assert resolve(question, [CEO, LYNAS]) == (question,)


def test_the_first_question_is_not_touched_whatever_it_is():
    assert resolve("and why?", []) == ("and why?",)


def test_the_topic_of_the_conversation_is_preferred_to_what_was_said_by_the_way():
    before = [
        Exchange("Who founded Vale?", "the state"),
        Exchange("What does Vale sell to Japan?", "nickel"),
    ]
    assert resolve("Where is it based?", before)[0] == "Where is Vale based?"


def test_an_answer_that_is_hardly_believed_is_no_topic_before_the_question_s_own():
    asked, answer = "Which ship did Strand Yard build?", "the Aurora"
    for confidence, meant in (
        (0.9, "Where is the Aurora now?"),
        (0.01, "Where is Strand Yard now?"),
    ):
        before = [Exchange(asked, answer, confidence=confidence)]
        assert resolve("Where is it now?", before)[0] == meant
    doubted = Exchange("Where does Lynas separate its ore?", "Malaysia", confidence=0.01)
    assert resolve("why?", [doubted])[0] == "Why does Lynas separate its ore?"


def test_two_pronouns_of_one_question_stand_for_two_things():
    before = [Exchange("Who owns Wexmere Rovers?", "a trust of supporters")]
    asked = resolve("How much did they pay for it?", before)[0]
    assert asked == "How much did a trust of supporters pay for Wexmere Rovers?"


@pytest.mark.parametrize("said", ['"Acme" -Corp', "+Acme “Corp”", "-Acme +Corp"])
def test_an_article_cannot_narrow_the_next_search(said):
    """An answer goes into a query, where a sign or a quotation mark would mean something."""
    before = [Exchange("Which company won?", said, said)]
    for typed in ("Who runs it?", "why?", "who said that?", "When did the company start?"):
        for reading in resolve(typed, before):
            assert not set('"“”+-') & set(reading)


WORDS = st.sampled_from(
    "who what why when where how much many it its he they there that the one of and in about is does did"
    ' Lynas Malaysia mine company 2024 22,000 % “x” -y é ? , . "'.split()
)
TEXTS = st.lists(WORDS, max_size=9).map(" ".join) | st.text(max_size=40)


@given(TEXTS, TEXTS, st.none() | TEXTS, TEXTS)
def test_whatever_is_typed_has_one_to_three_readings_that_are_not_empty(typed, asked, said, quote):
    readings = resolve(typed, [LYNAS, Exchange(asked, said, quote)])
    assert 1 <= len(readings) <= 3
    assert len(set(readings)) == len(readings)
    assert all(reading == typed or reading.strip() for reading in readings)


@pytest.mark.parametrize(
    "part", ["it ", "of the ", "Aa of Bb ", "$", "C$", "the CEO of ", "Is it? "]
)
def test_questions_and_articles_of_any_length_are_read(part):
    text = part * (6_000 // len(part))
    assert resolve(f"and {text}?", [CEO]) == (f"and {text}?",)
    assert resolve("Why?", [Exchange(f"Who is {text}?", text, text)]) == ("Why?",)
    assert len(resolve("What did he say?", [Exchange("Who is it?", text, text)])) <= 3


LIST = Exchange("Which firms take part?", "Mitsubishi Materials; Mitsui; Sojitz")


@pytest.mark.parametrize(
    "text",
    ["ok", "Thanks!", "yes", "no", "hello", "thank you very much", "and?", "so", "got it"],
)  # fmt: skip
@pytest.mark.parametrize("before", [[], [CEO], [LIST]], ids=["first", "after one", "after a list"])
def test_what_asks_nothing_has_no_reading(before, text):
    assert resolve(text, before) == ()


@pytest.mark.parametrize(
    ("before", "text", "meant"),
    [
        ([LIST], "the second one", ("Tell me more about Mitsui",)),
        ([LIST], "yes, the second one", ("Tell me more about Mitsui",)),
        ([LIST], "the last one please", ("Tell me more about Sojitz",)),
        ([LIST], "the fourth one", ()),
        ([LIST], "the latter", ("Tell me more about Mitsui",)),
        ([CEO], "the former", ()),
        ([LIST], "and the other?", ()),
        ([CEO], "the second one", ()),
        ([], "the second one", ()),
        ([], "tell me more", ()),
        ([CEO], "tell me more", ("Tell me more about Leonard Sternheim",)),
        ([CEO], "and lynas?", ("Who runs lynas?",)),
        ([CEO], "what is the capital of france?", ("what is the capital of france?",)),
        ([CEO], "Does IT pay well?", ("Does IT pay well?",)),
    ],
)
def test_what_points_to_an_answer_is_resolved_or_has_no_reading(before, text, meant):
    assert resolve(text, before) == meant


@pytest.mark.parametrize(
    "words", ["is the ", "what did ", "May ", "and ", "it ", "the one ", "yes, "]
)
def test_time_is_linear_in_the_length(words):
    def read(text):
        resolve(text, [CEO])
        read_question(text, TextAnalyzer())

    assert_linear(read, repeated(words), 500)
