"""The project's own reader: finds the spans of an excerpt that may answer a question.

Runs the network, which ``network`` describes, and turns its scores into spans with probabilities. One
distribution covers all spans of a passage and "no answer". The reader chooses spans that agree with
everything probable; a span gets the probability of everything that it overlaps. ``CALIBRATION`` turns the
odds of a passage and its relevance into the probability of its best span; the others follow in proportion.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from rag.models import graph
from rag.records import Entailment, Excerpt, Marks, Reading, Span

if TYPE_CHECKING:
    from rag.records.base import BoolArray, FloatArray, ScoreArray

    Forward = Callable[..., tuple[FloatArray, FloatArray, FloatArray]]

T = TypeVar("T")

COLUMNS: Final = 256
"""Tokens of a network input, as in training: question, title and a window of the passage."""
QUESTION: Final = 64
"""Tokens of a question; the rest is cut off."""
HEAD: Final = 24
"""Tokens of title and heading; the rest is cut off."""
OVERLAP: Final = 64
"""Tokens that neighbouring windows share: more than an answer, so that one window contains all of it."""
ANSWER: Final = 30
"""Longest answer, in tokens."""
CHOICES: Final = 20
"""How many of the most probable spans of a window to choose from."""
SPANS: Final = 5
"""Most spans of a reading; they do not overlap."""

CALIBRATION: Final = {
    "odds": 0.421,  # of the passage, as a logarithm
    "relevance": -0.059,  # of the passage, as a logit
    "bias": -1.005,
}
"""The logistic from scores to probabilities; ``training/judge_reader.py`` fits it."""

_CLS, _SEP, _PAD = "[CLS]", "[SEP]", "[PAD]"


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the network: the question and a part of a passage."""

    ids: list[int]
    types: list[int]
    begin: int
    """Column of the first token of the passage."""
    offsets: list[tuple[int, int]]
    """For each token of the passage: start and end in the text."""
    words: list[tuple[bool, bool]]
    """For each token of the passage: whether it begins a word, and whether it ends one."""
    cells: list[int]
    """For each token of the passage: its paragraph, table row or cell. An answer stays within one."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The network's scores for one window."""

    odds: float
    """The odds that some span answers, as a natural logarithm."""
    relevance: float
    """A logit."""
    spans: tuple[tuple[int, int, float], ...]
    """First and last token, and the share in the probability of all spans; most probable first."""
    marks: FloatArray | None = None
    """(tokens, 2): a logit for each of ``network.MARKS``; None of a network without them."""


