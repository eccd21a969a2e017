"""Compiled models: networks that OpenVINO converts once, and that then run without PyTorch.

Shared by the embedder and the reader. A folder in the user's cache holds the graph, its tokenizer, a card
with the fidelity to the original network at each precision, and the kernels that OpenVINO compiled for this
processor. Each part is moved into place in one step, so another process sees all of it or nothing.

Every file that is loaded is first compared with its checksum, since a network with a few changed bytes does
not fail: it answers wrongly. CRC-32 finds any accident, at 75 ms for 91 MB; SHA-256 takes 200 ms, and would
not keep out somebody who can write to the user's cache. A damaged part is made again. Numbers that are not
finite are refused.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import mmap
import os
import shutil
import sys
import tempfile
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

import numpy as np

from rag.errors import ModelRefused, lacks_memory
from rag.files import open_file, read_file
from rag.records import Precision

if TYPE_CHECKING:
    from rag.records.base import FloatArray

GRAPH: Final = "encoder.xml"
WEIGHTS: Final = "encoder.bin"
TOKENIZER: Final = "tokenizer.json"
CARD: Final = "card.json"
REFUSED: Final = "refused.txt"

CHECKSUMS: Final = "checksums.json"

_FORMAT: Final = 3  # increase it when the conversion or the files change
_LIBRARIES: Final = ("openvino", "sentence-transformers", "torch", "transformers")
_CONVERTER: Final = "openvino.tools.ovc"
_HINTS: Final[dict[str, str]] = {"bf16": "bf16", "fp32": "f32"}  # our names to OpenVINO's

_KEPT: Final = 6
"""How many compiled models are kept: those used last. One takes up to 180 MB."""

_LITTLE: Final = 1_000_000
"""With fewer bytes free, a disk counts as full."""

BATCH_TOKENS: Final = 1024
"""Tokens of one inference, with padding: enough to keep two cores busy. More only adds padding."""
PADDING: Final = 8
"""Most tokens that a row is padded by. Without this limit, a sixth of what is read for a question is
padding."""

T = TypeVar("T")
Matrix = np.ndarray[Any, np.dtype[np.int64]]


_core: Any = None
_core_lock = threading.Lock()


class Damaged(Exception):  # users never see it: the model is prepared again
    """A prepared file is missing, or is not as it was written; the message says which."""


class NotCompiled(Exception):  # users never see it: PyTorch runs the model instead
    """The model cannot be compiled, or the result is not faithful; the message says why."""


@dataclass(frozen=True, slots=True)
class Card:
    """The metadata of a compiled model: all that is needed to use it without the original files."""

    facts: dict[str, Any]
    """Depends on the kind of model."""
    faithful: dict[str, float]
    """By precision: the fidelity to the original network, at most 1."""
    least: float
    """The fidelity that is required."""
    checksums: dict[str, int]
    """By file: its CRC-32."""

    def write(self, folder: Path) -> None:
        """Write the card into a folder, with its own checksum."""
        card = asdict(self)
        text = json.dumps({"card": card, "checksum": _checksum_of(card)}, indent=1)
        (folder / CARD).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Card:
        """The card of a compiled model, whose tokenizer it checks. Raises Damaged."""
        try:
            saved = json.loads(read_file(folder / CARD))
            if _checksum_of(saved["card"]) != saved["checksum"]:
                raise Damaged(f"{folder / CARD}: altered since it was written")
            card = cls(**saved["card"])
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Damaged(f"{folder / CARD}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Damaged(f"{folder / CARD}: {error}") from error
        card.check(folder, TOKENIZER)
        return card

    def check(self, folder: Path, *names: str) -> None:
        """Raise Damaged if one of these files is not as it was written."""
        for name in names:
            if _checksum(folder / name) != self.checksums.get(name):
                raise Damaged(f"{folder / name}: altered since it was written")

    def choose_precision(self, core: Any, precision: Precision) -> str:
        """For "auto", bf16 if the processor has it and it is faithful, else fp32. Raises NotCompiled."""
        available = {"fp32"} | (
            {"bf16"} if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else set()
        )
        usable = [
            p for p in ("bf16", "fp32") if p in available and self.faithful.get(p, 0) >= self.least
        ]
        if precision == "auto" and usable:
            return usable[0]
        if precision in usable:
            return precision
        raise NotCompiled(f"no faithful {precision} on this processor")


@dataclass(frozen=True, slots=True)
class Graph:
    """A compiled network. Its outputs are finite."""

    folder: Path
    network: Any

    def __call__(self, inputs: Sequence[Matrix]) -> tuple[FloatArray, ...]:
        """All outputs, in the graph's order. Raises ModelRefused if one is not finite."""
        results = self.network(list(inputs))
        outputs = tuple(results[number] for number in range(len(results)))
        if not all(np.isfinite(output).all() for output in outputs):
            raise self.refuse("not finite")
        return outputs

    def refuse(self, what: str) -> ModelRefused:
        """The error for outputs that cannot be; the model will be prepared again."""
        shutil.rmtree(self.folder, ignore_errors=True)
        return ModelRefused(
            f"{self.folder}: this prepared model gives numbers that are {what}",
            fix="try again; it will be prepared anew",
        )


