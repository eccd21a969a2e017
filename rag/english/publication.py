"""Where a question says when its articles were published, and not when something happened.

Only wording that can mean nothing else is found: "articles since October", "reports published last week",
"what did the papers write this month", "last week's reports", "recent articles", "the latest on …", "what
was reported in March 2026". What could be the time of a fact is left alone: "which cases were reported in
March", "articles about the war in 1914", "the latest on the market".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from rag.english import lexicon
from rag.english.dates import BOUNDS, TO, WITHIN, times_in
from rag.english.lexicon import any_of, word_set
from rag.english.verbs import SAYING, forms, gerund, participle
from rag.english.words import lower_words


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
_PART_OF_DAY: Final = rf"(?: {any_of(lexicon.PARTS_OF_DAY)}\b)?"
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
_BEFORE_NOUNS: Final = lexicon.DETERMINERS | lexicon.AMOUNTS | _SORTS
_DETERMINERS: Final = rf"(?:{any_of(_BEFORE_NOUNS)} ){{0,3}}"
_NOUN: Final = (
    r"(?<![\w’'-])(?P<noun>"
    r"(?P<article>(?<!journal )(?<!research )(?<!review )(?<!law )(?<!academic )(?<!scientific )"
    r"(?<!scholarly )(?:(?:news|newspaper|press|magazine|online) )?(?:articles|(?<!['’]s )article))"
    rf"|(?P<news>(?:news|press|media|newspaper) {any_of(lexicon.COVERAGE)}|news|headlines)"
    rf"|(?P<press>{any_of(lexicon.PRESS)})|{any_of(lexicon.COVERAGE)}|publications|blog posts)\b"
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
_ASKED_WHETHER: Final = rf"(?:\b(?P<aux>{any_of(lexicon.AUXILIARIES)}) {_DETERMINERS})"
_CLAUSE: Final = lexicon.QUESTION_WORDS | lexicon.BE | {"that", "whether"}

# Words before a noun for articles that make it a source, request it, or ask for it.
_SOURCE: Final = re.compile(
    rf"(?P<begins>(?:^|[,:;(]|\b(?:{any_of(map(participle, _TELL))}|given|named|quoted|covered|found))\W*)?"
    r"(?P<of>,? ?\b(?:(?P<firm>according to|based on|going by|judging by|as per|per|citing|quoting)"
    rf"|only in|in|from|using|across) {_DETERMINERS}(?P<name>(?:[^\W\d_][\w&’'.-]* ){{0,3}}))$",
    re.IGNORECASE,
)
_REQUESTS: Final = _BEFORE_NOUNS | word_set(
    "please find show list give search summarize summarise use read check consider look tell about me us at"
    " in through"
)
_ASKING: Final = tuple(
    f" {asked} " for asked in ("any", "there", "what is", "what are", "what was")
)
_EXCLUDES: Final = word_set("not except excluding exclude without besides ignore ignoring than")
_WRITES: Final = word_set("number wrote write writes written publish published retract retracted")
_READ: Final = word_set("according based in from")

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
# What did the papers write this month; what was reported in March 2026 about it; as reported last week.
_WRITTEN: Final = re.compile(
    rf"(?:{_ASKED_WHETHER}(?P<whole>{_NOUN} (?:\w+ly )?"
    rf"(?:{_SAY}|print|cover|(?:been )?(?P<participle>{_SAID})))"
    r"|\bwhat(?: else)?(?: (?:was|is|has|had)(?: been)?|['’]s(?: been)?) (?:\w+ly )?"
    rf"(?P<what>reported|published)|\b(?P<as>as reported)){_TOPIC} {_TIME}"
    rf"(?(what)(?=\W*$| {_ABOUT}\b))",
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
        (_WRITTEN, _written),
    ):
        for match in form.finditer(covered):
            wording = read(_Match(match, text))
            if wording and not _is_not_read(covered[: wording.start]):
                yield wording


class _Match:
    """A match of a form, and what follows from its noun and its time."""

    def __init__(self, match: re.Match[str], text: str) -> None:
        self.match = match
        self.groups = groups = match.groupdict()
        self.time = text[slice(*match.span("time"))]
        self.words = words = self.time.lower().split()
        start = match.start("noun") if groups.get("noun") else match.end()
        self.before = match.string[: min(start, match.start("time"))]
        self.after = match.string[match.end("time") :]
        # Nothing after the time makes it another time.
        self.is_whole = not _RUNS_ON.match(self.after)
        # It is counted from today: "last week", or "since last week".
        preposition, _, time = match["time"].lower().partition(" ")
        is_bare = preposition.startswith(_COUNTED_SIGN)
        is_vague = preposition in ("recently", "lately")
        self.is_relative = is_bare or is_vague or time.startswith(_COUNTED_SIGN)
        # It may be the time of the news itself: "news in March".
        self.is_loose = is_bare or is_vague or words[0] in ("in", "on", "during", "over", "within")
        # It reaches up to now, so that its events cannot have been reported before.
        lead = [word for word in words[:3] if word not in ("from", "the")]
        near = not {"this", "past"}.isdisjoint(lead) or "the last" in self.time.lower()
        ends_now = words[-1] in ("on", "onwards", "today", "recently", "lately")
        self.is_open = lead[:1] in (["since"], ["after"]) or ends_now or (self.is_relative and near)
        # The noun is the subject of a verb of saying: "do articles since May say".
        self.says = bool(groups.get("aux") and groups.get("says"))

    @property
    def source(self) -> re.Match[str] | None:
        """The words that make the noun a source: "according to", or "in" at the start of a clause."""
        source = _SOURCE.search(self.before)
        if source is None or self.groups["article"]:
            return source
        # "Annual reports" are not press, and "a rise in reports" is not a source.
        firm = source["firm"] or source["begins"] is not None
        return source if firm and not source["name"] else None


def _requested(before: str) -> int:
    """Where a clause begins that only requests what follows it: "please only use"; -1 if it says more."""
    at = max(map(before.rfind, ",:;"))
    return max(at, 0) if _REQUESTS.issuperset(lower_words(before[at + 1 :])) else -1


def _asks(before: str) -> bool:
    """Whether what follows is asked for: "any", "what's in the"."""
    plain = f" {before.lower()}".replace("'s ", " is ").replace("’s ", " is ")
    return plain.removesuffix("the ").removesuffix("in ").endswith(_ASKING)


def _is_not_read(before: str) -> bool:
    """Whether the last words before a wording exclude it, count it, or say who wrote it."""
    clause = before[max(map(before.rfind, ",:;")) + 1 :].lower().replace("how many", "number")
    behind: list[str] = []
    for word in reversed(lower_words(clause.replace("number of", "number"))[-5:]):
        if word in _EXCLUDES | _WRITES:
            near = behind[:-1] if word in _EXCLUDES else behind  # "not in articles"
            return len(near) <= 3 and _READ.isdisjoint(near)
        behind.append(word)
    return False


def _noun_of_time(form: _Match) -> Wording | None:
    """Articles since October; reports published last week."""
    match, groups = form.match, form.groups
    if not form.is_whole or not _is_of_articles(form):
        return None
    source, request = form.source, _requested(form.before)
    if not (source or request >= 0 or form.says):
        inside = _SOURCE.search(form.before) or _asks(form.before)
        is_press = groups["article"] or (groups["news"] and (groups["published"] or inside))
        # "Articles written in 1787" are history.
        loose = form.is_loose and not (groups["written"] and form.is_relative)
        firm = (groups["published"] and not groups["written"]) or not loose
        newsy = (groups["news"] or groups["press"]) and inside and form.is_relative
        if not (newsy or (is_press and firm)):
            return None
    end = match.end("time")
    begin = match.start("published") if groups["published"] else match.start("time") - 1
    if not groups["topic"]:  # a topic has to stay
        if source and not source["name"]:
            begin = source.start("of")
        elif request >= 0 and form.after.startswith((",", ":")):
            begin = request
    return Wording(match.start("noun"), end, form.time, (begin, end))


def _is_of_articles(form: _Match) -> bool:
    """Whether the time is that of publication; after a topic, only if the time reaches up to now."""
    if form.match["noun"].lower() == "papers" and not form.is_relative:
        return False  # scientific ones
    if form.words[0] == "of" and form.words[-1].isdecimal() and len(form.words) == 2:
        return False  # "the articles of 1949"
    topic = form.groups["topic"]
    if not topic:
        return True
    clause = _CLAUSE.intersection(re.split(r"\W+", topic.lower()))
    return not clause and bool(form.groups["published"] or form.is_open)


def _noun_after_time(form: _Match) -> Wording | None:
    """Last week's reports; recent articles; "according to October articles"."""
    match, groups, before = form.match, form.groups, form.before
    source, asked = form.source, _asks(before)
    is_source = bool(source or form.says or _requested(before) >= 0)
    if groups["lately"]:
        is_press = groups["news"] or (match["noun"].lower() == "reports" and groups["of"] and asked)
        is_source |= bool(groups["article"] or (is_press and (groups["of"] or asked)))
    elif groups["own"]:
        is_source |= bool(_SOURCE.search(before) or (groups["news"] and asked))
    else:
        is_source = bool(groups["article"] and source and source["firm"])
    if not is_source or match["noun"].lower() in ("press", "media"):
        return None
    if groups["lately"] and groups["press"]:
        return None
    start, end = match.start("time"), match.end("noun")
    surplus = (start, match.start("noun"))
    if source and not source["name"]:
        surplus = (source.start("of"), end)
    return Wording(start, end, form.time, surplus)


def _the_latest_on(form: _Match) -> Wording:
    """The latest on something. These words may stay in the question."""
    start, end = form.match.span("whole")
    return Wording(start, end, form.time, (end, end))


def _written(form: _Match) -> Wording | None:
    """What did the papers write this month; what was reported in March 2026; as reported last week."""
    match, groups = form.match, form.groups
    if groups["whole"]:
        done = not match["aux"].lower().startswith("d")  # "do … say", but "have … said"
        papers = groups["article"] or groups["news"] or groups["press"]
        if not papers or bool(groups["participle"]) != done:
            return None
    near = not groups["topic"] or form.is_relative or form.is_open
    end = match.end("time")
    start = next(match.start(name) for name in ("what", "whole", "as") if groups[name])
    surplus = (start if groups["as"] else match.start("time") - 1, end)
    return Wording(start, end, form.time, surplus) if near and form.is_whole else None
