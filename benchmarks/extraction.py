"""How well pages are told from their furniture: the text of articles against what people marked.

    python -m benchmarks.extraction FOLDER [--worst N] [--trafilatura]

FOLDER has the layout of the article extraction benchmark of Scrapinghub: ``html/KEY.html.gz`` and
``ground-truth.json`` with the text of each article. The score is that benchmark's own: shingles of four
words, precision and recall averaged over the pages. Measured are the blocks that can be found, without
title and furniture, and beside them trafilatura's own text.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Final

from rag.corpus.load import load

_SHINGLE: Final = 4
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of one page, and the seconds that it took."""

    key: str
    precision: float | None
    recall: float | None
    seconds: float


def main() -> None:
    """Print the score of all pages, and the worst of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--worst", type=int, default=0, help="also print so many of the worst pages"
    )
    parser.add_argument("--trafilatura", action="store_true", help="also score trafilatura's text")
    arguments = parser.parse_args()
    truth = json.loads((arguments.folder / "ground-truth.json").read_text("utf-8"))
    sides = {"rag": article_text} | (
        {"trafilatura": trafilatura_text} if arguments.trafilatura else {}
    )
    for name, extract in sides.items():
        scores = []
        for key, page in truth.items():
            data = gzip.decompress((arguments.folder / "html" / f"{key}.html.gz").read_bytes())
            begin = time.perf_counter()
            found = extract(data)
            seconds = time.perf_counter() - begin
            scores.append(Score(key, *shingle_score(page["articleBody"], found), seconds))
        precision = fmean(each.precision for each in scores if each.precision is not None)
        recall = fmean(each.recall for each in scores if each.recall is not None)
        print(
            f"{name}: precision {precision:.4f}, recall {recall:.4f},"
            f" F1 {2 * precision * recall / (precision + recall):.4f} on {len(scores)} pages;"
            f" median {median(each.seconds for each in scores):.3f} s,"
            f" longest {max(each.seconds for each in scores):.3f} s"
        )
        scores.sort(key=lambda each: (each.precision or 0) + (each.recall or 0))
        for each in scores[: arguments.worst]:
            print(f"  {each.key[:12]} precision {each.precision} recall {each.recall}")


def article_text(data: bytes) -> str:
    """What can be found of the page, block by block."""
    document = load("page.html", "page.html", data)
    kinds = ("heading", "paragraph", "list", "table")
    return "\n\n".join(
        document.text[block.start : block.end] for block in document.blocks if block.kind in kinds
    )


def trafilatura_text(data: bytes) -> str:
    """The text of trafilatura, set to precision."""
    import trafilatura

    return trafilatura.extract(data, include_comments=False, favor_precision=True) or ""


def shingle_score(truth: str, found: str) -> tuple[float | None, float | None]:
    """Precision and recall of a text by its shingles; None where nothing is found, or nothing to find."""
    expected, given = _shingles(truth), _shingles(found)
    both = (expected & given).total()
    return (
        both / given.total() if given else None,
        both / expected.total() if expected else None,
    )


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - _SHINGLE + 1)) if words else ()
    return Counter(tuple(words[at : at + _SHINGLE]) for at in starts)


if __name__ == "__main__":
    main()
