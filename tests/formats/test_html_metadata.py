"""HTML: what a page says of its article is found, with its evidence, wherever the page says it."""

import json

import pytest

from rag.corpus.load import load
from rag.formats.html.page import Html
from tests.formats.html_pages import BATH, TITLE, page, paragraphs

BODY = f"<main><h1>{TITLE}</h1>{''.join(paragraphs(BATH))}</main>"
SITE = "The Varnholt Gazette"


def ld(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


def meta(name, content, key="property"):
    return f'<meta {key}="{name}" content="{content}">'


def found(data, field):
    return [each.value for each in Html().parse(data, "page.html").found if each.field == field]


def document(data):
    return load("page.html", "page.html", data)


ARTICLE = {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2025-04-02T10:00:00+02:00"}

OLDER = {**ARTICLE, "datePublished": "2024-01-01"}
NEVER = {**ARTICLE, "datePublished": "0001-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "data",
    [
        page(BODY, ld(ARTICLE)),
        page(BODY, ld({"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, ARTICLE]})),
        page(BODY, ld([{"@type": "BreadcrumbList"}, ARTICLE])),
        page(BODY, ld({"@type": "WebPage", "mainEntity": ARTICLE})),
        page(BODY, ld({"dateModified": "2025-05-06", "dateCreated": "2025-03-01", **ARTICLE})),
        page(BODY, ld({**ARTICLE, "comment": [{"@type": "Comment", "datePublished": "2025-06-01"}]})),
        page(BODY, ld({"@type": "ItemList", "itemListElement": [OLDER]}) + ld(ARTICLE)),
        page(BODY, ld(json.dumps(ARTICLE).replace("}", ",}"))),
        page(BODY, ld("<!--\n" + json.dumps(ARTICLE) + "\n-->")),
        page(BODY, ld(json.dumps(ARTICLE).replace("Varnholt", "Varn\nholt"))),
        page(BODY, ld(json.dumps(ARTICLE).replace('"@type"', '"text": "a "quote" in it", "@type"'))),
        page(BODY, meta("article:published_time", "2025-04-02T10:00:00Z")),
        page(BODY, meta("DC.date.issued", "2025-04-02", "name")),
        page(BODY, meta("citation_publication_date", "2025/04/02", "name")),
        page(BODY, meta("parsely-pub-date", "2025-04-02T09:00:00Z", "name")),
        page(BODY.replace("</h1>", '</h1><i itemprop="datePublished" content="2025-04-02">2.4.</i>')),
        page(BODY.replace("</h1>", '</h1><time datetime="2025-04-02T10:00">2 April 2025</time>')),
        page(BODY.replace("</h1>", '</h1><p class="byline">By Ane Roth | 2 April 2025</p>')),
        page(BODY.replace("</h1>", "</h1><div>Posted on <a>2 April 2025</a> by <b>Ane Roth</b></div>")),
        page(BODY.replace("<main>", "<main><span>2 April 2025</span>")),
        page(BODY, '<link rel="canonical" href="https://example.org/news/2025/04/02/old-bath">'),
        page(BODY + '<div class="comments"><time datetime="2025-05-01">1 May</time><p>No.</p></div>',
             meta("date", "2025-04-02", "name")),
        page(BODY.replace("</h1>", '</h1><time datetime="2025-04-02">2 April 2025</time>')
             + '<div class="related"><time datetime="2025-05-01">1 May</time></div>'),
        page(BODY, ld(NEVER) + meta("date", "2025-04-02", "name")),
        page(BODY, meta("x:publicationDate", "2025-04-02") + meta("x:edited_date", "2025-05-01")),
        page(BODY.replace("</h1>", '</h1><abbr class="published" title="2025-04-02T08:00">2 Apr</abbr>')),
        page(BODY.replace("</h1>", '</h1><relative-time datetime="2025-04-02">a year ago</relative-time>')),
        page(BODY.replace("</h1>", "</h1><p>Last edited 5 May 2025, first published 2 April 2025</p>")),
        page(BODY.replace("</h1>", "</h1><p>publiziert am 2. April 2025</p>")),
        page(BODY.replace("</h1>", "</h1><p>Ann Lee</p><p>2 kwietnia 2025, 08:10</p>")),
        page(f"<b>{TITLE}</b><br><i>2 April 2025 – Ann Lee</i><br><br>" + "<br><br>".join(BATH)),
        page(f"<b>{TITLE}</b><br><span>Wednesday, April 2, 2025</span>" + "".join(paragraphs(BATH))),
    ],
)  # fmt: skip
def test_the_date_of_publication(data):
    assert document(data).published == "2025-04-02"
    assert "published" in document(data).evidence


def test_dates_of_others_are_not_the_article_s():
    comment = (
        '<section id="comments"><time datetime="2025-05-01">1 May 2025</time><p>No.</p></section>'
    )
    related = '<aside><time datetime="2025-05-02">2 May 2025</time></aside>'
    assert document(page(BODY + comment + related)).published is None


SHOWN = "<p>2 April 2025, 9:24 pm</p>"


@pytest.mark.parametrize(
    "head",
    [
        meta("article:published_time", "2025-04-03T02:24:00Z"),
        meta("date", "2025-04-03 02:24:00", "name"),
        ld({**ARTICLE, "datePublished": "2025-04-03T02:24:00-06:00"}),
        ld({**ARTICLE, "datePublished": "2025-04-03"}),
    ],
)
@pytest.mark.parametrize(
    "shown", [SHOWN, '<time datetime="2025-04-02 21:24">2 April 2025, 9:24 pm</time>']
)
def test_readers_see_the_publisher_s_own_day_not_that_of_another_clock(head, shown):
    read = document(page(BODY.replace("</h1>", f"</h1>{shown}"), head))
    assert read.published == "2025-04-02"
    assert document(page(BODY, head)).published == "2025-04-03"


def test_a_change_within_the_hour_is_not_one_of_the_day_after():
    times = {"datePublished": "2025-04-03T02:24:00Z", "dateModified": "2025-04-03T02:51:00Z"}
    shown = BODY.replace("</h1>", f"</h1>{SHOWN}")
    read = document(page(shown, ld({**ARTICLE, **times})))
    assert (read.published, read.updated) == ("2025-04-02", None)
    later = ld({**ARTICLE, **times, "dateModified": "2025-04-07T09:00:00Z"})
    assert document(page(shown, later)).updated == "2025-04-07"
    said = shown.replace("</h1>", "</h1><p>Updated 3 April 2025, 8:10 am</p>")
    assert document(page(said, ld({**ARTICLE, **times}))).updated == "2025-04-03"


def test_another_element_may_state_the_publisher_s_own_day():
    head = meta("article:published_time", "2025-04-03T02:24:00Z")
    own = meta("article_date_original", "Wednesday, April 2, 2025, 09:24 PM", "name")
    assert document(page(BODY, head + own)).published == "2025-04-02"
    later = meta("expiry-date", "2025-04-04", "name")
    assert document(page(BODY, head + later)).published == "2025-04-03"


def test_the_day_of_the_visit_is_not_that_of_publication():
    head = ld({**ARTICLE, "datePublished": "2025-04-02T09:00:00+02:00"})
    masthead = BODY.replace("<main>", "<main><p>Thursday, 3 April 2025</p>")
    assert document(page(masthead, head)).published == "2025-04-02"


BLOGGER = f"""<div class="widget Header"><h1>{SITE}</h1></div><div class="widget Blog" id="Blog1">
<h2 class="date-header">Wednesday, April 2, 2025</h2><div class="post hentry"><h3>{TITLE}</h3>
<div class="entry-content">{"".join(paragraphs(BATH))}</div></div></div>
<div class="widget BlogArchive"><h2>Archive</h2><ul><li>May 2025 (12)</li></ul></div>"""
WIDGET = '<div class="elementor-element elementor-widget">{}</div>'
BUILDER = "".join(
    WIDGET.format(each)
    for each in (f"<h1>{TITLE}</h1>", "<p>April 2, 2025</p>", *paragraphs(BATH))
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "title"),
    [(BLOGGER, f"{SITE}: {TITLE}"), (BUILDER, f"{TITLE} - {SITE}"), (BUILDER, "Home")],
)
def test_an_article_may_stand_in_widgets(body, title):
    read = document(page(body, "", title))
    assert (read.title, read.published) == (TITLE, "2025-04-02")
    assert all(each in read.text for each in BATH)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("", f"{TITLE} | {SITE}"),
        ("", f"{TITLE} - {SITE}"),
        ("", f"{TITLE} — News — {SITE}"),
        ("", f"{SITE}: {TITLE}"),
        (meta("og:site_name", SITE), TITLE),
        (meta("application-name", SITE, "name"), TITLE),
        (ld({**ARTICLE, "publisher": {"@type": "Organization", "name": SITE}}), TITLE),
        (
            ld({"@graph": [{**ARTICLE, "publisher": {"@id": "#o"}}, {"@id": "#o", "name": SITE}]}),
            TITLE,
        ),
        (meta("DC.publisher", SITE, "name"), TITLE),
    ],
)
@pytest.mark.parametrize("heading", ["h1", "h2"])
def test_title_and_publisher(head, title, heading):
    read = document(page(BODY.replace("h1>", f"{heading}>"), head, title))
    assert (read.title, read.publisher) == (TITLE, SITE)


def test_a_title_may_be_marked_by_its_style_alone():
    lines = f'<p class="logo">Varnholt</p><p class="MsoTitle">{TITLE}</p><h1>The vote</h1>'
    read = document(page(lines + "".join(paragraphs(BATH))))
    assert read.title == TITLE
    assert read.text.count(TITLE) == 1
    site = f"<header><p>{TITLE}</p></header><h1>Another title for the text</h1>"
    assert document(page(site + "".join(paragraphs(BATH)))).title == "Another title for the text"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (meta("og:title", f"{TITLE} | {SITE}") + meta("og:site_name", SITE), "x"),
        (ld({**ARTICLE, "publisher": {"name": SITE}}), "x"),
        ("", f"{TITLE} | {SITE}"),
    ],
)
def test_a_title_without_a_heading(head, title):
    data = page("".join(paragraphs(BATH)), head, title)
    assert (document(data).title, document(data).publisher) == (TITLE, SITE)
    assert Html().parse(data, "a").text.startswith(TITLE)


