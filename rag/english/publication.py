"""Where a question says when its articles were published, and not when something happened.

It finds only wording that can mean nothing else: "articles since October", "reports published last week",
"what did the papers write this month", "last week's reports", "recent articles", "the latest on …", "what
was reported in March 2026". It leaves what could be the time of a fact: "reported earnings in 2025",
"articles about the war in 1914", "the latest on the market".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from rag.english.dates import BOUNDS, TO, WITHIN, times_in
from rag.english.lexicon import (
    AMOUNTS,
    AUXILIARIES,
    BE,
    COVERAGE,
    DETERMINERS,
    PARTS_OF_DAY,
    PRESS,
    QUESTION_WORDS,
    any_of,
    word_set,
)
from rag.english.verbs import SAYING, forms, gerund, participle


class Wording(NamedTuple):
    """The offsets of a wording, its time, and the offsets of the words that a search can leave out."""

    start: int
    end: int
    time: str
    surplus: tuple[int, int]


# ---------------------------------------------------------------- times

# The patterns see each time as a run of one sign; times counted from today have another sign.
_COUNTED_SIGN, _NAMED_SIGN = "\ue001", "\ue000"
_COUNTED: Final = f"{_COUNTED_SIGN}+"
_ANY: Final = f"[{_COUNTED_SIGN}{_NAMED_SIGN}]+"
_PART_OF_DAY: Final = rf"(?: {any_of(PARTS_OF_DAY)}\b)?"
_TIME: Final = (
    rf"(?P<time>(?:between {_ANY} and|from {_ANY} {any_of(TO)}) {_ANY}"
    rf"|from {_ANY}(?: onwards?| on(?=\W*$|[,;:]))"
    rf"|(?:(?:from )?{any_of(BOUNDS)}|{any_of(WITHIN)}) {_ANY}{_PART_OF_DAY}"
    rf"|{_COUNTED}{_PART_OF_DAY}|recently|lately)(?!\w|[.,/:]?\d)"
)
# After a time, these make it another time or a name: "2025 or 2026", "March Networks".
_RUNS_ON: Final = re.compile(
    rf"['’%/–-]|,? (?:and|or|but|{any_of(TO)}) (?:{_ANY}|{any_of(BOUNDS)}\b)|,? {_ANY}"
    r"| (?:of|last|this|next)\b| (?!I\b)(?-i:[A-Z])",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- words

_SORTS: Final = word_set("only local national international various other different")
_DETERMINERS: Final = rf"(?:{any_of(DETERMINERS | AMOUNTS | _SORTS)} ){{0,3}}"
_NOUN: Final = (
    r"(?<![\w’'-])(?P<noun>"
    r"(?P<article>(?<!journal )(?<!research )(?<!review )(?<!law )(?<!academic )(?<!scientific )"
    r"(?<!scholarly )(?:(?:news|newspaper|press|magazine|online) )?(?:articles|(?<!['’]s )article))"
    rf"|(?P<news>(?:news|press|media|newspaper) {any_of(COVERAGE)}|news|headlines)"
    rf"|(?P<press>{any_of(PRESS)})|{any_of(COVERAGE)}|publications|blog posts)\b"
)
_ABOUT: Final = "(?:about|on|regarding|concerning|covering)"
_TOPIC: Final = rf"(?: {_ABOUT} (?P<topic>(?:[^\s,;:?]+ ){{0,5}}?[^\s,;:?]+))?"
_PUBLISHED: Final = (
    r"(?P<published> (?:(?:that|which) )?(?:(?:were|was|are|is|have been|has been) )?(?:first )?"
    r"(?:published|printed|posted|appearing|appeared|dated|reported|(?P<written>written)))?"
)
_TELL: Final = SAYING | {"discuss"}
_SAY: Final = any_of(_TELL)
_SAID: Final = any_of({*map(participle, _TELL), *map(gerund, _TELL)})
_SAYS: Final = rf"(?P<says> (?:\w+ly |also |all )?{any_of(forms(_TELL))}\b)"
_ASKED_WHETHER: Final = rf"(?:\b(?P<aux>{any_of(AUXILIARIES)}) {_DETERMINERS})"
_CLAUSE: Final = QUESTION_WORDS | BE | {"that", "whether"}

# Words before such a noun that make it a source, request it, or ask for it.
_SOURCE: Final = re.compile(
    rf"(?P<begins>(?:^|[,:;(]|\b(?:{any_of(map(participle, _TELL))}|given|named|quoted|covered|found))\W*)?"
    r"(?P<of>,? ?\b(?:(?P<firm>according to|based on|going by|judging by|as per|per|citing|quoting)"
    rf"|only in|in|from|using|across) {_DETERMINERS}(?P<name>(?:[^\W\d_][\w&’'.-]* ){{0,3}}))$",
    re.IGNORECASE,
)
_REQUEST: Final = re.compile(
    r"(?:^|[,:;])\W*(?:please )?(?:only )?(?:(?:find|show|list|give|search|summari[sz]e|use|read|check"
    rf"|consider|look|tell me about)(?: me| us| only| at| in| through)* )?{_DETERMINERS}$",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(
    r"\b(?:any|there|what(?:['’]s| is| are| was)(?: in)?)(?: the)? $", re.IGNORECASE
)
_NOT_READ: Final = re.compile(
    r"\b(?:(?:not|except|excluding|exclude|without|besides|ignor(?:e|ing)|than)(?: in| from)?"
    r"|how many|number of|wrote|writes?|written|publish(?:ed)?|retract(?:ed)?)"
    r"(?: (?!according|based|in\b|from\b)[^\s,;:]+){0,3} $",
    re.IGNORECASE,
)
# With what is counted, or reported to an authority or to shareholders, the time is that of the fact.
_COUNTED_FACT: Final = re.compile(
    r"\b(?:how (?:many|much)|no|cases?|deaths?|earnings|profits?|loss(?:es)?|revenues?|income|sales|results"
    r"|figures|output|production|volumes?|shipments|exports|imports|growth|inflation|unemployment|incidents?"
    r"|sightings?|crimes?|injur(?:y|ies)|casualt(?:y|ies)|infections?|fatalit(?:y|ies)|accidents?|complaints?"
    r"|outbreaks?|returns?|dividends?|turnover)\b",
    re.IGNORECASE,
)
# "Reported" with these means a result of that time, or something not yet reported.
_REPORTED_ON: Final = word_set("q1 q2 q3 q4 quarter year before until till up")

# ---------------------------------------------------------------- forms

# A noun before another noun does not mean articles: "press conference", "news anchor".
_ENDS: Final = (
    r"(?=\W*$|[,;:?!)]|(?P<of> (?:on|about|regarding|concerning|from|of)\b)"
    rf"|(?: which| that)?{_SAYS})"
)
_NOUN_OF_TIME: Final = re.compile(
    rf"{_ASKED_WHETHER}?{_NOUN}{_TOPIC}{_PUBLISHED} {_TIME}{_SAYS}?", re.IGNORECASE
)
_NOUN_AFTER_TIME: Final = re.compile(
    rf"{_ASKED_WHETHER}?(?P<time>(?P<lately>\b(?:most recent|recent|latest|newest))|(?<![\w’'-]){_ANY})"
    rf"(?P<own>['’]s?)? {_DETERMINERS}{_NOUN}{_ENDS}",
    re.IGNORECASE,
)
_THE_LATEST_ON: Final = re.compile(
    r"(?:^\W*|\b(?:what(?:['’]s| is| are| was)|give me|tell me|show me|any|know|summari[sz]e) )"
    r"(?P<whole>(?:the )?(?P<time>latest) (?:on|about|regarding|concerning))(?![\w-])"
    r"(?! (?:record|sale|offer|earth|the market|the list)\W*$)",
    re.IGNORECASE,
)
# What did the papers write this month; what was reported in March 2026 about it.
_TOLD: Final = re.compile(
    rf"(?:{_ASKED_WHETHER}(?P<whole>{_NOUN} (?:\w+ly )?"
    rf"(?:{_SAY}|print|cover|(?:been )?(?P<participle>{_SAID})))"
    r"|\bwhat(?: else)?(?: (?:was|is|has|had)(?: been)?|['’]s(?: been)?) (?:\w+ly )?"
    rf"(?P<what>reported|published)){_TOPIC} {_TIME}(?(what)(?=\W*$| {_ABOUT}\b))",
    re.IGNORECASE,
)
_REPORTED: Final = re.compile(
    rf"(?:^\W*|, |\b(?:was|were|been|is|are) |(?P<as>\bas ))(?P<whole>reported) {_TIME}"
    r"(?! (?:that|to|an?)\b)",
    re.IGNORECASE,
)


def wordings(text: str) -> Iterator[Wording]:
    """Every wording about publication in a question with single spaces between its words."""
    signs = list(text.translate({ord(_COUNTED_SIGN): "?", ord(_NAMED_SIGN): "?"}))
    for time in times_in(text):
        sign = _COUNTED_SIGN if time.turn else _NAMED_SIGN
        signs[time.start : time.end] = sign * (time.end - time.start)
    covered = "".join(signs)
    for form, read in (
        (_NOUN_OF_TIME, _noun_of_time),
        (_NOUN_AFTER_TIME, _noun_after_time),
        (_THE_LATEST_ON, _the_latest_on),
        (_TOLD, _told),
        (_REPORTED, _reported),
    ):
        for match in form.finditer(covered):
            found = read(_Match(match, text))
            if found and not _NOT_READ.search(covered[: found.start]):
                yield found


class _Match:
    """A match of a form, and what follows from its noun and its time."""

    def __init__(self, match: re.Match[str], text: str) -> None:
        self.match = match
        self.groups = match.groupdict()
        self.covered = match["time"].lower()
        self.time = text[slice(*match.span("time"))]
        self.words = self.time.lower().split()
        start = match.start("time")
        start = min(start, match.start("noun")) if self.groups.get("noun") else start
        self.before, self.after = match.string[:start], match.string[match.end("time") :]

    @property
    def is_relative(self) -> bool:
        """Whether the time is counted from today."""
        one_in, _, time = self.covered.partition(" ")
        return self.is_bare or one_in in ("recently", "lately") or time.startswith(_COUNTED_SIGN)

    @property
    def is_bare(self) -> bool:
        """Whether it is counted from today and nothing stands before it: "last week"."""
        return self.covered.startswith(_COUNTED_SIGN)

    @property
    def is_loose(self) -> bool:
        """Whether it may be the time of the news itself: "news in March"."""
        loose = ("in", "on", "during", "over", "within", "recently", "lately")
        return self.is_bare or self.words[0] in loose

    @property
    def is_open(self) -> bool:
        """Whether it reaches up to now, so that its events cannot have been reported before."""
        lead = [word for word in self.words[:3] if word not in ("from", "the")]
        return (
            bool({"since", "after"} & {*lead[:1]})
            or self.words[-1] in ("on", "onwards", "today", "recently", "lately")
            or (self.is_relative and not {"this", "past"}.isdisjoint(lead))
            or (self.is_relative and "the last" in self.time.lower())
        )

    @property
    def is_bare_year(self) -> bool:
        """Whether it is "in 2025" or the like."""
        return len(self.words) == 2 and self.words[1].isdecimal()

    @property
    def is_whole(self) -> bool:
        """Whether the time goes no further than it was read."""
        return not _RUNS_ON.match(self.after)

    @property
    def source(self) -> re.Match[str] | None:
        """The words that make the noun a source: "according to", or "in" at the start of a clause."""
        source = _SOURCE.search(self.before)
        if source is None or self.groups["article"]:
            return source
        # "Annual reports" are not press, and "a rise in reports" is not a source.
        firm = source["firm"] or source["begins"] is not None
        return source if firm and not source["name"] else None

    @property
    def says(self) -> bool:
        """Whether the noun is the subject of a verb of saying: "do articles since May say"."""
        return bool(self.groups["aux"] and self.groups["says"])


def _noun_of_time(found: _Match) -> Wording | None:
    """Articles since October; reports published last week."""
    match, groups = found.match, found.groups
    if not found.is_whole or not _is_of_articles(found):
        return None
    source, request = found.source, _REQUEST.search(found.before)
    if not (source or request or found.says):
        inside = _SOURCE.search(found.before) or _ASKED.search(found.before)
        told = groups["article"] or (groups["news"] and (groups["published"] or inside))
        # "Articles written in 1787" are history.
        loose = found.is_loose and not (groups["written"] and found.is_relative)
        firm = (groups["published"] and not groups["written"]) or not loose
        newsy = (groups["news"] or groups["press"]) and inside and found.is_relative
        if not (newsy or (told and firm)):
            return None
    end = match.end("time")
    begin = match.start("published") if groups["published"] else match.start("time") - 1
    if not groups["topic"]:  # a topic has to stay
        if source and not source["name"]:
            begin = source.start("of")
        elif request and found.after.startswith((",", ":")):
            begin = request.start()
    return Wording(match.start("noun"), end, found.time, (begin, end))


def _is_of_articles(found: _Match) -> bool:
    """Whether the time is that of publication; behind a topic, only if it reaches up to now."""
    if found.match["noun"].lower() == "papers" and not found.is_relative:
        return False  # scientific ones
    if found.words[0] == "of" and found.is_bare_year:
        return False  # "the articles of 1949"
    topic = found.groups["topic"]
    if not topic:
        return True
    clause = _CLAUSE.intersection(re.split(r"\W+", topic.lower()))
    return not clause and bool(found.groups["published"] or found.is_open)


def _noun_after_time(found: _Match) -> Wording | None:
    """Last week's reports; recent articles; "according to October articles"."""
    match, groups, before = found.match, found.groups, found.before
    source, asked = found.source, _ASKED.search(before)
    known = bool(source or found.says or _REQUEST.search(before))
    if groups["lately"]:
        told = groups["news"] or (match["noun"].lower() == "reports" and groups["of"] and asked)
        known |= bool(groups["article"] or (told and (groups["of"] or asked)))
    elif groups["own"]:
        known |= bool(_SOURCE.search(before) or (groups["news"] and asked))
    else:
        known = bool(groups["article"] and source and source["firm"])
    if not known or match["noun"].lower() in ("press", "media"):
        return None
    if groups["lately"] and groups["press"]:
        return None
    start, end = match.start("time"), match.end("noun")
    surplus = (start, match.start("noun"))
    if source and not source["name"]:
        surplus = (source.start("of"), end)
    return Wording(start, end, found.time, surplus)


