"""How soon a host that starts ``rag mcp`` has the list of tools.

    python -m benchmarks.mcp [--times 10]

Each time, the protocol's own client starts a new process, greets it and asks for its tools, in either
generation of the protocol; then it calls the first tool, for which the server has to open the index. Prints
medians and the longest times, in seconds since the process was started.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, Literal

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

import rag
from benchmarks.measure import ROOT, median

Generation = Literal["legacy", "auto"]
GENERATIONS: Final[dict[str, Generation]] = {"with initialize": "legacy", "of 2026-07-28": "auto"}
_TOOLS: Final = 5


async def start(index: Path, generation: Generation) -> tuple[float, float]:
    """Seconds until a new server has told its tools, and until it has answered the first call."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "rag", "mcp", "--index", str(index)],
        env={"PYTHONPATH": str(ROOT)},
    )
    begun = time.perf_counter()
    async with Client(stdio_client(server), mode=generation) as client:
        if len((await client.list_tools()).tools) != _TOOLS:
            raise RuntimeError("the server has other tools")
        told = time.perf_counter() - begun
        await client.call_tool("status", {})
        return told, time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder, "index")
        rag.build(ROOT / "seeds", index)
        for name, generation in GENERATIONS.items():
            asyncio.run(start(index, generation))  # its files are in the system's cache from now on
            told, called = zip(
                *(asyncio.run(start(index, generation)) for _ in range(times)), strict=True
            )
            for what, spent in (("tools", told), ("first call", called)):
                print(f"{name}, {what}: {median(spent):.2f} s, longest {max(spent):.2f} s")


if __name__ == "__main__":
    main()
