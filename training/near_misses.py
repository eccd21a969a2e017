"""Questions that a passage no longer answers, because one thing in the question or the passage is another.

What is exchanged is an entity for another of its kind, a word for another of its row in ``ROWS``, the kind
of thing asked for, or the whole question for another about the article. The new thing is nowhere in the
passage, or else, more rarely, in another sentence than the answer; the old one is in the passage, for
otherwise nobody could tell.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from reader_corpus import LARGE, Asked, Corpus

from rag.stores.analyzer import STOP_WORDS
from rag.text.sentences import sentence_spans

T = TypeVar("T")

LONG = 4  # words of a short answer
SEPARATORS = 8  # at most in a text that is no table

KINDS = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "building",
    "NORP": "people",
    "LANGUAGE": "people",
    "EVENT": "event",
    "WORK_OF_ART": "work",
    "PRODUCT": "product",
    "LAW": "law",
}
MEASURED = ("CARDINAL", "MONEY", "PERCENT", "QUANTITY")
REACHES = {"same paragraph": 15, "article": 30, "near": 40, "corpus": 15}
RECIPES = {
    "entity": 42,
    "passage": 16,
    "counterpart": 10,
    "row": 16,
    "kind": 4,
    "topic": 12,
}
"""How often each is tried first, of 100; where it finds nothing, another follows."""
ROWS = tuple(
    tuple(row.replace("_", " ") for row in line.split())
    for line in """
president vice_president prime_minister secretary treasurer
chairman deputy_chairman chief_executive treasurer
governor lieutenant_governor mayor senator attorney_general
king queen prince princess emperor
captain vice-captain coach manager goalkeeper
director producer writer editor composer
director deputy_director
minister deputy_minister ambassador
bishop archbishop cardinal pope
general colonel lieutenant sergeant admiral
mother father sister brother uncle aunt grandfather
son daughter nephew niece
husband wife
first second third fourth fifth last
largest second-largest smallest
oldest youngest
oldest newest
highest lowest
longest shortest
tallest shortest
most least
best worst
biggest smallest
earliest latest
more fewer
before after
north south east west
northern southern eastern western
northeast northwest southeast southwest
summer winter spring autumn
morning evening
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
population area elevation
height width depth length
budget revenue profit debt
import export
imports exports
imported exported
born baptised buried
born died
birth death
founded dissolved
established abolished
opened closed
won lost
win lose
bought sold
buy sell
hired fired
married divorced
arrived departed
began ended
begin end
started stopped
increased decreased
increase decrease
rise fall
rose fell
approved rejected
accepted refused
supported opposed
support oppose
allowed forbidden
allow prohibit
included excluded
maximum minimum
upper lower
male female
men women
boys girls
positive negative
public private
civilian military
urban rural
domestic foreign
hot cold
acid base
red blue green yellow black white
gold silver bronze
album song film book
football baseball basketball hockey
piano violin guitar
university hospital museum library
war treaty
attack retreat
bachelor's master's doctoral
primary secondary
ancient modern
legal illegal
advantage disadvantage
advantages disadvantages
strength weakness
causes symptoms treatments
cause prevent
""".strip().splitlines()
)
_OTHERS: dict[str, set[str]] = defaultdict(set)
for _row in ROWS:
    for _word in _row:
        _OTHERS[_word] |= set(_row) - {_word}
_ROW_WORD = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(map(re.escape, sorted(_OTHERS, key=len, reverse=True)))
    + r")(?![\w-])"
)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATES = {
    "year": re.compile(r"(?:1\d{3}|20\d\d)"),
    "decade": re.compile(r"(?:the )?(?:early |late |mid-?)?1\d\d0s"),
    "month": re.compile(_MONTH),
    "month year": re.compile(rf"{_MONTH},? \d{{4}}"),
    "day": re.compile(rf"(?:{_MONTH} \d\d?|\d\d? {_MONTH})"),
    "date": re.compile(rf"(?:{_MONTH} \d\d?|\d\d? {_MONTH}),? \d{{4}}"),
    "weekday": re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"),
    "century": re.compile(r"(?:the )?\d\d?(?:st|nd|rd|th) century"),
}
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NAMED = re.compile(r"(?:[^\W\d_][\w.&'’-]*)(?: (?:[\w.&'’-]+)){0,5}")
_ASKING = re.compile(r"\b(?:what|which|who|whose|how|when|where|why)\b", re.IGNORECASE)
_JOINED = re.compile(r".?[-–/]|[-–/].?")
"""Around a part of something longer: "Austria-Hungary", "2010–12"."""
_WANTED = re.compile(
    r"\b(?:what|which|whose|other than|besides|except(?: for)?|excluding|apart from|unlike|not)"
    r" (?:the )?\Z",
    re.IGNORECASE,
)
"""Before the kind of thing that is asked for, or what the answer is not."""
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NOT_WHEN = re.compile(r"\b(?:during|after|before|until|since|while|year|day|century|\d+)\b")
_PLACED = re.compile(r"\b(?:in|at|on|near|from|to|outside|inside|within|around) ")
_REASON = re.compile(
    r"\b(?:because|due|since|as|so|for|to|reasons?|caus\w+|after|result\w*|led|thus|therefore|by|through|when)\b"
)


@dataclass(frozen=True, slots=True)
class Miss:
    """A question and a passage that does not answer it; perhaps with one that does."""

    recipe: str
    question: str
    text: str
    """The passage: the paragraph's own text, or with an exchange."""
    counterpart: str = ""
    """The paragraph's text with the exchange that makes it answer ``question`` …"""
    answers: tuple[tuple[str, int], ...] = ()
    """… by these."""


