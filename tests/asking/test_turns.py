"""Who speaks in a transcript, and when the entries of a live report were written."""

import pytest

import rag
from rag.english.requests import reported
from rag.records import Block, Document
from rag.text.turns import turn_at, turns
from tests.timing import assert_linear, repeated

TRANSCRIPTS = {
    "titles.txt": "Hearing on the Harbour\n\n"
    "MS. FALK: The pier at Rovik opened in 1931. It carries 900 cranes.\n\n"
    "SENATOR HOLM: And when will the quay be widened?\n\n"
    "MS. FALK: Soon. The quay must be widened by 2034.\n",
    "names.txt": "Radio Talk\n\nHost: Welcome. Who pays for the lighthouse?\n\n"
    "Mara Lindt: The town pays for the lighthouse of Utter. Its lamp burns 40 litres a night.\n\n"
    "Host: Thank you.\n",
    "bold.md": "# Talk with Ode Brekke\n\n**Tide Post:** What did the ferry cost?\n\n"
    "**Ode Brekke:** The ferry cost too much. Its engine broke on the Skagen crossing.\n",
    "firms.txt": "Orla Steel Earnings Call\n\nRuth Amble -- Orla Steel -- Chief Executive\n\n"
    "Revenue of the Varde works grew strongly. The furnace will be relined in October.\n\n"
    "Ivan Crole -- Bank of Skive -- Analyst\n\nCongratulations on the quarter.\n",
    "stamps.txt": "Podcast\n\n[00:01:12] Jon Aske: The kelp farm employs 70 divers.\n\n"
    "[00:02:40] Siri Vold: The kelp of Lyse is sold to Japan.\n",
    "parties.txt": "Debate\n\nREP. DUNN (D-Ohio): The canal lock leaks. It was never repaired.\n\n"
    "THE CHAIRMAN: Order.\n\nREP. DUNN (D-Ohio): I yield.\n",
    "wrapped.txt": "Minutes\n\nMR. STEEN: The heating plant burns straw.\n"
    "MS. GADE: The heating plant should burn wood chips instead.\nMR. STEEN: I disagree.\n",
    "long.txt": "Speech\n\nMS. AAS: "
    + "We thank all who came here tonight to listen. " * 60
    + "The windmill park at Horns will be doubled.\n\nMR. BOYE: Indeed.\n\nMS. AAS: Good night.\n",
    "report.txt": "Council Meets\n\nThe brewery will close in May, Tove Riis told the council.\n",
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("turns")
    (folder / "articles").mkdir()
    for name, text in TRANSCRIPTS.items():
        (folder / "articles" / name).write_text(text)
    live = (
        "Storm Live: Latest Updates\n\n18:30 BST\nBridge closed\nThe Osen bridge has been closed.\n\n"
        "16:10 BST\nTrains cancelled\nAll trains to Vinje have been cancelled.\n"
    )
    (folder / "articles" / "live.txt").write_text(live)
    post = (
        "@QuayWatch · May 3\nUPDATE: #Maersk closes its Aden office. 40 clerks let go. 1/2\n\n"
        "@QuayWatch · May 3\n2/2 Staff told by mail\n"
    )
    (folder / "articles" / "post.txt").write_text(post)
    fees = "# Taxes of Rovik\n\n## Surcharge: 19 percent\n\nIt applies to all who are late.\n"
    (folder / "articles" / "fees.md").write_text(fees)
    rag.build(folder / "articles", folder / "index")
    with rag.Retriever.open(folder / "index") as retriever:
        yield retriever.ask


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "said", "doc"),
    [
        ("Who said that the quay must be widened by 2034?", "MS. FALK", "titles.txt"),
        ("Who asked when the quay will be widened?", "SENATOR HOLM", "titles.txt"),
        ("Who said its lamp burns 40 litres a night?", "Mara Lindt", "names.txt"),
        ("Who says that its engine broke on the Skagen crossing?", "Ode Brekke", "bold.md"),
        ("Who said the furnace will be relined in October?", "Ruth Amble", "firms.txt"),
        ("Who thinks the kelp of Lyse is sold to Japan?", "Siri Vold", "stamps.txt"),
        ("who claimed it was never repaired?", "REP. DUNN", "parties.txt"),
        ("Who said the heating plant should burn wood chips?", "MS. GADE", "wrapped.txt"),
        ("Who stated that the windmill park at Horns will be doubled?", "MS. AAS", "long.txt"),
    ],
)
def test_the_label_of_a_turn_says_who_speaks(asked, question, said, doc):
    answer = asked(question)
    assert answer.answer == said
    assert answer.citations[0].doc_id == doc
    first, last = answer.citations[0], answer.citations[-1]
    assert said in first.quote
    words = set(question.lower().strip("?").split())
    assert len(words & set(last.quote.lower().strip(".").split())) >= 4  # what was said is quoted


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who said that the brewery will close in May?", "Tove Riis"),  # a sentence says it
        ("When was the Osen bridge closed?", "18:30"),
        ("At what time were the trains to Vinje cancelled?", "16:10"),
        ("How many clerks of Maersk in Aden were let go?", "40"),
        ("What is the surcharge?", "19 percent"),
    ],
)
def test_a_sentence_an_entry_a_post_or_a_heading_may_say_it(asked, question, said):
    assert said in asked(question).answer


