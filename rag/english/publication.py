"""Where a question says when its articles were published, and not when something happened.

Only wording that can be nothing else is found: "articles since October", "reports published last week",
"what did the papers write this month", "last week's reports", "recent articles", "the latest on …", "what
was reported in March 2026". Where it could be the time of a fact ("reported earnings in 2025", "articles
about the war in 1914", "the latest on the market"), there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.english.period import BOUND, PERIOD


class Wording(NamedTuple):
    """Where a wording stands, its time, and where what can be left out of the question stands."""

    start: int
    end: int
    time: str
    surplus: tuple[int, int]


# ---------------------------------------------------------------- times

_TO = "(?:to|until|till|through|[-–])"
_COUNTED = r"(?=(?:this|last|past|the (?:last|past)|today|yesterday)\b)"
_LATELY = "recently|lately"
_TIME = (
    rf"(?P<time>(?:between {PERIOD} and|from {PERIOD} {_TO}) {PERIOD}"
    rf"|from {PERIOD}(?: onwards?| on(?=\W*$|[,;:]))|(?:from )?(?:{BOUND}) {PERIOD}"
    rf"|(?:from|of|dated|in|on|during|over|within) {PERIOD}|{_COUNTED}{PERIOD}|{_LATELY})"
    r"(?!\w|[.,/:]?\d)"
)
# "News last week", "news in March": the time may be that of what the news is about.
_LOOSE = re.compile(rf"(?:in|on|during|over|within) .+|{_COUNTED}.+|{_LATELY}", re.IGNORECASE)
_RELATIVE = re.compile(rf"(?:\w+ )?{_COUNTED}.+|{_LATELY}", re.IGNORECASE)
# Up to now: what happened in such a time was not reported before it.
_OPEN = re.compile(
    r"(?:from )?(?:since|after) .+|from .+ on(?:wards?)?|(?:\w+ )?(?:this|past|the (?:last|past)) .+|today"
    rf"|{_LATELY}",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(r"\w+ \d{4}")
# What makes of a time another one, or the name of something: "2025 or 2026", "March Networks".
_RUNS_ON = re.compile(
    rf"['’%/–-]|,? (?:and|or|but|{_TO}) (?:{PERIOD}|(?:{BOUND})\b)|, {PERIOD}"
    r"| (?:of|last|this|next)\b",
    re.IGNORECASE,
)
_NAME_FOLLOWS = re.compile(r" (?!I\b)[A-Z]")

# ---------------------------------------------------------------- words

_DETERMINERS = (
    r"(?:(?:the|any|some|all|these|those|your|our|other|only|local|national|international|various"
    r"|several|many|most|different) ){0,3}"
)
_ARTICLES = (
    r"(?<!journal )(?<!research )(?<!review )(?<!law )(?<!academic )(?<!scientific )(?<!scholarly )"
    r"(?:(?:news|newspaper|press|magazine|online) )?(?:articles|(?<!['’]s )article)"
)
_NEWS = r"(?:news|press|media|newspaper) (?:stories|reports|coverage|reporting)|news|headlines"
_PRESS = "newspapers|papers|press|media"
_OTHERS = "reports|stories|coverage|reporting|publications|blog posts"
_NOUN = rf"(?<![\w’'-])(?P<noun>{_ARTICLES}|{_NEWS}|{_PRESS}|{_OTHERS})\b"
_TOPIC = (
    r"(?: (?:about|on|regarding|concerning|covering) (?P<topic>(?:[^\s,;:?]+ ){0,5}?[^\s,;:?]+))?"
)
_PUBLISHED = (
    r"(?P<published> (?:(?:that|which) )?(?:(?:were|was|are|is|have been|has been) )?(?:first )?"
    r"(?:published|printed|posted|appearing|appeared|dated|reported|(?P<written>written)))?"
)
_SAY = "(?:say|write|report|mention|describe|tell|claim|discuss|suggest)"
_SAID = "(?:said|written|reported|mentioned|described|told|claimed|discussed|suggested)"
_SAYING = (
    "(?:saying|writing|reporting|mentioning|describing|telling|claiming|discussing|suggesting)"
)
_CLAUSE = re.compile(
    r"\b(?:what|who|whom|how|that|which|when|why|where|whether|is|are|was|were)\b", re.IGNORECASE
)

# What stands before such a noun, and makes a source of it.
_ACCORDING = re.compile(
    rf",? ?\b(?:according to|based on|going by|judging by|as per|per|citing|quoting) {_DETERMINERS}"
    r"(?P<name>(?:[^\W\d_][\w&’'.-]* ){0,3})$",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf",? ?\b(?:only in|in|from|using|across) {_DETERMINERS}(?P<name>(?:[^\W\d_][\w&’'.-]* ){{0,3}})$",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"(?:^|[,:;(]|\b(?:said|reported|mentioned|described|written|given|named|quoted|covered|told|found))\W*$",
    re.IGNORECASE,
)
_INSTRUCTED = re.compile(
    r"(?:^|[,:;])\W*(?:please )?(?:only )?(?:(?:find|show|list|give|search|summari[sz]e|use|read|check"
    rf"|consider|look|tell me about)(?: me| us| only| at| in| through)* )?{_DETERMINERS}$",
    re.IGNORECASE,
)
_ASSISTED = re.compile(
    rf"\b(?:do|does|did|has|have|had|is|are|can|could|will|would) {_DETERMINERS}$", re.IGNORECASE
)
_ASKED = re.compile(
    r"\b(?:any|there|what(?:['’]s| is| are| was)(?: in)?)(?: the)? $", re.IGNORECASE
)
_SAYS = re.compile(rf" (?:\w+ly |also |all )?(?:{_SAY}s?|{_SAID}|{_SAYING})\b", re.IGNORECASE)
_NOT_READ = re.compile(
    r"\b(?:(?:not|except|excluding|exclude|without|besides|ignor(?:e|ing)|than)(?: in| from)?"
    r"|how many|number of|wrote|writes?|written|publish(?:ed)?|retract(?:ed)?)"
    r"(?: (?!according|based|in\b|from\b)[^\s,;:]+){0,3} $",
    re.IGNORECASE,
)
# What is reported to an authority or to shareholders, or counted: the time is that of the fact.
_COUNTED_FACT = re.compile(
    r"\b(?:how (?:many|much)|no|cases?|deaths?|earnings|profits?|loss(?:es)?|revenues?|income|sales|results"
    r"|figures|output|production|volumes?|shipments|exports|imports|growth|inflation|unemployment|incidents?|sightings?|crimes?|injur(?:y|ies)|casualt(?:y|ies)|infections?|fatalit(?:y|ies)"
    r"|accidents?|complaints?|outbreaks?|returns?|dividends?|turnover)\b",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- forms

# A noun that another one follows is none of ours: "press conference", "news anchor".
_ENDS = (
    r"(?=\W*$|[,;:?!)]|(?P<of> (?:on|about|regarding|concerning|from|of)\b)"
    rf"| (?:that |which |also )?(?:{_SAY}s?|{_SAID}|{_SAYING})\b)"
)
_NOUN_OF_TIME = re.compile(rf"{_NOUN}{_TOPIC}{_PUBLISHED} {_TIME}", re.IGNORECASE)
_TIMES_NOUN = re.compile(
    rf"(?<![\w’'-])(?P<time>{PERIOD})(?P<own>['’]s?)? {_DETERMINERS}{_NOUN}{_ENDS}", re.IGNORECASE
)
_RECENT_NOUN = re.compile(
    rf"\b(?P<time>most recent|recent|latest|newest) {_DETERMINERS}{_NOUN}{_ENDS}",
    re.IGNORECASE,
)
_THE_LATEST_ON = re.compile(
    r"(?:^\W*|\b(?:what(?:['’]s| is| are| was)|give me|tell me|show me|any|know|summari[sz]e) )"
    r"(?P<begin>)(?:the )?(?P<time>latest) (?:on|about|regarding|concerning)(?![\w-])"
    r"(?! (?:record|sale|offer|earth|the market|the list)\W*$)",
    re.IGNORECASE,
)
_PRESS_SAYS = re.compile(
    rf"\b(?P<aux>do|does|did|has|have|had|is|are|was|were) {_DETERMINERS}"
    rf"(?P<begin>)(?:{_ARTICLES}|{_NEWS}|{_PRESS}) (?:\w+ly )?"
    rf"(?:{_SAY}|print|cover|(?:been )?(?P<participle>{_SAID}|{_SAYING})){_TOPIC} {_TIME}",
    re.IGNORECASE,
)
_WHAT_WAS_REPORTED = re.compile(
    r"\bwhat(?: else)?(?: (?:was|is|has|had)(?: been)?|['’]s(?: been)?) (?:\w+ly )?"
    rf"(?P<begin>)(?:reported|published){_TOPIC} {_TIME}(?=\W*$| (?:about|on|regarding|concerning)\b)",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    rf"(?:^\W*|, |\b(?:was|were|been|is|are) |(?P<as>\bas ))(?P<topic>)(?P<begin>)reported {_TIME}"
    r"(?! (?:that|to|an?)\b)",
    re.IGNORECASE,
)

# What is reported of a quarter or year, or has not been before a day.
_REPORTED_ON = re.compile(r"\b(?:q[1-4]|quarter|year|before|until|till|up to)\b", re.IGNORECASE)


def wordings(text: str) -> Iterator[Wording]:
    """Every wording about publication in a question whose words are one space apart."""
    for form, read in (
        (_NOUN_OF_TIME, _noun_of_time),
        (_TIMES_NOUN, _times_noun),
        (_RECENT_NOUN, _recent_noun),
        (_THE_LATEST_ON, _the_latest_on),
        (_PRESS_SAYS, _press_says),
        (_WHAT_WAS_REPORTED, _told),
        (_REPORTED, _reported),
    ):
        for match in form.finditer(text):
            if (found := read(match, text)) and not _NOT_READ.search(text[: found.start]):
                yield found


def _noun_of_time(match: re.Match[str], text: str) -> Wording | None:
    """Articles since October; reports published last week."""
    before, after, time = text[: match.start()], text[match.end() :], match["time"]
    if not _is_whole(match, text) or not _is_of_articles(match):
        return None
    governor = _governor(match, before)
    begins = _INSTRUCTED.search(before)
    says = _ASSISTED.search(before) and _SAYS.match(after)
    inside = _INSIDE.search(before) or _ASKED.search(before)
    if not (governor or begins or says):
        told = _is_article(match) or (_is_news(match) and (match["published"] or inside))
        # "Articles written in 1787" are history.
        loose = _LOOSE.fullmatch(time) and not (match["written"] and _RELATIVE.fullmatch(time))
        firm = (match["published"] and not match["written"]) or not loose
        newsy = (_is_news(match) or _is_press(match)) and inside and _RELATIVE.fullmatch(time)
        if not (newsy or (told and firm)):
            return None
    begin = match.start("published") if match["published"] else match.start("time") - 1
    if not match["topic"]:  # else that has to stay
        if governor and not governor["name"]:
            begin = governor.start()
        elif begins and after.startswith((",", ":")):
            begin = begins.start()
    return Wording(match.start(), match.end(), time, (begin, match.end()))


def _times_noun(match: re.Match[str], text: str) -> Wording | None:
    """Last week's reports; October articles, if they are what something is according to."""
    before, after = text[: match.start()], text[match.end() :]
    governor = _governor(match, before)
    if match["own"]:
        says = _ASSISTED.search(before) and _SAYS.match(after)
        asked = _is_news(match) and _ASKED.search(before)
        inside = _INSIDE.search(before) or _INSTRUCTED.search(before)
        known = bool(governor or says or asked or inside)
    else:
        known = _is_article(match) and bool(_ACCORDING.search(before))
    if not known or match["noun"].lower() in ("press", "media"):
        return None
    return _adjective(match, governor)


