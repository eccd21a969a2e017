"""Follow-up questions lead to the right passages, and a conversation keeps its turns."""

import json
from pathlib import Path

import pytest

import rag
from tests.profiles import LONG, some

ROOT = Path(__file__).parents[2]


def flat(text):
    return " ".join(text.split()).casefold()


def leads_to(expected, turn):
    """Whether a turn quotes the right words or, if it abstains, has them in its first passage."""
    answer = turn.answer
    if expected.get("declines"):
        named = all(flat(name) in flat(turn.resolved) for name in expected["names"])
        return named and answer.status == "abstained"
    place = answer.citations or answer.passages
    if not place:
        return False
    text = place[0].quote if answer.citations else place[0].text
    return place[0].doc_id in expected["docs"] and flat(expected["holds"]) in flat(text)


def dialogues(name):
    lines = (ROOT / "evaluation" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        # Measured 0.878 with reader-4, 0.933 before; without resolving 0.600. Of a third, 29 of 30.
        ("dialogues.jsonl", 0.86 if LONG else 0.93),
        # Measured 0.852; without resolving 0.630. Of a third, 8 of 10.
        ("dialogues-held-out.jsonl", 0.77 if LONG else 0.7),
    ],
)
def test_follow_ups_lead_to_the_right_passage(seeds, other_articles, name, floor):
    corpora = {"seeds": seeds, "articles": other_articles}
    right = []
    for dialogue in some(dialogues(name), 3):
        conversation = rag.Conversation(corpora[dialogue["corpus"]])
        for number, expected in enumerate(dialogue["turns"]):
            turn = conversation.ask(expected["ask"])
            if number:
                right.append(leads_to(expected, turn))
    assert sum(right) / len(right) >= floor


def test_the_dialogues_are_many_and_of_every_kind():
    found = dialogues("dialogues.jsonl")
    kinds = {turn["kind"] for dialogue in found for turn in dialogue["turns"][1:]}
    assert len(found) >= 30
    assert kinds == {"pronoun", "ellipsis", "bare", "topic", "alone", "unanswerable"}


def test_a_turn_keeps_the_typed_and_the_resolved_question(seeds):
    conversation = rag.Conversation(seeds)
    first = conversation.ask("Who runs REAlloys?")
    second = conversation.ask("What did he say about Japan?")
    assert first.resolved == first.question
    assert second.question == "What did he say about Japan?"
    assert (
        second.resolved == second.answer.question == "What did Leonard Sternheim say about Japan?"
    )
    assert conversation.turns == (first, second)


def test_an_abstention_still_sets_the_topic(seeds):
    conversation = rag.Conversation(seeds)
    assert conversation.ask("How many people does JOGMEC employ?").answer.status == "abstained"
    assert conversation.ask("Who is its vice president?").answer.answer == "Hiroshi Kubota"


def test_a_cleared_conversation_has_forgotten_its_turns(seeds):
    conversation = rag.Conversation(seeds, filters=rag.Filters(publisher="Deep News"))
    conversation.ask("Who runs REAlloys?")
    conversation.clear()
    assert conversation.turns == ()
    assert conversation.filters == rag.Filters(publisher="Deep News")
    assert conversation.ask("What did he say?").resolved == "What did he say?"


def test_filters_apply_to_later_questions(seeds):
    conversation = rag.Conversation(seeds)
    conversation.filters = rag.Filters(path="004*")
    turn = conversation.ask("How much rare earth oxide did the US produce last year?")
    assert {passage.doc_id[:3] for passage in turn.answer.passages} == {"004"}


def test_its_json_has_every_whole_answer(seeds):
    conversation = rag.Conversation(seeds)
    turn = conversation.ask("Who runs REAlloys?")
    saved = json.loads(json.dumps(conversation.to_dict()))
    assert saved["turns"][0]["question"] == "Who runs REAlloys?"
    assert saved["turns"][0]["answer"]["citations"][0]["quote"] == turn.answer.citations[0].quote


def test_a_refused_question_is_not_a_turn(seeds):
    conversation = rag.Conversation(seeds)
    with pytest.raises(rag.InvalidArgument):
        conversation.ask("   ")
    assert conversation.turns == ()


def test_a_courtesy_is_answered_by_a_question_and_is_no_topic(seeds):
    conversation = rag.Conversation(seeds)
    conversation.ask("Who runs REAlloys?")
    turn = conversation.ask("ok, thanks")
    assert (turn.answer.status, turn.answer.passages) == ("abstained", ())
    assert "what would you like to know" in turn.answer.reason
    assert "REAlloys" in conversation.ask("since when?").resolved
    assert seeds.ask("hello").status == "abstained"
