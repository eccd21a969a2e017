"""How soon the page is seen: first paint and first contentful paint in Debian's chromium.

    python -m benchmarks.page [--visits 11]

Each visit is a new window with an empty cache. Prints medians in milliseconds, from the start of the
navigation: of one line of text, which is as soon as this machine can, of the first page, of an answer that
the server still knows, with an article open beside it, and of a new answer.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import rag
from benchmarks.serving import QUESTIONS, ROOT, server

OPTIONS: Final = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
_TIMES: Final = """() => new Promise((done) => {
    const read = () => Object.fromEntries(
        performance.getEntriesByType("paint").map((it) => [it.name, it.startTime]));
    const waiting = new PerformanceObserver(() => done(read()));
    if (performance.getEntriesByName("first-contentful-paint").length) done(read());
    else waiting.observe({ type: "paint", buffered: true });
})"""


def paints(browser: Any, address: str, visits: int) -> dict[str, float]:
    """Medians over some visits, in milliseconds; the server's own share is ``server``."""
    seen: dict[str, list[float]] = {}
    for _ in range(visits):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        times = page.evaluate(_TIMES)
        times["server"] = page.evaluate(
            "() => { const it = performance.getEntriesByType('navigation')[0];"
            " return it.responseEnd - it.requestStart; }"
        )
        for name, value in times.items():
            seen.setdefault(name, []).append(value)
        context.close()
    return {name: round(statistics.median(values), 1) for name, values in sorted(seen.items())}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=11)
    visits = parser.parse_args().visits
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder, "index")
        rag.build(ROOT / "seeds", index)
        with server(index) as (address, _), sync_playwright() as started:
            browser = started.chromium.launch(
                executable_path=shutil.which("chromium"), args=OPTIONS
            )
            query = urlencode({"q": QUESTIONS[0]})
            article = urlencode({"q": QUESTIONS[0], "open": "002_1a75634502ebca40.txt"})
            paints(browser, f"{address}/", 2)  # the browser's own start
            print("one line", paints(browser, f"{address}/health", visits))
            print("first page", paints(browser, f"{address}/", visits))
            print("answer", paints(browser, f"{address}/?{query}", visits))
            print("article beside it", paints(browser, f"{address}/?{article}", visits))
            new = [
                paints(browser, f"{address}/?{urlencode({'q': f'{text} {n}'})}", 1)["first-paint"]
                for n in range(2)
                for text in QUESTIONS
            ]
            print("new answer", {"first-paint": statistics.median(new)})
            browser.close()


if __name__ == "__main__":
    main()
