"""Pairs to train the reader on: questions in many shapes, with passages that answer and that do not.

Each visit to a question gives one group: the passage that answers, and some of
- passages that the product finds for the question, or neighbours in its article, without the answer,
- the right passage without its answering sentence,
- a near miss: the right passage for a question in which a fact was exchanged, so that it answers no more,
  or with a fact exchanged in the passage (``near_misses.py``).
Or the sentence that answers says the same of two things (``parallels.py``). A question is asked as it is,
as people type who remember vaguely (``rewordings.py``), in key words, for yes or no (``yes_no.py``), or
as a statement or headline made of question and answer by rule, or of a table made of questions and
answers; and a sentence of a paragraph is asked of what stands around it. All follows from a seed, each
visit by itself.
"""

import random
import re
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple

from heads import Heads
from list_items import items_of
from near_misses import NearMisses, content, stands
from parallels import parallel
from reader_corpus import Asked, Corpus
from rewordings import as_typed
from synonyms import Thesaurus
from tokenizers import Encoding, Tokenizer
from yes_no import YesNo, yes_no

from rag.english.question import statement
from rag.stores.analyzer import STOP_WORDS
from rag.text.sentences import sentence_spans

COLUMNS = 256  # tokens of a pair
CROPPED = 128  # tokens of a pair cropped around the answer
QUESTION = 48  # tokens of a question
HEAD = 24  # tokens of a title
ANSWER = 30  # tokens of an answer
WRONG = 0.55  # the share of statements for which a wrong answer is sought
MISSED = 0.8  # the share of questions with a near miss made of them …
LABELLED = 0.9  # … and of these, the share made with the help of labels
CLS, SEP = 101, 102
SUPPORTS, CONTRADICTS, OPEN = range(3)
"""What a passage does to a statement, in the order of ``rag.models.readers.network.ENTAILMENTS``."""
Span = tuple[int, int]
"""First and last token."""
TOGETHER = 512  # paragraphs tokenised at once
ALONE = -1
"""The group of a pair that competes with no other."""
VISITS = {
    "qed-train": 3.0,
    "tydiqa-en-train": 3.0,
    "squadshifts-reddit": 0.5,
    "squadshifts-amazon": 0.5,
}
"""How often a pass visits each question of a set: questions asked before the text was seen are scarce."""
PARTS = "qed"
"""How the set is called whose answers, where a question has several, are the items of a list."""
TYPED = 0.25
"""The share of questions that are asked in other words."""
SHAPES = {
    "question": 31,
    "parallel": 40,
    "head": 6,
    "keywords": 5,
    "statement": 4,
    "headline": 2,
    "context": 3,
    "table": 5,
    "yes or no": 10,
}
"""How often each is tried, as weights; where a question allows no parallel or yes, it stays a question."""
TABLES = "wikitables"
"""The set whose passages are tables, which say little when cut."""