def open_graph(folder: Path, card: Card, precision: Precision) -> tuple[str, Graph]:
    """The precision in use, and the graph. Raises NotCompiled, Damaged or MemoryError."""
    choice = card.choose_precision(core(), precision)
    hints = {"INFERENCE_PRECISION_HINT": _HINTS[choice], "PERFORMANCE_HINT": "LATENCY"}
    kernels = folder / f"kernels-{choice}"
    card.check(folder, GRAPH)
    if not _is_intact(kernels):
        card.check(folder, WEIGHTS)  # OpenVINO reads them only if it has no kernels
        return choice, Graph(folder, _compile(folder, hints, kernels))
    before = _names(kernels)
    network = _read_network(folder, hints | {"CACHE_DIR": str(kernels)})
    if _names(kernels) != before:  # they were for another processor, so it wrote new ones
        shutil.rmtree(kernels, ignore_errors=True)
        card.check(folder, WEIGHTS)
    return choice, Graph(folder, network)


def _compile(folder: Path, hints: dict[str, str], kernels: Path) -> Any:
    """The network, whose new kernels are saved in ``kernels`` if they can be."""
    shutil.rmtree(kernels, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix="new-") as name:
            temporary = Path(name) / "kernels"
            temporary.mkdir()
            network = _read_network(folder, hints | {"CACHE_DIR": str(temporary)})
            checksums = {path.name: _checksum(path) for path in temporary.iterdir()}
            (temporary / CHECKSUMS).write_text(json.dumps(checksums), encoding="utf-8")
            with contextlib.suppress(OSError):  # another process was first
                temporary.rename(kernels)
            return network
    except (OSError, RuntimeError):  # no room, or a folder that cannot be written
        return _read_network(folder, hints)


def _is_intact(kernels: Path) -> bool:
    """Whether a folder of kernels holds what was written, and nothing else."""
    try:
        expected = json.loads(read_file(kernels / CHECKSUMS))
        names = _names(kernels) - {CHECKSUMS}
        return bool(names) and expected == {name: _checksum(kernels / name) for name in names}
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return False


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _read_network(folder: Path, hints: dict[str, str]) -> Any:
    try:
        return core().compile_model(str((folder / GRAPH).resolve()), "CPU", hints)
    except RuntimeError as error:
        if lacks_memory(error):
            raise MemoryError from error
        raise


def _checksum(path: Path) -> int:
    """The CRC-32 of a file; -1 if it is missing."""
    try:
        with open_file(path) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return zlib.crc32(data)
    except (FileNotFoundError, ValueError):  # an empty file cannot be mapped
        return -1


def _checksum_of(card: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(card, sort_keys=True).encode())


def batches(lengths: Matrix) -> Iterator[list[int]]:
    """Batches of rows with similar lengths, longest first, to save padding."""
    batch: list[int] = []
    for row in np.argsort(-lengths, kind="stable").tolist():
        longest = int(lengths[batch[0]]) if batch else 0
        full = (len(batch) + 1) * longest > BATCH_TOKENS
        if batch and (full or longest - int(lengths[row]) > PADDING):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def columns(rows: Sequence[tuple[Sequence[int], Sequence[int]]], pad: int) -> dict[str, Matrix]:
    """The inputs for rows of (tokens, types), padded on the right: int64 (rows, width) each."""
    shape = (len(rows), max(len(ids) for ids, _ in rows))
    tokens = np.full(shape, pad, np.int64)
    mask, kinds = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, (ids, types) in enumerate(rows):
        tokens[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
        kinds[row, : len(ids)] = types
    return {"input_ids": tokens, "attention_mask": mask, "token_type_ids": kinds}


# ---------------------------------------------------------------- conversion, once per model


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
    checksums = {name: _checksum(folder / name) for name in (GRAPH, WEIGHTS, TOKENIZER)}
    card = Card(facts, dict.fromkeys(_HINTS, 1.0), least, checksums)
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


def first_line(error: Exception) -> str:
    """The first line of an error's message, or the name of its class."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def core() -> Any:
    """The process's only OpenVINO core, which lives as long as the process.

    Each core gives the thread that makes it an alternate stack for signals, and puts back the one before
    when it is freed. If two are freed in the order in which they were made, the thread is left with a freed
    stack, and the next signal kills the process.
    """
    global _core  # noqa: PLW0603  # it belongs to the process
    with _core_lock:
        if _core is None:
            _core = openvino().Core()
        return _core


def openvino() -> Any:
    """OpenVINO, without the package that reports imports and conversions to its vendor.

    OpenVINO works the same without it. The converter takes as long to import as all the rest and is seldom
    needed, so it is imported only when ``openvino.convert_model`` is called.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: ImportError
    if "openvino" in sys.modules:
        return sys.modules["openvino"]
    sys.modules[_CONVERTER] = None  # type: ignore[assignment]  # OpenVINO handles the ImportError
    try:
        import openvino as package
    finally:
        del sys.modules[_CONVERTER]
    package.convert_model = _convert_model
    return package


def _convert_model(*args: Any, **kwargs: Any) -> Any:
    return import_module(_CONVERTER).convert_model(*args, **kwargs)
