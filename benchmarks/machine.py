"""The machine that runs the benchmarks."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """The facts that decide its speed."""

    cpu: str
    cores: int
    memory_gb: int
    system: str
    python: str

    @classmethod
    def this(cls) -> Machine:
        """The machine this runs on."""
        import psutil

        return cls(
            cpu=_cpu(),
            cores=os.cpu_count() or 1,
            memory_gb=round(psutil.virtual_memory().total / 2**30),
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
        )

    def to_dict(self) -> dict[str, object]:
        """The machine for the JSON record."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gb} GB, {self.system},"
            f" Python {self.python}"
        )


def _cpu() -> str:
    """The name of the processor; on Linux, with its widest vector instructions."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    name = facts.get("model name", platform.machine())
    known = {"amx_bf16": "AMX", "avx512_bf16": "AVX-512 bf16", "avx512f": "AVX-512", "avx2": "AVX2"}
    flags = facts.get("flags", "").split()
    widest = next((shown for flag, shown in known.items() if flag in flags), None)
    return f"{name} with {widest}" if widest else name