_WH = re.compile(
    r"\b(who|whom|whose|what|which|when|where|why|how)\b(?: (?:many|much|long|old))?", re.IGNORECASE
)
_YEARS_APART = (-20, -7, -3, -1, 1, 2, 5, 12)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_ROW = re.compile(r" \| .*\n.* \| ")
_LINE = re.compile(r"\S.*")
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

    ``ids[passage:]`` is the passage and a last [SEP]. ``spans`` are weights of answering spans, empty if
    there is no answer; None teaches nothing about spans. ``relevant`` None: nothing about it. The pairs of
    a ``group`` ask one question of several passages.
    """

    ids: list[int]
    second: int
    """Where the second segment begins: after the question's [SEP]."""
    passage: int
    spans: dict[Span, float] | None
    relevant: bool | None
    group: int
    stance: int | None = None
    """What the passage does to a statement, by its number; None teaches nothing about that."""
    anywhere: bool = False
    """Whether to find any of the spans is to be right, not each to its weight."""
    sentences: tuple[Span, ...] = ()
    """What is inside of the sentences that answer; also where the answer is too long for a span."""
    items: tuple[Span, ...] = ()
    """The items of an answer that is a list, as far as they are inside."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph in tokens, each with its place, and its sentences as their first and last tokens."""

    ids: Sequence[int]
    begins: Sequence[int]
    ends: Sequence[int]
    sentences: tuple[Span, ...] = ()

    @classmethod
    def of(cls, text: str, encoding: Encoding) -> "Text":
        """A text as it is tokenised, in 12 bytes a token."""
        begins, ends = zip(*encoding.offsets, strict=True) if encoding.offsets else ((), ())
        ids, firsts, lasts = (array("I", row) for row in (encoding.ids, begins, ends))
        made = cls(ids, firsts, lasts)
        sentences = (made.tokens(start, end) for start, end in _units(text))
        return replace(made, sentences=tuple((i, j) for i, j in sentences if i <= j))

    def tokens(self, start: int, end: int) -> Span:
        """First and last token that touch the characters ``start..end``; (0, -1) if none does."""
        first, last = bisect_right(self.ends, start), bisect_left(self.begins, end) - 1
        return (first, last) if first <= last else (0, -1)

    def answering(self, answers: Sequence[tuple[str, int]]) -> tuple[Span, ...]:
        """The sentences that hold answers or parts of them."""
        if not answers:
            return ()
        found = [self.tokens(at, at + len(answer.rstrip(" .,;:!?"))) for answer, at in answers]
        return tuple(
            (first, last)
            for first, last in self.sentences
            if any(i <= last and first <= j for i, j in found if i <= j)
        )

    def without(self, begin: int, end: int) -> "Text":
        """All but the tokens ``begin..end``."""
        gone = end - begin
        left = [
            (n - gone if n >= end else min(n, begin), m - gone if m >= end else min(m, begin - 1))
            for n, m in self.sentences
        ]
        rows = (self.ids, self.begins, self.ends)
        ids, begins, ends = (array("I", (*row[:begin], *row[end:])) for row in rows)
        return Text(ids, begins, ends, tuple((n, m) for n, m in left if n <= m))


class Places(NamedTuple):
    """What else is to be found in a text, in its own tokens: as in ``Pair``."""

    sentences: tuple[Span, ...] = ()
    items: tuple[Span, ...] = ()