class TrainedReader:
    """Scores every span of every excerpt; see the ``Reader`` protocol. Thread-safe."""

    def __init__(self, id: str, precision: str, tokenizer: Any, forward: Forward) -> None:  # noqa: A002
        """``forward`` runs the network on ids, mask and types: spans, verdicts and marks."""
        self.id = id
        self.precision = precision
        self._tokenizer = tokenizer
        self._forward = forward
        self._cls, self._sep, self._pad = (tokenizer.token_to_id(t) for t in (_CLS, _SEP, _PAD))
        self._lock = threading.Lock()

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """One reading per excerpt, in the same order; spans are offsets into the excerpt's text."""
        windows = self.windows([(question, excerpt) for excerpt in excerpts])
        findings = iter(self.findings([window for own in windows for window in own]))
        return [
            reading(excerpt.text, [(window, next(findings)) for window in own])
            for excerpt, own in zip(excerpts, windows, strict=True)
        ]

    def entailments(self, statement: str, texts: Sequence[str]) -> list[Entailment]:
        """The entailment of a statement by each text, in the same order; of a long text, the clearest."""
        windows = self.windows([(statement, Excerpt("", None, text)) for text in texts])
        flat = [window for own in windows for window in own]
        results = iter(self._run(flat, lambda _, __, verdict, ___: entailment(verdict)))
        return [
            max((next(results) for _ in own), key=lambda e: e.supports + e.contradicts)
            for own in windows
        ]

    def findings(self, windows: Sequence[Window]) -> list[Findings]:
        """The network's scores for each window."""
        return self._run(windows, findings_of)

    def _run(
        self,
        windows: Sequence[Window],
        convert: Callable[[Window, FloatArray, FloatArray, FloatArray], T],
    ) -> list[T]:
        """Run the network on windows, in batches of similar lengths, and convert each output."""
        lengths = np.array([len(window.ids) for window in windows], np.int64)
        results: dict[int, T] = {}
        for rows in graph.batches(lengths):
            batch = graph.columns([(windows[r].ids, windows[r].types) for r in rows], self._pad)
            with self._lock:
                outputs = self._forward(
                    batch["input_ids"], batch["attention_mask"], batch["token_type_ids"]
                )
            for row, *scores in zip(rows, *outputs, strict=True):
                results[row] = convert(windows[row], *scores)
        return [results[row] for row in range(len(windows))]

    def windows(self, pairs: Sequence[tuple[str, Excerpt]]) -> list[list[Window]]:
        """The windows of each pair of question and excerpt."""
        heads = [" ".join(filter(None, (e.title, e.heading))) for _, e in pairs]
        texts = list(dict.fromkeys([*(q for q, _ in pairs), *heads, *(e.text for _, e in pairs)]))
        with self._lock:
            encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        tokens = dict(zip(texts, encodings, strict=True))
        windows = []
        for (question, excerpt), title in zip(pairs, heads, strict=True):
            first = [self._cls, *tokens[question].ids[:QUESTION], self._sep]
            head = tokens[title].ids[:HEAD]
            prefix = [*first, *head, self._sep] if head else first
            windows.append(
                list(_split(prefix, len(first), tokens[excerpt.text], excerpt.text, self._sep))
            )
        return windows


def _split(prefix: list[int], second: int, encoding: Any, text: str, sep: int) -> Iterator[Window]:
    """The windows of a passage, all of full length if the passage is long enough.

    ``second`` is where the second segment begins, after the question.
    """
    room = COLUMNS - len(prefix) - 1
    count = len(encoding.ids)
    pieces = [not token.startswith("##") for token in encoding.tokens]
    words = list(zip(pieces, [*pieces, True][1:], strict=True))
    starts = [start for start, _ in encoding.offsets]
    cells = np.searchsorted(_breaks(text), starts).tolist()
    begin = 0
    while True:
        begin = max(0, min(begin, count - room))
        part = slice(begin, begin + room)
        ids = [*prefix, *encoding.ids[part], sep]
        types = [0] * second + [1] * (len(ids) - second)
        yield Window(ids, types, len(prefix), encoding.offsets[part], words[part], cells[part])
        if begin + room >= count:
            return
        begin += room - OVERLAP


def _breaks(text: str) -> list[int]:
    r"""The ends of paragraphs, rows and cells: blank lines, bars, tabs, and lines broken early.

    >>> _breaks("a pier built\nin stone\n\nMine | Ton")
    [21, 22, 28]
    """
    breaks = [match.start() for match in _BARS.finditer(text)]
    lines = text.split("\n")
    widest = max(map(len, lines))
    at = 0
    for line, following in pairwise(lines):
        at += len(line) + 1
        first = following.split(maxsplit=1)
        if not first or _BULLET.match(following) or len(line) + 1 + len(first[0]) <= widest:
            breaks.append(at - 1)
    return sorted(breaks)


