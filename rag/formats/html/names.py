"""What the names in a page's markup say: designers call a newsletter box "newsletter" in class or id.

A name is split into words, and words are joined again: "most-read", "mostRead" and "most_read" are all
mostread.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

OTHERS: Final = frozenset(
    """
    related relatedpost relatedposts relatedarticle relatedarticles relatedstory relatedstories
    relatedlinks relatedcontent recirc recirculation recommended recommendation recommendations
    trending mostread mostpopular mostviewed mostshared mostcommented readnext readalso alsoread
    morefrom moreon morestories morenews morearticles upnext nextup nextarticle nextpost nextstory
    prevarticle prevpost prevstory previousarticle previouspost previousstory latestnews latestposts
    lateststories recentposts recentnews recentarticles youmaylike youmayalsolike postnav seealso
    comments commentlist commentform commentsection commentsarea commentarea disqus disqusthread
    respond replies
    """.split()
)
"""Names of what belongs to other articles, or to readers: their titles and dates are not the article's."""

CONSENT: Final = frozenset(
    """
    cookie cookies consent gdpr ccpa cmp onetrust didomi usercentrics cookiebot cookieyes iubenda
    klaro truste trustarc osano termly tarteaucitron cmplz borlabs spmessage fcconsent privacymanager
    """.split()
)
"""Names of consent notices, with those of their makers. They may hold more text than the article."""

_HIDDEN: Final = """
    sfhidden sronly offscreen rollover popover hovercard tooltip dropdown visuallyhidden visualhidden
    screenreader screenreadertext noprint printonly skiplink skiplinks skipto skipnav noscript
"""
_NAVIGATION: Final = """
    nav navbar navigation subnav megamenu menu breadcrumb breadcrumbs pagination pager paging toolbar
    toolbox sidebar footer masthead siteheader globalheader colophon backtotop toc tableofcontents
    navbox catlinks
"""
_SHARING: Final = """
    share sharing sharer sharebar sharetools sharebuttons sharethis sharedaddy social socialmedia
    sociallinks socialshare sociable addthis addtoany followus
"""
_PROMPTS: Final = """
    newsletter newsletters signup subscribe subscription optin donate donation popup modal overlay
    interstitial paywall regwall login signin promo promos promotion cta calltoaction appdownload poll
    tipline tipbox tipoff newstip newstips feedback membership becomeamember
"""
_ADVERTISEMENTS: Final = """
    ad ads adslot adunit advert adverts advertisement advertisements advertising advertorial dfp
    sponsor sponsors sponsored taboola outbrain leaderboard videoplayer playerwrapper
"""
_ABOUT: Final = """
    authorbox authorbio authorinfo authorcard authorprofile authordescription aboutauthor
    abouttheauthor byline bylines taglist tagcloud taglinks posttags postmeta entrymeta articlemeta
    metadata dateline timestamp pubdate editsection mweditsection hatnote ambox sitesub copyright
    disclaimer sitenotice
"""
FURNITURE: Final = OTHERS.union(
    CONSENT,
    *(
        names.split()
        for names in (_HIDDEN, _NAVIGATION, _SHARING, _PROMPTS, _ADVERTISEMENTS, _ABOUT)
    ),
)
"""Names of what is not part of an article."""

FURNITURE_LAST: Final = frozenset(
    """
    banner widget widgetarea teaser teasers popular quiz survey tip tips comment reply author authors
    bio contributors tag tags topic topics category categories keywords meta info credit credits
    rating ratings print prompt appeal email follow privacy references reflist
    """.split()
)
"""Names that mean this only as the last word: "category-news" may be an article's own class."""

NOTES: Final = frozenset("footnote footnotes endnote endnotes".split())
BOXES: Final = NOTES | frozenset(
    "callout admonition factbox infobox keyfacts keypoints keytakeaways takeaways".split()
)
"""Names of what stands apart from the text and belongs to it."""
LEADS: Final = frozenset(
    "standfirst lead lede dek deck subtitle subheadline subheading excerpt intro chapo vorspann".split()
)
"""Names of what stands between title and text and sums it up."""

SIGNATURES: Final = frozenset(
    """
    submitted postmeta postmetadata postinfo postfooter postdate entrymeta entryinfo entryfooter
    entrydate articlemeta articleinfo articledate assetmeta assetfooter dateline timestamp datestamp
    pubdate publishdate publishtime
    """.split()
)
"""Names of the lines that sign a post, above or below it: who wrote it, and when."""

OTHERS_LAST: Final = frozenset("comment reply teaser teasers widget popular".split())

_ALONE: Final = frozenset(("hidden",))
_MODIFIERS: Final = frozenset("has with without no not is js and enabled disabled".split())
_ANY_BLOCK: Final = frozenset(("elementorwidget",))
"""Names that a page builder gives to every block, those of the article among them."""
_TAXONOMY: Final = frozenset("category tag author single postid".split())
_FILED: Final = frozenset(("category", "tag"))
"""How a class begins that says what a post is about: "category-popular"."""
_LONGEST_RUN: Final = 3
_WORD: Final = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+")
_ATTRIBUTES: Final = (
    "class", "id", "data-testid", "data-component", "data-module", "data-type", "data-gu-name",
    "aria-label",
)  # fmt: skip
_LONGEST_VALUE: Final = 400


def has_name(
    element: HtmlElement, anywhere: frozenset[str], last: frozenset[str] = frozenset()
) -> bool:
    """Whether one of an element's names has one of these words, or ends with one of ``last``."""
    values = [element.get(attribute) for attribute in _ATTRIBUTES]
    if "-" in element.tag:  # an element of the page's own making, such as <amp-ad>
        values.append(element.tag)
    names = (name for value in values if value for name in value[:_LONGEST_VALUE].split())
    return any(_is_one_of(name, anywhere, last) for name in names)


def is_furniture(element: HtmlElement) -> bool:
    """Whether the names of an element say that it is furniture, or not shown."""
    return (element.get("class") or "").strip().lower() in _ALONE or has_name(
        element, FURNITURE, FURNITURE_LAST
    )


def is_about_others(element: HtmlElement) -> bool:
    """Whether an element stands in a part of the page about other articles, or by readers."""
    return any(
        each.tag in ("aside", "nav")
        or (has_name(each, OTHERS, OTHERS_LAST) and not _is_around_post(each))
        for each in (element, *element.iterancestors())
        if each.tag not in ("html", "body")
    )


def _is_around_post(element: HtmlElement) -> bool:
    """Whether an element holds one post, as the widget does in which Blogger shows a page's article."""
    posts = (
        each for each in element.iterdescendants() if "hentry" in (each.get("class") or "").split()
    )
    return sum(1 for _ in posts) == 1 and not has_name(element, OTHERS)


def _is_one_of(name: str, anywhere: frozenset[str], last: frozenset[str]) -> bool:
    """Whether a name has one of these words; one of a section or tag may follow "category" or "tag"."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or not _MODIFIERS.isdisjoint(words) or "".join(words) in _ANY_BLOCK:
        return False
    count = len(words)
    is_filed = words[0] in _FILED and count > 1
    for start in range(1 if words[0] in _TAXONOMY and count > 1 else 0, count):
        run = ""
        for end in range(start, min(start + _LONGEST_RUN, count)):
            run += words[end]
            if run in anywhere or (end == count - 1 and run in last and not is_filed):
                return True
    return False
