"""The trained reader: one pass over question and excerpt finds the span that answers, or that none does.

The network is described in ``network``; here it is only run, by OpenVINO, and what it says is turned
into spans with probabilities. All spans of a passage and "none" are the choices of one distribution. A
span is chosen for how well it agrees with everything probable; what overlaps it counts for it. The
passage's odds against "none" and its relevance are turned into the probability of its best span by
``CALIBRATION``; the others have theirs by their shares.
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
from rag.records import Entailment, Excerpt, Reading, Span

if TYPE_CHECKING:
    from rag.records.base import BoolArray, FloatArray, ScoreArray

    Forward = Callable[..., tuple[FloatArray, FloatArray]]

T = TypeVar("T")

COLUMNS: Final = 256
"""Tokens of a question and a window of a passage, as the network was trained."""
QUESTION: Final = 64
"""Tokens of a question that are read."""
HEAD: Final = 24
"""Tokens of title and heading that are read."""
OVERLAP: Final = 64
"""Tokens that two windows of a passage share: more than an answer has, so that one holds all of it."""
ANSWER: Final = 30
"""Tokens of an answer."""
CHOICES: Final = 20
"""The most probable spans of a passage, among which spans are chosen."""
SPANS: Final = 5
"""Spans that do not overlap, given for each passage."""

CALIBRATION: Final = {
    "odds": 0.358,  # of a passage to answer, as a logarithm
    "relevance": 0.009,  # of the passage, a logit
    "bias": -1.168,
}
"""The logistic that makes probabilities of the network's scores; ``training/judge_reader.py`` fits it."""

_CLS, _SEP, _PAD = "[CLS]", "[SEP]", "[PAD]"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a passage, to be read with the question: tokens, and where its own begin."""

    ids: list[int]
    types: list[int]
    begin: int
    """Column of the first token of the passage."""
    offsets: list[tuple[int, int]]
    """Of each of these tokens in the passage's text."""
    words: list[tuple[bool, bool]]
    """Of each of these tokens: whether a word begins with it, and whether one ends."""
    cells: list[int]
    """Of each of these tokens: the number of its paragraph, table row or cell. No answer leaves one."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the network says of one window."""

    odds: float
    """Natural logarithm of the odds that some span answers."""
    relevance: float
    """A logit."""
    spans: tuple[tuple[int, int, float], ...]
    """First and last token, and the share of the probability of all spans; most probable first."""


class TrainedReader:
    """Scores every span of every excerpt; see the ``Reader`` protocol. Safe to use from many threads."""

    def __init__(self, id: str, precision: str, tokenizer: Any, forward: Forward) -> None:  # noqa: A002
        """``forward`` runs the network: ids, mask and types → spans and verdicts."""
        self.id = id
        self.precision = precision
        self._tokenizer = tokenizer
        self._forward = forward
        self._cls, self._sep, self._pad = (tokenizer.token_to_id(t) for t in (_CLS, _SEP, _PAD))
        self._lock = threading.Lock()

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """One reading an excerpt, in the same order; spans are offsets into its text."""
        windows = self.windows([(question, excerpt) for excerpt in excerpts])
        found = self.findings([window for own in windows for window in own])
        each = iter(found)
        return [
            reading(excerpt.text, [(window, next(each)) for window in own])
            for excerpt, own in zip(excerpts, windows, strict=True)
        ]

    def entailments(self, statement: str, texts: Sequence[str]) -> list[Entailment]:
        """What each text does to a statement, in the same order; of a long one, its clearest part."""
        windows = self.windows([(statement, Excerpt("", None, text)) for text in texts])
        found = iter(
            self._each([window for own in windows for window in own], lambda _, __, v: entailed(v))
        )
        return [
            max((next(found) for _ in own), key=lambda s: s.supports + s.contradicts)
            for own in windows
        ]

    def findings(self, windows: Sequence[Window]) -> list[Findings]:
        """What the network says of each window."""
        return self._each(windows, findings_of)

    def _each(
        self, windows: Sequence[Window], take: Callable[[Window, FloatArray, FloatArray], T]
    ) -> list[T]:
        """What is taken from the network's scores and verdicts of each window, read in like lengths."""
        lengths = np.array([len(window.ids) for window in windows], np.int64)
        found: dict[int, T] = {}
        for rows in graph.batches(lengths):
            batch = graph.columns([(windows[r].ids, windows[r].types) for r in rows], self._pad)
            with self._lock:
                spans, verdicts = self._forward(
                    batch["input_ids"], batch["attention_mask"], batch["token_type_ids"]
                )
            for row, scores, verdict in zip(rows, spans, verdicts, strict=True):
                found[row] = take(windows[row], scores, verdict)
        return [found[row] for row in range(len(windows))]

    def windows(self, pairs: Sequence[tuple[str, Excerpt]]) -> list[list[Window]]:
        """The windows in which each excerpt is read with its question."""
        heads = [" ".join(filter(None, (e.title, e.heading))) for _, e in pairs]
        texts = list(dict.fromkeys([*(q for q, _ in pairs), *heads, *(e.text for _, e in pairs)]))
        with self._lock:
            encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        tokens = dict(zip(texts, encodings, strict=True))
        found = []
        for (question, excerpt), title in zip(pairs, heads, strict=True):
            asked = [self._cls, *tokens[question].ids[:QUESTION], self._sep]
            head = tokens[title].ids[:HEAD]
            prefix = [*asked, *head, self._sep] if head else asked
            found.append(
                list(_cut(prefix, len(asked), tokens[excerpt.text], excerpt.text, self._sep))
            )
        return found


