"""The parts of a question: what it asks for, the auxiliary, the subject, the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from rag.english import lexicon
from rag.english.lexicon import word_set
from rag.english.names import OFFICES, names
from rag.english.phrases import DEGREES, head, is_participle, phrase_end
from rag.english.verbs import VERBS, forms, without_auxiliary
from rag.english.words import Word, lower_words, places, without_possessive, words

_ONE_OF: Final = OFFICES | word_set(
    "architect author builder capital champion contractor designer editor head headquarters"
    " inventor leader manager name operator owner publisher supplier winner"
)
"""Nouns of which a thing has only one."""
_ONCE: Final = forms(
    "appoint build chair coin command compose create design direct discover elect found head invent"
    " lead name operate own paint run succeed win write".split()
)
"""Verbs for what only one person or thing does."""
_PLACED: Final = word_set(
    "based begin begun born break built buried happen headquartered headquarters held located place"
    " start started"
)
_FILLERS: Final = word_set("been have to")
_JOINTS: Final = re.compile(
    r"(?P<main>;|, (?:and|but|while|whereas)\b)"
    r"|:\s|,? (?:but|while|whereas|which|although|against|compared|up from|down from)\b|, who\b"
    r"|,? and (?=(?:was|were|is|are|has|had|will|[a-z]+ed)\b)"
)
"""Where one clause of a sentence ends and the next begins; after a "main" joint, the subject may change."""
_SHORT: Final = word_set("who what where when why how that there")


class Clause(NamedTuple):
    """The parts of a question; "" for a part that it lacks."""

    preposition: str
    """The one before the question word: "With" in "With which company …"."""
    asked: str
    """"which company", "who", "how many tons of ore"; "" in a yes-or-no question."""
    auxiliary: str
    subject: str
    """"" if ``asked`` is the subject: "Who runs …"."""
    rest: str

    @property
    def question_word(self) -> str:
        """The question word in lower case, with the degree after "how": "which", "how many"."""
        asked = self.asked.lower().split()
        return " ".join(asked[: 1 + (asked[:1] == ["how"])])

    @property
    def noun(self) -> str:
        """The noun of ``asked``: "company", "tons of ore"; "" after who, when, how."""
        return self.asked[len(self.question_word) :].strip()


def plain(question: str) -> str:
    """A question on one line, with its short forms written out and without its question mark.

    >>> plain("Who's  the owner?")
    'Who is the owner'
    """
    bare = " ".join(question.split()).rstrip("?!. ").split(" ")
    whole = ((word, without_possessive(word)) for word in bare)
    return " ".join(f"{w} is" if w != word and w.lower() in _SHORT else word for word, w in whole)


def clause(question: str) -> Clause:
    """Take a question apart.

    >>> tuple(clause("With which company is REAlloys pursuing a merger?"))
    ('With', 'which company', 'is', 'REAlloys', 'pursuing a merger')
    >>> tuple(clause("Who runs REAlloys?"))
    ('', 'Who', '', '', 'runs REAlloys')
    """
    text = plain(question)
    tokens = words(text)
    at = int(
        len(tokens) > 1
        and tokens[0].low in lexicon.PREPOSITIONS
        and tokens[1].low in lexicon.QUESTION_WORDS
    )
    preposition = tokens[0].text if at else ""
    asked = ""
    if tokens and tokens[at].low in lexicon.QUESTION_WORDS:
        begin, at = at, _asked_end(tokens, at)
        asked = _cut(text, tokens, begin, at)
    if at == len(tokens) or tokens[at].low not in lexicon.AUXILIARIES:
        return Clause(preposition, asked, "", "", _cut(text, tokens, at))
    # A participle continues the verb, so no subject follows: "what was sold".
    has_subject = not (asked and is_participle(tokens, at + 1))
    end = phrase_end(tokens, at + 1) if has_subject else at + 1
    subject = _cut(text, tokens, at + 1, end)
    return Clause(preposition, asked, tokens[at].text, subject, _cut(text, tokens, end))


def _asked_end(tokens: Sequence[Word], begin: int) -> int:
    """Where ``asked`` ends, which begins with a question word."""
    at = begin + 1
    if tokens[begin].low == "how" and at < len(tokens) and tokens[at].low in DEGREES:
        at += 1
    has_noun = tokens[begin].low in {"what", "which", "whose"} or at - begin == 2
    return phrase_end(tokens, at) if has_noun and not is_participle(tokens, at) else at


def declared(parts: Clause) -> str | None:
    """What a yes-or-no question asks about, as a statement; None if its parts are not sure.

    >>> declared(clause("Does Japan mine rare earths?")), declared(clause("Was the mill in Oslo sold?"))
    ('Japan mines rare earths', 'the mill in Oslo was sold')
    """
    if parts.asked or not (parts.auxiliary and parts.subject and parts.rest):
        return None
    if parts.rest.partition(" ")[0] in lexicon.COORDINATORS:  # a second subject
        return None
    auxiliary = parts.auxiliary.lower()
    subject, rest = _with_attributes(parts.subject, parts.rest)
    if auxiliary not in lexicon.DO:
        return f"{subject} {auxiliary} {rest}"
    verb, _, after = rest.partition(" ")
    if verb not in VERBS | {"have"}:
        return f"{subject} {auxiliary} {rest}"
    return f"{subject} {without_auxiliary(verb, auxiliary)} {after}".rstrip()


def _with_attributes(subject: str, rest: str) -> tuple[str, str]:
    """A subject with the words for its place, if a verb follows them: "the mill in Oslo"; and the rest."""
    tokens = words(rest)
    if not tokens or tokens[0].low not in lexicon.PREPOSITIONS:
        return subject, rest
    end = phrase_end(tokens, 1)
    while tokens[end - 1].low in lexicon.NON_FINITE:
        end -= 1
    if 1 < end < len(tokens) and (
        tokens[end].low in lexicon.NON_FINITE or is_participle(tokens, end)
    ):
        return f"{subject} {_cut(rest, tokens, 0, end)}", _cut(rest, tokens, end)
    return subject, rest


def has_one_answer(parts: Clause) -> bool:
    """Whether only one answer can be right: who holds an office, who did what is done once, where it is.

    >>> has_one_answer(clause("Who is the mayor of Ellmoor?")), has_one_answer(clause("Who supports it?"))
    (True, False)
    """
    rest = [word for word in parts.rest.lower().split() if word not in _FILLERS]
    if parts.question_word == "where":
        return not _PLACED.isdisjoint([*rest, head(parts.subject).lower()])
    if parts.question_word not in {"who", "whom", "which", "what"} or not (rest or parts.subject):
        return parts.question_word == "whose"
    if (
        not rest or rest[0] in lexicon.AUXILIARIES | lexicon.PREPOSITIONS | lexicon.QUESTION_WORDS
    ):  # "who is the mayor"
        return head(parts.subject).lower() in _ONE_OF
    if rest[0].startswith("bec") and not parts.subject:  # "who became mayor"
        return head(" ".join(rest[1:])) in _ONE_OF
    passive = rest[-1] == "by" or parts.preposition.lower() == "by"
    return rest[0] in _ONCE and (not parts.subject or passive)


def _cut(text: str, tokens: Sequence[Word], begin: int, end: int | None = None) -> str:
    """The text from one word up to another."""
    end = len(tokens) if end is None else end
    return text[tokens[begin].start : tokens[end - 1].end] if begin < end else ""


def around(before: str, after: str) -> tuple[str, str]:
    """The parts of ``before`` and ``after`` that are in one clause with the words between them.

    >>> around("Ore rose to ", " tons, while zinc fell")
    ('Ore rose to ', ' tons')
    """
    start = max((match.end() for match in _JOINTS.finditer(before)), default=0)
    joint = _JOINTS.search(after)
    return before[start:], after[: joint.start() if joint else None]


def part_about(asked: Sequence[str], sentence: str, start: int) -> tuple[int, int] | None:
    """The only part of a sentence with what is asked about, if ``start`` is in a part about its like.

    >>> text = "Hall A seats 40; Hall B seats 90."
    >>> part_about(["Hall A"], text, 30), part_about(["Hall A"], text, 13)
    ((0, 16), None)
    """
    joints = [match.end() for match in _JOINTS.finditer(sentence) if match["main"]]
    return _about(asked, sentence, start, joints) or _about(
        asked, sentence, start, _middle(sentence)
    )


def _middle(sentence: str) -> list[int]:
    """Where the second half of "Hall A seats 40 and Hall B 90" begins."""
    parts = sentence.split(" and ")
    valued = [any(map(str.isdecimal, part)) for part in parts]
    return [len(" and ".join(parts[: valued.index(True) + 1]))] if sum(valued) == 2 else []


def _about(
    asked: Sequence[str], sentence: str, start: int, cuts: Sequence[int]
) -> tuple[int, int] | None:
    spans = [(begin, end) for begin, end in pairwise([0, *cuts, len(sentence)]) if begin < end]
    about = [span for span in spans if any(places(name, sentence[slice(*span)]) for name in asked)]
    other = next((sentence[begin:end] for begin, end in spans if begin <= start < end), "")
    if len(about) != 1 or about[0][0] <= start < about[0][1] or not _has_like(asked, other):
        return None
    return about[0]


def _has_like(asked: Sequence[str], part: str) -> bool:
    """Whether a part names something that differs from what is asked about in its last word alone."""
    known = [lower_words(name) for name in asked]
    likes = [lower_words(name.text) for name in names(part)]
    return any(len(k) > 1 and k[:-1] == o[:-1] and k != o for k in known for o in likes)
