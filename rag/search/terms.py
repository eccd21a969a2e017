"""The terms under which an index has the words of a question.

The articles may write a word as the question does or otherwise: "e-mail" as "email", "healthcare" as
"health care", a German word by its German stem. The index decides which of these is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import pairwise
from typing import Final

from rag.protocols import Analyzer, Vocabulary
from rag.records import Forms, Terms
from rag.text.tokens import is_single

COMPLETIONS: Final = 50
"""Most words that ``pric*`` stands for."""
_ENDING: Final = 4
"""A stem may be up to three letters shorter than the typed beginning of a word, but keeps at least four."""
_SHORTEST: Final = 3
"""Fewest letters of a part of a compound."""
_LONGEST: Final = 60
"""Most letters of a compound; a longer word is none, and trying all its parts would take long."""
_MOST: Final = 12
"""Most ways to look for a phrase."""
_ACRONYM: Final = 4
"""Most letters of a word in lower case that may be meant as an acronym."""
_DESIGNATION: Final = re.compile(
    r"(?P<first>[^\W\d_]{1,8})\d{1,6}|(?P<digits>\d{1,6})[^\W\d_]{1,3}"
)
"""Letters and digits, as in "B52" and "5nm", which others write "B-52" and "5 nm"."""


class QuestionAnalyzer:
    """An analyzer for questions to one index; not for articles, as it prefers terms that the index has."""

    def __init__(self, analyzer: Analyzer, vocabulary: Vocabulary) -> None:
        self._analyzer = analyzer
        self._vocabulary = vocabulary
        self._frequencies: dict[str, int] = {}

    @property
    def id(self) -> str:
        """The id of the articles' analyzer."""
        return self._analyzer.id

    def __call__(self, text: str) -> list[str]:
        """The terms to rank by, in order, with repeats."""
        forms = self.forms(text)
        small = text == text.lower()
        terms = [term for each in forms for term in self._chosen(each, small=small)]
        return terms + [term for one, other in pairwise(forms) for term in self._joined(one, other)]

    def all_terms(self, text: str) -> list[str]:
        """The terms of a text, and those of the other ways to write its words."""
        return self._analyzer.all_terms(text)

    def forms(self, text: str) -> list[Forms]:
        """The ways in which an index may have each word of a text."""
        return self._analyzer.forms(text)

    def runs(self, text: str) -> tuple[Terms, ...]:
        """The runs of terms under which the index may have a word or phrase; empty for function words."""
        forms = self.forms(text)
        if not forms:
            return ()
        if len(forms) == 1 and (signed := self._signed(forms[0])):
            return (signed,)
        languages = range(len(forms[0].words))
        found = [_run(forms, language) for language in languages]
        for place, form in enumerate(forms):
            for other in (*form.others, *self._parts(form)):
                found += [_run(forms, language, place, other) for language in languages]
        if len(forms) == 2:
            found += [(term,) for term in self._joined(*forms)]
        found += [(name,) for name in self._acronym(forms) if text == text.lower()]
        return tuple(filter(None, dict.fromkeys(found)))[:_MOST]

    def completions(self, beginning: str) -> list[str]:
        """The index's terms for words with this beginning: those that occur in the most passages."""
        begun = [*dict.fromkeys((*self._analyzer(beginning), beginning.casefold()))]
        for cut in range(_ENDING):  # a stem may be shorter than what was typed of the word
            terms = {
                term
                for each in begun
                if not cut or len(each) - cut >= _ENDING
                for term in self._vocabulary.terms_with(each[: len(each) - cut])
            }
            if terms:
                return self._most_frequent(terms)
        return []

    # ------------------------------------------------------------ inside

    def _most_frequent(self, terms: set[str]) -> list[str]:
        """The ``COMPLETIONS`` terms that occur in the most passages, sorted."""
        frequency = self._vocabulary.document_frequency
        return sorted(nsmallest(COMPLETIONS, terms, lambda term: (-frequency(term), term)))

    def _chosen(self, form: Forms, *, small: bool) -> Terms:
        """The terms of one word that the index has, or else those of the word as it is written."""
        if signed := self._signed(form):
            return signed
        runs = form.words
        if len(runs) > 1:
            runs = tuple(dict.fromkeys(filter(self._has, runs))) or runs[:1]
        if form.others:
            best = max(form.others, key=self._frequency)
            if self._frequency(best) > max(map(self._frequency, runs)):
                runs = (best,)
        elif not self._has(runs[0]):
            runs = tuple(self._parts(form)) or runs
        terms = (
            tuple(dict.fromkeys(term for run in runs for term in run)) if len(runs) > 1 else runs[0]
        )
        return (*terms, *self._acronym([form])) if small else terms

    def _signed(self, form: Forms) -> Terms:
        """A name with the sign that was typed at its end, if the index has it so: "Disney+"."""
        signed = (run for run in form.others if run[-1].endswith(("+", "#")))
        return next(filter(self._has, signed), ())

    def _acronym(self, forms: list[Forms]) -> Iterator[str]:
        """The acronym that the only word may be meant as: "US" for "us"."""
        [form, *others] = forms
        name = form.written.upper()
        if not others and len(name) <= _ACRONYM and name.isalpha() and self._has((name,)):
            yield name

    def _parts(self, form: Forms) -> Iterator[Terms]:
        """The two words as which the index has a word that it lacks as one: "health care", "B-52".

        Where pairs of characters are terms, one character stands for the pairs that begin with it.
        """
        word = form.written
        if is_single(word):
            yield from (
                (term,) for term in self._most_frequent({*self._vocabulary.terms_with(word)})
            )
        if len(word) > _LONGEST or self._has(form.words[0]):
            return
        best, often = None, 0
        for at in _cuts(word):
            halves = [self._analyzer(half) for half in (word[:at], word[at:])]
            if all(len(half) == 1 for half in halves):
                run = (halves[0][0], halves[1][0])
                if self._at_most(run) > often and (frequency := self._frequency(run)) > often:
                    best, often = run, frequency
        if best is not None:
            yield best

    def _joined(self, one: Forms, other: Forms) -> Iterator[str]:
        """The one word that the index has more often than these two side by side: "healthcare"."""
        parts = one.written, other.written
        if not (all(map(str.isalpha, parts)) or _is_designation("".join(parts))):
            return
        term = self._analyzer(one.written + other.written)
        if len(term) == 1 and self._has(tuple(term)):
            apart = (*one.words[0], *other.words[0])
            joined = self._frequencies[term[0]]
            if joined > self._at_most(apart) or joined > self._frequency(apart):
                yield term[0]

    def _has(self, run: Terms) -> bool:
        """Whether the index has all these terms, perhaps not side by side."""
        for term in run:
            if term not in self._frequencies:
                self._frequencies[term] = self._vocabulary.document_frequency(term)
        return bool(run) and all(self._frequencies[term] for term in run)

    def _at_most(self, run: Terms) -> int:
        """An upper bound on the frequency of a run, found without a search in passages."""
        return min(self._frequencies[term] for term in run) if self._has(run) else 0

    def _frequency(self, run: Terms) -> int:
        return self._vocabulary.phrase_frequency(run) if self._has(run) else 0


def _cuts(word: str) -> Iterable[int]:
    """Where a word may be two: inside, or between its letters and its digits."""
    if word.isalpha():
        return range(_SHORTEST, len(word) - _SHORTEST + 1)
    found = _DESIGNATION.fullmatch(word)
    return (max(found.end("first"), found.end("digits")),) if found else ()


def _is_designation(word: str) -> bool:
    return _DESIGNATION.fullmatch(word) is not None


def _run(forms: list[Forms], language: int, place: int = -1, other: Terms = ()) -> Terms:
    """The terms of a phrase in one language, with ``other`` for the word at ``place``."""
    return tuple(
        term
        for at, form in enumerate(forms)
        for term in (other if at == place else form.words[language])
    )