@pytest.mark.model
def test_what_no_speaker_said_has_no_speaker(asked):
    assert asked("Who said that the cathedral must be painted green?").answer is None


def _document(*blocks: tuple[str, str]) -> Document:
    text, placed = "", []
    for kind, words in blocks:
        placed.append(Block(len(text), len(text) + len(words), kind))
        text += words + "\n\n"
    return Document("d", "d", text, "T", None, None, None, blocks=tuple(placed))


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["Correction: Seven people died.", "The mine is closed."],
        ["Price: 500 euros.", "Note: It applies to all."],
        ["He said this: the mine is closed.", "She said this: it is not."],
        ["LONDON: The price of tin fell.", "It had risen before."],
        ["At 12:05 the talks began.", "The ratio is 3:2 now."],
    ],
)
def test_what_opens_no_turn(paragraphs):
    document = _document(*(("paragraph", each) for each in paragraphs))
    assert turn_at(turns(document), len(document.text) - 5) is None


def test_a_turn_ends_at_the_next_label_or_at_a_heading_of_the_text():
    document = _document(
        ("paragraph", "Ann Lee: First."),
        ("paragraph", "Still the first."),
        ("paragraph", "Bo Ek: Second."),
        ("heading", "About the programme"),
        ("paragraph", "Nobody says this."),
    )
    found = turns(document)

    def speaker(words: str) -> str | None:
        turn = turn_at(found, document.text.index(words))
        return document.text[turn.start : turn.end] if turn else None

    assert [speaker(w) for w in ("First", "Still", "Second", "Nobody")] == [
        "Ann Lee",
        "Ann Lee",
        "Bo Ek",
        None,
    ]


@pytest.mark.parametrize(
    "line", ["Ann Lee: Yes.\n", "Ann Lee, of Oslo, ", "[00:01] Ann ", "Ann de Lee (", "12:05 ", "12:05\n"]
)  # fmt: skip
def test_turns_are_found_in_linear_time(line):
    assert_linear(turns, lambda size: _document(("paragraph", repeated(line)(size))), 8_000)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who said that the pit must close?", "the pit must close"),
        ("Who told the panel that the pit must close?", "the pit must close"),
        ("who thinks tin is dear", "tin is dear"),
        ("Which witness claimed the pit leaks?", "the pit leaks"),
        ("Who reported the theft?", None),
        ("Who said so?", None),
        ("Who runs the pit?", None),
        ("What did Ann Lee say about the pit?", None),
    ],
)
def test_what_a_question_reports(question, words):
    found = reported(question)
    assert (found and found.words) == words
