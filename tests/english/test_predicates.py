"""Whether a sentence tells what is asked, or of another act or office."""

import pytest

from rag.english.clauses import clause
from rag.english.predicates import act_asked, is_another_act


@pytest.mark.parametrize(
    ("question", "sentence", "another"),
    [
        ("When was the mill founded?", "On May 3, the mill was sold.", True),
        ("When was the mill founded?", "The mill began as a brewery in 1901.", False),
        ("Who established the mill?", "Ann Lee runs the mill.", True),
        ("Which mill was founded by Ann Lee?", "Ann Lee had the Mirror Mill.", False),
        ("Where was Ann Lee born?", "Ann Lee works in Oslo.", True),
        ("When was Ann Lee born?", "Ann Lee (1901-1980) ran a mill.", False),
        ("Where was the mill that Ann Lee was born in sold?", "It was sold in Oslo.", False),
        ("How did Ann Lee die?", "Ann Lee sold the mill.", True),
        ("How many people died?", "It took 40 lives.", False),
        ("What did Ann Lee say about trams?", "Ann Lee will ride trams.", True),
        ("What did Ann Lee say about trams?", "Ann Lee vowed to ride them.", False),
        ("What did Ann Lee say about trams?", "“They are slow.”", False),
        (
            "What did Ann Lee say about trams?",
            "Bo Ek told of how the town once had forty of the trams, before it met with Ann Lee.",
            True,
        ),
        ("What does the sign say?", "It is closed.", False),
        ("When was the Mill Society founded?", "The developer met the Mill Society in May.", True),
        ("Who founded the mill?", "Mirror Mill Incorporated sells flour.", True),
        ("When was the Mill Society founded?", "The town has a Mill Society (1901).", False),
        ("Who is the chief financial officer of Ucore?", "Ucore CEO Ann Lee spoke.", True),
        ("Who is the CEO of Ucore?", "Ann Lee, chief executive, spoke.", False),
        ("Who is the CEO of Ucore?", "Ann Lee runs Ucore.", False),
        ("Who is vice president of Ucore?", "Ucore's president Ann Lee spoke.", True),
        ("Who is president of Ucore?", "Ucore's vice-president Ann Lee spoke.", True),
        ("Who's Ucore's chairman?", "Chairwoman Ann Lee met the mayor.", False),
    ],
)
def test_a_sentence_of_another_act_or_office_is_noticed(question, sentence, another):
    act = act_asked(clause(question))
    assert (act is not None and is_another_act(act, sentence)) is another