def _the_latest_on(found: _Match) -> Wording:
    """The latest on something. These words may stay in the question."""
    start, end = found.match.span("whole")
    return Wording(start, end, found.time, (end, end))


def _told(found: _Match) -> Wording | None:
    """What did the papers write this month; what was reported in March 2026 about something."""
    match, groups = found.match, found.groups
    if not groups["what"]:
        done = not match["aux"].lower().startswith("d")  # "do … say", but "have … said"
        papers = groups["article"] or groups["news"] or groups["press"]
        if not papers or bool(groups["participle"]) != done:
            return None
    near = not groups["topic"] or found.is_relative or found.is_open
    end = match.end("time")
    start = match.start("what" if groups["what"] else "whole")
    surplus = (match.start("time") - 1, end)
    return Wording(start, end, found.time, surplus) if near and found.is_whole else None


def _reported(found: _Match) -> Wording | None:
    """A deal was reported in March 2026; as reported last week. But not earnings, and not in 2025."""
    match = found.match
    if found.is_bare_year or not _REPORTED_ON.isdisjoint(found.words) or not found.is_whole:
        return None
    if _COUNTED_FACT.search(match.string[: match.start()]):
        return None
    start, end = match.start("whole"), match.end("time")
    surplus = (match.start() if match["as"] else match.start("time") - 1, end)
    return Wording(start, end, found.time, surplus)