@pytest.mark.parametrize("title", [f"{SITE}: {TITLE}", f"{SITE} | {TITLE}", f"{TITLE} | {SITE}"])
def test_the_name_of_the_site_may_be_a_heading_above_the_title(title):
    logo = f"<div><h1>{SITE}</h1></div>"
    read = document(page(logo + BODY.replace("h1>", "h2>"), "", title))
    assert (read.title, read.publisher) == (TITLE, SITE)


def test_the_name_of_the_site_in_a_heading_is_not_the_title():
    body = f"<h1>{SITE}</h1><h2>{TITLE}</h2>{''.join(paragraphs(BATH))}"
    assert document(page(body, meta("og:site_name", SITE), f"{TITLE} | {SITE}")).title == TITLE


@pytest.mark.parametrize(
    "data",
    [
        page(BODY, ld({**ARTICLE, "author": [{"@type": "Person", "name": "Ane Roth"}]})),
        page(BODY, meta("author", "Ane Roth", "name")),
        page(BODY.replace("</h1>", '</h1><a rel="author" href="/a">Ane Roth</a>')),
        page(BODY.replace("</h1>", '</h1><p class="byline">By <a href="/a">Ane Roth</a></p>')),
        page(BODY.replace("</h1>", '</h1><span itemprop="author">Ane Roth</span>')),
    ],
)
def test_the_author(data):
    assert found(data, "author")[0] == "Ane Roth"


def test_the_date_of_the_last_change_and_the_language():
    head = ld({**ARTICLE, "dateModified": "2025-05-06"}) + meta("og:locale", "en_GB")
    assert found(page(BODY, head), "updated")[0] == "2025-05-06"
    assert found(page(BODY, head), "language") == ["en", "en_GB"]


@pytest.mark.parametrize(
    ("head", "addresses"),
    [
        ('<link rel="canonical" href="https://example.org/a">', ["https://example.org/a"]),
        (meta("og:url", "https://example.org/a"), ["https://example.org/a"]),
        ('<link rel="canonical" href="/a">' + meta("og:url", "https://example.org/b"), ["https://example.org/b"]),
        ('<link rel="canonical" href="javascript:alert(1)">', []),
        ("<!--\n Page saved with SingleFile \n url: https://example.org/a \n-->", ["https://example.org/a"]),
        ("<!-- saved from url=(0021)https://example.org/a -->", ["https://example.org/a"]),
    ],
)  # fmt: skip
def test_the_address(head, addresses):
    assert found(page(BODY, head), "url") == addresses
