"""Fusion: results calculated by hand, and general properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import ChunkIds, Hits
from rag.search.fuse import fuse, minmax


def hits(*pairs):
    ids, scores = zip(*pairs, strict=True) if pairs else ((), ())
    return Hits(ChunkIds(np.array(ids, np.int64), str), np.array(scores, np.float64))


LEXICAL = hits((7, 10.0), (3, 6.0), (5, 2.0))
DENSE = hits((3, 0.9), (8, 0.5))
EVEN = {"lexical": 0.5, "dense": 0.5}


def test_minmax_matches_a_calculation_by_hand():
    fused = fuse({"lexical": LEXICAL, "dense": DENSE}, EVEN, "minmax", 200)
    assert [(f.chunk_id, f.score) for f in fused] == [
        ("3", 0.75),
        ("7", 0.5),
        ("8", 0.0),
        ("5", 0.0),
    ]


def test_rrf_matches_a_calculation_by_hand():
    fused = fuse({"lexical": LEXICAL, "dense": DENSE}, EVEN, "rrf", 200)
    assert [f.chunk_id for f in fused] == ["3", "7", "8", "5"]
    assert fused[0].score == pytest.approx(1 / 62 + 1 / 61)
    assert fused[1].score == pytest.approx(1 / 61)


def test_contributions_show_the_share_of_each_list():
    first = fuse(
        {"lexical": LEXICAL, "dense": DENSE}, {"lexical": 0.3, "dense": 0.7}, "minmax", 200
    )[0]
    assert first.chunk_id == "3"
    assert first.contributions["lexical"].to_dict() == {"rank": 2, "score": 6.0, "weight": 0.3}
    assert first.contributions["dense"].to_dict() == {"rank": 1, "score": 0.9, "weight": 0.7}


def test_a_single_list_keeps_its_own_scores():
    fused = fuse({"lexical": LEXICAL}, EVEN, "minmax", 200)
    assert [(f.chunk_id, f.score) for f in fused] == [("7", 10.0), ("3", 6.0), ("5", 2.0)]


def test_equal_scores_in_a_list_all_count_in_full():
    assert minmax(np.array([2.0, 2.0])).tolist() == [1.0, 1.0]
    assert minmax(np.array([])).tolist() == []


ranked = st.dictionaries(st.integers(0, 50), st.floats(0, 100), max_size=20).map(
    lambda d: hits(*sorted(d.items(), key=lambda pair: (-pair[1], pair[0])))
)


@given(ranked, ranked, st.sampled_from(["minmax", "rrf"]))
def test_every_passage_of_either_list_appears_once_best_first(lexical, dense, method):
    fused = fuse({"lexical": lexical, "dense": dense}, EVEN, method, 200)
    chunks = [f.chunk_id for f in fused]
    assert sorted(chunks) == sorted({*lexical.ids, *dense.ids})
    assert [f.score for f in fused] == sorted((f.score for f in fused), reverse=True)


@given(ranked, ranked, st.sampled_from(["minmax", "rrf"]), st.integers(1, 8))
def test_passages_below_the_depth_come_last(lexical, dense, method, depth):
    """Longer lists only add passages at the end."""
    cut = [Hits(h.ids[:depth], h.scores[:depth]) for h in (lexical, dense)]
    short = fuse(dict(zip(EVEN, cut, strict=True)), EVEN, method, depth)
    full = fuse({"lexical": lexical, "dense": dense}, EVEN, method, depth)
    assert [(f.chunk_id, f.score) for f in full[: len(short)]] == [
        (f.chunk_id, f.score) for f in short
    ]
