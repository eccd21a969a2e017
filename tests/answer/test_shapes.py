"""Answers of every shape: one of two, yes and no, what something is, whole enumerations."""

from dataclasses import replace

import pytest

import rag
from rag.answer.candidates import Candidate, Inquiry, ReadPassage
from rag.answer.judge import decide, verdict
from rag.answer.select import select
from rag.cli.answers import answer_text
from rag.english.clauses import clause, declared
from rag.english.enumerations import choices, enumeration, places_of
from rag.english.predicates import defined, definition
from rag.english.question import read_question
from rag.english.sentences import is_ruled_out
from rag.records import Entailment, Passage, Reading, Span
from rag.stores.analyzer import TextAnalyzer
from rag.text.units import Unit

ANALYZER = TextAnalyzer()


class Checker:
    """Says how much a sentence supports and contradicts each statement; statements it lacks, not at all."""

    def __init__(self, **known):
        self.known = {name.replace("_", " "): Entailment(*values) for name, values in known.items()}

    def entailments(self, statement, texts):
        return [self.known.get(statement, Entailment(0.1, 0.1)) for _ in texts]


def chosen(question, text, *spans):
    """The inquiry and the candidate with the words that answer in a text; ``spans`` are the reader's."""
    passage = Passage(
        chunk_id="c", doc_id="d", path="d", title="", publisher=None, published=None, url=None,
        start=0, end=len(text), line=1, page=None, heading=None, text=text, score=1.0,
    )  # fmt: skip
    found = tuple(
        Span(text.index(words), text.index(words) + len(words), 0.5 - n / 20)
        for n, words in enumerate(spans)
    )
    read = ReadPassage(passage, (Unit(0, len(text), "paragraph"),), Reading(0.9, found))
    inquiry = Inquiry(read_question(question, ANALYZER), ANALYZER, lambda _: 1.0)
    [best] = select(inquiry, [Candidate(read, 0, (0, len(text)), {}, 0.8)], 1)
    return inquiry, best


# ---------------------------------------------------------------- one of two


@pytest.mark.parametrize(
    ("question", "offered"),
    [
        ("Is the mine in Nevada or in North Dakota?", ("Nevada", "North Dakota")),
        ("Is Ann Lee the head of Vale or of Ucore?", ("Vale", "Ucore")),
        ("Was it paid for by a loan or a grant?", ("loan", "grant")),
        ("Are costs higher or lower than before?", ("higher", "lower")),
        ("Did Ann Lee or Bob Ray win?", ("Ann Lee", "Bob Ray")),
        ("Which is longer, the Swift, the Heron or the Kite?", ("Swift", "Heron", "Kite")),
        ("What did he buy, a car or a boat?", ("car", "boat")),
        ("Does it open in June or July?", ("June", "July")),
        # these offer no answers
        ("Is it late or not?", ()),
        ("Did ten or more people die?", ()),
        ("Which cities or towns were hit?", ()),
        ("In which case did the EU or a state win?", ()),
        ("What is it called if a state or town falls?", ()),
        ("Did he resign or was he sacked?", ()),
        ("Who runs the mill?", ()),
    ],
)
def test_the_answers_that_a_question_offers(question, offered):
    assert choices(question) == offered


@pytest.mark.parametrize(
    ("question", "text", "spans", "answer"),
    [
        ("Is the mill in Oslo or in Bergen?", "The mill in Bergen is old.", (), "Bergen"),
        ("Is the mill in Oslo or in Bergen?", "It is not in Oslo but in Bergen.", (), "Bergen"),
        ("Are costs higher or lower now?", "By now costs are 4% Higher.", ("4%",), "Higher"),
        ("Did Finns or Danes win?", "The Danes beat the Finns.", ("Danes",), "Danes"),
        ("Did a Finn or a Dane win?", "The Danes won.", (), "Danes"),
    ],
)
def test_a_question_that_offers_answers_gets_one_of_them(question, text, spans, answer):
    assert chosen(question, text, *spans)[1].words == answer


def test_a_sentence_with_none_of_the_answers_offered_is_less_probable():
    asked = "Is the mill in Oslo or in Bergen?"
    neither = chosen(asked, "The mill is in Norway.", "Norway")[1].probability
    assert chosen(asked, "The mill is in Oslo.", "Oslo")[1].probability > 3 * neither