def _cut(prefix: list[int], second: int, encoding: Any, text: str, sep: int) -> Iterator[Window]:
    """The windows of a passage; the last one reaches back as far as it can."""
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
    r"""Where paragraphs, rows and cells end: blank lines, bars, tabs, and lines cut for no want of room.

    >>> _breaks("a pier built\nin stone\n\nMine | Ton")
    [21, 22, 28]
    """
    found = [match.start() for match in _BARS.finditer(text)]
    lines = text.split("\n")
    widest = max(map(len, lines))
    at = 0
    for line, following in pairwise(lines):
        at += len(line) + 1
        first = following.split(maxsplit=1)
        if not first or _BULLET.match(following) or len(line) + 1 + len(first[0]) <= widest:
            found.append(at - 1)
    return sorted(found)


def findings_of(window: Window, scores: FloatArray, verdict: FloatArray) -> Findings:
    """``scores`` (columns, columns) of all pairs of tokens → the window's odds and best spans."""
    count = len(window.offsets)
    null, relevance = float(verdict[0]), float(verdict[1])
    if not count:
        return Findings(-np.inf, relevance, ())
    own = slice(window.begin, window.begin + count)
    logits = scores[own, own].astype(np.float64)
    logits[~_possible(window)] = -np.inf
    top = float(logits.max())
    if top == -np.inf:  # a window of one word's pieces
        return Findings(-np.inf, relevance, ())
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
    return Findings(top + float(np.log(total)) - null, relevance, spans)


def entailed(verdict: FloatArray) -> Entailment:
    """``verdict`` (5,) of the network → the probabilities of what a text does to a statement."""
    logits = verdict[2:].astype(np.float64)
    chances = np.exp(logits - logits.max())
    supports, contradicts, _ = (chances / chances.sum()).tolist()
    return Entailment(supports, contradicts)


def _possible(window: Window) -> BoolArray:
    """(tokens, tokens): which first and last tokens may bound an answer: whole words, not too many."""
    count = len(window.words)
    begins, ends = np.array(window.words, bool).T
    near = np.triu(np.ones((count, count), bool)) & ~np.triu(np.ones((count, count), bool), ANSWER)
    cells = np.array(window.cells)
    possible: BoolArray = near & begins[:, None] & ends & (cells[:, None] == cells)
    return possible


def reading(
    text: str,
    found: Sequence[tuple[Window, Findings]],
    calibration: Mapping[str, float] = CALIBRATION,
) -> Reading:
    """What is made of one text, given what the network says of its windows."""
    odds, relevance, places = spans_of(text, found)
    answered = probability(odds, relevance, calibration)
    most = max((share for _, _, share in places), default=1.0)
    spans = tuple(Span(start, end, answered * share / most) for start, end, share in places)
    return Reading(_sigmoid(relevance), tuple(sorted(spans, key=lambda span: -span.score)))


