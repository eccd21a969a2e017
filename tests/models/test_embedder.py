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
    corpus, tmp_path, small_model
):
    index = tmp_path / "index"
    rag.build(corpus, index, model=str(small_model))
    assert rag.build(corpus, index).unchanged == 3
    with rag.Retriever.open(index) as retriever:
        assert retriever.search("honey from rooftops")[0].doc_id == "bees.md"
        assert retriever.ask("How much honey did the hives give?").index.embedder == str(
            small_model
        )


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


@pytest.fixture(scope="module")
def other_model(tmp_path_factory):
    """A tiny one as those of many languages are: XLM-RoBERTa, unigram tokens, prompts, not normalised."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel, set_seed

    folder = tmp_path_factory.mktemp("other")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    letters = "▁abcdefghijklmnopqrstuvwxyzäöüßéèабвгдежзийклмнопрстуфхцчшщыьэюя日本語橋港"
    pieces = [*((name, 0.0) for name in special), *((letter, -3.0) for letter in letters)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    roles = ("bos_token", "pad_token", "eos_token", "unk_token", "cls_token", "sep_token")
    names = dict(zip(roles, (*special, "<s>", "</s>"), strict=True))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=62, **names
    ).save_pretrained(folder / "words")
    set_seed(1)
    XLMRobertaModel(
        XLMRobertaConfig(
            vocab_size=len(pieces),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
        )
    ).save_pretrained(folder / "words")
    SentenceTransformer(
        modules=[
            Transformer(str(folder / "words"), max_seq_length=60),
            Pooling(32, pooling_mode="cls"),
        ],
        prompts={"query": "query: ", "document": "passage: "},
    ).save(str(folder / "model"), create_model_card=False)
    return folder / "model"


def test_a_model_for_other_languages_is_run_as_sentence_transformers_runs_it(
    other_model, corpus, tmp_path
):
    from sentence_transformers import SentenceTransformer

    texts = ["Der Hafen liegt am Fluß.", "日本の港と橋", "Мост через реку", "a " * 200, ""]
    embedder, reference = load_embedder(str(other_model)), SentenceTransformer(str(other_model))
    assert (embedder.info.dimension, embedder.info.max_tokens) == (32, 60)
    assert (embedder.info.query_prompt, embedder.info.document_prompt) == ("query: ", "passage: ")
    for mine, theirs in (
        (embedder.embed_queries, reference.encode_query),
        (embedder.embed_documents, reference.encode_document),
    ):
        cosines = (mine(texts) * theirs(texts, normalize_embeddings=True)).sum(axis=1)
        assert cosines.min() > 0.9999
    assert not np.allclose(embedder.embed_queries(texts), embedder.embed_documents(texts))
    (corpus / "hafen.txt").write_text("Der Hafen\n\nDer Hafen liegt am Fluss.\n", encoding="utf-8")
    rag.build(corpus, tmp_path / "index", model=str(other_model))
    with rag.Retriever.open(tmp_path / "index") as retriever:
        assert retriever.search("Häfen am Fluss", mode="dense")
        assert retriever.ask("Wo liegt der Hafen?").index.embedder == str(other_model)
    assert rag.check(tmp_path / "index").ok
