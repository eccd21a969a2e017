"""The measures agree with slow, literal definitions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluate.metrics import exact_match, f1, holds, judge_ranking, normalised, separation
from rag.evaluate.retrieval import strictly_falling


@pytest.mark.parametrize(
    ("answer", "accepted", "exact", "overlap"),
    [
        ("The Eiffel Tower!", ["eiffel tower"], 1, 1),
        ("in the Eiffel Tower", ["Eiffel Tower"], 0, 0.8),
        ("Paris", ["London", "Paris, France"], 0, 2 / 3),
        ("Rome", ["Paris"], 0, 0),
        ("", [], 1, 1),  # nothing to say, nothing said
        ("Paris", [], 0, 0),
        ("", ["Paris"], 0, 0),
    ],
)
def test_exact_match_and_f1_follow_squad(answer, accepted, exact, overlap):
    assert exact_match(answer, accepted) == exact
    assert f1(answer, accepted) == pytest.approx(overlap)


@given(st.text("ab the.", max_size=20), st.lists(st.text("ab the.", max_size=20), max_size=3))
def test_an_exact_match_has_f1_of_one_and_f1_stays_in_range(answer, accepted):
    assert 0 <= f1(answer, accepted) <= 1
    if exact_match(answer, accepted):
        assert f1(answer, accepted) == 1
    assert normalised(normalised(answer)) == normalised(answer)


@pytest.mark.parametrize(
    ("text", "accepted", "found"),
    [
        ("a floor of $110/kg was agreed", "$110", True),
        ("a floor of $1,110 was agreed", "$110", False),
        ("nine national laboratories", "nine", True),
        ("ninety laboratories", "nine", False),
        ("the Mountain Pass mine", "Mountain  Pass Mine", True),
        ("in 2017 and 17 others", "17", True),
        ("nothing", "", False),
        ("the Department of Energy's consortium", "Department of Energy", True),
        ("the Department of Energy’s consortium", "Department of Energy's", True),
        ("the dockers union", "dockers' union", True),
        ("the energies of it", "energy", False),
    ],
)
def test_a_text_holds_an_answer_as_whole_words(text, accepted, found):
    assert holds(text, [accepted]) is found
    assert not holds(text, [])


def slow_measures(relevance, ranked):
    """By definition: nDCG@10 with linear gains, reciprocal rank, recall."""
    gains = [relevance.get(name, 0) for name in ranked]
    ideal = sorted(relevance.values(), reverse=True)

    def dcg(values):
        return sum(value / math.log2(rank + 1) for rank, value in enumerate(values[:10], 1))

    wanted = {name for name, grade in relevance.items() if grade > 0}
    first = next((rank for rank, name in enumerate(ranked[:10], 1) if name in wanted), None)
    return {
        "ndcg@10": dcg(gains) / dcg(ideal),
        "mrr@10": 1 / first if first else 0,
        "recall@10": len(wanted & set(ranked[:10])) / len(wanted),
        "recall@100": len(wanted & set(ranked[:100])) / len(wanted),
    }


@given(
    st.dictionaries(st.sampled_from([f"d{n}" for n in range(15)]), st.integers(0, 3), min_size=1),
    st.permutations([f"d{n}" for n in range(15)]),
    st.lists(st.sampled_from([0.0, 0.5, 1.0, -2.0]), min_size=15, max_size=15),
)
def test_rankings_keep_their_order_for_equal_scores(relevance, ranked, scores):
    if not any(relevance.values()):
        relevance[ranked[0]] = 1
    run = strictly_falling(dict(zip(ranked, sorted(scores, reverse=True), strict=True)))
    assert list(run) == list(ranked)
    means, own = judge_ranking({"q": relevance}, {"q": run})
    expected = slow_measures(relevance, ranked)
    assert {name: means[name] for name in expected} == pytest.approx(expected)
    assert own["q"] == means


def test_a_query_without_results_counts_as_zero():
    means, own = judge_ranking({"q1": {"d": 1}, "q2": {"d": 1}}, {"q1": {"d": 1.0}})
    assert means["ndcg@10"] == 0.5
    assert own["q2"]["recall@100"] == 0


def test_separation_is_the_chance_that_an_answerable_question_has_more_confidence():
    assert separation([0.9, 0.8, 0.1], [True, False, False]) == 1
    assert separation([0.5, 0.5], [True, False]) == 0.5
    assert separation([0.1, 0.9], [True, True]) is None
