"""The settings, and where each value comes from.

Precedence: command line > environment ``RAG_*`` > ``rag.toml`` in the working folder > defaults.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args
from urllib.parse import urlsplit

from rag.errors import InvalidSetting
from rag.files import absolute, read_file
from rag.records import LOCAL, MILVUS, STORES_GROUP, Fusion, Mode, Precision

CONFIG_FILE = "rag.toml"
RAY_HERE = "local"
"""The value of ``workers`` that starts a Ray cluster on this machine for a build."""
_PREFIX = "RAG_"
_OPTIONAL = ("model", "reader", "llm", "llm_base_url")
_SECRETS = ("RAG_LLM_API_KEY", "RAG_STORE_TOKEN", "RAG_TOKEN")
"""The language model's client, Milvus's and the server read these. They are no settings: never shown, never
saved."""
_MOST_BYTES = 1_000_000
"""How much of ``rag.toml`` is read."""
_RAY = "ray://"
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can set. Raises InvalidSetting for a value that cannot be right."""

    index: str = "index"
    """Folder of the index."""
    store: str = LOCAL
    """What holds the index: "local" for the folder itself, or "milvus+" with the URL of a server, or with a
    file name ending in .db."""
    model: str | None = None
    """Embedding model of a new index: an id or a folder; None is the packaged default."""
    reader: str | None = None
    """Model that reads passages: an id or a folder; None is the project's own."""
    precision: Precision = "auto"
    """Number format of compiled models; "auto" is bf16 if the processor has it, else fp32."""
    chunk_chars: int = 900
    """Length limit of a passage in characters: about 190 tokens, which leaves room for its headings."""
    workers: int | str = 1
    """Who embeds: this many processes, or the workers of the Ray cluster at this address. With several
    processes, as many read articles."""
    mode: Mode = "hybrid"
    fusion: Fusion = "minmax"
    lexical_weight: float = 0.5
    """Weight of BM25 in the fused score, 0 to 1; the vectors have the rest."""
    rerank: bool = False
    """Whether ``search`` reranks the first passages with the reader; ``ask`` always does."""
    limit: int = 10
    """Passages that ``search`` returns."""
    passages: int = 8
    """Passages that ``ask`` reads."""
    min_confidence: float = 0.09
    """Below this, ``ask`` abstains."""
    llm: str | None = None
    """Language model that writes answers, by its name on the server; None for no language model."""
    llm_base_url: str | None = None
    """Base URL of its OpenAI-compatible server. There is no default."""
    llm_chars: int = 6_000
    """Characters of passages in the prompt, about four to a token."""
    llm_seconds: int = 120
    """Seconds for a language model's whole reply; what it has written by then counts."""
    budget_ms: int = 0
    """Milliseconds after which ``ask`` reads no further passage; 0 means no limit."""

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if value is not None or setting.name not in _OPTIONAL:
                _check_type(setting.name, value, _type(str(setting.type)))
        if not self.index:
            raise InvalidSetting("index: the name of the folder is empty")
        _check_store(self.store)
        if self.model == "" or self.reader == "":
            raise InvalidSetting(f"{'model' if self.model == '' else 'reader'}: the name is empty")
        _one_of("mode", self.mode, get_args(Mode))
        _one_of("fusion", self.fusion, get_args(Fusion))
        _one_of("precision", self.precision, get_args(Precision))
        _within("chunk_chars", self.chunk_chars, 100, 20_000)
        _check_workers(self.workers)
        _within("limit", self.limit, 1, 10_000)
        _within("llm_chars", self.llm_chars, 500, 1_000_000)
        _within("llm_seconds", self.llm_seconds, 1, 3_600)
        _within("passages", self.passages, 1, 1_000)
        _within("budget_ms", self.budget_ms, 0, 3_600_000)
        _within("lexical_weight", self.lexical_weight, 0.0, 1.0)
        _within("min_confidence", self.min_confidence, 0.0, 1.0)


def absolute_store(store: str) -> str:
    """The same store after a change of the working folder."""
    place = store.removeprefix(MILVUS)
    return store if place == store or "://" in place else f"{MILVUS}{absolute(place)}"


def _check_store(store: str) -> None:
    """Raise InvalidSetting for what is no store, or for an address that may hold a secret."""
    place = store.removeprefix(MILVUS)
    folder = place.endswith(".db") and "://" not in place
    if not folder and any(sign in place for sign in "@?#"):
        raise InvalidSetting(
            "store: the address is more than a host, a port and a database, and addresses are shown",
            fix="put USER:PASSWORD or an API key into RAG_STORE_TOKEN",
        )
    milvus = store.startswith(MILVUS) and (folder or _is_server(place, "http", "https"))
    if not (store == LOCAL or milvus or _is_declared(store)):
        raise InvalidSetting(
            f"store: {store!r} is not a store",
            fix="write local, milvus+http://HOST:19530 or milvus+FILE.db",
        )


