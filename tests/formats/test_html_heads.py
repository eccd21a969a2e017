"""HTML: title and date are found where markup hides them, and not taken from what stands beside."""

import pytest

from rag.corpus.load import load
from tests.formats.html_pages import BATH, TITLE, page, paragraphs
from tests.timing import assert_linear, repeated

TEXT = "".join(paragraphs(BATH))
SITE = "The Varnholt Gazette"
HEADED = f"<main><h1>{TITLE}</h1>{{}}{TEXT}</main>"


def document(data):
    return load("page.html", "page.html", data)


def at(address):
    return f'<link rel="canonical" href="https://example.org{address}">'


def og(title):
    return f'<meta property="og:title" content="{title}">'


# ---------------------------------------------------------------- titles


@pytest.mark.parametrize(
    "heading",
    [
        f'<h2><time datetime="2025-04-02">Apr 2</time> {TITLE}</h2>',
        f"<h1><span>TOWN HALL</span> {TITLE}</h1>",
        f"<h1><span>Town hall: </span><span>{TITLE}</span></h1>",
        f"<h1>{TITLE}<small>Ane Roth, editor</small></h1>",
    ],
)
def test_what_stands_beside_the_title_in_its_heading_is_not_in_it(heading):
    assert document(page(f"{heading}{TEXT}", og(TITLE), f"{TITLE} | {SITE}")).title == TITLE


def test_a_label_behind_the_title_is_not_in_it_where_only_the_page_s_title_shows_so():
    heading = f"<h1>{TITLE} <span>Subscribers</span></h1>"
    assert document(page(heading + TEXT, "", f"{TITLE} | Columns | {SITE}")).title == TITLE


def test_a_kicker_is_no_title_because_the_page_s_title_begins_with_it():
    heading = "<h1><span>The old bath closes:</span> nobody knows what comes then</h1>"
    read = document(page(heading + TEXT, "", "The old bath closes: what now? - Gazette"))
    assert read.title == "The old bath closes: nobody knows what comes then"


def test_a_title_of_two_parts_is_longer_than_the_words_of_the_site():
    site = "Baths . Water . Towns"
    body = f"<h1>{site}</h1><h2>{TITLE}<br>A plan for six years</h2>{TEXT}"
    title = f"{TITLE} - A plan for six years | Reval - {site}"
    assert document(page(body, "", title)).title.startswith(TITLE)


def test_the_only_heading_of_an_article_is_its_title_whatever_search_engines_are_told():
    body = f"<article><h1>{TITLE}</h1>{TEXT}</article>"
    assert (
        document(page(body, og("Swimming pool news 2025"), "Swimming pool news 2025")).title
        == TITLE
    )
    site = f"<h1>Swim, save, dry yourself</h1><div>{TEXT}</div>"
    assert document(page(site, og(TITLE), TITLE)).title == TITLE


def test_an_article_may_be_filed_under_what_is_popular():
    body = f'<div class="post category-popular tag-comment"><h1>{TITLE}</h1>{TEXT}</div><h1>On the air</h1>'
    assert document(page(body, "", f"{TITLE} | {SITE}")).title == TITLE


@pytest.mark.parametrize("title", ["{}_新华网", "{}-新华网", "{}|新华网", "{}_cjn.cn"])
@pytest.mark.parametrize("tag", ["h1", "div"])
def test_scripts_without_spaces_part_title_and_site_without_them(title, tag):
    own = "法国全国大罢工再次严重影响交通2025-26赛季"
    read = document(page(f"<{tag}>{own}</{tag}>{TEXT}", "", title.format(own)))
    assert read.title == own


def test_a_heading_of_several_parts_is_the_title_as_a_whole():
    heading = "<h1>Varnholt to <em>close</em> its <b>old</b> bath</h1>"
    assert document(page(heading + TEXT, og("Varnholt closes"))).title == TITLE


