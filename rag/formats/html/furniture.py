"""Removes from a page what is not shown, and the furniture around and within its article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NO_TEXT: Final = frozenset(
    "script style template noscript svg object embed applet iframe canvas audio video map select datalist textarea"
    " input progress meter dialog frameset noframes link meta base".split()
)
"""Elements that hold no text for a reader."""

_AROUND: Final = frozenset("nav menu footer aside".split())
_ROLES: Final = frozenset(
    "navigation banner contentinfo complementary dialog alertdialog alert search menu menubar toolbar tablist"
    " tooltip".split()
)
_HIDING: Final = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)

# The names that designers give to these parts, in class, id and the like. Words of one name are joined:
# "most-read", "mostRead" and "most_read" are all mostread.
_OTHERS: Final = frozenset(
    """
    related relatedposts relatedarticles relatedstories relatedlinks relatedcontent recirc recirculation
    recommended recommendation recommendations trending mostread mostpopular mostviewed mostshared mostcommented
    readnext readalso alsoread morefrom moreon morestories morenews morearticles upnext nextup nextarticle
    nextpost nextstory prevarticle prevpost prevstory previousarticle previouspost previousstory latestnews
    latestposts lateststories recentposts recentnews recentarticles relatedpost relatedarticle relatedstory
    youmaylike youmayalsolike postnav seealso comments commentlist commentform commentsection commentsarea
    commentarea disqus disqusthread respond replies
    """.split()
)
"""Names of what belongs to other articles, or to readers: their titles and dates are not the article's."""

_CONSENT: Final = frozenset(
    """
    cookie cookies consent gdpr ccpa cmp onetrust didomi usercentrics cookiebot cookieyes iubenda klaro truste trustarc
    osano termly tarteaucitron cmplz borlabs spmessage fcconsent privacymanager
    """.split()
)
"""Names of consent notices, those of their makers among them. They may hold more text than the article."""

_ANYWHERE: Final = _OTHERS | _CONSENT | frozenset(
    # hidden, or for machines and printers only
    """sfhidden sronly offscreen rollover popover hovercard tooltip dropdown visuallyhidden visualhidden screenreader screenreadertext noprint printonly skiplink skiplinks
    skipto skipnav noscript"""
    # navigation
    """ nav navbar navigation subnav megamenu menu breadcrumb breadcrumbs pagination pager paging toolbar toolbox
    sidebar footer masthead siteheader globalheader colophon backtotop toc tableofcontents navbox catlinks"""
    # sharing
    """ share sharing sharer sharebar sharetools sharebuttons sharethis sharedaddy social socialmedia sociallinks
    socialshare sociable addthis addtoany followus"""
    # prompts
    """ newsletter newsletters signup subscribe subscription optin donate donation popup modal overlay interstitial paywall regwall login signin promo promos promotion cta calltoaction
    appdownload poll tipline tipbox tipoff newstip newstips feedback membership becomeamember"""
    # advertisements
    """ ad ads adslot adunit advert adverts advertisement advertisements advertising advertorial dfp sponsor sponsors
    sponsored taboola outbrain leaderboard videoplayer playerwrapper"""
    # about the article
    """ authorbox authorbio authorinfo authorcard authorprofile authordescription aboutauthor abouttheauthor byline
    bylines taglist tagcloud taglinks posttags postmeta entrymeta articlemeta metadata dateline timestamp pubdate
    editsection mweditsection hatnote ambox sitesub copyright disclaimer""".split()
)
_LAST: Final = frozenset(
    """banner widget widgetarea teaser teasers popular quiz survey tip tips comment reply author authors bio
    contributors tag tags topic topics category categories keywords meta info credit credits rating ratings print
    prompt appeal email follow privacy references reflist hidden""".split()
)
"""Names that mean furniture only as the last word: "category-news" may be an article's own class."""
_MODIFIERS: Final = frozenset("has with without no not is js and enabled disabled".split())
_TAXONOMY: Final = frozenset("category tag author single postid".split())
_HIDDEN: Final = "hidden"
_OTHERS_LAST: Final = frozenset("comment reply teaser teasers widget popular".split())
_WORD: Final = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+")
_NAMING: Final = ("class", "id", "data-testid", "data-component", "data-module", "data-type", "aria-label")

_NEVER: Final = frozenset("html body main article blockquote tbody thead tr td th".split())
_HEADINGS: Final = frozenset(f"h{level}" for level in range(1, 7))
_MOST: Final = 0.4
"""Share of a page's prose: what holds more of it is the article, whatever it is called."""
_A_FORM: Final = 400
"""Characters of prose: old pages put the whole article into a form."""


