"""Compiled models: networks that OpenVINO converts once, and that then run without PyTorch.

Shared by the embedder and the reader. A folder in the user's cache holds the graph, its tokenizer, a card
with the fidelity to the original network at each precision, and the kernels that OpenVINO compiled for this
processor. ``prepare`` makes it.

Every file that is loaded is first compared with its checksum, since a network with a few changed bytes does
not fail: it answers wrongly. CRC-32 finds any accident, at 75 ms for 91 MB; SHA-256 takes 200 ms, and would
not keep out somebody who can write to the user's cache. A damaged part is made again. Numbers that are not
finite are refused.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import shutil
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
CHECKSUMS: Final = "checksums.json"

HINTS: Final[dict[str, str]] = {"bf16": "bf16", "fp32": "f32"}  # our names to OpenVINO's

BATCH_TOKENS: Final = 1024
"""Tokens of one inference, with padding: enough to keep two cores busy. More only adds padding."""
PADDING: Final = 8
"""Most tokens that a row is padded by. Without this limit, a sixth of what is read for a question is
padding."""

Matrix = np.ndarray[Any, np.dtype[np.int64]]

_CONVERTER: Final = "openvino.tools.ovc"
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
            if checksum(folder / name) != self.checksums.get(name):
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
    hints = {"INFERENCE_PRECISION_HINT": HINTS[choice], "PERFORMANCE_HINT": "LATENCY"}
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
            checksums = {path.name: checksum(path) for path in temporary.iterdir()}
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
        return bool(names) and expected == {name: checksum(kernels / name) for name in names}
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


def checksum(path: Path) -> int:
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