def findings_of(
    window: Window, scores: FloatArray, verdict: FloatArray, marks: FloatArray | None = None
) -> Findings:
    """What a window's ``scores`` (columns, columns), ``verdict`` (5,) and ``marks`` (columns, 2) say."""
    count = len(window.offsets)
    null, relevance = float(verdict[0]), float(verdict[1])
    own = slice(window.begin, window.begin + count)
    marks = None if marks is None else marks[own]
    if not count:
        return Findings(-np.inf, relevance, (), marks)
    logits = scores[own, own].astype(np.float64)
    logits[~_possible(window)] = -np.inf
    top = float(logits.max())
    if top == -np.inf:  # all tokens are pieces of one word
        return Findings(-np.inf, relevance, (), marks)
    shares = np.exp(logits - top)
    total = float(shares.sum())
    shares /= total
    flat = shares.ravel()
    best = np.argpartition(-flat, min(CHOICES, flat.size) - 1)[:CHOICES]
    best = best[np.lexsort((best, -flat[best]))]
    spans = tuple(
        (*divmod(place, count), share)
        for place, share in zip(best.tolist(), flat[best].tolist(), strict=True)
        if share > 0
    )
    return Findings(top + float(np.log(total)) - null, relevance, spans, marks)


def entailment(verdict: FloatArray) -> Entailment:
    """The probabilities of entailment, from the network's ``verdict`` (5,)."""
    logits = verdict[2:].astype(np.float64)
    chances = np.exp(logits - logits.max())
    supports, contradicts, _ = (chances / chances.sum()).tolist()
    return Entailment(supports, contradicts)


def _possible(window: Window) -> BoolArray:
    """(tokens, tokens): which pairs of first and last token can be an answer: whole words, not too many."""
    count = len(window.words)
    begins, ends = np.array(window.words, bool).T
    near = np.triu(np.ones((count, count), bool)) & ~np.triu(np.ones((count, count), bool), ANSWER)
    cells = np.array(window.cells)
    possible: BoolArray = near & begins[:, None] & ends & (cells[:, None] == cells)
    return possible


def reading(
    text: str,
    windows: Sequence[tuple[Window, Findings]],
    calibration: Mapping[str, float] = CALIBRATION,
) -> Reading:
    """The reading of a text, from the findings in its windows."""
    odds, relevance, shares = spans_of(text, windows)
    best = probability(odds, relevance, calibration)
    most = max((share for _, _, share in shares), default=1.0)
    spans = tuple(Span(start, end, best * share / most) for start, end, share in shares)
    return Reading(
        _sigmoid(relevance), tuple(sorted(spans, key=lambda span: -span.score)), marks_of(windows)
    )


def marks_of(windows: Sequence[tuple[Window, Findings]]) -> Marks | None:
    """The marks of all tokens; where windows overlap, the higher ones."""
    found = [findings.marks[:, 1] for _, findings in windows if findings.marks is not None]
    if len(found) < len(windows):
        return None
    tokens = np.array([start for window, _ in windows for start, _ in window.offsets], np.int64)
    starts, places = np.unique(tokens, return_inverse=True)
    sentences = np.full(len(starts), -np.inf, np.float32)
    np.maximum.at(sentences, places, np.concatenate(found))
    return Marks(starts, sentences)


def spans_of(
    text: str, windows: Sequence[tuple[Window, Findings]]
) -> tuple[float, float, list[tuple[int, int, float]]]:
    """The odds and relevance of the best window, and spans of the text with their shares.

    Spans of all windows compete: each window weighs as much as its odds.
    """
    odds = max(f.odds for _, f in windows)
    relevance = max(f.relevance for _, f in windows)
    shares: dict[tuple[int, int], float] = {}
    for window, findings in windows:
        weight = float(np.exp(findings.odds - odds)) if findings.spans else 0.0
        for first, last, share in findings.spans:
            span = _adjust(text, window.offsets[first][0], window.offsets[last][1])
            shares[span] = max(shares.get(span, 0.0), share * weight)
    return odds, relevance, choose_spans(shares)


def probability(odds: float, relevance: float, calibration: Mapping[str, float]) -> float:
    """The probability that the best span of a passage answers."""
    return _sigmoid(
        calibration["odds"] * odds + calibration["relevance"] * relevance + calibration["bias"]
    )


