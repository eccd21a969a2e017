"""One frozen ``Settings``, and where each of its values came from.

Precedence: command line > environment ``RAG_*`` > ``rag.toml`` in the working folder > defaults.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, get_args

from rag.errors import InvalidSetting
from rag.records import Fusion, Mode, Precision

CONFIG_FILE = "rag.toml"
_PREFIX = "RAG_"
_OPTIONAL = ("model", "reader", "llm", "llm_base_url")
_KEY = "RAG_LLM_API_KEY"
"""Read by what asks the language model, and no setting: it is neither shown nor written anywhere."""
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every knob a user may turn. Raises InvalidSetting for a value that cannot be right."""

    index: str = "index"
    """Folder of the index."""
    model: str | None = None
    """Embedding model of a new index: an id or a folder; None is the packaged default."""
    reader: str | None = None
    """Model that reads passages: an id or a folder; None is the project's own."""
    precision: Precision = "auto"
    """Of the compiled model: bf16 where the processor has it, else fp32; or either by name."""
    chunk_chars: int = 900
    """Longest passage in characters; about 190 tokens, so title and heading still fit the model."""
    mode: Mode = "hybrid"
    fusion: Fusion = "minmax"
    lexical_weight: float = 0.5
    """Share of BM25 in the fused score; the vectors have the rest."""
    rerank: bool = False
    """Whether ``search`` reads the first passages again; ``ask`` always reads."""
    limit: int = 10
    """Passages that ``search`` returns."""
    passages: int = 8
    """Passages that ``ask`` reads."""
    min_confidence: float = 0.075
    """Below this, ``ask`` abstains."""
    llm: str | None = None
    """Language model that writes answers, by the name its server knows; None is none."""
    llm_base_url: str | None = None
    """Where it runs: the base URL of an OpenAI-compatible server. There is no default."""
    llm_chars: int = 6_000
    """Characters of passages that it is given, about four to a token."""
    budget_ms: int = 0
    """Milliseconds after which ``ask`` reads no further passage; 0 is as long as it takes."""

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if value is not None or setting.name not in _OPTIONAL:
                _checked(setting.name, value, _kind(str(setting.type)))
        if not self.index:
            raise InvalidSetting("index: the name of the folder is empty")
        _one_of("mode", self.mode, get_args(Mode))
        _one_of("fusion", self.fusion, get_args(Fusion))
        _one_of("precision", self.precision, get_args(Precision))
        _within("chunk_chars", self.chunk_chars, 100, 20_000)
        _within("limit", self.limit, 1, 10_000)
        _within("llm_chars", self.llm_chars, 500, 1_000_000)
        _within("passages", self.passages, 1, 1_000)
        _within("budget_ms", self.budget_ms, 0, 3_600_000)
        _within("lexical_weight", self.lexical_weight, 0.0, 1.0)
        _within("min_confidence", self.min_confidence, 0.0, 1.0)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidSetting(f"{name}: {value!r} is not one of {', '.join(allowed)}")


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InvalidSetting(f"{name}: {value} is not between {low} and {high}")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings in force, the source of each non-default one, and what was ignored."""

    values: Settings
    origins: Mapping[str, str] = field(default_factory=dict)
    """Setting name to "command line", an environment variable's name, or the path of ``rag.toml``."""
    warnings: tuple[str, ...] = ()

    def override(self, **given: Any) -> LoadedSettings:
        """These settings with the command line's values on top; None means "not given"."""
        given = {name: value for name, value in given.items() if value is not None}
        values = Settings(**(asdict(self.values) | given))
        return LoadedSettings(
            values, {**self.origins, **dict.fromkeys(given, "command line")}, self.warnings
        )


def load_settings(
    folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> LoadedSettings:
    """Settings from ``rag.toml`` in ``folder`` (default: the working folder) and the environment.

    Raises InvalidSetting for an unreadable file, an unknown key or a wrong type. An unknown ``RAG_*``
    variable only warns: it may be meant for another program.
    """
    environment = os.environ if environment is None else environment
    path = (folder or Path.cwd()) / CONFIG_FILE
    kinds = {f.name: _kind(str(f.type)) for f in fields(Settings)}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    warnings: list[str] = []

    for name, value in _read_toml(path).items():
        if name not in kinds:
            raise InvalidSetting(
                f"{path}: unknown setting {name!r}",
                fix=f"known settings: {', '.join(sorted(kinds))}",
            )
        values[name] = _checked(f"{path}: {name}", value, kinds[name])
        origins[name] = str(path)

    for variable in sorted(environment):
        if not variable.startswith(_PREFIX) or variable == _KEY:
            continue
        name = variable[len(_PREFIX) :].lower()
        if name not in kinds:
            warnings.append(f"unknown environment variable {variable} is ignored")
            continue
        if not environment[variable]:
            continue  # an empty variable is one that is not set
        values[name] = _parsed(variable, environment[variable], kinds[name])
        origins[name] = variable

    return LoadedSettings(Settings(**values), origins, tuple(warnings))


def _kind(annotation: str) -> type:
    return {"int": int, "float": float, "bool": bool}.get(annotation, str)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSetting(f"{path}: {error}", fix="mend or remove the file") from error


def _checked(name: str, value: object, kind: type) -> object:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:  # an exact match: a TOML boolean is no number
        raise InvalidSetting(f"{name}: {value!r} should be of type {kind.__name__}")
    return value


def _parsed(name: str, value: str, kind: type) -> object:
    try:
        return _TRUTH[value.lower()] if kind is bool else kind(value)
    except (ValueError, KeyError):
        raise InvalidSetting(f"{name}: {value!r} should be of type {kind.__name__}") from None