def test_of_several_answers_in_one_sentence_the_supported_one_is_chosen():
    inquiry, best = chosen(
        "Is the mill in Oslo or in Bergen?", "Born in Oslo, she owns the mill in Bergen.", "Oslo"
    )
    assert best.words == "Oslo"
    sure = Checker(the_mill_is_in_Oslo=(0.1, 0.8), the_mill_is_in_Bergen=(0.9, 0.1))
    assert decide(inquiry, [best], sure)[0].words == "Bergen"
    assert decide(inquiry, [best], Checker())[0].words == "Oslo"  # nothing speaks against it


# ---------------------------------------------------------------- yes or no


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Does Japan mine rare earths at home?", "Japan mines rare earths at home"),
        ("Did Peter Ashworth resign?", "Peter Ashworth resigned"),
        ("Was the mill in Oslo sold?", "the mill in Oslo was sold"),
        ("Has the work at Bald Hill been done?", "the work at Bald Hill has been done"),
        ("Is Ann Lee the mayor?", "Ann Lee is the mayor"),
        ("Who is the mayor?", None),
        ("Mills?", None),
    ],
)
def test_a_yes_or_no_question_as_a_statement(question, statement):
    assert declared(clause(question)) == statement


@pytest.mark.parametrize(
    ("supports", "contradicts", "said"),
    [(0.9, 0.05, "yes"), (0.05, 0.9, "no"), (0.6, 0.3, None), (0.4, 0.4, None)],
)
def test_yes_and_no_are_only_said_if_the_reader_is_sure(supports, contradicts, said):
    inquiry, best = chosen("Did Ann Lee resign?", "On Sunday, Ann Lee left her post.")
    checker = Checker(Ann_Lee_resigned=(supports, contradicts))
    assert verdict(inquiry, best, checker) == said


def test_a_sentence_without_the_name_says_neither_yes_nor_no():
    inquiry, best = chosen("Did Ann Lee resign?", "On Sunday, the mayor left her post.")
    assert verdict(inquiry, best, Checker(Ann_Lee_resigned=(0.99, 0.0))) is None


def test_other_questions_get_neither():
    inquiry, best = chosen("Who resigned?", "Ann Lee resigned.", "Ann Lee")
    assert verdict(inquiry, best, Checker(Ann_Lee_resigned=(0.99, 0.0))) is None


# ---------------------------------------------------------------- what something is


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is JOGMEC?", "JOGMEC"),
        ("Who was Ann Lee?", "Ann Lee"),
        ("What are rare earths?", "rare earths"),
        ("What is an MoU?", "MoU"),
        ("What is the Horizon Telescope?", "Horizon Telescope"),
        ("Who is Oona King?", "Oona King"),
        # these ask for something about a thing
        ("What is the price?", None),
        ("Who is the mayor of Oslo?", None),
        ("Who is captain of the Aurora?", None),
        ("What is Ann Lee's salary?", None),
        ("What is europium used for?", None),
        ("What is its name?", None),
    ],
)
def test_what_a_question_asks_the_nature_of(question, name):
    assert defined(clause(question)) == name


@pytest.mark.parametrize(
    ("name", "sentence", "said"),
    [
        ("Ann Lee", "The mill of Ann Lee, a baker from Oslo, closed.", "a baker from Oslo"),
        ("Ann Lee", "Ucore CEO Ann Lee said no.", "Ucore CEO"),
        ("Ann Lee", "It was dug by the silk merchant Ann Lee.", "silk merchant"),
        ("Ann Lee", "Finland’s Ann Lee won.", "Finland"),
        ("Ucore", "Ucore is a miner of samarium.", "a miner of samarium."),
        ("Ucore", "Ucore (once Lan) is a miner.", "a miner."),
        ("vertebrate", "Vertebrates are animals with bones.", "animals with bones."),
        ("Ann Lee", "Ann Lee is digging.", None),
        ("Ann Lee", "Ann Lee is expected today.", None),
        ("Ann Lee", "Ann Lee, who was ill, spoke.", None),
        ("Ann Lee", "The mill closed.", None),
    ],
)
def test_the_words_that_say_what_a_name_is(name, sentence, said):
    place = definition(name, sentence)
    assert (place and sentence[slice(*place)]) == said


def test_who_somebody_is_gets_the_words_that_say_it_and_not_another_name():
    answer = chosen("Who is Ann Lee?", "Bob Ray met the baker Ann Lee.", "Bob Ray")[1]
    assert answer.words == "baker"