def _recent_noun(match: re.Match[str], text: str) -> Wording | None:
    """Recent articles; the latest news about something."""
    before, after = text[: match.start()], text[match.end() :]
    governor = _governor(match, before)
    says = _ASSISTED.search(before) and _SAYS.match(after)
    asked = _ASKED.search(before)
    reports = match["noun"].lower() == "reports" and match["of"] and asked
    news = reports or (_is_news(match) and (match["of"] or asked))
    known = governor or says or news or _is_article(match) or _INSTRUCTED.search(before)
    if not known or _is_press(match):
        return None
    return _adjective(match, governor)


def _adjective(match: re.Match[str], governor: re.Match[str] | None) -> Wording:
    surplus = (match.start(), match.start("noun"))
    if governor and not governor["name"]:
        surplus = (governor.start(), match.end())
    return Wording(match.start(), match.end(), match["time"], surplus)


def _the_latest_on(match: re.Match[str], text: str) -> Wording:  # noqa: ARG001
    """The latest on something. That much may stay in the question."""
    end = match.end()
    return Wording(match.start("begin"), end, match["time"], (end, end))


def _press_says(match: re.Match[str], text: str) -> Wording | None:
    """What did the papers write this month, or have they been writing lately."""
    done = not match["aux"].lower().startswith("d")  # "do … say", but "have … said"
    return _told(match, text) if bool(match["participle"]) == done else None


