"""Other words for the words of a question, from WordNet's database files (version 3.0 or 3.1).

Whoever remembers a story vaguely asks about it in other words than it uses. A word is exchanged only
where it has one sense above all others in the texts in which WordNet's senses were counted, and for a word
that those texts use too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

NOUN, VERB = "noun", "verb"
KINDS = {"1": NOUN, "2": VERB}
"""The numbers of word classes in sense keys; adjectives and adverbs seldom have exact synonyms."""
CLEAR = 0.6
"""The share of a word's counted uses that its main sense must have."""
LEAST = 3
"""Counted uses of a main sense, and of a word that is put in another's place."""
TIMES = "28"
"""WordNet's file of nouns of time: a question about a year is no question about another period."""


@dataclass(frozen=True, slots=True)
class Sense:
    """The main sense of a lemma."""

    kind: str
    synset: str


class Thesaurus:
    """Synonyms of inflected words."""

    def __init__(self, folder: Path) -> None:
        """``folder``: holds ``data.*``, ``index.*``, ``*.exc`` and ``cntlist.rev``. OSError if not."""
        self._uses: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        for line in (folder / "cntlist.rev").read_text("ascii").splitlines():
            key, number, uses = line.split(" ")
            lemma, _, rest = key.partition("%")
            # Uses as an adjective or adverb count, too, against a clear main sense.
            self._uses[lemma, KINDS.get(rest[0], "other")][int(number)] += int(uses)
        self._senses = {kind: _senses(folder / f"index.{kind}") for kind in KINDS.values()}
        self._synsets = {kind: _synsets(folder / f"data.{kind}") for kind in KINDS.values()}
        self._irregular = _exceptions(folder / "verb.exc")
        self._plurals = _exceptions(folder / "noun.exc")

    @cached_property
    def _past(self) -> dict[str, str]:
        """The past form of an irregular verb, the first one listed."""
        past: dict[str, str] = {}
        for form, lemma in self._irregular.items():
            if not form.endswith("ing"):
                past.setdefault(lemma, form)
        return past

    def others(self, word: str) -> list[str]:
        """What may stand in the place of a lower-case word, inflected as it is."""
        return list(dict.fromkeys(self._others(word)))

    def _others(self, word: str) -> Iterator[str]:
        for lemma, kind, ending in self._readings(word):
            sense = self._main(lemma)
            if sense is None or sense.kind != kind:
                continue
            for other in self._synsets[kind].get(sense.synset, ()):
                if other != lemma and self._common(other, kind):
                    yield from self._inflected(other, kind, ending)
            return

    def _common(self, lemma: str, kind: str) -> bool:
        return sum(self._uses.get((lemma, kind), Counter()).values()) >= LEAST

    def _readings(self, word: str) -> Iterator[tuple[str, str, str]]:
        """Lemma, word class and ending of a word, as it may be read; the likeliest first."""
        if lemma := self._irregular.get(word):
            yield lemma, VERB, "ing" if word.endswith("ing") else "ed"
        if lemma := self._plurals.get(word):
            yield lemma, NOUN, "s"
        for kind in (NOUN, VERB):
            yield word, kind, ""
        for ending, kinds in (("s", (NOUN, VERB)), ("ed", (VERB,)), ("ing", (VERB,))):
            if word.endswith(ending):
                for stem in _stems(word, ending):
                    for kind in kinds:
                        if (stem, kind) in self._uses and _with(stem, ending) == word:
                            yield stem, kind, ending

    def _main(self, lemma: str) -> Sense | None:
        """The main sense, if there is a clear one."""
        counts = {
            (kind, number): uses
            for kind in (NOUN, VERB, "other")
            for number, uses in self._uses.get((lemma, kind), Counter()).items()
        }
        if not counts:
            return None
        (kind, number), uses = max(counts.items(), key=lambda item: item[1])
        if kind not in self._senses or uses < max(LEAST, CLEAR * sum(counts.values())):
            return None
        senses = self._senses[kind].get(lemma, [])
        return Sense(kind, senses[number - 1]) if number <= len(senses) else None

    def _inflected(self, lemma: str, kind: str, ending: str) -> Iterator[str]:
        """A lemma with an ending; none of several words with one."""
        words = lemma.replace("_", " ")
        if not words.replace(" ", "").isalpha() or not words.islower():
            return
        if not ending:
            yield words
        elif " " in words and kind == VERB:
            return
        elif ending == "ed" and lemma in self._past:
            yield self._past[lemma]
        else:
            yield _with(words, ending)


def _stems(word: str, ending: str) -> Iterator[str]:
    stem = word.removesuffix(ending)
    yield stem
    yield f"{stem}e"
    if stem.endswith("ie"):
        yield f"{stem[:-2]}y"
    if stem.endswith("i"):
        yield f"{stem[:-1]}y"
    if ending == "s":
        yield stem.removesuffix("e")
    elif stem[-2:-1] == stem[-1:]:
        yield stem[:-1]


def _with(stem: str, ending: str) -> str:
    """A regular form.

    >>> [_with(*w) for w in (("study", "s"), ("box", "s"), ("stop", "ed"), ("make", "ing"), ("try", "ed"))]
    ['studies', 'boxes', 'stopped', 'making', 'tried']
    """
    after_consonant = stem[-2:-1] not in set("aeiou")
    if ending == "s":
        if stem.endswith(("s", "x", "z", "ch", "sh")):
            return f"{stem}es"
        return f"{stem[:-1]}ies" if stem.endswith("y") and after_consonant else f"{stem}s"
    if stem.endswith("y") and after_consonant and ending == "ed":
        return f"{stem[:-1]}ied"
    if stem.endswith("e") and not stem.endswith(("ee", "oe", "ye")):
        return f"{stem[:-1]}{ending}"
    short = len(stem) <= 4 and stem[-1:] not in set("aeiouwxy") and not after_consonant
    doubled = stem[-1] if short and stem[-3:-2] not in set("aeiou") else ""
    return f"{stem}{doubled}{ending}"


def _senses(path: Path) -> dict[str, list[str]]:
    """The synsets of each lemma, by the numbers of its senses."""
    senses = {}
    for line in path.read_text("ascii").splitlines():
        if not line.startswith(" "):
            lemma, _, synsets, *rest = line.split()
            senses[lemma] = rest[-int(synsets) :]
    return senses


def _synsets(path: Path) -> dict[str, list[str]]:
    """The lemmas of each synset that has several and is no period of time."""
    synsets = {}
    for line in path.read_text("ascii").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split()
        count = int(fields[3], 16)
        if count > 1 and not (fields[2] == "n" and fields[1] == TIMES):
            synsets[fields[0]] = fields[4 : 4 + 2 * count : 2]
    return synsets


def _exceptions(path: Path) -> dict[str, str]:
    """The lemma of each irregular form."""
    return dict(line.split()[:2] for line in path.read_text("ascii").splitlines())
