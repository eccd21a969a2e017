"""Pairs to train the reader on: questions in many shapes, with passages that answer and that do not.

Each visit to a question gives one group: the passage that answers, and some of
- a passage that the product finds for the question and that does not hold the answer,
- the right passage without its answering sentence,
- the right passage for a question in which a fact was exchanged, so that it answers no more.
A question is asked as it is, in key words, or as a statement or headline made of question and answer by
rule, or asked of a table made of questions and answers; and a sentence of a paragraph is asked of what
stands around it. Everything follows from a seed.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reader_corpus import Asked, Corpus
from tokenizers import Tokenizer

from rag.english.question import statement
from rag.stores.analyzer import STOP_WORDS
from rag.text.sentences import sentence_spans

COLUMNS = 256  # tokens of a pair
QUESTION = 48  # tokens of a question
HEAD = 24  # tokens of a title
ANSWER = 30  # tokens of an answer
CLS, SEP = 101, 102

_WH = re.compile(
    r"\b(who|whom|whose|what|which|when|where|why|how)\b(?: (?:many|much|long|old))?", re.IGNORECASE
)
_YEARS_APART = (-20, -7, -3, -1, 1, 2, 5, 12)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_WORD = re.compile(r"\b[a-z]{4,}\b")
_OPPOSITES = {
    one: other
    for words in (
        "first last|before after|north south|east west|northern southern|eastern western",
        "largest smallest|most least|highest lowest|increase decrease|more less|oldest newest",
        "longest shortest|best worst|early late|male female|men women|maximum minimum",
        "positive negative|good bad|like dislike|start end|began ended|won lost|inside outside",
        "above below|buy sell|husband wife|son daughter|father mother|king queen|always never",
        "hot cold|old young|upper lower|import export|public private",
    )
    for both in words.split("|")
    for one, other in (both.split(), both.split()[::-1])
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage as tokens, and what is to be learned from them.

    ``ids[passage:]`` is the passage and a last [SEP]. ``spans`` are weights of answering spans, of whose
    sum the rest to 1 is "none"; None teaches nothing about spans. ``relevant`` None: nothing about it.
    """

    ids: list[int]
    second: int
    """Where the second segment begins: after the question's [SEP]."""
    passage: int
    spans: dict[tuple[int, int], float] | None
    relevant: bool | None
    group: int
    stance: int | None = None
    """What the passage does to a statement, by its number; None teaches nothing about that."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph in tokens, each with its place."""

    ids: list[int]
    begins: list[int]
    ends: list[int]

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """First and last token that touch the characters ``start..end``."""
        touching = [
            n
            for n, (b, e) in enumerate(zip(self.begins, self.ends, strict=True))
            if b < end and start < e
        ]
        return (touching[0], touching[-1]) if touching else (0, -1)

    def part(self, begin: int, end: int) -> "Text":
        """The tokens ``begin..end``."""
        return Text(self.ids[begin:end], self.begins[begin:end], self.ends[begin:end])

    def without(self, begin: int, end: int) -> "Text":
        """All but the tokens ``begin..end``."""
        return Text(*(row[:begin] + row[end:] for row in (self.ids, self.begins, self.ends)))


