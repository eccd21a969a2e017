"""Reranking combines relevance and score, and loses no passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag.search import RERANKED, Fused, rerank
from rag.search.rerank import WEIGHT

unit = st.floats(0, 1)


def ranking(scores):
    return [Fused(str(n), score, {}) for n, score in enumerate(sorted(scores, reverse=True))]


@given(st.lists(st.floats(0, 30), max_size=30), st.lists(unit, max_size=20))
def test_the_first_passages_are_reranked_and_the_rest_follow(scores, relevance):
    ranked = ranking(scores)
    relevance = relevance[: len(ranked)]
    found = rerank(ranked, relevance)
    best = (ranked[0].score if ranked else 0) or 1
    expected = sorted(
        (
            (1 - WEIGHT) * f.score / best + WEIGHT * r
            for f, r in zip(ranked, relevance, strict=False)
        ),
        reverse=True,
    )
    first = found[: len(relevance)]
    assert [f.score for f in first] == pytest.approx(expected)
    assert [f.chunk_id for f in found[len(relevance) :]] == [
        f.chunk_id for f in ranked[len(relevance) :]
    ]
    assert sorted(f.chunk_id for f in found) == sorted(f.chunk_id for f in ranked)
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
    for fused in first:
        mine = fused.contributions["rerank"]
        assert (mine.score, mine.weight) == (relevance[int(fused.chunk_id)], WEIGHT)
        assert mine.rank == 1 + sum(
            r > mine.score or (r == mine.score and n < int(fused.chunk_id))
            for n, r in enumerate(relevance)
        )


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_a_search_can_be_reranked(seeds, mode):
    question = "How many pounds of rare earths are in an F-35?"
    plain = seeds.search(question, 30, mode=mode)
    again = seeds.search(question, 30, mode=mode, rerank=True)
    assert {p.chunk_id for p in again} == {p.chunk_id for p in plain}
    assert [p.score for p in again] == sorted((p.score for p in again), reverse=True)
    assert sum("rerank" in p.contributions for p in again) == RERANKED
    assert "920 pounds" in again[0].text
    few = seeds.search(question, 3, mode=mode, rerank=True)
    assert [p.chunk_id for p in few] == [p.chunk_id for p in again[:3]]


def test_settings_can_turn_reranking_on(seeds_index):
    with rag.Retriever.open(seeds_index, settings=rag.Settings(rerank=True)) as retriever:
        assert "rerank" in retriever.search("magnets", 1)[0].contributions
        assert "rerank" not in retriever.search("magnets", 1, rerank=False)[0].contributions