@dataclass
class NearMisses:
    """Makes near misses from a corpus with labels."""

    corpus: Corpus
    asked: dict[int, list[Asked]]
    """By article."""
    of_article: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    of_corpus: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    of_paragraph: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        pools: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for number, (article, _, text) in enumerate(self.corpus.paragraphs):
            self.sizes[article] += 1
            own: dict[str, list[str]] = defaultdict(list)
            for start, end, label in self.corpus.labels.of_paragraph(number):
                name = text[start:end]
                if (kind := kind_of(name, label)) and kind != "measure":
                    own[kind].append(name)
            self.of_paragraph[number] = {k: list(dict.fromkeys(v)) for k, v in own.items()}
            for kind, names in self.of_paragraph[number].items():
                pools[article][kind] += names
        for article, kinds in pools.items():
            self.of_article[article] = {k: sorted(set(v)) for k, v in kinds.items()}
            for kind, names in self.of_article[article].items():
                self.of_corpus[kind] += names

    def made(self, asked: Asked, rng: random.Random, *, titled: bool) -> Miss | None:
        """One near miss of a question; None if no recipe finds any."""
        place = Place.of(self.corpus, asked, titled=titled)
        recipes: dict[str, Callable[[Place, random.Random], Miss | None]] = {
            "entity": self._entity,
            "passage": self._passage,
            "counterpart": self._counterpart,
            "row": self._row,
            "kind": self._kind,
            "topic": self._topic,
        }
        first = rng.choices(list(RECIPES), list(RECIPES.values()))[0]
        # Almost every question has a "topic"; as it is the easiest to tell, it only seldom stands in.
        others = [
            name for name in recipes if name != first and (name != "topic" or rng.random() < 0.35)
        ]
        for recipe in (first, *_shuffled(others, rng)):
            if miss := recipes[recipe](place, rng):
                return miss
        return None

    def wrong_answer(self, asked: Asked, rng: random.Random) -> str | None:
        """A wrong answer of the right one's kind, which the sentence that answers does not hold."""
        right = min((text for text, _ in asked.answers), key=len)
        label = self.corpus.labels.of_answer(asked.paragraph, asked.text)
        kind = kind_of(right, label, strict=False)
        place = Place.of(self.corpus, asked, titled=False)
        accepted = " ".join(text for text, _ in asked.answers)
        reaches = ("same paragraph", "same paragraph", "article", "near") if kind else ()
        drawn = [
            new
            for reach in _shuffled(reaches, rng)
            for new in self.others(place, right, kind, reach, rng)
        ]
        drawn += [] if kind else self._like_answers(place, right, rng)
        for new in drawn:
            told = (place.answering, accepted, asked.text)
            if not alike(right, new) and not any(shares(new, text) for text in told):
                return new
        return None

    def _like_answers(self, place: "Place", right: str, rng: random.Random) -> list[str]:
        """Answers to other questions of the paragraph, then the article, that look like the right one."""
        others = self.asked[place.article]
        beside = [other for other in others if other.paragraph == place.asked.paragraph]
        near = others if self.sizes[place.article] < LARGE else []
        answers = (
            min((text for text, _ in other.answers), key=len)
            for some in (beside, near)
            for other in rng.sample(some, min(len(some), 12))
        )
        return [new for new in answers if _looks(new) == _looks(right)]

    # ------------------------------------------------------------ another entity

    def _entity(self, place: "Place", rng: random.Random) -> Miss | None:
        """The question about another person, place, year or number."""
        reach = rng.choices(list(REACHES), list(REACHES.values()))[0]
        for start, end, kind in _shuffled(place.named(self.corpus), rng):
            old = place.asked.text[start:end]
            inside = reach == "same paragraph" and kind != "measure"
            if inside and not (place.in_answer(old) and place.single(old)):
                continue
            for new in self.others(place, old, kind, reach, rng):
                if alike(old, new) or shares(new, place.asked.text):
                    continue
                if inside:
                    fits = not shares(new, place.answering) and place.apart(new)
                else:
                    fits = not shares(new, place.held)
                if fits:
                    return Miss(
                        f"entity: {kind}, {reach}", place.asking(start, end, new), place.text
                    )
        return None

    def others(
        self, place: "Place", old: str, kind: str, reach: str, rng: random.Random
    ) -> Iterator[str]:
        """Other things of a kind, at random; some of them made up, where they are numbers."""
        if kind == "measure":
            for _ in range(4):
                yield _NUMBER.sub(lambda match: _another_number(match[0], rng), old, count=1)
            return
        if kind == "year" and reach != "same paragraph" and rng.random() < 0.5:
            yield str(int(old) + rng.choice((-20, -10, -7, -3, -2, -1, 1, 2, 3, 5, 10, 12)))
        pool: Sequence[str] = ()
        if reach == "same paragraph":
            pool = self.of_paragraph[place.asked.paragraph].get(kind, ())
        elif reach == "article" and self.sizes[place.article] < LARGE:
            pool = self.of_article.get(place.article, {}).get(kind, ())
        elif reach == "near":
            pool = [
                name
                for near in place.asked.near[:8]
                for name in self.of_paragraph.get(near, {}).get(kind, ())
            ]
        if reach != "same paragraph" and len(pool) < 3:
            pool = [*pool, *rng.sample(self.of_corpus[kind], min(6, len(self.of_corpus[kind])))]
        yield from rng.sample(pool, min(len(pool), 8))

    def _exchange(
        self, place: "Place", rng: random.Random
    ) -> tuple[int, int, str, str, tuple[tuple[str, int], ...]] | None:
        """Something in question and passage, and the passage and answers with another in its place."""
        if place.is_table:
            return None
        for start, end, kind in _shuffled(place.named(self.corpus), rng):
            old = place.asked.text[start:end]
            if not place.in_answer(old) or shares(old, place.title):
                continue
            reach = rng.choice(("article", "near", "corpus"))
            for new in self.others(place, old, kind, reach, rng):
                if alike(old, new) or shares(new, place.held) or shares(new, place.asked.text):
                    continue
                if changed := place.changed(old, new, person=kind == "person"):
                    return start, end, new, *changed
        return None

    def _passage(self, place: "Place", rng: random.Random) -> Miss | None:
        """The passage about another."""
        found = self._exchange(place, rng)
        return Miss("passage", place.asked.text, found[3]) if found else None

    def _counterpart(self, place: "Place", rng: random.Random) -> Miss | None:
        """The question about another, beside the passage about that other."""
        found = self._exchange(place, rng)
        if not found:
            return None
        start, end, new, text, answers = found
        return Miss("counterpart", place.asking(start, end, new), place.text, text, answers)

    # ------------------------------------------------------------ another question

    def _row(self, place: "Place", rng: random.Random) -> Miss | None:
        """The question with a word for another of its row: an office, a superlative, an opposite."""
        text = place.asked.text
        named = [
            (start, end)
            for start, end, label in self.corpus.labels.of_question(place.asked.paragraph, text)
            if label in {"PERSON", "WORK_OF_ART", "ORG", "FAC"}
        ]
        for match in _shuffled(list(_ROW_WORD.finditer(text.lower())), rng):
            word = match[0]
            if any(start < match.end() and match.start() < end for start, end in named):
                continue
            if not stands(word, place.held) or (word == "may" and text[match.start()].islower()):
                continue
            others = [
                new
                for new in sorted(_OTHERS[word])
                if new[:5] not in place.held and new not in text.lower()
            ]
            if others:
                new = rng.choice(others)
                new = new.title() if text[match.start()].isupper() else new
                return Miss("row", place.asking(*match.span(), new), place.text)
        return None

    def _kind(self, place: "Place", _: random.Random) -> Miss | None:
        """The question asking for another kind of thing, of which the sentence says nothing."""
        text, answering = place.asked.text, place.answering
        begin = re.match(r"(?:When|Where|(?:In|On) (?:what|which) year)\b", text, re.IGNORECASE)
        if not begin or not answering:
            return None
        label = self.corpus.labels.of_answer(place.asked.paragraph, text)
        wanted = begin[0].lower()
        if wanted == "where":
            if not re.search(r"\d", place.text) and not _NOT_WHEN.search(place.text.casefold()):
                return Miss("kind: when", f"When{text[5:]}", place.text)
        elif label in {"DATE", "TIME"} and not place.holds(
            self.corpus, ("GPE", "LOC", "FAC", "ORG", "EVENT")
        ):
            rest = answering
            for answer, _at in place.asked.answers:
                rest = rest.replace(answer.casefold(), " ")
            rest = re.sub(r"\b(?:in|on|at|from|to|around) +(?=[,.\d]| )", " ", rest)
            where = "Where" if wanted == "when" else "In what city"
            if not _PLACED.search(rest):
                return Miss("kind: where", f"{where}{text[begin.end() :]}", place.text)
        if wanted == "when" and not _REASON.search(answering):
            return Miss("kind: why", f"Why{text[begin.end() :]}", place.text)
        return None

    def _topic(self, place: "Place", rng: random.Random) -> Miss | None:
        """Another question about the article, which speaks of much that the paragraph holds."""
        if not place.title_of_article or self.sizes[place.article] >= LARGE:
            return None
        others = self.asked[place.article]
        best, most = None, 0.0
        for other in rng.sample(others, min(24, len(others))):
            if other.paragraph == place.asked.paragraph or any(
                answer.casefold() in place.held for answer, _ in other.answers
            ):
                continue
            words = {w.casefold() for w in content(other.text)}
            missing = [w for w in words if w[:5] not in place.held]
            share = 1 - len(missing) / max(1, len(words))
            if len(words) >= 4 and missing and share > most:
                best, most = other, share
        if best is None or most < 0.4:
            return None
        return Miss("topic", best.text, place.text)


