"""A large index through the public interface; here, 1,000 passages count as large."""

from unittest.mock import patch

import numpy as np
import pytest

import rag
from rag.stores import open_store
from rag.stores.local.dense import DenseIndex, binary_codes

ARTICLES, PARAGRAPHS = 250, 5
LOAD = "rag.indexing.builder.load_embedder"
TOPICS = """
    volcano cheese election violin glacier football inflation vaccine orchard lighthouse satellite divorce
    tractor poetry earthquake chess whale cathedral battery wedding desert penguin tax bridge fever theatre
    coal butterfly parliament surgery bicycle harvest submarine opera drought museum prison laundry comet
    honey railway magnet novel shipyard kitchen mountain school forest
""".split()
QUESTIONS = [
    "Which volcano is near a glacier?",
    "How much honey is made in the forest?",
    "When was the railway bridge built?",
    "Who wrote the opera about a whale?",
    "Why did the price of cheese rise with inflation?",
]


class Mixer:
    """An embedder that mixes the vectors of passages from those of a few texts."""

    def __init__(self, embedder, texts):
        self.info = embedder.info
        self.base = embedder.embed_documents(texts)

    def embed_documents(self, texts):
        seeds = [int.from_bytes(text.encode()[-12:], "big") for text in texts]
        return np.array([self.mixed(np.random.default_rng(seed)) for seed in seeds], np.float32)

    def mixed(self, random):
        vector = self.base[random.integers(len(self.base), size=2)].T @ random.random(2)
        vector /= np.linalg.norm(vector)
        vector += random.normal(scale=0.01, size=len(vector))
        return vector / np.linalg.norm(vector)


def paragraph(article, number):
    words = ["harbour", "pier", "honey", "hive", "ticket", "coast", "train", "repair", "night"]
    chosen = " ".join(words[(article + number * i) % len(words)] for i in range(1, 90))
    return f"The {chosen} {article:04}x{number}x{article * 7919 % 10_007}."


@pytest.fixture(scope="module")
def many():
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr("rag.stores.local.dense.EXACT", 1_000)
        patching.setattr("rag.stores.local.dense._CANDIDATES", 250)
        patching.setattr("rag.stores.local.dense._PER_RESULT", 1)
        yield


@pytest.fixture(scope="module")
def large(many, tmp_path_factory, embedder):
    """Corpus and index; tests may change both."""
    corpus = tmp_path_factory.mktemp("large") / "articles"
    corpus.mkdir()
    for article in range(ARTICLES):
        text = "\n\n".join(paragraph(article, number) for number in range(PARAGRAPHS))
        (corpus / f"{article:04}.txt").write_text(f"Article {article}\n\n{text}\n")
    mixer = Mixer(embedder, TOPICS)
    with patch(LOAD, lambda *_: mixer):
        rag.build(corpus, corpus.parent / "index")
        yield corpus, corpus.parent / "index"


def nearest(index, question, embedder, k=10):
    """The results of a full scan."""
    store = open_store(index)
    exact = DenseIndex(store.dense_index.vectors)
    return list(store.ids(exact.search(embedder.embed_queries([question])[0], k).rows))


def test_the_manifest_has_the_recall_of_the_first_pass(large):
    _, index = large
    manifest = open_store(index).manifest
    assert manifest.chunks > 1_000
    assert manifest.first_pass.recall_at_10 >= 0.99
    assert manifest.first_pass.candidates < manifest.chunks


def test_search_finds_what_a_full_scan_finds(large, embedder):
    _, index = large
    with rag.Retriever.open(index) as retriever:
        found = [
            len(
                {p.chunk_id for p in retriever.search(question, 10, mode="dense")}
                & set(nearest(index, question, embedder))
            )
            for question in QUESTIONS
        ]
        assert sum(found) >= 0.99 * 10 * len(QUESTIONS)
        assert len(retriever.search(QUESTIONS[0], 1_200, mode="dense")) == 1_200


def test_a_filtered_search_misses_nothing(large, embedder):
    _, index = large
    with rag.Retriever.open(index) as retriever:
        few = retriever.search(QUESTIONS[0], 50, mode="dense", filters=rag.Filters(path="000?.txt"))
        most = retriever.search(
            QUESTIONS[0], 50, mode="dense", filters=rag.Filters(path="0[0-2][0-4]?.txt")
        )
    assert len(few) == 10 * PARAGRAPHS
    assert len(most) == 50
    assert all(p.doc_id < "0250.txt" for p in most)


def test_an_update_writes_the_codes_of_its_own_vectors(large):
    corpus, index = large
    (corpus / "0007.txt").unlink()
    (corpus / "0001a.txt").write_text(f"A new one\n\n{paragraph(9_001, 3)}\n")
    rag.build(corpus, index)
    store = open_store(index)
    signs = np.load(index / store.facts.generation / "signs.npy")
    assert np.array_equal(signs, binary_codes(store.dense_index.vectors))
    assert store.manifest.first_pass is not None


def test_altered_codes_cost_recall_but_never_fail(large):
    """The scores are right; only `rag check` finds the damage."""
    _, index = large
    path = index / open_store(index).facts.generation / "signs.npy"
    data = path.read_bytes()
    path.write_bytes(data[:200] + bytes(255 - byte for byte in data[200:]))
    try:
        with rag.Retriever.open(index) as retriever:
            found = retriever.search(QUESTIONS[1], 10, mode="dense")
        assert len(found) == 10
        path.write_bytes(data[:-1])
        with pytest.raises(rag.IndexCorrupt, match=r"signs\.npy"):
            rag.Retriever.open(index)
    finally:
        path.write_bytes(data)
