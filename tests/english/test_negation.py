"""What a sentence denies or takes back, and what it only seems to."""

import pytest

from rag.english.sentences import asks_for_denial, is_denied
from tests.timing import assert_linear, repeated


@pytest.mark.parametrize(
    ("sentence", "words", "denied"),
    [
        ("It is a lie that the mine employs 540 people.", "540 people", True),
        ("It was untrue that the dam failed in May.", "May", True),
        ("The minister denied reports that the levy is 7 euros.", "7 euros", True),
        ("He rejected claims that Ida Blom runs the port.", "Ida Blom", True),
        ("The mine does not employ 540 people, as some papers wrote.", "540 people", True),
        ("She didn't sell it to Norway.", "Norway", True),
        ("The story that nine people died in the mine was wrong.", "nine people", True),
        ("Reports that it cost 9 million dollars were false.", "9 million dollars", True),
        ("An earlier version of this article said the fee was 5 euros.", "5 euros", True),
        ("The article misstated the year as 1980.", "1980", True),
        ("The mine no longer employs 540 people.", "540 people", True),
        ("The yard never built 12 ships.", "12 ships", True),
        ("No mine employs 540 people, its head said.", "540 people", True),
        ("Nobody believes that the mine employs 540 people.", "540 people", True),
        ("Few experts in Oslo believe the levy is 7 euros.", "7 euros", True),
        ("The paper claimed falsely that nine people died.", "nine people", True),
        ("He was falsely reported to have sold 12 ships.", "12 ships", True),
        ("Ann Lee mistakenly said that the dam failed in May.", "May", True),
        ("She doubts that Ida Blom runs the port.", "Ida Blom", True),
        ("The board disputed a report that it cost 9 million dollars.", "9 million", True),
        ("The board disputes claims that it cost 9 million dollars.", "9 million", True),
        ("There is no evidence that the fee was 5 euros.", "5 euros", True),
        ("They found no proof that the ore came from Norway.", "Norway", True),
        ("It is unlikely that the bridge opens in 1990.", "1990", True),
        ("Hardly any mine employs 540 people.", "540 people", True),
        ("Hardly anyone here buys zinc.", "zinc", True),
        ("None of the mines employs 540 people.", "540 people", True),
        ("The islanders rarely eat herring.", "herring", True),
        ("The report does not say that the yard built 12 ships.", "12 ships", True),
        ("The mine will not employ 540 people.", "540 people", True),
        ("The mine won’t employ 540 people.", "540 people", True),
        ("The mine hasn't employed 540 people since 1990.", "540 people", True),
        ("The yard could not sell 12 ships.", "12 ships", True),
        ("The yard failed to sell 12 ships.", "12 ships", True),
        ("Far from employing 540 people, the mine has 450.", "540 people", True),
        ("The owner denies employing 540 people.", "540 people", True),
        ("Neither mine employs 540 people.", "540 people", True),
        ("It isn't true that the mine employs 540 people.", "540 people", True),
        ("It is wrong to say the mine employs 540 people.", "540 people", True),
        ("Contrary to reports that it employs 540 people, the mine is small.", "540 people", True),
        (
            "The board dismissed as false a report that it cost 9 million dollars.",
            "9 million",
            True,
        ),
        ("The paper retracted its claim that nine people died.", "nine people", True),
        ("The allegation that nine people died is baseless.", "nine people", True),
        ("Rumours of 540 workers are untrue.", "540 workers", True),
        ("The report that nine people died was retracted.", "nine people", True),
        ("It is rumoured that nine people died, which is untrue.", "nine people", True),
        ("The union wrongly put the number at 540.", "540", True),
        ("This article originally said that nine people died.", "nine people", True),
        ("He did not deny that the mine employs 540 people.", "540 people", False),
        ("Nobody doubts that it employs 540 people.", "540 people", False),
        ("The dispute involving 540 workers is over.", "540 workers", False),
        ("The mine has not paid a levy since 1990.", "1990", False),
        ("The board will not meet until May.", "May", False),
        ("The house is far from Oslo.", "Oslo", False),
        ("A report of 540 pages was printed.", "540 pages", False),
        ("Nobody believed it until 1990.", "1990", False),
        ("It was falsely said to cost 9 euros, but it costs 5.", "5", False),
        ("She doubted the report and moved to Bergen.", "Bergen", False),
        ("A few mines employ 540 people.", "540 people", False),
        ("No doubt the mine employs 540 people.", "540 people", False),
        ("It never reported more than 5 deaths.", "5 deaths", False),
        ("Ann Lee parked wrongly in Oslo.", "Oslo", False),
        ("No evidence was found in Lund.", "Lund", True),
        ("No one knew until 1990.", "1990", False),
        ("The mine never closed before 1990.", "1990", False),
        ("The mine does not employ 540 people, but 450.", "450", False),
        ("The bridge did not open until 1990.", "1990", False),
        ("It does not cost more than 5 euros.", "5 euros", False),
        ("She does not only work in Oslo.", "Oslo", False),
        ("The mayor, who did not attend, said the fee is 5 euros.", "5 euros", False),
        ("He denied the charge and moved to Bergen.", "Bergen", False),
        ("The story that won the prize was written by Ann Lee.", "Ann Lee", False),
        ("The wrong part was sent to Lund.", "Lund", False),
    ],
)
def test_what_a_sentence_denies(sentence, words, denied):
    start = sentence.index(words)
    assert is_denied(sentence, start, start + len(words)) is denied


@pytest.mark.parametrize(
    ("question", "denial"),
    [
        ("How many people does the mine employ?", False),
        ("Which metals does the pact not cover?", True),
        ("What did the minister deny?", True),
        ("Who isn't invited?", True),
        ("Which report was false?", True),
        ("What did nobody believe?", True),
        ("Who disputes that the dam holds?", True),
        ("Which fish do they rarely eat?", True),
        ("Who was falsely said to run the port?", True),
        ("Which report did she write?", False),
    ],
)
def test_a_question_about_what_is_not_so(question, denial):
    assert asks_for_denial(question) is denial


@pytest.mark.parametrize(
    "piece",
    [
        "does not ", "a ", "claim that ", "was wrong ", "denied reports that ", "nobody believes ",
        "falsely claimed ", "no evidence in ", "hardly any ", "never say ", "x but ",
    ],
)  # fmt: skip
def test_time_is_linear_in_the_length(piece):
    def read(text):
        is_denied(text, len(text) // 2, len(text) // 2 + 5)

    assert_linear(read, repeated(piece), 2_000)