@pytest.mark.parametrize(
    "address", ["/2025/varnholt-to-close-its-old-bath/", "/a/close_its_old_bath.html"]
)
def test_the_address_may_name_the_title_where_the_page_names_only_its_site(address):
    body = f"<h1></h1><h2>{TITLE}</h2>{TEXT}<h2>Varnholt weather</h2>"
    assert document(page(body, at(address), "gazette.example")).title == TITLE


def test_the_address_tells_the_title_from_the_name_of_a_site_of_as_many_words():
    body = "<h1>Old Bath Friends</h1><h2>Swimming goes on</h2>" + TEXT
    data = page(
        body, at("/2025/swimming-goes-on/"), "Old Bath Friends » Archive » Swimming goes on"
    )
    assert document(data).title == "Swimming goes on"


def test_of_two_headings_in_the_page_s_title_the_stated_one_is_the_article_s():
    site = "Town - Water - Reading rooms"
    title = f"{TITLE} - and what comes then for us"
    body = f"<h1>{site}</h1><h2>{title}</h2>{TEXT}"
    assert document(page(body, og(title), f"{title} | {site}")).title == title


def test_the_second_of_two_statements_may_be_the_one_that_readers_see():
    said = og("The bath of Varnholt: closed? | Gazette") + og(f"{TITLE} for good")
    body = f"<h1>Gazette of Varnholt</h1><h2>{TITLE} for good</h2>{TEXT}"
    assert document(page(body, said, "The bath of Varnholt: closed?")).title == f"{TITLE} for good"


def test_one_entry_title_of_a_page_is_its_title():
    line = f'<p><span class="headline entry-title">{TITLE}</span></p>'
    assert document(page(line + TEXT, "", "News from the Gazette")).title == TITLE
    others = '<p><span class="entry-title">Another one of the day</span></p>'
    assert (
        document(page(line + TEXT + others, "", "News from the Gazette")).title
        != "Another one of the day"
    )