@dataclass
class Maker:
    """Makes groups of pairs from a corpus."""

    corpus: Corpus
    tokenizer: Tokenizer
    names: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    words: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    asked: dict[int, list[Asked]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.texts: list[Text] = []
        for _, _, text in self.corpus.paragraphs:
            self.texts.append(self._text(text))
        for question in self.corpus.questions:
            article = self.corpus.paragraphs[question.paragraph][0]
            self.asked[article].append(question)
            self.names[article] += _NAME.findall(question.text)
            self.words[article] += [w for w in _WORD.findall(question.text) if w not in STOP_WORDS]
        self.articles = sorted(self.names)

    def groups(self, seed: int, epoch: int) -> Iterator[list[Pair]]:
        """One pass: each question once, those about titled articles twice; a group each."""
        order = [
            (number, turn)
            for number, question in enumerate(self.corpus.questions)
            for turn in range(2 if self.corpus.paragraphs[question.paragraph][1] else 1)
        ]
        rng = random.Random(f"{seed} {epoch}")  # noqa: S311  # a sample, not a secret
        rng.shuffle(order)
        for visit, (number, _) in enumerate(order):
            yield self.group(self.corpus.questions[number], visit, rng)

    def group(self, asked: Asked, group: int, rng: random.Random) -> list[Pair]:
        """The pairs of one visit."""
        title = self.corpus.paragraphs[asked.paragraph][1]
        head = title if title and rng.random() < 0.7 else ""
        shape = rng.choices(
            ("question", "keywords", "statement", "headline", "context", "table"),
            (70, 7, 6, 3, 6, 8),
        )[0]
        if shape == "table":
            return self._table(asked, group, head, rng)
        if shape == "context":
            return self._context(asked, group, head, rng)
        if shape in ("statement", "headline"):
            words = statement(asked.text, asked.answers[0][0])
            words = words if shape == "statement" else " ".join(_content(words)).title()
            return [
                self._pair(words, asked.paragraph, head, group, rng, None, relevant=True),
                self._miss(words, asked, group, bool(head), rng, spans=None),
            ]
        words = asked.text if shape == "question" else " ".join(_content(asked.text))
        pairs = [self._pair(words, asked.paragraph, head, group, rng, asked.answers, relevant=True)]
        if rng.random() < (1.0 if title else 0.4):
            pairs.append(self._miss(words, asked, group, bool(head), rng, spans=()))
        if rng.random() < 0.4 and (other := self._exchanged(asked, rng)):
            pairs.append(self._pair(other, asked.paragraph, head, group, rng, (), relevant=None))
        if rng.random() < 0.12 and (rest := self._unanswering(asked)):
            pairs.append(self._build(words, rest, head, group, rng, {}, relevant=None))
        return pairs

    def _pair(
        self,
        words: str,
        paragraph: int,
        head: str,
        group: int,
        rng: random.Random,
        answers: Sequence[tuple[str, int]] | None,
        *,
        relevant: bool | None,
    ) -> Pair:
        text = self.texts[paragraph]
        spans = None if answers is None else weights(text, answers)
        if answers and not spans:
            spans = None  # answers too long to learn
        return self._build(words, text, head, group, rng, spans, relevant=relevant)

    def _build(
        self,
        words: str,
        text: Text,
        head: str,
        group: int,
        rng: random.Random,
        spans: dict[tuple[int, int], float] | None,
        *,
        relevant: bool | None,
    ) -> Pair:
        ids = [CLS, *self._ids(words)[:QUESTION], SEP]
        second = len(ids)
        if head:
            ids += [*self._ids(head)[:HEAD], SEP]
        room = COLUMNS - len(ids) - 1
        if rng.random() < 0.2:  # passages come in all lengths
            room = min(room, rng.randint(40, 160))
        must = rng.choice(sorted(spans)) if spans else (0, 0)
        if len(text.ids) > room:
            low = max(0, must[1] + 1 - room) if spans else 0
            high = min(must[0], len(text.ids) - room) if spans else len(text.ids) - room
            begin = rng.randint(low, max(low, high))
        else:
            begin = 0
        shift = len(ids) - begin
        ids += [*text.ids[begin : begin + room], SEP]
        if spans:
            inside = {
                (i + shift, j + shift): weight
                for (i, j), weight in spans.items()
                if i >= begin and j < begin + room
            }
            total = sum(inside.values())
            spans = {span: weight / total for span, weight in inside.items()}
        return Pair(ids, second, shift + begin, spans, relevant, group)

    def _miss(
        self,
        words: str,
        asked: Asked,
        group: int,
        titled: bool,
        rng: random.Random,
        *,
        spans: tuple[()] | None,
    ) -> Pair:
        """The question with a passage near it that does not hold the answer."""
        answers = [answer.casefold() for answer, _ in asked.answers]
        near = [
            number
            for number in asked.near
            if not any(answer in self.corpus.paragraphs[number][2].casefold() for answer in answers)
        ] or [rng.randrange(len(self.texts))]
        number = near[min(int(rng.expovariate(1 / 3)), len(near) - 1)]
        head = self.corpus.paragraphs[number][1] if titled else ""
        return self._pair(words, number, head, group, rng, spans, relevant=False)

    def _context(self, asked: Asked, group: int, head: str, rng: random.Random) -> list[Pair]:
        """A sentence asked of the paragraph around it, and of others."""
        whole = self.corpus.paragraphs[asked.paragraph][2]
        start, end = rng.choice(sentence_spans(whole) or [(0, len(whole))])
        text = self.texts[asked.paragraph]
        first, last = text.tokens(start, end)
        rest = text.without(first, last + 1)
        words = whole[start:end]
        return [
            self._build(words, rest, head, group, rng, None, relevant=True),
            self._miss(words, asked, group, bool(head), rng, spans=None),
        ]

    def _table(self, asked: Asked, group: int, head: str, rng: random.Random) -> list[Pair]:
        """A question asked of a table made of it and others of its article: key words and answers."""
        others = self.asked[self.corpus.paragraphs[asked.paragraph][0]]
        rows = [asked, *rng.sample(others, min(len(others), rng.randint(2, 7)))]
        rng.shuffle(rows)
        between, after = rng.choice((" ", " ", " | ", ": ", " – ")), rng.choice(("\n", "\n", "; "))
        answer = min((text for text, _ in asked.answers), key=len)
        text, at, without = "", 0, ""
        for row in rows:
            given = answer if row is asked else min((text for text, _ in row.answers), key=len)
            keys = between.join((" ".join(_content(row.text)[: rng.randint(1, 6)]), ""))
            if row is asked:
                at = len(text) + len(keys)
            elif row.text != asked.text:
                without += f"{keys}{given}{after}"
            text += f"{keys}{given}{after}"
        full = self._text(text)
        spans = weights(full, [(answer, at)]) or None
        pairs = [self._build(asked.text, full, head, group, rng, spans, relevant=None)]
        if without and rng.random() < 0.4 and answer.casefold() not in without.casefold():
            rest = self._text(without)
            pairs.append(self._build(asked.text, rest, head, group, rng, {}, relevant=None))
        return pairs

    def _unanswering(self, asked: Asked) -> Text | None:
        """The paragraph without the sentences that answer, if the answers occur nowhere else."""
        number = asked.paragraph
        whole, text = self.corpus.paragraphs[number][2], self.texts[number]
        for start, end in reversed(sentence_spans(whole)):
            if any(start < at + len(answer) and at < end for answer, at in asked.answers):
                first, last = text.tokens(start, end)
                text = text.without(first, last + 1)
                whole = whole[:start] + whole[end:]
        held = whole.casefold()
        if len(text.ids) < 20 or any(answer.casefold() in held for answer, _ in asked.answers):
            return None
        return text

    def _exchanged(self, asked: Asked, rng: random.Random) -> str | None:
        """The question with one fact exchanged for another that the paragraph does not hold."""
        article, title, whole = self.corpus.paragraphs[asked.paragraph]
        held = f"{title} {whole}".casefold()
        other = article if rng.random() < 0.6 else rng.choice(self.articles)
        changes = [
            (*match.span(), str(int(match[0]) + rng.choice(_YEARS_APART)))
            for match in _YEAR.finditer(asked.text)
        ]
        changes += [
            (*match.span(), str(rng.randint(2, 99)))
            for match in _NUMBER.finditer(asked.text)
            if not _YEAR.fullmatch(match[0])
        ]
        if names := self.names[other]:
            changes += [(*match.span(), rng.choice(names)) for match in _NAME.finditer(asked.text)]
        for match in _WORD.finditer(asked.text):
            word = match[0]
            if word in _OPPOSITES:
                changes.append((*match.span(), _OPPOSITES[word]))
            elif word not in STOP_WORDS and rng.random() < 0.4:
                drawn = rng.sample(self.words[other], min(9, len(self.words[other])))
                changes += [(*match.span(), new) for new in drawn if new[-1] == word[-1]][:1]
        changes = [
            (start, end, new)
            for start, end, new in changes
            if asked.text[start:end][:5].casefold() in held
            and new.casefold() not in held
            and new.casefold() not in asked.text.casefold()
        ]
        if not changes:
            return None
        start, end, new = rng.choice(changes)
        return asked.text[:start] + new + asked.text[end:]

    def _text(self, text: str) -> Text:
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        begins, ends = zip(*encoding.offsets, strict=True) if encoding.offsets else ((), ())
        return Text(list(encoding.ids), list(begins), list(ends))

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def weights(text: Text, answers: Sequence[tuple[str, int]]) -> dict[tuple[int, int], float]:
    """How much each accepted span counts: by how many gave it, the longest half as much again."""
    spans = [text.tokens(at, at + len(answer.rstrip(" .,;:!?"))) for answer, at in answers]
    spans = [(i, j) for i, j in spans if i <= j < i + ANSWER]
    if not spans:
        return {}
    longest = max(j - i for i, j in spans)
    found: dict[tuple[int, int], float] = defaultdict(float)
    for i, j in spans:
        found[i, j] += 1.5 if j - i == longest else 1.0
    total = sum(found.values())
    return {span: weight / total for span, weight in found.items()}


def _content(text: str) -> list[str]:
    """The words that carry meaning, in order."""
    words = re.findall(r"[\w'’-]+", text)
    return [
        word for word in words if word.lower() not in STOP_WORDS and not _WH.fullmatch(word)
    ] or words
