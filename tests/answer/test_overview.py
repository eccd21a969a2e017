"""Overviews: which questions ask for one, and what it says from which articles."""

import pytest

import rag
from rag.answer.overview import SENTENCES
from rag.english.question import read_question
from rag.english.requests import overview_of
from rag.english.sentences import without_speaker

DAM = """\
{title}

{paper}
{date}

{lead}

{rest}
"""
ARTICLES = {
    "gazette.txt": DAM.format(
        title="Kestrel Dam to be repaired", paper="Orrestad Gazette", date="3 March 2025",
        lead="The Kestrel Dam above Orrestad will be repaired for 48 million kroner this summer.",
        rest="Cracks in the Kestrel Dam were found by divers in January. They had grown since 2019. "
        "“Nobody is in danger. We will lower the lake before the work begins at the dam.” "
        "Lake Orre, which the dam holds back, gives water to 90,000 people.",
    ),
    "courier.txt": DAM.format(
        title="Kestrel Dam empties its lake", paper="Coast Courier", date="20 May 2025",
        lead="Engineers have begun to empty the lake behind the Kestrel Dam, which takes nine days.",
        rest="Anglers moved 4,000 trout from the Kestrel Dam to a river nearby. Is it safe to swim there?",
    ),
    "weekly.txt": DAM.format(
        title="Work at the dam is late", paper="Northern Weekly", date="9 July 2025",
        lead="Repairs of the Kestrel Dam are five weeks late because a crane fell into the lake.",
        rest="The owner of the crane has offered to pay for it. Trout are cheap this year.",
    ),
    "bees.txt": DAM.format(
        title="City bees thrive", paper="Coast Courier", date="2 June 2025",
        lead="Rooftop hives in Orrestad produced 310 kilograms of honey last summer.",
        rest="Beekeepers say that parks flower for longer than farmland does.",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def dams(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("dams")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    # A reprint, two days younger.
    reprint = (
        ARTICLES["weekly.txt"].replace("Northern Weekly", "The Post").replace("9 July", "11 July")
    )
    (folder / "a-reprint.txt").write_text(reprint, encoding="utf-8")
    rag.build(folder, folder / "index")
    with rag.Retriever.open(folder / "index") as retriever:
        yield retriever


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What do the articles say about the Kestrel Dam?", "the Kestrel Dam"),
        ("What have the papers written on bees?", "bees"),
        ("What is the news about the dam?", "the dam"),
        ("what's the latest news on Lynas", "Lynas"),
        ("Any news on antimony?", "antimony"),
        ("Summarise the coverage of the strike, in two sentences please.", "the strike"),
        ("Please summarize the merger", "the merger"),
        ("Can you give me a short summary of the articles about the dam?", "the dam"),
        ("Tell me about MP Materials.", "MP Materials"),
        ("What do we know about the comet?", "the comet"),
        ("Compare what the two reports say on the cost of the tram.", "the cost of the tram"),
        ("How do the reports differ on the fire?", "the fire"),
        # these ask for something else
        ("What did Ann Lee say about the dam?", None),
        ("What did the company report about profits?", None),
        ("Summarise why the dam broke", None),
        ("Tell me who runs Vale", None),
        ("What is the story of the mill?", None),
        ("Who wrote the report on the fire?", None),
        ("What are the reports of the ministry about?", None),
        ("Which papers of Einstein were lost?", None),
    ],
)
def test_which_questions_ask_for_an_overview_and_of_what(question, asked):
    assert overview_of(question) == asked
    assert (read_question(question, str.split).form == "overview") == (asked is not None)


def test_an_overview_quotes_all_articles_that_speak_by_date_and_each_once(dams):
    answer = dams.ask("What do the articles say about the Kestrel Dam?")
    assert 3 <= len(answer.parts) <= SENTENCES
    dates = [citation.published for citation in answer.citations]
    assert dates == sorted(dates)
    assert {citation.path.rsplit("/", 1)[-1] for citation in answer.citations} == {
        "gazette.txt", "courier.txt", "weekly.txt",
    }  # fmt: skip
    assert answer.answer == " ".join(part.text for part in answer.parts)
    for number, part in enumerate(answer.parts, 1):
        citation = answer.citations[number - 1]
        assert part.citations == (number,)
        text = dams.document(citation.doc_id).text
        assert text[citation.start : citation.end] == citation.quote == part.text


def test_sentences_of_an_overview_stand_alone(dams):
    said = dams.ask("Tell me about the Kestrel Dam").answer
    assert "Nobody is in danger" not in said  # whose words these are is not said
    assert "Is it safe" not in said
    assert not any(part.text.startswith("They") for part in dams.ask("News on the dam").parts)


def test_an_overview_does_not_say_the_same_twice(dams):
    parts = [part.text for part in dams.ask("Summarise the news about the dam").parts]
    words = [set(part.lower().split()) for part in parts]
    assert all(
        len(one & other) < 0.6 * len(one | other)
        for n, one in enumerate(words)
        for other in words[:n]
    )


@pytest.mark.parametrize(
    "question",
    [
        "What do the articles say about football?",
        "Tell me about the Aswan Dam",
        "Summarise the news about the eruption in Iceland",
    ],
)
def test_there_is_no_overview_of_what_no_article_is_about(dams, question):
    answer = dams.ask(question)
    assert answer.answer is None
    assert answer.reason


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("“Gulls.”", True),
        ("“Gulls,” Ann Lee said.", False),
        ("Gulls came.", False),
        ('"Gulls," she said. "Again."', False),
    ],
)
def test_direct_speech_without_its_speaker(text, alone):
    assert without_speaker(text, [(0, len(text))]) == [alone]


def test_direct_speech_goes_on_over_sentences_and_ends_with_its_paragraph():
    text = "“One. Two.\n\nThree."
    spans = [(0, 5), (6, 10), (12, 18)]
    assert without_speaker(text, spans) == [True, True, False]
