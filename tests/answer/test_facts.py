"""What a sentence says of one thing, or says only under a condition, is no answer about another."""

import pytest

import rag

BRIDGE = "Bridge Opens\n\nA bridge over the Oder was opened on Friday. It cost 38 million euros.\n"


@pytest.fixture
def ask(tmp_path, embedder):
    def answer(question, *articles):
        folder = tmp_path / "articles"
        folder.mkdir()
        for number, article in enumerate((*articles, BRIDGE)):
            (folder / f"{number}.md").write_text(article)
        rag.build(folder, tmp_path / "index")
        with rag.Retriever.open(tmp_path / "index") as retriever:
            return retriever.ask(question)

    return answer


DIRECTIVES = "Rules\n\nDirective 88 bans lead in paint. Directive 89 bans cadmium in toys.\n"
JETS = "Jets\n\nThe A320 carries 180 people. The A350 carries 350 people.\n"
FLIGHTS = "Landings\n\nFlight 181 landed in Oslo. Flight 182 landed in Bergen.\n"
PLANNED = "Plans\n\nThe mine at Rorvik would cost 8 million euros if it were built in stone.\n"
STRIKE = "Strike\n\nHad the strike gone on, the port of Lund would have lost 300 jobs.\n"
TREATY = "Treaty\n\nThe treaty does not ban mines. The treaty bans gas.\n"
DAHLS = "Brothers\n\nOla Dahl, 61, leads the bank, while Nils Dahl runs the mill.\n"
SHIPS = "Cargo\n\nThe Clara carried 12 tonnes of tin. The Dora carried 300 kg of tin.\n"


@pytest.mark.parametrize(
    ("article", "question"),
    [
        (DIRECTIVES, "What does Directive 90 ban?"),
        (JETS, "How many people does the A330 carry?"),
        (FLIGHTS, "where did flight 183 land?"),
        (PLANNED, "What did the mine at Rorvik cost?"),
        (STRIKE, "How many jobs did the port of Lund lose?"),
        (TREATY, "Does the treaty ban drones?"),
        (TREATY, "qwert zuiop"),
        (TREATY, "77"),
        (DAHLS, "How old is Nils Dahl?"),
        (SHIPS, "Which ship carried 7 tonnes of tin?"),
    ],
)
def test_what_the_articles_do_not_say_is_declined(ask, article, question):
    assert ask(question, article).status == "abstained"


@pytest.mark.parametrize(
    ("article", "question", "right"),
    [
        (DIRECTIVES, "What does Directive 89 ban?", "cadmium"),
        (
            "Lists\n\nAnnex III lists paints. Annex V lists toys.\n",
            "What does Annex 3 list?",
            "paints",
        ),
        (FLIGHTS, "where did flight 182 land?", "Bergen"),
        (PLANNED, "What would the mine at Rorvik cost?", "8 million"),
        (PLANNED, "What will the mine cost if it is built in stone?", "8 million"),
        (
            "Deal\n\nOrvald would receive $110 per kilogram.\n",
            "How much does Orvald receive?",
            "$110",
        ),
        (TREATY, "Does the treaty ban gas?", "gas"),
        (DAHLS, "How old is Ola Dahl?", "61"),
        (SHIPS, "Which ship carried 0.3 tonnes of tin?", "Dora"),
        (SHIPS, "Which ship carried 12,000 kg of tin?", "Clara"),
        (
            "Power\n\nOslo used 3 GWh of power. Bergen used 800 MWh.\n",
            "Which city used 0.8 GWh of power?",
            "Bergen",
        ),
        (
            "Halls\n\nHall A seats 400 people; Hall B seats 900.\n",
            "How many does Hall B seat?",
            "900",
        ),
        (
            "Ports\n\nPart II lists 14 ports; Part III lists 9.\n",
            "How many ports are in Part II?",
            "14",
        ),
    ],
)
def test_what_they_do_say_is_answered(ask, article, question, right):
    assert right in (ask(question, article).answer or "")


@pytest.mark.parametrize(
    ("text", "question", "bounded"),
    [
        ("It shipped more than 40,000 tonnes.", "How much did it ship?", "more than 40,000"),
        ("Fewer than 200 people live on Hovden.", "How many people live on Hovden?", "Fewer than"),
        ("At least 12 cars burned in Lund.", "How many cars burned in Lund?", "At least 12"),
    ],
)
def test_a_bound_is_part_of_the_answer(ask, text, question, bounded):
    assert bounded in (ask(question, f"Report\n\n{text}\n").answer or "")


@pytest.mark.parametrize(
    ("article", "question", "right"),
    [
        ("# Orvald Buys Lindvik Mill for 40 Million Euros\n\nStaff were told.\n",
         "How much did Orvald pay for the Lindvik mill?", "40 Million"),
        ("# News\n\n## Library closes on 3 May\n\nReaders had feared it.\n",
         "When does the library close?", "3 May"),
        ("# Ann Lee Named Head of Lindvik Bank\n\nThe board met for hours.\n",
         "Who was named head of Lindvik Bank?", "Ann Lee"),
    ],
)  # fmt: skip
def test_a_headline_answers_where_no_sentence_does(ask, article, question, right):
    found = ask(question, article)
    assert right in found.answer
    [citation] = found.citations
    assert citation.quote in article


@pytest.mark.parametrize("dated", [("3 May 2025", "5 May 2025"), ("3 May 2025", "3 May 2025")])
def test_a_later_correction_wins(ask, dated):
    first, later = dated
    wrong = f"Fire\n\n{first}\n\nForty people were hurt in the Lindvik fire.\n"
    right = f"Late\n\n{later}\n\nCorrection: Fourteen people were hurt in the Lindvik fire.\n"
    assert "Fourteen" in ask("How many people were hurt in the Lindvik fire?", wrong, right).answer


@pytest.mark.parametrize(
    "correction",
    [
        "Correction: The head of Orvald is Bo Ray.",
        "An earlier version of this article misspelled the name of Bo Ray.",
        "This article misstated the name. It is Bo Ray.",
    ],
)
def test_the_correction_of_a_cited_article_is_shown(ask, correction):
    article = f"Chief Named\n\nBo Roy was named head of Orvald on Friday.\n\n{correction}\n"
    found = ask("Who was named head of Orvald?", article)
    assert [correction in warning for warning in found.warnings] == [True]


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ("burned down yesterday", "2024-06-01"),
        ("burned down last Friday", "2024-05-31"),
        ("burned down on Monday", "2024-05-27"),
        ("burned down last month", "2024-05-01 to 2024-05-31"),
        ("will burn on Monday", None),
        ("burned down in 1999", None),
    ],
)
def test_a_day_counted_from_the_article_is_named(ask, when, meant):
    found = ask(
        "When did the mill at Lindvik burn?",
        f"Mill\n\n2 June 2024\n\nThe mill at Lindvik {when}.\n",
    )
    assert found.status == "answered"
    named = [warning for warning in found.warnings if "counted from the day" in warning]
    assert [f"is {meant}," in warning for warning in named] == [True] * (meant is not None)
