"""A compiled model is faithful to sentence-transformers, or is not used."""

import logging
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.models import graph, load_embedder
from rag.models.embedders import compiled
from rag.models.embedders.compiled import CompiledEmbedder, open_compiled
from rag.models.embedders.sentence_transformer import SentenceTransformerEmbedder
from rag.models.graph import NotCompiled
from rag.models.weights import cache_folder, locate_model

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def reference():
    """The default model, run by sentence-transformers."""
    return SentenceTransformerEmbedder(locate_model(None))


@pytest.fixture(scope="module")
def fp32():
    """The default model, compiled, in fp32 on any processor."""
    return open_compiled(locate_model(None), "fp32")


@pytest.fixture(scope="module")
def passages(seeds):
    """The real passages of the seeds."""
    return [passage.text for passage in seeds.search("rare earths", k=100)]


@pytest.fixture
def own_compiled(own_model):
    """The files of that model, and the folder with its compiled form."""
    files = locate_model(str(own_model))
    open_compiled(files)
    return files, cache_folder() / "compiled" / compiled._key(files)


def test_the_default_model_is_compiled(embedder):
    assert isinstance(embedder, CompiledEmbedder)


def test_vectors_equal_those_of_sentence_transformers(embedder, fp32, reference, passages):
    texts = [*passages, *compiled._PROBES]
    expected = reference.embed_documents(texts)
    for candidate, least in ((embedder, 0.9999), (fp32, 0.999999)):
        assert candidate.info == reference.info
        assert (candidate.embed_documents(texts) * expected).sum(axis=1).min() >= least
        assert (candidate.embed_queries(texts) * expected).sum(axis=1).min() >= least


@settings(max_examples=settings().max_examples // 3)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_a_vector_does_not_depend_on_the_batch(fp32, texts):
    together = fp32.embed_documents(texts)
    alone = [fp32.embed_documents([text])[0] for text in texts]
    assert np.allclose(together, np.array(alone).reshape(together.shape), atol=1e-5)


@given(st.lists(st.integers(1, 600), max_size=40))
def test_batches_have_every_row_once_and_little_padding(lengths):
    found = list(graph.batches(np.array(lengths, np.int64)))
    assert sorted(row for batch in found for row in batch) == list(range(len(lengths)))
    for batch in found:
        widest = max(lengths[row] for row in batch)
        assert len(batch) == 1 or len(batch) * widest <= graph.BATCH_TOKENS


def test_a_precision_can_be_chosen(fp32):
    assert fp32.precision == "fp32"
    assert load_embedder(precision="fp32").precision == "fp32"


def test_nothing_is_reported_to_the_vendor(fp32):
    assert sys.modules["openvino_telemetry"] is None


def test_sentence_transformers_runs_a_model_with_other_modules(tmp_path, reference, caplog):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense

    transformer, pooling = reference.model[0], reference.model[1]
    folder = tmp_path / "dense"
    SentenceTransformer(modules=[transformer, pooling, Dense(384, 64)]).save(
        str(folder), create_model_card=False
    )
    caplog.set_level(logging.WARNING, "rag")
    embedder = load_embedder(str(folder))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert embedder.embed_queries(["one"]).shape == (1, 64)
    assert "Dense" in caplog.text
    with pytest.raises(NotCompiled, match="Dense"):  # found out once, remembered
        open_compiled(locate_model(str(folder)))


def test_an_installation_error_is_not_recorded_as_the_models(own_model, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(sys.modules, "openvino.tools.ovc", None)
        with pytest.raises(ImportError):
            open_compiled(locate_model(str(own_model)))
    assert open_compiled(locate_model(str(own_model))).embed_queries(["one"]).shape == (1, 384)


def test_a_graph_that_is_not_faithful_is_refused(own_model, monkeypatch):
    monkeypatch.setattr(compiled, "_fidelity", lambda *_: 0.9998)
    with pytest.raises(NotCompiled, match="differs"):
        open_compiled(locate_model(str(own_model)))


def test_a_damaged_compiled_model_is_made_again(own_compiled):
    files, folder = own_compiled
    names = (graph.GRAPH, graph.WEIGHTS, graph.TOKENIZER, graph.CARD)
    sound = {name: (folder / name).read_bytes() for name in names}
    for name, data in sound.items():
        for damaged in (data[: len(data) // 2], data[:60] + b"\xff" + data[61:]):
            if name == graph.WEIGHTS and len(damaged) == len(data):
                continue  # one byte of 45 million: hashing them all would cost every start
            (folder / name).write_bytes(damaged)
            with pytest.raises(Exception):  # noqa: B017, PT011  # the libraries raise what they like
                CompiledEmbedder(folder, "fp32")
        (folder / name).write_bytes(data)
    (folder / graph.CARD).write_bytes(b"{")
    assert open_compiled(files).embed_queries(["one"]).shape == (1, 384)
    assert (folder / graph.WEIGHTS).stat().st_size == len(sound[graph.WEIGHTS])


def test_sentence_transformers_runs_a_model_that_cannot_be_saved(own_model, monkeypatch, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    caplog.set_level(logging.WARNING, "rag")
    embedder = load_embedder(str(own_model))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert "/dev/null/nowhere" in caplog.text


def test_a_new_configuration_is_compiled_again(own_model):
    before = compiled._key(locate_model(str(own_model)))
    config = own_model / "sentence_bert_config.json"
    config.write_text(config.read_text().replace("256", "128"))
    assert compiled._key(locate_model(str(own_model))) != before
