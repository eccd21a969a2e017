"""A compiled model is faithful to sentence-transformers, or is not used."""

import logging
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ModelRefused
from rag.models import graph, load_embedder, prepare
from rag.models.embedders import compiled, sentence_transformer
from rag.models.embedders.compiled import CompiledEmbedder, open_compiled
from rag.models.embedders.sentence_transformer import SentenceTransformerEmbedder
from rag.models.graph import NotCompiled
from rag.models.weights import cache_folder, locate_model
from tests.profiles import some

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


@pytest.fixture(scope="module")
def converted(small_model, tmp_path_factory):
    """The small model's compiled form, as it is before any kernels."""
    folder = tmp_path_factory.mktemp("converted")
    compiled._convert(SentenceTransformerEmbedder(locate_model(str(small_model))), folder)
    return folder


@pytest.fixture
def own_compiled(own_model, converted, monkeypatch):
    """The files of that model, and the folder with its compiled form; it is not converted each time."""

    def convert(_, folder):
        shutil.copytree(converted, folder, dirs_exist_ok=True)

    monkeypatch.setattr(sentence_transformer, "SentenceTransformerEmbedder", lambda _: None)
    monkeypatch.setattr(compiled, "_convert", convert)
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
        own = [lengths[row] for row in batch]
        assert len(batch) == 1 or len(batch) * max(own) <= graph.BATCH_TOKENS
        assert max(own) - min(own) <= graph.PADDING


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


def test_only_the_models_used_last_are_kept(tmp_path):
    def use(name):
        def load():
            if not (tmp_path / name).exists():
                raise graph.Damaged

        prepare.open_or_make(tmp_path / name, load, lambda _: None)

    for n in range(prepare._KEPT):
        use(f"{n}")
        os.utime(tmp_path / f"{n}", (n, n))
    use("0")
    use("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", *"2345", "new"]


def test_a_prepared_model_is_for_the_installed_versions_of_its_libraries():
    for library in prepare._LIBRARIES:
        assert prepare._version(library) == version(library)
    assert prepare._version("click") == version("click")
    with pytest.raises(PackageNotFoundError):
        prepare._version("no-such-library")


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


@pytest.mark.parametrize(
    "name", [graph.GRAPH, graph.WEIGHTS, graph.TOKENIZER, graph.CARD, "kernels"]
)
def test_a_prepared_model_with_changed_bytes_is_made_again(own_compiled, name):
    files, folder = own_compiled
    expected = open_compiled(files).embed_queries(["one"])
    path = next(folder.glob("kernels-*/*.blob")) if name == "kernels" else folder / name
    if name == graph.WEIGHTS:  # they are read only if there are no kernels
        shutil.rmtree(next(folder.glob("kernels-*")))
    sound = path.read_bytes()
    path.chmod(0o600)
    for damaged in some((flipped(sound), sound[: len(sound) // 2], b""), 2):
        path.write_bytes(damaged)
        assert (open_compiled(files).embed_queries(["one"]) == expected).all()
        path = next(folder.glob("kernels-*/*.blob")) if name == "kernels" else folder / name
        assert path.read_bytes() != damaged
        path.chmod(0o600)
        for kernels in folder.glob("kernels-*") if name == graph.WEIGHTS else ():
            shutil.rmtree(kernels)


def flipped(data):
    """The same bytes with up to 200 of them changed, all over the file."""
    changed = bytearray(data)
    for at in range(0, len(data), max(1, len(data) // 200)):
        changed[at] ^= 0x55
    return bytes(changed)


def test_kernels_that_nobody_vouches_for_are_not_loaded(own_compiled):
    files, folder = own_compiled
    kernels = next(folder.glob("kernels-*"))
    (kernels / "other.blob").write_bytes(b"other")
    open_compiled(files)
    assert not (kernels / "other.blob").exists()


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 3.0])
def test_vectors_that_are_not_finite_or_not_of_length_1_are_refused(own_compiled, value):
    files, folder = own_compiled
    embedder = open_compiled(files)
    embedder._graph = graph.Graph(folder, lambda inputs: [np.full((len(inputs[0]), 384), value)])
    with pytest.raises(ModelRefused, match=r"not finite|length 1"):
        embedder.embed_queries(["one"])
    assert open_compiled(files).embed_queries(["one"]).shape == (1, 384)  # prepared anew


def test_a_process_has_one_core(own_compiled):
    files, _ = own_compiled
    open_compiled(files)
    assert graph.core() is graph.core()


SIGNALS = """
import gc, os, signal, sys, rag
known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM")]
for each in known:
    signal.signal(each, lambda *_: print("handled"))
for _ in range(2):
    with rag.Retriever.open(sys.argv[1]) as retriever:
        retriever.ask("Who runs REAlloys?")
    del retriever
    gc.collect()
for each in known:
    os.kill(os.getpid(), each)
print("alive")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_signal_after_closing_does_not_kill_the_process(seeds_index):
    done = subprocess.run(
        [sys.executable, "-c", SIGNALS, seeds_index],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["handled"] * 3 + ["alive"]), done.stderr


def test_a_full_disk_is_named_and_the_model_runs_uncompiled(own_model, monkeypatch, caplog):
    def save_model(*_, **__):
        raise RuntimeError("basic_ios::clear: iostream error")

    monkeypatch.setattr(graph.openvino(), "save_model", save_model)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))
    caplog.set_level(logging.WARNING, "rag")
    assert isinstance(load_embedder(str(own_model)), SentenceTransformerEmbedder)
    assert "No space left on device" in caplog.text


def test_without_memory_nothing_is_prepared_anew(own_compiled, monkeypatch):
    files, folder = own_compiled
    before = sorted(folder.rglob("*"))

    class Core:
        def get_property(self, *_):
            return ["FP32"]

        def compile_model(self, *_):
            raise RuntimeError("Check failed\nstd::bad_alloc")

    monkeypatch.setattr(graph, "_core", Core())
    with pytest.raises(MemoryError):
        open_compiled(files, "fp32")
    assert sorted(folder.rglob("*")) == before


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