def test_a_date_may_part_title_and_site():
    data = page(f"<div>{TEXT}</div>", "", f"{TITLE} - 2 April 2025 - Blog - Gazette, town and land")
    assert (document(data).title, document(data).published) == (TITLE, "2025-04-02")


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "data",
    [
        page(HEADED.format('<p>by <a href="/k">Ane Roth</a>, 2.4.2025</p>')),
        page(HEADED.format("<div>2025-04-02 20:52:15 <span>Source: Gazette</span></div>")),
        page(HEADED.format('<i class="updated">2025-05-06T17:27:31Z</i><i>April 2nd, 2025</i>')),
        page(HEADED.format('<div class="updatetime">2 April 2025 05:40 PM</div>')
             + "<ul><li>Weather <i>6 May 2025</i></li></ul>"),
        page(HEADED.format('<div class="timestamp updated" title="2025-04-02T1603Z">Apr 2, 4 PM</div>')),
        page(f"<table><tr><td><h2>{TITLE}</h2>2 April 2025, 19:49 | Ane Roth{TEXT}<h3>A comment</h3>"
             "4 April 2025, 16:19 <p>Thanks!</p></td></tr></table>"),
        page(HEADED.format(""), at("/2025/apr/02/old-bath")),
        page(HEADED.format(""), at("/2025/4/2/old-bath")),
        page(HEADED.format(""), at("/2025/NEWS/04/02/bath.html")),
        page(HEADED.format(""), "", f"{TITLE} | Gazette | 02.04.2025"),
        page(HEADED.format(TEXT * 3) + "<div>Source<br>Published on 02.04.2025<p>Baths</p></div>"
             + '<ul><li><time datetime="2025-06-09">June 9</time> Concert</li></ul>'),
        page(HEADED.format(TEXT) + '<div class="submitted">Saved by ane on 2 April 2025 - 18:55</div>'),
        page(HEADED.format(TEXT) + '<p class="post-footer">This was written on 2 April 2025 by Ane and '
             "is filed under Baths.</p>"),
        page('<p><span class="publish-time"><a href="/x">4/2/2025 11:04am</a> <i>Yesterday</i></span></p>'
             + "<p>Menu</p>" * 9 + HEADED.format("<p>A ballot on 4/13/2025 will decide.</p>")),
        page(HEADED.format('<time datetime="2025-04-03T06:39Z">Updated Apr 3, 2025, 2:39 AM</time>'
             '<time datetime="2025-04-02T17:34Z">Published Apr 2, 2025, 1:34 PM</time>'),
             '<meta property="article:published_time" content="2025-04-02T17:34:01Z">'),
        page(HEADED.format("<p>2 April 2025, 18:34</p>"), at("/en/20250401-old-bath")
             + '<meta property="article:published_time" content="2025-04-02T16:34:48+00:00">'),
        page(HEADED.format(""), '<script type="application/ld+json">{"@type": "NewsArticle", '
             '"datePublished": 2025-04-02T06:18:10-03:00}</script>'),
        page(HEADED.format("<p>Дата публикации: 02.04.2025 Тема: бани</p>")),
        page(HEADED.format("<p>Geschrieben von Ane 2025-04-02 18:55 im Haus</p>")),
        page(f"<p>Monday, 9 June 2025 | Varnholt</p><p>Front page</p><div>{TITLE}</div>"
             f"<p>Wednesday, 2 April 2025</p>{TEXT}", "", f"{TITLE} - Gazette.example - Varnholt Town"),
        page(HEADED.format('<time datetime="2025-04-07T10:18Z">Published on 2 April 2025</time>')),
        page(HEADED.format('<blockquote><time datetime="2025-02-12">Feb 12, 2025</time></blockquote>')
             + '<p><time datetime="2025-04-02">2 April 2025</time></p>'),
        page(HEADED.format('<time class="updated" datetime="2025-04-02 20:08-0400">April 2, 8 pm</time>'),
             '<meta name="sailthru.date" content="2025-04-03">'),
        page(f"<h1>{TITLE}</h1><p>The roof would cost 3.2 million</p><p>A ballot may follow</p>"
             f"<p>VARNHOLT, April&nbsp;2, 2025 (Gazette) &mdash; {BATH[0]}</p>{TEXT}"),
        page(HEADED.format("<p>2 April 2025</p>"), '<meta name="publishid" content="1129981476.12.2.0">'),
    ],
)  # fmt: skip
def test_the_date_of_publication(data):
    assert document(data).published == "2025-04-02"


@pytest.mark.parametrize(
    "line", ["<i>Updated</i> <i>3 April 2025</i>", "Updated <!-- --> 3 April 2025"]
)
def test_the_day_in_a_line_about_a_change_is_not_that_of_publication(line):
    head = '<meta property="article:published_time" content="2025-04-02T17:34:01Z">'
    read = document(page(HEADED.format(f"<p>{line}</p>"), head))
    assert read.published == "2025-04-02"


def test_a_reader_s_comment_signs_no_article():
    lines = '<div class="entry"><p>1 April 2025</p></div><p class="postdate">9 May 2025</p>'
    assert document(page(f"<h1>{TITLE}</h1>{lines}{TEXT}")).published == "2025-04-01"


def test_a_title_with_a_date_of_its_own_keeps_it():
    title = "The council's week: 2 April 2025"
    assert document(page(TEXT, "", f"{title} | Varnholt Gazette")).title == title


@pytest.mark.parametrize(
    "around",
    [
        lambda run: page(f"<h1>Old bath</h1>{TEXT}", "", run(" - a")),
        lambda run: page(f"<h1>{run('<b>a</b> ')}</h1>{TEXT}", "", TITLE),
        lambda run: page(f"<h1>{TITLE}</h1>{run('<div>12 baths <p>3 open</p></div>')}"),
    ],
    ids=["title", "heading", "blocks"],
)
def test_time_is_linear(around):
    assert_linear(document, lambda size: around(lambda piece: repeated(piece)(size)), 2_000)