NOWHERE = Places()


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to a question: its group, how long pairs may be, whether passages have their titles."""

    number: int
    rng: random.Random
    columns: int
    titled: bool


@dataclass
class Maker:
    """Makes groups of pairs from a corpus.

    ``cropped`` is the share of groups that is cropped, ``misses`` how many passages without the answer are
    found for a question, on average. A ``thesaurus`` gives synonyms to questions asked in other words.
    """

    corpus: Corpus
    tokenizer: Tokenizer
    cropped: float = 0.0
    misses: float = 1.3
    thesaurus: Thesaurus | None = None
    names: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    words: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    asked: dict[int, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[int, Text] = field(default_factory=dict)
    near_misses: NearMisses = field(init=False)
    heads: Heads = field(init=False)

    def __post_init__(self) -> None:
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        for question in self.corpus.questions:
            article = self.corpus.paragraphs[question.paragraph][0]
            self.asked[article].append(question)
            self.names[article] += _NAME.findall(question.text)
            self.words[article] += [w for w in _WORD.findall(question.text) if w not in STOP_WORDS]
        self.articles = sorted(self.names)
        self.near_misses = NearMisses(self.corpus, self.asked)
        self.heads = Heads(self.corpus)

    def groups(self, seed: int, begin: int = 0, every: int = 1) -> Iterator[list[Pair]]:
        """A group for every visit, or each ``every``-th, from number ``begin`` on, pass after pass."""
        for turn in count():
            order = self._order(seed, turn)
            for place in range(begin, len(order), every):
                rng = random.Random(f"{seed} {turn} {place}")  # noqa: S311  # a sample, not a secret
                yield self.group(self.corpus.questions[order[place]], place, rng)
            begin += len(range(begin, len(order), every)) * every - len(order)

    def _order(self, seed: int, turn: int) -> list[int]:
        """The questions of one pass: each as often as its set is visited."""
        rng = random.Random(f"{seed} {turn}")  # noqa: S311  # an order, not a secret
        order = []
        for number, question in enumerate(self.corpus.questions):
            times, part = divmod(VISITS.get(question.source, 1.0), 1)
            order += [number] * (int(times) + (rng.random() < part))
        rng.shuffle(order)
        return order

    def group(self, asked: Asked, number: int, rng: random.Random) -> list[Pair]:
        """The pairs of one visit."""
        cropped = rng.random() < self.cropped and asked.source != TABLES
        titled = bool(self.corpus.paragraphs[asked.paragraph][1]) and rng.random() < 0.7
        visit = Visit(number, rng, CROPPED if cropped else COLUMNS, titled)
        shape = rng.choices(list(SHAPES), list(SHAPES.values()))[0]
        of_shape = {
            "table": self._table,
            "context": self._context,
            "yes or no": self._yes_or_no,
            "parallel": self._parallel,
            "head": self._who_leads,
        }
        if shape in of_shape and (pairs := of_shape[shape](asked, visit)):
            return pairs
        if shape in {"statement", "headline"}:
            words = statement(asked.text, asked.answers[0][0])
            words = words if shape == "statement" else " ".join(content(words)).title()
            return [
                self._pair(words, asked.paragraph, visit, None, relevant=True),
                *self._misses(words, asked, visit, 1, spans=None),
            ]
        words = " ".join(content(asked.text)) if shape == "keywords" else asked.text
        typed = shape == "question" and rng.random() < TYPED
        title = self.corpus.paragraphs[asked.paragraph][1]
        words = as_typed(words, title, rng, self.thesaurus) if typed else words
        parts = asked.source.startswith(PARTS) and not asked.anywhere
        items = items_of(asked.answers, asked.text, parts=parts)
        right = self._pair(words, asked.paragraph, visit, asked.answers, items, relevant=True)
        pairs = [replace(right, anywhere=asked.anywhere)]
        pairs += self._misses(words, asked, visit, int(self.misses + rng.random()), spans=())
        if rng.random() < MISSED:
            pairs += self._missed(words, asked, visit, typed=typed)
        if rng.random() < 0.1 and (rest := self._unanswering(asked)):
            pairs.append(self._build(words, rest, visit, self._head(asked, visit), {}))
        return pairs

    def _missed(self, words: str, asked: Asked, visit: Visit, *, typed: bool) -> list[Pair]:
        """A near miss: alone, or beside what does answer."""
        miss = (
            self.near_misses.made(asked, visit.rng, titled=visit.titled)
            if visit.rng.random() < LABELLED
            else None
        )
        head = self._head(asked, visit)
        if not miss:
            other = self._exchanged(asked, visit.rng) if visit.rng.random() < 0.5 else None
            return [self._alone(other, asked, visit)] if other else []
        if miss.question == asked.text:  # the passage is another
            return [self._build(words, self._text(miss.text), visit, head, {})]
        other = miss.question
        if typed:
            title = self.corpus.paragraphs[asked.paragraph][1]
            other = as_typed(other, title, visit.rng, self.thesaurus)
        if not miss.counterpart:
            return [self._alone(other, asked, visit)]
        other_visit = replace(visit, number=ALONE - 1 - visit.number)
        text = self._text(miss.counterpart)
        right = self._answered(other, text, miss.answers, other_visit, head)
        return [
            replace(right, anywhere=asked.anywhere),
            self._pair(other, asked.paragraph, other_visit, (), relevant=None),
        ]

    def asked_as_yes_or_no(self, asked: Asked, rng: random.Random) -> tuple[YesNo, int] | None:
        """A question with its answer in it or a wrong one, and what the paragraph does to that."""
        answer, at = min(asked.answers, key=lambda one: len(one[0]))
        before = self.corpus.paragraphs[asked.paragraph][2][max(0, at - 30) : at]
        wrong = self.near_misses.wrong_answer(asked, rng) if rng.random() < WRONG else None
        made = yes_no(asked.text, wrong or answer, before, rng)
        return (made, CONTRADICTS if wrong else SUPPORTS) if made else None

    def _yes_or_no(self, asked: Asked, visit: Visit) -> list[Pair]:
        """A yes-or-no question of the paragraph that decides it, and of others, which leave it open."""
        made = self.asked_as_yes_or_no(asked, visit.rng)
        if not made:
            return []
        words = made[0].question if visit.rng.random() < 0.7 else made[0].statement
        right = self._pair(words, asked.paragraph, visit, asked.answers, relevant=True)
        pairs = [replace(right, spans=None, stance=made[1])]
        pairs += [
            replace(pair, stance=OPEN) for pair in self._misses(words, asked, visit, 1, spans=None)
        ]
        if visit.rng.random() < 0.4 and (rest := self._unanswering(asked)):
            pair = self._build(words, rest, visit, self._head(asked, visit), None)
            pairs.append(replace(pair, stance=OPEN))
        return pairs

    def _parallel(self, asked: Asked, visit: Visit) -> list[Pair]:
        """A sentence that says the same of two things: asked of one, and of a third."""
        made = parallel(self.near_misses, asked, visit.rng, titled=visit.titled)
        if not made:
            return []
        head, text = self._head(asked, visit), self._text(made.text)
        third = self._build(made.about_third, text, visit, head, {})
        right = self._answered(made.question, text, made.answers, visit, head)
        return [
            replace(right, relevant=True),
            *self._misses(made.question, asked, visit, 1, spans=()),
            replace(third, group=ALONE),
        ]

    def _who_leads(self, _: Asked, visit: Visit) -> list[Pair]:
        """A question who leads something, whichever question is visited."""
        made = self.heads.made(visit.rng)
        if not made:
            return []
        head, text = made.title if visit.titled else "", self._text(made.text)
        right = self._answered(made.question, text, made.answers, visit, head)
        return [
            replace(right, relevant=True),
            self._build(made.question, self._text(made.miss), visit, "", {}),
        ]

    def _alone(self, words: str, asked: Asked, visit: Visit) -> Pair:
        """A question with the paragraph, which does not answer it."""
        pair = self._pair(words, asked.paragraph, visit, (), relevant=None)
        return replace(pair, group=ALONE)

    def trial(self, asked: Asked, misses: int) -> list[Pair]:
        """A question with the passage that answers, then with the nearest ones that do not."""
        rng = random.Random(asked.text)  # noqa: S311  # where to cut a long passage, not a secret
        visit = Visit(ALONE, rng, COLUMNS, titled=bool(self.corpus.paragraphs[asked.paragraph][1]))
        near = [n for n in asked.near if not self._holds(n, asked)][:misses]
        return [
            self._pair(asked.text, asked.paragraph, visit, asked.answers, relevant=True),
            *(self._pair(asked.text, n, visit, (), relevant=False) for n in near),
        ]

    def text(self, paragraph: int) -> Text:
        """A paragraph in tokens."""
        if paragraph not in self.texts:
            self.texts[paragraph] = self._text(self.corpus.paragraphs[paragraph][2])
        return self.texts[paragraph]

    def read_all(self) -> None:
        """Tokenise all paragraphs at once, before the work is divided among processes."""
        left = [n for n in range(len(self.corpus.paragraphs)) if n not in self.texts]
        for begin in range(0, len(left), TOGETHER):
            some = left[begin : begin + TOGETHER]
            texts = [self.corpus.paragraphs[n][2] for n in some]
            encodings = self.tokenizer.encode_batch(texts, add_special_tokens=False)
            for number, text, encoding in zip(some, texts, encodings, strict=True):
                self.texts[number] = Text.of(text, encoding)

    def _head(self, asked: Asked, visit: Visit) -> str:
        return self.corpus.paragraphs[asked.paragraph][1] if visit.titled else ""

    def _pair(
        self,
        words: str,
        paragraph: int,
        visit: Visit,
        answers: Sequence[tuple[str, int]] | None,
        items: Sequence[tuple[str, int]] = (),
        *,
        relevant: bool | None,
    ) -> Pair:
        text = self.text(paragraph)
        spans = None if answers is None else weights(text, answers)
        if answers and not spans:
            spans = None  # answers too long to learn
        head = self.corpus.paragraphs[paragraph][1] if visit.titled else ""
        listed = (text.tokens(at, at + len(item)) for item, at in items)
        places = Places(text.answering(answers or ()), tuple((i, j) for i, j in listed if i <= j))
        return self._build(words, text, visit, head, spans, places, relevant=relevant)

    def _answered(
        self,
        words: str,
        text: Text,
        answers: Sequence[tuple[str, int]],
        visit: Visit,
        head: str,
    ) -> Pair:
        """A question with a text made for it, which answers."""
        spans, places = weights(text, answers), Places(text.answering(answers))
        return self._build(words, text, visit, head, spans or None, places)

    def _build(
        self,
        words: str,
        text: Text,
        visit: Visit,
        head: str,
        spans: dict[Span, float] | None,
        places: Places = NOWHERE,
        *,
        relevant: bool | None = None,
    ) -> Pair:
        rng = visit.rng
        ids = [CLS, *self.ids(words)[:QUESTION], SEP]
        second = len(ids)
        if head:
            ids += [*self.ids(head)[:HEAD], SEP]
        room = visit.columns - len(ids) - 1
        if rng.random() < 0.2:  # passages come in all lengths
            room = min(room, rng.randint(40, 160))
        begin = 0
        if len(text.ids) > room:
            first, last = _needed(spans, places.sentences, room, rng) or (len(text.ids), -1)
            low, high = max(0, last + 1 - room), min(first, len(text.ids) - room)
            begin = rng.randint(low, max(low, high))
        shift, end = len(ids) - begin, begin + room
        ids += [*text.ids[begin:end], SEP]
        if spans:
            inside = {
                (i + shift, j + shift): weight
                for (i, j), weight in spans.items()
                if i >= begin and j < end
            }
            total = sum(inside.values())
            spans = {span: weight / total for span, weight in inside.items()}
        pair = Pair(ids, second, shift + begin, spans, relevant, visit.number)
        if not places.sentences:
            return pair
        return replace(
            pair,
            sentences=tuple(
                (max(i, begin) + shift, min(j, end - 1) + shift)
                for i, j in places.sentences
                if i < end and j >= begin
            ),
            items=tuple((i + shift, j + shift) for i, j in places.items if i >= begin and j < end),
        )

    def _misses(
        self, words: str, asked: Asked, visit: Visit, number: int, *, spans: tuple[()] | None
    ) -> list[Pair]:
        """The question with passages near it that do not hold the answer."""
        rng = visit.rng
        neighbours = [
            n
            for n in range(asked.paragraph - 2, asked.paragraph + 3)
            if visit.titled and self._article(n) == self._article(asked.paragraph)
        ]
        fitting = [
            [n for n in some if n != asked.paragraph and not self._holds(n, asked)]
            for some in (asked.near, neighbours)
        ]
        drawn: list[int] = []
        for _ in range(number):
            near, beside = ([n for n in some if n not in drawn] for some in fitting)
            if beside and (not near or rng.random() < 0.2):
                drawn.append(rng.choice(beside))
            elif near:
                drawn.append(near[min(int(rng.expovariate(1 / 3)), len(near) - 1)])
            else:
                drawn.append(rng.randrange(len(self.corpus.paragraphs)))
        return [self._pair(words, n, visit, spans, relevant=False) for n in drawn]

    def _article(self, paragraph: int) -> int:
        """The number of the article that a paragraph is of; -1 where there is no such paragraph."""
        inside = 0 <= paragraph < len(self.corpus.paragraphs)
        return self.corpus.paragraphs[paragraph][0] if inside else -1

    def _holds(self, paragraph: int, asked: Asked) -> bool:
        """Whether an accepted answer stands somewhere in a paragraph."""
        text = self.corpus.paragraphs[paragraph][2].casefold()
        return any(stands(answer.casefold(), text) for answer, _ in asked.answers)

    def _context(self, asked: Asked, visit: Visit) -> list[Pair]:
        """A sentence asked of the paragraph around it, and of others."""
        whole = self.corpus.paragraphs[asked.paragraph][2]
        start, end = visit.rng.choice(sentence_spans(whole) or [(0, len(whole))])
        text = self.text(asked.paragraph)
        first, last = text.tokens(start, end)
        rest = text.without(first, last + 1)
        words = whole[start:end]
        return [
            self._build(words, rest, visit, self._head(asked, visit), None, relevant=True),
            *self._misses(words, asked, visit, 1, spans=None),
        ]

    def _table(self, asked: Asked, visit: Visit) -> list[Pair]:
        """A question asked of a table made of it and others of its article: key words and answers."""
        rng, head = visit.rng, self._head(asked, visit)
        others = self.asked[self._article(asked.paragraph)]
        rows = [asked, *rng.sample(others, min(len(others), rng.randint(2, 7)))]
        rng.shuffle(rows)
        between, after = rng.choice((" ", " ", " | ", ": ", " – ")), rng.choice(("\n", "\n", "; "))
        answer = min((text for text, _ in asked.answers), key=len)
        text, row_at, at, without = "", 0, 0, ""
        for row in rows:
            given = answer if row is asked else min((text for text, _ in row.answers), key=len)
            keys = between.join((" ".join(content(row.text)[: rng.randint(1, 6)]), ""))
            if row is asked:
                row_at, at = len(text), len(text) + len(keys)
            elif row.text != asked.text:
                without += f"{keys}{given}{after}"
            text += f"{keys}{given}{after}"
        full = self._text(text)
        spans = weights(full, [(answer, at)]) or None
        line = full.tokens(row_at, at + len(answer))
        pairs = [self._build(asked.text, full, visit, head, spans, Places((line,)))]
        if without and rng.random() < 0.4 and answer.casefold() not in without.casefold():
            pairs.append(self._build(asked.text, self._text(without), visit, head, {}))
        return pairs

    def _unanswering(self, asked: Asked) -> Text | None:
        """The paragraph without the sentences that answer, if the answers occur nowhere else."""
        number = asked.paragraph
        whole, text = self.corpus.paragraphs[number][2], self.text(number)
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
        return Text.of(text, self.tokenizer.encode(text, add_special_tokens=False))

    def ids(self, text: str) -> list[int]:
        """The tokens of a text."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def _units(text: str) -> list[Span]:
    """What is judged as one: the lines of a table, the sentences of all else."""
    if _ROW.search(text):
        return [line.span() for line in _LINE.finditer(text)]
    return sentence_spans(text)


def _needed(
    spans: dict[Span, float] | None, sentences: Sequence[Span], room: int, rng: random.Random
) -> Span | None:
    """What a window of ``room`` tokens is to hold: an answer, with its sentence if that fits."""
    if not spans:
        return rng.choice(sentences) if sentences else None
    i, j = rng.choice(sorted(spans))
    around = [(n, m) for n, m in sentences if n <= i and j <= m < n + room]
    return around[0] if around else (i, j)


def weights(text: Text, answers: Sequence[tuple[str, int]]) -> dict[Span, float]:
    """How much each accepted span counts: by how many gave it, the longest half as much again."""
    spans = [text.tokens(at, at + len(answer.rstrip(" .,;:!?"))) for answer, at in answers]
    spans = [(i, j) for i, j in spans if i <= j < i + ANSWER]
    if not spans:
        return {}
    longest = max(j - i for i, j in spans)
    found: dict[Span, float] = defaultdict(float)
    for i, j in spans:
        found[i, j] += 1.5 if j - i == longest else 1.0
    total = sum(found.values())
    return {span: weight / total for span, weight in found.items()}
