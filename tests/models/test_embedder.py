"""The embedder: real vectors of the real model."""

import numpy as np
import pytest

import rag
from rag.models import load_embedder


def test_vectors_are_of_unit_length_and_float32(embedder):
    vectors = embedder.embed_documents(["Neodymium magnets", "", "日本", "x " * 2000])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors(embedder):
    assert embedder.embed_documents([]).shape == (0, 384)


def test_meaning_counts_more_than_words(embedder):
    query = embedder.embed_queries(["How tall is the building?"])[0]
    near, far = embedder.embed_documents(
        ["The tower is 80 metres high.", "The building society pays."]
    )
    assert near @ query > far @ query


def test_its_info_has_everything_that_changes_a_vector(embedder):
    info = embedder.info
    assert (info.id, info.dimension, info.max_tokens) == ("all-MiniLM-L6-v2", 384, 256)
    assert info.pooling == "Transformer+Pooling(mean)+Normalize"


def test_a_process_has_one_copy_of_a_model(embedder):
    assert load_embedder() is embedder


def test_a_build_can_use_another_model_and_search_uses_that_of_the_index(
    corpus, tmp_path, own_model
):
    index = tmp_path / "index"
    rag.build(corpus, index, model=str(own_model))
    assert rag.build(corpus, index).unchanged == 3
    with rag.Retriever.open(index) as retriever:
        assert retriever.search("honey from rooftops")[0].doc_id == "bees.md"
        assert retriever.ask("How much honey did the hives give?").index.embedder == str(own_model)


def test_weights_that_changed_since_the_build_are_refused(corpus, tmp_path, own_model):
    index = tmp_path / "index"
    rag.build(corpus, index, model=str(own_model))
    weights = own_model / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-2] ^= 0x01
    weights.write_bytes(data)
    with rag.Retriever.open(index) as retriever, pytest.raises(rag.IndexMismatch) as caught:
        retriever.search("honey")
    assert "weights_sha256" in caught.value.message
    assert "rag index --full" in caught.value.fix
    with rag.Retriever.open(index) as retriever:
        assert retriever.search("honey", mode="lexical")


def test_a_folder_that_is_not_a_model_is_refused_and_the_index_stays(corpus, tmp_path, own_model):
    (own_model / "model.safetensors").write_bytes(b"not safetensors")
    with pytest.raises(rag.ModelRefused, match="cannot be loaded"):
        rag.build(corpus, tmp_path / "index", model=str(own_model))