def test_a_sentence_without_the_name_does_not_say_what_it_is():
    named, other = (
        chosen("What is Ucore?", f"It was sold by {by}.")[1] for by in ("Ucore", "Vale")
    )
    assert other.probability < named.probability


# ---------------------------------------------------------------- enumerations


@pytest.mark.parametrize(
    ("sentence", "item", "whole"),
    [
        ("It sells zinc, tin ore and lead.", "tin ore", "zinc, tin ore and lead"),
        ("It is vital to the car, ship, and drone sectors.", "ship, and drone sectors",
         "car, ship, and drone sectors"),
        ("Firms like Vale Corp., USA Ore, and Ucore grow.", "Ucore", "Vale Corp., USA Ore, and Ucore"),
        ("It won in 1954, 1974 and 1990.", "1954", "1954, 1974 and 1990"),
        ("Grants, loans, or gifts may pay.", "loans", "Grants, loans, or gifts"),
        ("It was led by Ann Lee, a baker from Oslo.", "Ann Lee", "Ann Lee"),
        ("Ann Lee, who won, and Bob Ray spoke.", "Ann Lee", "Ann Lee"),
        ("Ann Lee resigned.", "Ann Lee", "Ann Lee"),
    ],
)  # fmt: skip
def test_an_enumeration_is_found_from_any_part_of_it(sentence, item, whole):
    start = sentence.index(item)
    place = enumeration(sentence, start, start + len(item))
    assert sentence[slice(*place)] == whole


def test_a_list_is_answered_with_the_whole_enumeration_and_a_phrase_is_not():
    text = "It is sold to Finland, Norway and Denmark."
    assert (
        chosen("Which countries buy it?", text, "Norway")[1].words == "Finland, Norway and Denmark"
    )
    assert chosen("What does it sell to?", text, "Norway")[1].words == "Norway"


# ---------------------------------------------------------------- ruled out


@pytest.mark.parametrize(
    ("sentence", "words", "out"),
    [
        ("It is not in Oslo but in Bergen.", "Oslo", True),
        ("It is not in Oslo but in Bergen.", "Bergen", False),
        ("They chose gas rather than the coal.", "coal", True),
        ("It isn’t red.", "red", True),
        ("It did not open in Oslo.", "Oslo", False),  # what was not is an opening
    ],
)
def test_what_a_sentence_rules_out(sentence, words, out):
    assert is_ruled_out(sentence, sentence.index(words)) == out


def test_what_a_sentence_rules_out_does_not_answer():
    answer = chosen("Where is it?", "It is not in Oslo but in Bergen.", "Oslo", "Bergen")[1]
    assert answer.words == "Bergen"
    assert places_of(("Oslo",), "It is not in Oslo.") == []


# ---------------------------------------------------------------- whole answers

ARTICLE = """\
Mayor of Lindvik resigns

Lindvik Courier
4 May 2025

Mayor Ada Moen resigned on Friday after eleven years in office. An inquiry found that she had given a \
contract for the new bridge to her brother. The council had asked her to leave last month.

The bridge over the Lind is 200 metres long. However, it carries trams and buses.
"""


@pytest.fixture(scope="module")
def lindvik(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("lindvik")
    (folder / "mayor.txt").write_text(ARTICLE)
    rag.build(folder, folder / "index")
    with rag.Retriever.open(folder / "index") as retriever:
        yield retriever


def test_a_cause_is_told_in_up_to_three_sentences_that_each_add_something(lindvik):
    answer = lindvik.ask("Why did Ada Moen resign as mayor?", min_confidence=0)
    assert "An inquiry found" in answer.answer
    assert len(set(answer.parts)) == len(answer.parts) <= 3
    assert answer.answer == " ".join(part.text for part in answer.parts)


def test_what_says_yes_or_no_is_quoted_with_the_sentence_that_it_leans_on(lindvik):
    answer = lindvik.ask("Does the bridge over the Lind carry trams?", min_confidence=0)
    assert answer.answer.endswith("However, it carries trams and buses.")
    assert len(answer.answer) > len("However, it carries trams and buses.")
    assert answer.verdict in {"yes", None}


@pytest.mark.parametrize(
    ("verdict", "first"), [("yes", "Yes."), ("no", "No."), (None, "The bridge")]
)
def test_the_terminal_says_yes_or_no_above_the_sentence(lindvik, verdict, first):
    answer = lindvik.ask("Does the bridge over the Lind carry trams?", min_confidence=0)
    assert answer_text(replace(answer, verdict=verdict)).lstrip("⟦").startswith(first)