@dataclass(frozen=True, slots=True)
class Place:
    """A question's paragraph as near misses see it; all but ``text`` and titles in lower case."""

    asked: Asked
    article: int
    title_of_article: str
    title: str
    """As far as it is shown."""
    text: str
    held: str
    """Title and text."""
    answering: str
    """The sentences that answer."""
    sentences: tuple[tuple[int, int], ...]
    answered: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, corpus: Corpus, asked: Asked, *, titled: bool) -> "Place":
        """Where a question is asked."""
        article, title, text = corpus.paragraphs[asked.paragraph]
        shown = title if titled else ""
        sentences = tuple(sentence_spans(text))
        answered = tuple(
            (start, end)
            for start, end in sentences
            if any(start < at + len(answer) and at < end for answer, at in asked.answers)
        )
        answering = " ".join(text[start:end] for start, end in answered).casefold()
        held = f"{shown}\n{text}".casefold()
        return cls(asked, article, title, shown, text, held, answering, sentences, answered)

    def named(self, corpus: Corpus) -> list[tuple[int, int, str]]:
        """What the question names that is held here, with its kind."""
        question = self.asked.text
        found = []
        for start, end, label in corpus.labels.of_question(self.asked.paragraph, question):
            name = question[start:end]
            kind = kind_of(name, label, strict=False)
            asked = _ASKING.search(name) or _WANTED.search(question[:start])
            joined = _JOINED.fullmatch(question[:start][-1:] + question[end : end + 1])
            # Of tables the labels know figures, and take headings for names.
            known = not self.is_table or kind == "measure" or kind in _DATES
            if kind and known and not asked and not joined and self._is_named(name):
                found.append((start, end, kind))
        return found

    @property
    def is_table(self) -> bool:
        """Whether the text is a table."""
        return self.text.count(" | ") > SEPARATORS

    def _is_named(self, name: str) -> bool:
        """Whether title or text hold it, not all in lower case unless it is a number."""
        at = self.held.find(name.casefold())
        if at < 0 or not stands(name.casefold(), self.held):
            return False
        written = f"{self.title}\n{self.text}"[at : at + len(name)]
        return not written.islower() or any(map(str.isdecimal, name))

    def asking(self, start: int, end: int, new: str) -> str:
        """The question with something else at a place."""
        text = self.asked.text
        new = new.lower() if text.islower() else new
        before = text[:start]
        if re.search(r"\ban? \Z", before):
            before = re.sub(r"\ban? \Z", "an " if new[:1].lower() in "aeiou" else "a ", before)
        return before + new + text[end:]

    def in_answer(self, name: str) -> bool:
        """Whether a sentence that answers names it."""
        return stands(name.casefold(), self.answering)

    def single(self, name: str) -> bool:
        """Whether only one sentence names it."""
        low = name.casefold()
        return sum(stands(low, self.text[s:e].casefold()) for s, e in self.sentences) == 1

    def apart(self, name: str) -> bool:
        """Whether it is named, and not right before or behind the sentences that answer."""
        low = name.casefold()
        at = [
            n for n, (s, e) in enumerate(self.sentences) if stands(low, self.text[s:e].casefold())
        ]
        here = [n for n, span in enumerate(self.sentences) if span in self.answered]
        return bool(at) and all(abs(n - m) > 1 for n in at for m in here)

    def holds(self, corpus: Corpus, labels: Sequence[str]) -> bool:
        """Whether the sentences that answer hold an entity with such a label."""
        return any(
            label in labels and any(s < end and start < e for s, e in self.answered)
            for start, end, label in corpus.labels.of_paragraph(self.asked.paragraph)
        )

    def changed(
        self, old: str, new: str, *, person: bool
    ) -> tuple[str, tuple[tuple[str, int], ...]] | None:
        """The text with something else wherever it is named, and the answers where they then are."""
        pairs = [(old, new)]
        if person and " " in old:
            pairs.append((old.rsplit(maxsplit=1)[-1], new.rsplit(maxsplit=1)[-1]))
        pattern = "|".join(re.escape(name) for name, _ in pairs)
        news = {name.casefold(): other for name, other in pairs}
        parts, at, moved = [], 0, []
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", self.text, re.IGNORECASE):
            around = self.text[: match.start()][-1:] + self.text[match.end() : match.end() + 1]
            if _JOINED.fullmatch(around):
                return None
            exchanged = news[match[0].casefold()]
            parts += [self.text[at : match.start()], exchanged]
            moved.append((match.start(), match.end(), len(exchanged) - len(match[0])))
            at = match.end()
        text = "".join((*parts, self.text[at:]))
        left = [
            word
            for word in significant(old)
            if stands(word, text.casefold()) and not word.isdigit()
        ]
        if not moved or left:
            return None
        answers = []
        for answer, start in self.asked.answers:
            if any(s < start + len(answer) and start < e for s, e, _ in moved):
                return None
            answers.append((answer, start + sum(by for _, e, by in moved if e <= start)))
        return text, tuple(answers)


