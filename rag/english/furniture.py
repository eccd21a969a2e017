"""The English of what surrounds an article: forms, calls to subscribe, credits, disclaimers.

An article may be about any of these, so no single word makes a line furniture. The rooms that use a pattern
decide where to search for it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from rag.english.lexicon import (
    DEMONSTRATIVES,
    SMALL,
    SUBJECT_PRONOUNS,
    word_set,
)
from rag.english.names import PERIODICALS, names


def _wordings(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _lines(*alternatives: str) -> re.Pattern[str]:
    """A pattern for lines that consist of one of these, perhaps with marks after it."""
    return _wordings(rf"(?:{'|'.join(alternatives)})[.!:…→»> *]{{0,4}}")


# Whole lines that say nothing about the article, wherever they stand.
FURNITURE: Final = _lines(
    r"(?:leave|post|write|add) a (?:reply|comment)|(?:no|\d+) comments?|comments? \(\d+\)|reply",
    r"you must be logged in to .{3,40}|(?:log|sign) in to .{3,40}|log ?in|sign ?in",
    r"share this(?: (?:article|story|post|page))?(?: (?:on|via|with) .{2,40})?",
    r"share on .{2,40}|share:|end of document",
    r"tweet|copy link|bookmark|follow us(?: on .{2,40})?|read (?:more|next|also)",
    r"you (?:may|might) also (?:like|be interested in)",
    r"please fill (?:out|in) the form(?: below)?|your (?:name|e-?mail)(?: address)?(?: \*)?",
    r"required fields are marked.{0,10}",
    r"(?:sign up|subscribe|register)(?: (?:now|today|here|free))?",
    r"(?:sign up|subscribe|register) (?:for|to) (?:our|the|free|daily|weekly|email)\b"
    r"[^.]{0,60}",
    r"(?:join|get) (?:our|the) (?:free |daily |weekly )?(?:newsletter|mailing list)\b[^.]{0,60}",
    r"skip to (?:main )?content|sponsored content|(?:story|article) continues below.{0,20}",
    r"advertisements?(?: ?[\u2013—-] ?.{1,40})?|scroll to continue.{0,20}",
    r"(?:listen to|print|save|gift) this (?:article|story|page)",
    r"(?:\d+|reading time:?.{0,4}) min(?:ute)?s?(?: read)?",
    r"[\d.,]+[km]? (?:shares|views|likes|reactions)|(?:tags|filed under|related topics): .{2,150}",
    r"your e-?mail address will not be published.{0,60}|save my name.{0,100} i comment",
    r"notify me (?:of|when|by|about) .{0,80}|(?:post|submit) comment|(?:name|e-?mail|website|comment) ?\*",
    r"(?:reject|allow|decline)(?: all)?(?: cookies)?",
    r"\(?reporting by .{3,150}[;,.] ?(?:additional .{3,100})?editing by .{3,100}",
    r"our standards: .{3,60}|embargoed until .{3,60}|page \d+|(?:page )?\d+ of \d+(?: documents)?",
    r"continue reading(?: below)?|click here(?: (?:to|for) .{2,60})?|loading\.{0,3}|back to top",
    r"accept(?: all)?(?: cookies)?|all rights reserved|(?:previous|next) (?:article|post|story|page)",
)
# Lines that are furniture unless content follows: "Latest News" is furniture above a list of links,
# and a heading above the week's news.
HEADS_FURNITURE: Final = _lines(
    r"(?:most|recently) (?:discussed|read|viewed|popular|shared|commented)"
    r"(?: (?:articles|stories))?",
    r"(?:latest|top|more|trending|breaking) (?:news|articles|stories|posts|headlines)",
    r"(?:related|recommended|similar|popular|recent)"
    r" (?:articles|stories|posts|news|reading|content)",
    r"related|comments?|share|print|e-?mail|save|submit|send|menu|search|close|newsletters?",
    r"about (?:the|this) (?:publisher|author|site|website|publication)|advertising|sponsored",
    r"(?:privacy|cookie) (?:policy|settings|notice|preferences)",
    r"terms (?:of (?:use|service)|and conditions)|disclosures?|disclaimers?|legal notice",
)
CREDIT: Final = re.compile(
    r"(?:(?:image |photo |picture )?(?:source|credit)s?|photo(?:graph)?|image|picture)"
    r" ?(?:by|:) ?\S.{0,78}[^.!?…]",
    re.IGNORECASE,
)
COPYRIGHT: Final = _wordings(
    r"(?:copyright[ ,]{0,2})?(?:©|\(c\)) ?.{2,200}|copyright,? (?:19|20)\d\d\b.{0,160}",
    r"(?:.{0,120}[.|,;\u2013—-] ?)?all rights reserved\.?",
    r".{0,120}(?:©|copyright).{0,80} all rights reserved\.?",
)
COOKIES: Final = _wordings(
    r"(?:we|our (?:web)?site|this (?:web)?site) (?:and our partners )?uses? cookies\b",
    r"by (?:continuing to (?:use|browse)|using) (?:this|our) (?:web)?site",
)

# What stands above and below the text of a newsletter.
MAIL_FURNITURE: Final = _wordings(
    r"(?:\A|[.!?:;·|•(\[\u2013\u2014-]\s*|\n|\bto )unsubscribe\b",
    r"\bunsubscribe (?:here|at any time)\b|\bno longer (?:wish|want) to receive\b",
    r"\bopt(?:ing)?[- ]out of (?:these|this|our|all|future)\b",
    r"\b(?:view|read|open|see) (?:it |(?:this|the) (?:e-?mail|message|newsletter|mail) )?"
    r"(?:online|on the web|in (?:(?:your|a|the) )?(?:web )?browser)\b",
    r"\b(?:manage|update|change|edit) (?:your )?(?:e-?mail |subscription |mailing |newsletter )?"
    r"(?:preferences|subscriptions?|settings|frequency)\b",
    r"\byou(?:['\u2019]re| are)? (?:receiv(?:e|ed|ing)|getting|got)"
    r" this (?:e-?mail|mail|message|newsletter)",
    r"\bthis (?:e-?mail|mail|message|newsletter) was sent (?:to|by)\b",
)

DISCLAIMER_LABEL: Final = re.compile(
    r"[*_]{0,2}(?:general |legal |important |risk |investment |forward-looking )?"
    r"(?:disclaimers?|disclosures?|risk warning|important notice|safe harbou?r)"
    r"[*_]{0,2} ?[:.\u2013—-]",
    re.IGNORECASE,
)
DISCLAIMER_HEADINGS: Final = word_set("disclaimer disclaimers disclosure disclosures") | {
    "legal notice"
}
_DISCLAIMS: Final = (
    r"\b(?:not|n't|nor)\b[^.]{0,60}\b(?:financial|investment|legal|tax|medical|professional) advice",
    r"\b(?:not|no)\b[^.]{0,30}\b(?:guarantees?|warrant(?:y|ies|s)?|represent(?:ation)?s?)\b",
    r"\b(?:accuracy|completeness)\b[^.]{0,40}\b(?:of (?:the|this|any) |complete|accura|reliab)",
    r"\b(?:own|independent) (?:due diligence|research|judg[e]?ment)\b",
    r"\bconsult (?:an? |with |your |qualified )[^.]{0,40}(?:professional|advis[eo]r|expert)s?",
    r"\b(?:informational|information|educational) purposes?(?: only)?\b",
    r"\b(?:assumes?|accepts?) no (?:responsibility|liability)\b|\bnot (?:be )?(?:liable|responsible)\b",
    r"\bpast performance\b",
    r"\boffer\b[^.]{0,40}\bsolicitation\b|\bsolicitation\b[^.]{0,40}\b(?:buy|sell)",
    r"\b(?:do|does) not (?:necessarily )?reflect the (?:views|opinions?|position)",
    r"\b(?:licensed|qualified) (?:financial )?(?:advis[eo]r|professional)s?\b",
)
DISCLAIMS: Final = re.compile("|".join(f"(?P<_{n}>{each})" for n, each in enumerate(_DISCLAIMS)))
"""What disclaimers say, in lower case, each kind a group: a labelled disclaimer says one of these, an
unlabelled one at least two."""
CALL: Final = re.compile(
    r"(?:\A|[.!?]\s+)(?:(?:begin|start|claim|activate|try|get) (?:your|a|our) (?:\d+[- ]day )?"
    r"free (?:trial|copy|report|access)\b"
    r"|(?:sign up|subscribe|register|join) (?:now|today|here|for free)"
    r"(?:[.!]|\Z|[^.!?]{0,80}\b(?:our|your|newsletter|updates|alerts|inbox)\b)"
    r"|(?:sign up|subscribe|register) (?:for|to) our\b"
    r"|join (?:over )?[\d,]+\+? (?:subscribers|readers)"
    r"|click here to (?:subscribe|sign up|register|learn more)\b)",
    re.IGNORECASE,
)
MENU_WORDS: Final = word_set(
    "home about contact careers subscribe login advertise rss facebook twitter x linkedin help "
    "instagram youtube telegram whatsapp reddit pinterest faq sitemap privacy terms cookies "
    "newsletter print email share search menu tweet copy link bluesky threads mastodon pocket flipboard"
    " save comments comment pin messenger preferences settings account unsubscribe e-mail"
)
GENERIC: Final = (
    DEMONSTRATIVES
    | SUBJECT_PRONOUNS
    | PERIODICALS
    | word_set(
        "world business economics economy markets market mining metals energy politics sport sports"
        " technology tech science health culture opinion analysis latest breaking release releases"
        " update updates room newsroom home article articles feature features interview reviews"
        " exclusive video podcast international national local global expert editor's editor\u2019s"
        " editors editor analyst analysts our guest staff author technical legal political economic"
        " financial investment investor industry price prices oil gold silver rare earth earths"
        " commodity commodities morning evening closing opening final special further additional"
        " general reader readers company management the society us uk eu usa information investors"
        " nobody nothing neither government content data views opinions material site website"
        " immediate statement advisory senior chief deputy managing correspondent writer"
    )
)
"""Words for sections and kinds of text; a name that has only such words names nobody."""
AGENCIES: Final = word_set(
    "reuters bloomberg xinhua afp ap upi dpa efe ansa tass interfax kyodo yonhap nikkei caixin pti ani ians"
    " anadolu agence france-presse cnn bbc cnbc npr cbs nbc msnbc abc itv rte axios politico economist"
    " forbes fortune newsweek wired argus platts fastmarkets prnewswire jazeera welle euronews"
)
"""Outlets whose names have no word for a newspaper or an agency."""


def is_generic(line: str) -> bool:
    """Whether a line has only words for sections and kinds of text: "For Immediate Release"."""
    words = [word.strip(".,:!-–—*_[]()").lower() for word in line.split()]
    return all(word in GENERIC or word in SMALL for word in words if word)


# ---------------------------------------------------------------- dates and authors of articles

GERMAN_MONTHS: Final = word_set(
    "januar jänner jan februar feber feb märz april apr mai juni juli august aug september sept oktober okt"
    " november nov dezember dez"
)
"""Names that begin with a capital after the full stop of a day: "am 3. Mai"."""
LABEL: Final = (
    r"(?:(?:(?:first|originally|last|article|story) )?(?:posted|publi(?:shed|sh|cation)|updated?"
    r"|edited|modified|revised|releas(?:ed|e)?|issued?|created|added|filed|written"
    r"|dated?|date)(?: date| time| posted| published)?(?: on| at)?"
    r"|(?:veröffentlicht|publiziert|erschienen|aktualisiert|stand|datum|publié|paru|mis à jour"
    r"|publicado|actualizado|atualizado|fecha|pubblicato|aggiornato|data|gepubliceerd|bijgewerkt)"
    r"(?: am| le| el| il| em| op)?)"
)
"""What stands before the date of an article, in several languages, as a regular expression."""
LABELS_OF_UPDATES: Final = (
    *("updated", "edited", "last", "modified", "revised"),
    *("aktualisiert", "mis à jour", "actualizado", "atualizado", "aggiornato", "bijgewerkt"),
)
WEEKDAY: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?"
BYLINE: Final = re.compile(
    r"(?:(?:written|posted|reported|words|story|report|reporting) )?by:? "
    r"(?P<who>(?P<names>(?!(?:the|an?)\b|\d)\S.{1,100}?)"
    # What follows the names: a role, an outlet, a place, a date.
    r"(?-i:\s*(?:[|•·(\u2013—/]| - |, (?!.{3,40} and )|\b(?:in|for|at|of|with) (?=[A-Z])|\bon \d).*)?)",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- beside what a sentence says

_PLACE_LINE: Final = re.compile(
    r"(?P<place>(?:[^\W\d_a-z][\w.\u2019']*+(?:-\w[\w.\u2019']*+)*+(?:[,/:] ?| |(?=--))){0,5}?)"
    r"(?P<date>(?:[^\W\d_]{3,12}\.? \d{1,2}|\d{1,2}\.? [^\W\d_]{3,12}\.?)(?:,? \d{4})?[,.]? ?)?"
    r"(?:(?:-- ?)?[(/](?P<agency>\w[\w.&' -]{1,40})[)/] ?)?"
    r"(?P<dash>\.?(?:--|[-\u2013—]|&[mn]dash;)|(?<=[)/])\.|(?<=\)):|(?<=\) ))"
    r"(?: |\Z|(?=[A-Z]))"
)


def place_line(text: str) -> re.Match[str] | None:
    """Where and when a report was written, and for whom, before its first sentence.

    >>> place_line("VIENNA, Austria, Nov 3 (Reuters) - Oil fell")["agency"]
    'Reuters'
    >>> place_line("ROME: (PTI) Oil fell")["place"], place_line("NATO (Brussels) said so")
    ('ROME: ', None)
    """
    match = _PLACE_LINE.match(text)
    if match is None:
        return None
    agency = match["agency"] or ""
    if match["dash"] in ("", ":"):  # "ROME: (PTI) Oil fell", but not "NATO (Brussels) said"
        return match if agency.lower() in AGENCIES else None
    # "ANN (left) - said" names no agency; "BERLIN (dpa) - " does.
    return match if agency[:1].isupper() or match["place"].split(",")[0].strip().isupper() else None


_DASHES: Final = "-–—― "


def says_nothing(unit: str) -> bool:
    """Whether a sentence or line only says who wrote, took or said what is beside it.

    >>> [says_nothing(line) for line in ("By Ann Lee", "— Ann Lee, vet", "Photo: Ann Lee", "By May 2005")]
    [True, True, True, False]
    """
    line = unescape(unit.strip(" *_|"))
    if CREDIT.fullmatch(line):
        return True
    byline = BYLINE.fullmatch(line)
    is_dashed = line.startswith(tuple(_DASHES)) and not any(stop in line[:-1] for stop in ".!?")
    who = byline["who"] if byline else line.strip(_DASHES + ".") if is_dashed else ""
    name = next(names(who), None)
    if name is None or name.start or " " not in name.text:
        return False
    behind = who[name.end :].lstrip()
    return not behind or behind[0] in ",(|" or behind.startswith("and ")


def core(unit: str, start: int, end: int) -> tuple[int, int] | None:
    """The words of an answer without the place line before its sentence; None if nothing is left.

    ``start`` and ``end`` are offsets into the sentence, and so is the result.

    >>> core("VIENNA (Reuters) - Oil fell again.", 0, 34), core("VIENNA (Reuters) - Oil fell.", 0, 6)
    ((19, 34), None)
    """
    place = place_line(unit)
    start = max(start, place.end() if place else 0)
    return (start, end) if start < end else None
