"""The lexical score equals that of rank_bm25.BM25Okapi, after updates too."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from rag.records import BREAK, Bm25Parameters
from rag.stores.analyzer import TextAnalyzer
from rag.stores.local.lexical import NO_AVERAGE, LexicalIndex
from rag.stores.local.postings import build_postings

words = st.sampled_from([f"w{i}" for i in range(12)])
passages = st.lists(st.lists(words, max_size=12), min_size=1, max_size=30)
queries = st.lists(words, min_size=1, max_size=5)


def index_of(texts):
    return LexicalIndex(build_postings(len(texts), enumerate(texts)), Bm25Parameters())


def oracle(texts):
    """BM25Okapi, or None if there are no words, which it cannot handle."""
    return BM25Okapi(texts) if any(texts) else None


parted = st.lists(st.lists(words | st.just(BREAK), max_size=12), min_size=1, max_size=30)


def without_breaks(texts):
    return [[term for term in text if term != BREAK] for text in texts]


@given(parted, queries)
def test_breaks_change_no_score_of_a_term(texts, query):
    parts, plain = index_of(texts), index_of(without_breaks(texts))
    ours, theirs = (index.search(query, len(texts)) for index in (parts, plain))
    assert ours.rows.tolist() == theirs.rows.tolist()
    assert np.array_equal(ours.scores, theirs.scores)


@given(parted, st.lists(words, min_size=2, max_size=3).map(tuple))
def test_no_phrase_crosses_a_break(texts, phrase):
    holding = [
        number
        for number, text in enumerate(texts)
        if any(tuple(text[at : at + len(phrase)]) == phrase for at in range(len(text)))
    ]
    index = index_of(texts)
    assert np.flatnonzero(index.contains(phrase)).tolist() == holding
    assert index.phrase_frequency(phrase) == len(holding)


@given(passages, queries)
def test_scores_equal_bm25okapi_wherever_its_average_idf_is_positive(texts, query):
    definition = oracle(texts)
    if definition is None or definition.average_idf <= NO_AVERAGE:
        return
    hits = index_of(texts).search(query, len(texts))
    expected = definition.get_scores(query)
    assert np.allclose(hits.scores, expected[hits.rows], atol=1e-5)


def test_scores_equal_bm25okapi_over_the_seeds(seeds):
    analyzer = TextAnalyzer()
    texts = []
    for info in seeds.documents():
        document = seeds.document(info.doc_id)
        texts += [analyzer(document.text[b.start : b.end]) for b in document.blocks]
    definition, index = BM25Okapi(texts), index_of(texts)
    for question in ("price floor for NdPr", "U.S. rare earth oxide 45,000 tonnes", "Japan Japan"):
        query = analyzer(question)
        expected = definition.get_scores(query)
        hits = index.search(query, len(texts))
        assert np.allclose(hits.scores, expected[hits.rows], atol=1e-5)
        assert set(np.flatnonzero(expected)) <= set(hits.rows.tolist())


@given(passages, queries, st.integers(1, 40))
def test_results_are_exactly_the_passages_with_a_term(texts, query, depth):
    holding = [i for i, text in enumerate(texts) if set(text) & set(query)]
    hits = index_of(texts).search(query, depth)
    assert len(hits.rows) == min(depth, len(holding))
    assert set(hits.rows.tolist()) <= set(holding)
    assert np.isfinite(hits.scores).all()


@given(passages, queries)
def test_no_score_is_negative_however_small_the_corpus(texts, query):
    assert (index_of(texts).search(query, len(texts)).scores >= 0).all()


def test_in_a_corpus_of_one_passage_more_matching_words_score_more():
    index = index_of([["price", "floor", "price"]])
    one, two = (index.search(query, 1).scores[0] for query in (["floor"], ["floor", "price"]))
    assert 0 < one < two


@given(passages, queries, st.integers(1, 40))
def test_ranking_is_by_score_then_by_order_in_the_corpus(texts, query, depth):
    index = index_of(texts)
    everything = index.search(query, len(texts))
    pairs = list(zip((-everything.scores).tolist(), everything.rows.tolist(), strict=True))
    assert pairs == sorted(pairs)
    assert index.search(query, depth).rows.tolist() == everything.rows.tolist()[:depth]


@given(passages, queries, st.data())
def test_masked_search_equals_searching_everything_and_dropping_the_rest(texts, query, data):
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    index = index_of(texts)
    everything = index.search(query, len(texts))
    masked = index.search(query, len(texts), allowed)
    assert masked.rows.tolist() == [i for i in everything.rows.tolist() if allowed[i]]


@given(parted, st.data())
def test_updated_postings_equal_fresh_ones(texts, data):
    """With any passages removed, reordered or added."""
    survivors = data.draw(st.lists(st.sampled_from(range(len(texts))), unique=True))
    added = data.draw(parted)
    order = data.draw(st.permutations(["old"] * len(survivors) + ["new"] * len(added)))
    old, new = iter(survivors), iter(added)
    kept = np.full(len(texts), -1)
    fresh, additions = [], {}
    for number, kind in enumerate(order):
        if kind == "old":
            before = next(old)
            kept[before] = number
            fresh.append(texts[before])
        else:
            additions[number] = next(new)
            fresh.append(additions[number])
    before = build_postings(len(texts), enumerate(texts))
    updated = build_postings(len(fresh), additions.items(), before, kept)
    expected = build_postings(len(fresh), enumerate(fresh))
    assert list(updated.terms) == list(expected.terms)
    for name in ("offsets", "chunks", "counts", "lengths", "sequence"):
        assert getattr(updated, name).tolist() == getattr(expected, name).tolist(), name
        assert getattr(updated, name).dtype == getattr(expected, name).dtype, name


# ---------------------------------------------------------------- phrases, required and excluded words

few = st.sampled_from(["w0", "w1", "w2"])
dense_passages = st.lists(st.lists(few, max_size=12), min_size=1, max_size=12)
runs = st.lists(few | st.just("nowhere"), min_size=1, max_size=4).map(tuple)


def occurrences(text, run):
    return sum(tuple(text[i : i + len(run)]) == run for i in range(len(text)))


@given(dense_passages | passages, runs)
def test_passages_that_contain_a_run_of_terms_are_found(texts, run):
    assert index_of(texts).contains(run).tolist() == [occurrences(text, run) > 0 for text in texts]


@given(dense_passages, st.lists(few, max_size=3), st.lists(runs, min_size=1, max_size=3))
def test_a_phrase_scores_like_one_more_term(texts, query, phrases):
    """As if each passage contained an extra term for each occurrence of the phrase."""
    index = index_of(texts)
    average = np.log([(len(texts) - n + 0.5) / (n + 0.5) for n in frequencies(texts)])
    average = average.mean() if len(average) else 0
    expected = slow_scores(texts, [(term,) for term in query] + phrases, average)
    hits = index.search(query, len(texts), phrases=phrases)
    assert sorted(hits.rows.tolist()) == sorted(expected)
    assert np.allclose(hits.scores, [expected[i] for i in hits.rows.tolist()])


def frequencies(texts):
    return [sum(term in text for text in texts) for term in {t for text in texts for t in text}]


def slow_scores(texts, runs, average_idf):
    p, total = Bm25Parameters(), len(texts)
    mean = sum(map(len, texts)) / total or 1
    scores = {}
    for run in runs:
        often = [occurrences(text, run) for text in texts]
        holding = sum(map(bool, often))
        odds = (total - holding + 0.5) / (holding + 0.5)
        idf = np.log(odds) if average_idf > NO_AVERAGE else np.log1p(odds)
        idf = p.epsilon * average_idf if idf < 0 else idf
        for number, count in enumerate(often):
            if count:
                norm = p.k1 * (1 - p.b + p.b * len(texts[number]) / mean)
                gain = count * (p.k1 + 1) / (count + norm)
                scores[number] = scores.get(number, 0) + idf * gain
    return scores


@given(passages, queries, st.lists(runs, max_size=2), st.integers(1, 10))
def test_cached_weights_change_no_score(texts, query, phrases, depth):
    index = index_of(texts)
    first = index.search(query, depth, phrases=phrases)
    again = index.search(query, depth, phrases=phrases)
    assert (first.rows.tolist(), first.scores.tolist()) == (
        again.rows.tolist(),
        again.scores.tolist(),
    )


def test_a_long_phrase_is_found_among_many_passages():
    """More passages than one step, with the phrase at the beginning, in the middle and at the end."""
    texts = [["a", "b", "c"] * (n % 3) + ["b"] * (n % 2) for n in range(10_000)]
    expected = [occurrences(text, ("c", "a", "b")) > 0 for text in texts]
    assert index_of(texts).contains(("c", "a", "b")).tolist() == expected


def test_the_weight_cache_stays_within_its_limit(monkeypatch):
    monkeypatch.setattr("rag.stores.local.lexical._CACHE_BYTES", 3_000)
    index = index_of([[f"w{n}", "all"] for n in range(100)])
    for n in range(100):
        index.search([f"w{n}", "all"], 3, phrases=[(f"w{n}", "all")])
    kept = index._cache._entries
    assert 0 < sum(w.nbytes for _, w in kept.values()) <= 3_000
    assert (index.postings.number("all"),) in kept  # the most recent one