def kind_of(name: str, label: str, *, strict: bool = True) -> str:
    """What may be exchanged for it: things of one kind and form; "" for what is best left.

    ``strict``: it must look like a name of its kind, so that it may stand for another.

    >>> kind_of("1954", "DATE"), kind_of("May 1954", "DATE"), kind_of("annual", "DATE")
    ('year', 'month year', '')
    >>> kind_of("Ann Lee", "PERSON"), kind_of("40 tons", "QUANTITY"), kind_of("one", "CARDINAL")
    ('person', 'measure', '')
    """
    if label == "DATE":
        return next((form for form, shape in _DATES.items() if shape.fullmatch(name)), "")
    if label in MEASURED:
        return "measure" if _NUMBER.search(name) and len(name) < 30 else ""
    kind = KINDS.get(label, "")
    if not strict or not kind:
        return kind
    looks = _NAMED.fullmatch(name) and name[:1].isupper() and len(name) > 2
    return kind if looks and not re.search(r"\d", name) else ""


def _looks(answer: str) -> tuple[bool, bool, bool]:
    """What an answer of no known kind looks like, roughly: a number, a name, one of many words."""
    return any(map(str.isdecimal, answer)), answer[:1].isupper(), len(answer.split()) > LONG


def significant(name: str) -> list[str]:
    """The words of a name that tell it from others, in lower case."""
    words = [word.casefold() for word in _WORD.findall(name)]
    return [w for w in words if w not in STOP_WORDS and (len(w) > 2 or w.isdigit())] or words