def _told(match: re.Match[str], text: str) -> Wording | None:
    """What was reported in March 2026 about something."""
    near = (
        not match["topic"] or _RELATIVE.fullmatch(match["time"]) or _OPEN.fullmatch(match["time"])
    )
    if not near or not _is_whole(match, text):
        return None
    surplus = (match.start("time") - 1, match.end())
    return Wording(match.start("begin"), match.end(), match["time"], surplus)


def _reported(match: re.Match[str], text: str) -> Wording | None:
    """A deal was reported in March 2026; as reported last week. But not earnings, and not in 2025."""
    if _BARE_YEAR.fullmatch(match["time"]) or _REPORTED_ON.search(match["time"]):
        return None
    if _COUNTED_FACT.search(text[: match.start()]):
        return None
    found = _told(match, text)
    return found._replace(surplus=(match.start(), match.end())) if found and match["as"] else found


def _governor(match: re.Match[str], before: str) -> re.Match[str] | None:
    """What makes a source of a noun: "according to Reuters articles"; as a clause begins, "in reports"."""
    governor = _ACCORDING.search(before) or _INSIDE.search(before)
    if governor is None or _is_article(match):
        return governor
    # "Annual reports" are no press, and "a rise in reports" is no source.
    begins = governor.re is _ACCORDING or _BEGINS.search(before[: governor.start()])
    return governor if begins and not governor["name"] else None


def _is_of_articles(match: re.Match[str]) -> bool:
    """Whether the time is that of publication. Behind a topic it is if it reaches up to now."""
    time, topic = match["time"], match["topic"]
    if match["noun"].lower() == "papers" and not _RELATIVE.fullmatch(time):
        return False  # scientific ones
    if time.lower().startswith("of ") and _BARE_YEAR.fullmatch(time):
        return False  # "the articles of 1949"
    if not topic:
        return True
    return not _CLAUSE.search(topic) and bool(match["published"] or _OPEN.fullmatch(time))


def _is_whole(match: re.Match[str], text: str) -> bool:
    """Whether a time ends where it was read to end."""
    rest = text[match.end("time") :]
    named = match["time"][-1].isalpha() and _NAME_FOLLOWS.match(rest)
    return not named and not _RUNS_ON.match(rest)


def _is_article(match: re.Match[str]) -> bool:
    return match["noun"].lower().endswith(("article", "articles"))


def _is_news(match: re.Match[str]) -> bool:
    return bool(re.fullmatch(_NEWS, match["noun"], re.IGNORECASE))


def _is_press(match: re.Match[str]) -> bool:
    return bool(re.fullmatch(_PRESS, match["noun"], re.IGNORECASE))