def spans_of(
    text: str, found: Sequence[tuple[Window, Findings]]
) -> tuple[float, float, list[tuple[int, int, float]]]:
    """Odds and relevance, those of the best window, and spans of the text with their shares.

    All windows of a text are one choice: a share counts as much as its window's odds.
    """
    odds = max(f.odds for _, f in found)
    relevance = max(f.relevance for _, f in found)
    shares: dict[tuple[int, int], float] = {}
    for window, findings in found:
        weight = float(np.exp(findings.odds - odds)) if findings.spans else 0.0
        for first, last, share in findings.spans:
            place = _whole(text, window.offsets[first][0], window.offsets[last][1])
            shares[place] = max(shares.get(place, 0.0), share * weight)
    return odds, relevance, chosen(shares)


def probability(odds: float, relevance: float, calibration: Mapping[str, float]) -> float:
    """How probable it is that a passage's best span answers, from what the network says of it."""
    return _sigmoid(
        calibration["odds"] * odds + calibration["relevance"] * relevance + calibration["bias"]
    )


def chosen(shares: dict[tuple[int, int], float]) -> list[tuple[int, int, float]]:
    """Up to ``SPANS`` spans that do not overlap, each with the share of all that overlaps it.

    Of the spans that are left, the next is the one that has most in common with all by their shares, its
    own counted twice: the most probable alone is often cut short. To have in common is F1 over characters.
    """
    left = dict(shares)
    found: list[tuple[int, int, float]] = []
    while left and len(found) < SPANS:
        places = np.array(list(left), np.int64)
        masses = np.array(list(left.values()))
        common = _common(places)
        best = int((common @ masses + masses).argmax())
        start, end = places[best].tolist()
        touching = common[best] > 0
        found.append((start, end, min(float(masses[touching].sum()), 1.0)))
        left = {(s, e): mass for (s, e), mass in left.items() if not (s < end and start < e)}
    return found


def _common(places: graph.Matrix) -> ScoreArray:
    """(spans, spans): F1 of each span with each, over the characters that they share."""
    starts, ends = places[:, 0], places[:, 1]
    both = np.minimum(ends[:, None], ends) - np.maximum(starts[:, None], starts)
    lengths = ends - starts
    result: ScoreArray = 2 * np.maximum(both, 0) / (lengths[:, None] + lengths)
    return result


_BARS: Final = re.compile(r"[|\t]")
_BULLET: Final = re.compile(r"\s*(?:[-*•–]|\d+[.)])\s")
_WHOSE: Final = re.compile(r"(?:(?<![A-Za-z])[A-Z]{1,2})?\Z")
"""The country of a dollar: "C$1.59" is not "$1.59"."""
_NUMBER_GOES_ON: Final = re.compile(r"(?:[.,]\d+)*%?")
_INITIALS: Final = re.compile(r"(?<!\w)(?:[^\W\d_]\.)+[^\W\d_]$")
_PAIRS: Final = {"(": ")", "[": "]", "“": "”", "‘": "’", '"': '"'}
_QUOTED: Final = re.compile(r"“[^“”]+”|‘[^‘’]+’|\"[^\"]+\"")


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the marks around it, and with all of the number or initials it ends in.

    >>> _whole("sold 1,200 (tons).", 5, 18)
    (5, 17)
    >>> _whole("up 4.5% in the U.S. alone", 3, 4), _whole("up 4.5% in the U.S. alone", 15, 18)
    ((3, 7), (15, 19))
    >>> _whole("sold at C$1.59", 9, 14), _whole("sold at €2", 9, 10)
    ((8, 14), (8, 10))
    """
    start, end = _bare(text, start, end)
    if text[end - 1].isdigit():
        end = _NUMBER_GOES_ON.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too
    elif text.startswith(".", end) and _INITIALS.search(text[start:end]):
        end += 1
    if start and text[start].isdigit() and text[start - 1] in "$€£¥":
        start -= 1
    if text[start] == "$":
        start = _WHOSE.search(text, max(0, start - 3), start).start()  # type: ignore[union-attr]  # nor does this fail
    return start, end


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without punctuation around it, and without half a pair of brackets or quotation marks."""
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