def shares(name: str, text: str) -> bool:
    """Whether a text holds a word that tells the name from others."""
    low = text.casefold()
    return any(stands(word, low) for word in significant(name))


def alike(one: str, other: str) -> bool:
    """Whether two names may be of one thing: they share a word or the letters they begin with.

    >>> alike("United States", "US"), alike("Ann Lee", "Bob Lee"), alike("Norway", "Norwegian")
    (True, True, True)
    >>> alike("Ann Lee", "Bob Dow")
    False
    """
    words, others = significant(one), significant(other)
    if any(a[:4] == b[:4] for a in words for b in others):
        return True
    first, second = (re.sub(r"\W", "", name).casefold() for name in (one, other))
    letters = ["".join(w[0] for w in re.findall(r"\w+", name)).casefold() for name in (one, other)]
    return letters[0] == second or letters[1] == first or first in second or second in first


def stands(name: str, text: str) -> bool:
    """Whether a name stands in a text, not as a part of words; both in one case."""
    at = text.find(name)
    while at >= 0:
        if (
            not text[at - 1 : at].isalnum()
            and not text[at + len(name) : at + len(name) + 1].isalnum()
        ):
            return True
        at = text.find(name, at + 1)
    return False


def content(text: str) -> list[str]:
    """The words of a question that carry meaning."""
    return [
        w for w in _WORD.findall(text) if w.lower() not in STOP_WORDS and not _ASKING.fullmatch(w)
    ]


def _another_number(number: str, rng: random.Random) -> str:
    """A number of about the same size and form."""
    if "." in number:
        whole, _, part = number.partition(".")
        return f"{_another_number(whole, rng)}.{part}"
    value = int(number.replace(",", ""))
    other = value
    while other == value:
        other = rng.randint(2, 30) if value < 20 else round(value * rng.uniform(0.4, 2.5))
    if value >= 1000 and not value % 100:
        other = max(100, other // 100 * 100)
    return f"{other:,}" if "," in number else str(other)


def _shuffled(things: Sequence[T], rng: random.Random) -> list[T]:
    return rng.sample(things, len(things))