def remove_furniture(tree: HtmlElement, spared: frozenset[HtmlElement] = frozenset()) -> None:
    """Remove from a page, in place, whatever its markup says is hidden or not part of the article.

    Of what is ``spared``, and of what it stands in, nothing is removed for its name.
    """
    body = tree.find(".//body")
    if body is None:
        return
    for box in [box for form in body.iter("form", "input", "textarea") if (box := _form_box(form)) is not None]:
        if box.getparent() is not None:
            box.drop_tree()
    for element in list(body.iter(*_NO_TEXT)):
        element.drop_tree()
    for button in [each for each in body.iter("button") if not _is_in_heading(each)]:
        button.drop_tree()
    prose = prose_lengths(body)
    total = prose.get(body, 0)
    doomed = [
        element
        for element in body.iterdescendants()
        if element not in spared
        and (_is_around(element) or (prose[element] <= _MOST * total and _is_removable(element, prose)))
    ]
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree()


def _is_in_heading(element: HtmlElement) -> bool:
    return any(each.tag in _HEADINGS or each.tag == "summary" for each in element.iterancestors())


def _form_box(field: HtmlElement) -> HtmlElement | None:
    """The box that asks a reader to fill in a field, or None if the field stands in the article itself."""
    if field.get("type") in ("hidden", "checkbox", "radio"):  # without a prompt of their own
        return None
    box = None
    for element in (field, *field.iterancestors()):
        if element.tag in _NEVER or element.find(".//h1") is not None:
            break
        if len(element.text_content()) > _A_FORM:
            break
        box = element
    return box


def prose_lengths(body: HtmlElement) -> dict[HtmlElement, int]:
    """For each element, the number of characters of text in it that is not in links."""
    lengths: dict[HtmlElement, int] = {}
    for element in reversed(list(body.iter())):
        own = 0 if element.tag == "a" else len((element.text or "").strip())
        for child in element:
            if element.tag != "a":
                own += lengths[child] + len((child.tail or "").strip())
        lengths[element] = own
    return lengths


def _is_removable(element: HtmlElement, prose: dict[HtmlElement, int]) -> bool:
    if element.tag in _NEVER or element.get("itemprop") == "articleBody":
        return element.get("hidden") is not None and element.tag not in ("html", "body")
    if element.tag == "form":
        return prose[element] <= _A_FORM
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    if hidden or _HIDING.search(element.get("style") or ""):
        return True
    return names_furniture(element) and not _is_quotation(element, prose)


def _is_around(element: HtmlElement) -> bool:
    """Whether a page's own structure says that an element is not the article."""
    if element.find(".//h1") is not None or element.find(".//article") is not None:
        return False
    if element.tag in _AROUND or (element.get("role") or "").lower() in _ROLES:
        return True
    return element.tag not in _NEVER and has_name(element, _CONSENT)


def _is_quotation(element: HtmlElement, prose: dict[HtmlElement, int]) -> bool:
    """Whether an element is a frame around a quotation, such as a post of a social network."""
    quoted = sum(prose[quotation] for quotation in element.iter("blockquote"))
    return quoted > prose[element] / 2


def is_about_others(element: HtmlElement) -> bool:
    """Whether an element stands in a part of the page about other articles, or by readers."""
    return any(
        each.tag in ("aside", "nav") or has_name(each, _OTHERS, _OTHERS_LAST)
        for each in (element, *element.iterancestors())
        if each.tag not in ("html", "body")
    )


def names_furniture(element: HtmlElement) -> bool:
    """Whether the names that a designer gave an element say that it is furniture."""
    return has_name(element, _ANYWHERE, _LAST)


def has_name(
    element: HtmlElement, anywhere: frozenset[str], last: frozenset[str] = frozenset()
) -> bool:
    """Whether one of an element's names has one of these words, or ends with one of ``last``."""
    values = [element.get(attribute) for attribute in _NAMING]
    if "-" in element.tag:  # an element of the page's own, such as <amp-ad>
        values.append(element.tag)
    return any(
        _is_one_of(name, anywhere, last) for value in values if value for name in value[:400].split()
    )


def _is_one_of(name: str, anywhere: frozenset[str], last: frozenset[str]) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or not _MODIFIERS.isdisjoint(words):
        return False
    runs = (
        ("".join(words[start:end]), end)
        for start in range(1 if words[0] in _TAXONOMY and len(words) > 1 else 0, len(words))
        for end in range(start + 1, min(start + 3, len(words)) + 1)
    )
    return any(
        run in anywhere or (end == len(words) and run in last and (run != _HIDDEN or len(words) == 1))
        for run, end in runs
    )
