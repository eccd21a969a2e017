"""Prepares compiled models, once for each: converts a network, measures and saves it in the user's cache.

Each part is moved into place in one step, so another process sees all of it or nothing. ``graph`` loads and
runs what was prepared.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from rag.files import read_file
from rag.models.graph import (
    GRAPH,
    HINTS,
    TOKENIZER,
    WEIGHTS,
    Card,
    Damaged,
    NotCompiled,
    checksum,
    first_line,
    openvino,
)
from rag.records import Precision

REFUSED: Final = "refused.txt"

_FORMAT: Final = 3  # increase it when the conversion or the files change
_LIBRARIES: Final = ("openvino", "sentence-transformers", "torch", "transformers")

_KEPT: Final = 6
"""How many compiled models are kept: those used last. One takes up to 180 MB."""

_LITTLE: Final = 1_000_000
"""With fewer bytes free, a disk counts as full."""

T = TypeVar("T")


def open_or_make(folder: Path, load: Callable[[], T], write: Callable[[Path], None]) -> T:
    """Load a compiled model from ``folder``; if it is missing or damaged, ``write`` makes it first.

    Raises NotCompiled if the model cannot be compiled; a file records that, so no later call tries again.
    Raises OSError if the model cannot be saved.
    """
    with contextlib.suppress(OSError):
        os.utime(folder)  # so that it is not the one used least recently
    _check_not_refused(folder)
    try:
        return load()
    except Damaged:
        shutil.rmtree(folder, ignore_errors=True)
    except RuntimeError as error:  # its files are intact, so they would not be better if made again
        raise NotCompiled(first_line(error)) from error
    _make(folder, write)
    try:
        return load()
    except (Damaged, RuntimeError) as error:
        raise NotCompiled(first_line(error)) from error


def _check_not_refused(folder: Path) -> None:
    """Raise NotCompiled if this was found out before."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        raise NotCompiled(read_file(folder / REFUSED).decode("utf-8", "replace"))


def _make(folder: Path, write: Callable[[Path], None]) -> None:
    """Write a model to a temporary folder and move it into place; another process may be first."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as name:
        temporary = Path(name) / "model"
        temporary.mkdir()
        try:
            write(temporary)
        except NotCompiled as error:
            (temporary / REFUSED).write_text(str(error), encoding="utf-8")
        with contextlib.suppress(OSError):
            temporary.rename(folder)
    _remove_unused(folder)
    _check_not_refused(folder)


def _remove_unused(new: Path) -> None:
    """Remove all models but a new one and those used last: what remains is often of earlier versions.

    A process that runs one of them has it in memory; one that is about to load it makes it again.
    """
    used: list[tuple[float, Path]] = []
    for folder in new.parent.iterdir():
        with contextlib.suppress(OSError):  # another process has removed it
            used.append((folder.stat().st_mtime, folder))
    for _, folder in sorted(used)[:-_KEPT]:
        if folder != new:
            shutil.rmtree(folder, ignore_errors=True)


def key(*parts: str | bytes) -> str:
    """A hash of everything a graph depends on: these parts, and the versions of the libraries."""
    digest = hashlib.sha256(f"{_FORMAT}\n".encode())
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\n".encode())
    return digest.hexdigest()[:20]


def _version(library: str) -> str:
    """The installed version, as the name of the folder of its metadata tells it.

    importlib.metadata reads that metadata; with its own import, it would take 50 ms of each question.
    """
    package = library.replace("-", "_")
    spec = find_spec(package)
    if spec is not None and spec.origin is not None:
        found = [each.name for each in Path(spec.origin).parents[1].glob(f"{package}-*.dist-info")]
        if len(found) == 1:
            return found[0].removeprefix(f"{package}-").removesuffix(".dist-info")
    installed: str = import_module("importlib.metadata").version(library)
    return installed


def example() -> dict[str, Any]:
    """Inputs for tracing: two rows, one of them padded, so that the trace uses the mask."""
    import torch

    ids = torch.ones((2, 16), dtype=torch.int64)
    mask = torch.tensor([[1] * 16, [1] * 9 + [0] * 7])
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}


def convert(network: Any, inputs: tuple[Any, ...]) -> Any:
    """The graph of a PyTorch module, traced on example inputs.

    Raises NotCompiled if the conversion fails, ImportError if OpenVINO is incomplete.
    """
    import torch

    openvino()
    # Import from the defining module: openvino hides an ImportError here and then lacks the name. Such an
    # error is the installation's, and must not be recorded as one of the model.
    from openvino.tools.ovc import convert_model

    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # from the tracer; the result is checked afterwards
            return convert_model(network.eval(), example_input=inputs)
    except Exception as error:  # an unknown model may raise anything when traced
        raise NotCompiled(f"it cannot be converted ({first_line(error)})") from error


def fill(
    folder: Path,
    graph: Any,
    tokenizer: Any,
    facts: dict[str, Any],
    least: float,
    fidelity: Callable[[Precision], float],
) -> None:
    """Write graph, tokenizer and card, and measure the fidelity to the original at each precision.

    Raises NotCompiled if no precision reaches ``least``.
    """
    _save(graph, tokenizer, folder)
    checksums = {name: checksum(folder / name) for name in (GRAPH, WEIGHTS, TOKENIZER)}
    card = Card(facts, dict.fromkeys(HINTS, 1.0), least, checksums)
    card.write(folder)  # for now, so that ``fidelity`` can open the model
    measured: dict[str, float] = {}
    for precision in get_args(Precision)[1:]:
        with contextlib.suppress(NotCompiled):  # this processor has no bf16
            measured[precision] = round(fidelity(precision), 7)
    replace(card, faithful=measured).write(folder)
    # Kernels are tied to this path, and useless after the move.
    for kernels in folder.glob("kernels-*"):
        shutil.rmtree(kernels, ignore_errors=True)
    if max(measured.values()) < least:
        raise NotCompiled(f"its graph differs from the original network ({measured})")


def _save(graph: Any, tokenizer: Any, folder: Path) -> None:
    """Write graph and tokenizer. Raises OSError if they cannot be written."""
    try:
        openvino().save_model(graph, folder / GRAPH, compress_to_fp16=False)
        tokenizer.save(str(folder / TOKENIZER))
    except OSError:
        raise
    except Exception as error:  # both libraries hide what the system said
        full = shutil.disk_usage(folder).free < _LITTLE
        reason = "No space left on device" if full else first_line(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, reason, str(folder)) from error
