"""Why a question is not answered, in one sentence that says what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.english.verbs import IRREGULAR, said_plainly

_QUESTION_WORD: Final = r"who|whom|whose|what|which|when|where|why|how"
_AUXILIARY: Final = (
    "is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must"
)
_FRONT: Final = re.compile(
    rf"(?P<asked>(?:(?:in|on|at|by|for|from|to|with|of|during) )?(?:{_QUESTION_WORD})\b.*?)\s+"
    rf"(?P<auxiliary>{_AUXILIARY})\s+(?P<rest>.+)",
    re.IGNORECASE,
)
_NAME_RUN: Final = re.compile(r"\b[A-Z0-9][\w.’'&-]*(?: (?:of |and |for )?[A-Z0-9][\w.’'&-]*)*")
_OFFICE: Final = re.compile(r"\b(?:C[A-Z]O|[A-Z]\w+(?:ent|man|or|er)) of (?:the )?")
_FUNCTION: Final = frozenset(
    "a an the its their his her this that these those each every last next in on at by for from to with of"
    " off up out over under about into after before during since until than as and or so not also never"
    " ever together per it them him us".split()
)
_BE: Final = frozenset({"is", "are", "was", "were"})
_DO: Final = frozenset({"do", "does", "did"})


def why_not(
    question: str,
    confidence: float,
    threshold: float,
    *,
    found: bool,
    filtered: bool,
    narrowed: bool,
    unknown: Sequence[str],
    known: Sequence[str],
) -> str:
    """Why a question was not answered, in one sentence.

    ``found``: whether there were passages to read. ``filtered``: only some documents were searched;
    ``narrowed``: only passages that hold certain words. ``unknown`` words of the question stand nowhere
    in the articles, ``known`` names of it do.
    """
    if not found and filtered:
        return "no article passes the filters"
    if unknown:
        return f"the articles never mention {_listed([f'“{word}”' for word in unknown])}"
    if not found and narrowed:
        return "no passage holds all that must be held and nothing that must not"
    if not found:
        return "no passage has anything in common with the question"
    short = f"confidence {confidence:.3f}, {threshold:g} is needed"
    missing = indirect(question)
    if known and missing:
        return f"the articles mention {_listed(known)}, but not {missing} ({short})"
    return f"no sentence of the articles answers it well enough ({short})"


def names_in(question: str) -> list[str]:
    """The names in a question: words with a capital or a figure, but for the first.

    >>> names_in("How many people does the Bank of Japan employ in Tokyo?")
    ['Bank of Japan', 'Tokyo']
    """
    found = [_OFFICE.sub("", m.group()) for m in _NAME_RUN.finditer(question) if m.start()]
    names = [re.sub(r"[’']s$|[.’']+$", "", name) for name in found if name != "I"]
    return list(dict.fromkeys(name for name in names if not name.isdecimal()))


def indirect(question: str) -> str | None:
    """A question as part of a sentence; None if it is not built so that this can be done by rule.

    >>> indirect("How many people does JOGMEC employ?"), indirect("When was the mill founded?")
    ('how many people JOGMEC employs', 'when the mill was founded')
    >>> indirect("Who is the president of Vale?"), indirect("What did Ann Lee write?")
    ('who the president of Vale is', 'what Ann Lee wrote')
    >>> indirect("Which price was agreed for lithium?")
    'which price was agreed for lithium'
    """
    plain = " ".join(question.split()).rstrip("?!. ")
    plain = plain[:1].lower() + plain[1:]
    match = _FRONT.fullmatch(plain)
    if not match:
        return plain if re.match(r"(?:who|which|what)\b", plain) else None
    asked, auxiliary, words = match["asked"], match["auxiliary"].lower(), match["rest"].split()
    if any(re.fullmatch(_AUXILIARY, word) for word in words[:-1]):  # a sentence within the sentence
        return None
    if auxiliary in _BE:
        at = _predicate(words)
        return " ".join([asked, *words[:at], auxiliary, *words[at:]])
    at = _subject(words)
    if not at or not _ends_phrase(words, at):
        return None
    subject, (verb, *rest) = words[:at], words[at:]
    told = [said_plainly(verb, auxiliary)] if auxiliary in _DO else [auxiliary, verb]
    return " ".join([asked, *subject, *told, *rest])


def _predicate(words: Sequence[str]) -> int:
    """Where a form of "to be" stands in a statement: before a participle, a place, or at the end."""
    if words[0].lower() in ("in", "on", "at", "part", "from", "of"):
        return 0
    for at, word in enumerate(words):
        participle = word.endswith(("ed", "ing", "en")) or word in IRREGULAR.values()
        if not at and participle:
            return at
        noun = words[at - 1].lower() in _FUNCTION
        if word == "to" or (participle and not noun and _ends_phrase(words, at)):
            return at
    return len(words)


def _subject(words: Sequence[str]) -> int:
    """How many words a subject has that is a name, with or without "the"; 0 if it is none."""
    at = begin = 1 if words[0].lower() == "the" else 0
    while at < len(words) and words[at][:1].isupper():
        at += 1
        if at + 1 < len(words) and words[at] in ("of", "and") and words[at + 1][:1].isupper():
            at += 1
    return at if begin < at < len(words) else 0


def _ends_phrase(words: Sequence[str], at: int) -> bool:
    """Whether a word is a verb rather than part of a noun, by what follows: nothing, or a small word."""
    return at + 1 == len(words) or words[at + 1].lower() in _FUNCTION


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " * (len(words) > 1) + words[-1]
