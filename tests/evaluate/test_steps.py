"""Each question ends at one step, and the report counts every question once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluate.answers import ended_at, funnel
from rag.evaluate.datasets import Example
from rag.evaluate.judgement import judge
from rag.evaluate.steps import STEPS, step_of
from rag.records import Alternative, Answer, Block, Citation, Document, IndexInfo, Passage

HARBOUR = (
    "The harbour reopened on Friday after the storm. Repairs cost 4.2 million kroner.\n\n"
    "Harbour master Ingrid Solheim wants a longer pier, a crane and two tugs."
)
FERRY = "The ferry cost 18 million euros. It burns no diesel."
TEXTS = {"harbour.txt": HARBOUR, "ferry.txt": FERRY}


def paragraphs(text):
    start = 0
    for part in text.split("\n\n"):
        yield Block(start, start + len(part), "paragraph")
        start += len(part) + 2


DOCUMENTS = {
    name: Document(name, name, text, name, None, None, None, tuple(paragraphs(text)))
    for name, text in TEXTS.items()
}
PASSAGES = tuple(
    Passage(
        f"{name}#{block.start}", name, name, name, None, None, None, block.start, block.end, 1, None,
        None, document.text[block.start : block.end], 1.0,
    )
    for name, document in DOCUMENTS.items()
    for block in document.blocks
)  # fmt: skip
COST, MASTER, FERRY_COST = PASSAGES


def cited(words, quote):
    """A candidate: words of an article in their sentence."""
    [name] = [name for name, text in TEXTS.items() if quote in text]
    start = TEXTS[name].index(quote)
    begin = start + quote.index(words)
    citation = Citation(
        1, name, name, name, None, None, None, start, start + len(quote), 1, None, quote,
        begin, begin + len(words), "", "current",
    )  # fmt: skip
    return Alternative(words, 0.5, (citation,))


REPAIRS = cited("4.2 million kroner", "Repairs cost 4.2 million kroner.")
FRIDAY = cited("Friday", "The harbour reopened on Friday after the storm.")
REPAIR_WORD = cited("Repairs", "Repairs cost 4.2 million kroner.")
EUROS = cited("18 million euros", "The ferry cost 18 million euros.")
WANTS = "Harbour master Ingrid Solheim wants a longer pier, a crane and two tugs."


def answer(*shown, passages=PASSAGES, read=None, declined=False):
    """An answer that shows these candidates; ``declined`` at any confidence."""
    first = shown[0] if shown and not declined else None
    return Answer(
        question="",
        status="answered" if first else "abstained",
        answer=first.answer if first else None,
        confidence=0.5 if shown else 0.0,
        reason=None,
        citations=first.citations if first else (),
        parts=(),
        alternatives=shown[1:] if first else shown,
        passages=passages,
        timings_ms={},
        warnings=(),
        index=IndexInfo("", "", ""),
        read=len(passages) if read is None else read,
    )


def question(*answers, sources=("harbour.txt",), shape="", text="How much did the repairs cost?"):
    return Example("q", text, answers, sources, shape)


def step(asked, given, threshold=0.1):
    return judge(asked, given, threshold, DOCUMENTS.__getitem__).step


COSTS = question("4.2 million kroner")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(EUROS, passages=(FERRY_COST,)), "not found"),
        (answer(EUROS, passages=(MASTER, FERRY_COST)), "not found"),  # right article, wrong passage
        (answer(passages=()), "not found"),
        (answer(), "found, not read"),
        (answer(EUROS), "found, not read"),
        (answer(EUROS, passages=(FERRY_COST, COST), read=1), "found, not read"),  # out of time
        (answer(EUROS, FRIDAY), "another passage"),
        (answer(EUROS, REPAIRS), "another passage"),
        (answer(FRIDAY), "another sentence"),
        (answer(FRIDAY, REPAIRS), "another sentence"),
        (answer(REPAIR_WORD), "other words"),
        (answer(REPAIRS, declined=True), "declined"),
        (answer(REPAIRS, EUROS), "right"),
    ],
)
def test_a_question_ends_at_the_step_that_lost_it(given, expected):
    assert step(COSTS, given) == expected


def test_an_answer_below_the_threshold_is_declined_only_if_it_is_right():
    assert step(COSTS, answer(REPAIRS), threshold=0.6) == "declined"
    assert step(COSTS, answer(FRIDAY), threshold=0.6) == "another sentence"


def test_an_unanswerable_question_is_answered_or_declined():
    nothing = question(sources=())
    assert step(nothing, answer(REPAIRS)) == "answered"
    assert step(nothing, answer(REPAIRS), threshold=0.6) == "declined"
    assert step(nothing, answer()) == "declined"


def test_without_sources_any_passage_with_an_accepted_answer_is_right():
    asked = question("4.2 million kroner", "no diesel", sources=())
    assert step(asked, answer(EUROS)) == "another sentence"
    assert step(asked, answer(EUROS, passages=(MASTER,))) == "not found"


def test_every_passage_of_a_source_that_words_the_answer_otherwise_is_right():
    asked = question("a fortune")
    assert step(asked, answer(FRIDAY)) == "another sentence"
    assert step(asked, answer(EUROS)) == "found, not read"
    assert step(asked, answer(EUROS, passages=(FERRY_COST,))) == "not found"


@pytest.mark.parametrize(
    ("shape", "words", "accepted", "right"),
    [
        ("", "wants", ("a longer pier",), False),
        ("fact", "wants", ("a longer pier",), False),
        ("fact", "wants a longer pier", ("a longer pier",), True),
        ("person", "wants", ("a longer pier",), False),  # a shape of the user's own is a fact
        ("why", "wants", ("a longer pier",), True),
        ("how", "wants", ("a longer pier",), True),
        ("what", "wants", ("a longer pier",), True),
        ("yesno", "wants", ("a longer pier",), True),
        ("overview", "wants", ("a longer pier",), True),
        ("why", "wants", ("two boats",), False),
        (
            "list",
            "a longer pier, a crane and two tugs",
            ("two tugs, a longer pier, a crane",),
            True,
        ),
        ("list", "a longer pier, a crane and two tugs", ("two tugs and a crane",), True),
        ("list", "a longer pier, a crane", ("two tugs, a longer pier and a crane",), False),
        ("list", "a longer pier, a crane", ("two tugs, a crane", "crane; pier"), True),
        ("list", "wants", ("a longer pier",), False),  # the quote is not the list
        ("list", "wants", (", and",), False),
        ("fact", "a longer pier, a crane and two tugs", ("two tugs and a crane",), False),
    ],
)
def test_what_is_right_depends_on_the_shape_of_the_question(shape, words, accepted, right):
    given = answer(cited(words, WANTS))
    judged = judge(question(*accepted, shape=shape), given, 0.1, DOCUMENTS.__getitem__)
    assert (judged.step == "right", judged.given_hit, judged.right) == (right, right, right)


def test_a_right_alternative_is_noted_though_it_was_not_chosen():
    judged = judge(COSTS, answer(EUROS, REPAIRS), 0.1, DOCUMENTS.__getitem__)
    assert (judged.step, judged.alternative_hit) == ("another passage", True)
    assert not judge(COSTS, answer(REPAIRS, EUROS), 0.1, DOCUMENTS.__getitem__).alternative_hit
    declined = judge(COSTS, answer(EUROS, REPAIRS, declined=True), 0.1, DOCUMENTS.__getitem__)
    assert (declined.step, declined.alternative_hit) == ("another passage", True)


CANDIDATES = st.lists(
    st.sampled_from([REPAIRS, FRIDAY, REPAIR_WORD, EUROS]), max_size=4, unique_by=id
)
QUESTIONS = st.sampled_from(
    [COSTS, question(), question("euros", sources=()), question("crane", shape="list")]
)


@given(
    st.lists(st.tuples(QUESTIONS, CANDIDATES, st.booleans()), min_size=1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_the_steps_of_a_set_add_up(asked, low, high):
    low, high = sorted((low, high))
    judged = [
        [
            judge(q, answer(*shown, declined=declined), threshold, DOCUMENTS.__getitem__)
            for q, shown, declined in asked
        ]
        for threshold in (low, high)
    ]
    answerable = sum(bool(q.answers) for q, _, _ in asked)
    for own in judged:
        rows = funnel(own)
        assert sum(row.questions for row in rows) == answerable
        assert {row.step: row.questions for row in rows} == (ended_at(own) if answerable else {})
        if not answerable:
            continue
        assert [row.step for row in rows] == list(STEPS)
        assert rows[-1].left == rows[-1].share == rows[-2].left
        passed = 1.0
        for row in rows[:-1]:
            passed -= row.share
            assert row.left == pytest.approx(passed)
        assert rows[-2].answered == 0
        assert rows[-1].answered == rows[-1].questions
    for before, after in zip(*judged, strict=True):  # a higher threshold only declines
        assert after.step in (before.step, "declined")


def test_reading_and_searching_are_told_apart_by_the_passages_alone():
    """Whatever is chosen, a right passage that is taken away leaves "not found"."""
    for shown in (FRIDAY, EUROS, REPAIR_WORD):
        with_it = answer(shown, passages=(COST, FERRY_COST))
        without = replace(with_it, passages=(FERRY_COST,), read=1)
        steps = [
            step_of(COSTS, each, DOCUMENTS.__getitem__, answered=True)
            for each in (with_it, without)
        ]
        assert steps[0] != "not found"
        assert steps[1] == "not found"