def choose_spans(shares: dict[tuple[int, int], float]) -> list[tuple[int, int, float]]:
    """Up to ``SPANS`` spans that do not overlap, each with the total share of what overlaps it.

    Each step takes the span with the highest F1 over characters, averaged over all remaining spans by
    their shares, with its own share counted twice. The most probable span alone is often cut short.
    """
    rest = dict(shares)
    chosen: list[tuple[int, int, float]] = []
    while rest and len(chosen) < SPANS:
        spans = np.array(list(rest), np.int64)
        masses = np.array(list(rest.values()))
        f1 = _f1(spans)
        best = int((f1 @ masses + masses).argmax())
        start, end = spans[best].tolist()
        overlapping = f1[best] > 0
        chosen.append((start, end, min(float(masses[overlapping].sum()), 1.0)))
        rest = {(s, e): mass for (s, e), mass in rest.items() if not (s < end and start < e)}
    return chosen


def _f1(spans: graph.Matrix) -> ScoreArray:
    """(spans, spans): the F1 of each span with each other one, over characters."""
    starts, ends = spans[:, 0], spans[:, 1]
    both = np.minimum(ends[:, None], ends) - np.maximum(starts[:, None], starts)
    lengths = ends - starts
    result: ScoreArray = 2 * np.maximum(both, 0) / (lengths[:, None] + lengths)
    return result


_BARS: Final = re.compile(r"[|\t]")
_BULLET: Final = re.compile(r"\s*(?:[-*•–]|\d+[.)])\s")
_COUNTRY: Final = re.compile(r"(?:(?<![A-Za-z])[A-Z]{1,2})?\Z")
"""The country before a dollar sign, as in "C$1.59"."""
_REST_OF_NUMBER: Final = re.compile(r"(?:[.,]\d+)*%?")
_INITIALS: Final = re.compile(r"(?<!\w)(?:[^\W\d_]\.)+[^\W\d_]$")
_PAIRS: Final = {"(": ")", "[": "]", "“": "”", "‘": "’", '"': '"'}
_QUOTED: Final = re.compile(r"“[^“”]+”|‘[^‘’]+’|\"[^\"]+\"")


def _adjust(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without surrounding punctuation, and with the rest of a number, currency or initials.

    >>> _adjust("sold 1,200 (tons).", 5, 18)
    (5, 17)
    >>> _adjust("up 4.5% in the U.S. alone", 3, 4), _adjust("up 4.5% in the U.S. alone", 15, 18)
    ((3, 7), (15, 19))
    >>> _adjust("sold at C$1.59", 9, 14), _adjust("sold at €2", 9, 10)
    ((8, 14), (8, 10))
    """
    start, end = _strip(text, start, end)
    if text[end - 1].isdigit():
        end = _REST_OF_NUMBER.match(text, end).end()  # type: ignore[union-attr]  # it matches "" too
    elif text.startswith(".", end) and _INITIALS.search(text[start:end]):
        end += 1
    if start and text[start].isdigit() and text[start - 1] in "$€£¥":
        start -= 1
    if text[start] == "$":
        start = _COUNTRY.search(text, max(0, start - 3), start).start()  # type: ignore[union-attr]  # so does this
    return start, end


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without surrounding punctuation, quotation marks, and unpaired brackets."""
    while end > start + 1 and text[end - 1] in " \t\r\n.,;:!?|—–-":
        end -= 1
    while end > start + 1 and text[start] in " \t\r\n.,;:!?|)]”’":
        start += 1
    for opening, closing in _PAIRS.items():
        inner = text[start:end]
        if len(inner) > 1 and inner.count(opening) + inner.count(closing) == 1:
            start += inner[0] == opening
            end -= inner[-1] == closing
    if _QUOTED.fullmatch(text, start, end):
        start, end = start + 1, end - 1
    return start, end


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(logit, -700, 700))))