def _is_declared(store: str) -> bool:
    """Whether the name in front of the plus sign is that of another package's store."""
    name, _, address = store.partition("+")
    if not address or f"{name}+" == MILVUS:
        return False
    from importlib.metadata import entry_points  # takes 20 ms

    return bool(entry_points(group=STORES_GROUP, name=name))


def _is_server(url: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or brackets that do not close
        return False


def _is_ray_address(given: str) -> bool:
    """Whether ``given`` is HOST:PORT, or ray://HOST with or without a port."""
    place = given.removeprefix(_RAY)
    has_port = urlsplit(f"//{place}").netloc == place and place[-1:].isdecimal() and ":" in place
    named = " " not in place and (has_port or place != given)
    return named and _is_server(_RAY + place, "ray")


def _check_workers(workers: int | str) -> None:
    if isinstance(workers, int):
        _within("workers", workers, 1, 256)
    elif workers not in (RAY_HERE, "auto") and not _is_ray_address(workers):
        raise InvalidSetting(
            f"workers: {workers!r} is neither a number of processes nor an address of Ray",
            fix="write a number, or ray://HOST:10001, HOST:6379, auto or local",
        )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidSetting(f"{name}: {value!r} is not one of {', '.join(allowed)}")


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InvalidSetting(f"{name}: {value} is not between {low} and {high}")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings, the origin of each that is not a default, and warnings about unknown variables."""

    values: Settings
    origins: Mapping[str, str] = field(default_factory=dict)
    """By setting: "command line", an environment variable's name, or the path of ``rag.toml``."""
    warnings: tuple[str, ...] = ()

    def override(self, **options: Any) -> LoadedSettings:
        """These settings with the command line's options on top; None leaves a setting as it is."""
        options = {name: value for name, value in options.items() if value is not None}
        values = Settings(**(asdict(self.values) | options))
        return LoadedSettings(
            values, {**self.origins, **dict.fromkeys(options, "command line")}, self.warnings
        )


def load_settings(
    folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> LoadedSettings:
    """Settings from ``rag.toml`` in ``folder`` (default: the working folder) and the environment.

    Raises InvalidSetting for an unreadable file, an unknown key or a wrong type. An unknown ``RAG_*``
    variable is only a warning: it may belong to another program.
    """
    environment = os.environ if environment is None else environment
    path = _config_file(folder)
    types = {f.name: _type(str(f.type)) for f in fields(Settings)}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    warnings: list[str] = []

    for name, value in _read_toml(path).items():
        if name not in types:
            raise InvalidSetting(
                f"{path}: unknown setting {name!r}",
                fix=f"known settings: {', '.join(sorted(types))}",
            )
        values[name] = _check_type(f"{path}: {name}", value, types[name])
        origins[name] = str(path)

    for variable in sorted(environment):
        if not variable.startswith(_PREFIX) or variable in _SECRETS:
            continue
        name = variable[len(_PREFIX) :].lower()
        if name not in types:
            warnings.append(f"unknown environment variable {variable} is ignored")
            continue
        if not environment[variable]:
            continue  # empty counts as not set
        values[name] = _parse(variable, environment[variable], types[name])
        origins[name] = variable

    return LoadedSettings(Settings(**values), origins, tuple(warnings))


def _type(annotation: str) -> type | UnionType:
    known = {"int": int, "float": float, "bool": bool, "int | str": int | str}
    return known.get(annotation, str)


def _config_file(folder: Path | None) -> Path:
    try:
        return (folder or Path.cwd()) / CONFIG_FILE
    except OSError:  # the working folder is gone, and its file with it
        return Path(CONFIG_FILE)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_file(path, _MOST_BYTES).decode())
    except FileNotFoundError:
        return {}
    except (
        OSError,
        ValueError,
        RecursionError,
    ) as error:  # a value that TOML or Python refuses
        what = error.strerror if isinstance(error, OSError) else str(error).partition(";")[0]
        raise InvalidSetting(f"{path}: {what}", fix="correct or remove the file") from error


def _check_type(name: str, value: object, expected: type | UnionType) -> object:
    if expected is float and type(value) is int:
        return float(value)
    if type(value) not in (
        get_args(expected) or (expected,)
    ):  # not isinstance: a boolean is an int
        raise _wrong_type(name, value, expected)
    return value


def number_or_text(value: str) -> int | str:
    """A whole number if it looks like one, else the text.

    >>> number_or_text("4"), number_or_text("-1"), number_or_text("ray://head:10001")
    (4, -1, 'ray://head:10001')
    """
    try:
        return int(value)
    except ValueError:
        return value


def _parse(name: str, value: str, expected: type | UnionType) -> object:
    try:
        if isinstance(expected, UnionType):
            return number_or_text(value)
        return _BOOLEANS[value.lower()] if expected is bool else expected(value)
    except (ValueError, KeyError):
        raise _wrong_type(name, value, expected) from None


def _wrong_type(name: str, value: object, expected: type | UnionType) -> InvalidSetting:
    what = expected if isinstance(expected, UnionType) else expected.__name__
    return InvalidSetting(f"{name}: {value!r} should be of type {what}")
