"""HTML: the text of an article comes out whole and in order, and nothing of what surrounds it."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import UnreadableFile
from rag.formats.html.page import Html
from tests.formats.html_pages import BATH, TITLE, page, paragraphs


def parsed(data):
    return Html().parse(data, "page.html")


def kinds(extracted, kind):
    return [extracted.text[b.start : b.end] for b in extracted.blocks if b.kind == kind]


# ---------------------------------------------------------------- furniture

BOXES = {
    "newsletter form": '<form class="mc-embed"><h3>Zorble</h3><p>Zorble each Friday.</p><input></form>',
    "newsletter": '<div class="c-newsletterBox"><p>Zorble: the best of the week, free.</p></div>',
    "unnamed form": '<div class="x7"><h3>Zorble</h3><p>Each Friday.</p><p><input type="email"></p></div>',
    "comment form": '<div class="x9"><h3>Zorble</h3><p>Be polite.</p><textarea></textarea></div>',
    "advertisement": '<div class="ad-container"><p>Zorble mattresses: 30 nights on trial.</p></div>',
    "advertisement by id": '<div id="div-gpt-ad-123"><p>Zorble mattresses for all.</p></div>',
    "sponsored": '<div class="sponsored-content"><p>Zorble mattresses: 30 nights.</p></div>',
    "amp advertisement": "<amp-ad><p>Zorble mattresses</p></amp-ad>",
    "poll": '<section class="reader-poll"><h4>Vote</h4><p>Do you like Zorble?</p></section>',
    "sharing": '<ul class="social-icons"><li>Zorble</li><li>E-mail</li></ul>',
    "related": '<div class="related-articles"><ul><li><a href="/x">Zorble wins</a></li></ul></div>',
    "aside": '<aside><h4>More</h4><p><a href="/x">Zorble wins again</a></p></aside>',
    "labelled link": '<p><strong>Read on:</strong> <a href="/x">Zorble wins in the south</a></p>',
    "link": '<p><a href="/x">Zorble wins again in the south</a></p>',
    "tips": '<div class="tip-box"><p>Do you know more about Zorble? Write to us.</p></div>',
    "author": '<div class="author-bio"><p>Zorble Smith writes on baths and has two dogs.</p></div>',
    "cookies": '<div class="cc-cookie-notice"><p>Zorble stores cookies to show ads.</p></div>',
    "donations": '<div class="donation-appeal"><p>Support Zorble with a gift.</p></div>',
    "comments": '<ol class="commentlist"><li><p>Zorble says: keep the bath open.</p></li></ol>',
    "disqus": '<div id="disqus_thread"><p>Zorble says: nonsense.</p></div>',
    "feedback": '<div class="feedback-form"><p>Was this about Zorble helpful?</p></div>',
    "tags": '<ul class="tag-list"><li><a>Zorble</a></li></ul>',
    "meta": '<div class="post-meta">Filed under <a>Zorble</a></div>',
    "trending": '<div class="trending-now"><ol><li><a>Zorble one</a></li></ol></div>',
    "disclaimer": '<div class="disclaimer"><p>Zorble takes no responsibility for losses.</p></div>',
    "footer": "<footer><p>Zorble Ltd, 4 Long Row.</p></footer>",
    "noscript": "<noscript><p>Please enable Zorble scripts.</p></noscript>",
    "template": "<template><p>Zorble goes here.</p></template>",
    "style": "<style>.Zorble{color:red}</style>",
    "script": "<script>var x='Zorble is here.'</script>",
    "svg": "<svg><title>Zorble</title></svg>",
    "hidden": "<div hidden><p>Zorble, to be checked before it is shown.</p></div>",
    "far left": '<div style="position: absolute; left: -9999px"><p>Zorble, for robots.</p></div>',
    "hidden by style": '<div style="display: none"><p>Zorble, to be checked.</p></div>',
    "for screen readers": '<span class="sr-only">Zorble</span>',
    "data URI": f'<img alt="" src="data:image/png;base64,Zorble{"A" * 400}">',
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_a_box_is_left_out_and_what_follows_it_stays(box):
    first, second, *rest = paragraphs(BATH)
    inside = page(
        f"<main><article><h1>{TITLE}</h1>{first}{second}{box}{''.join(rest)}</article></main>"
    )
    after = page(f'<div class="c1"><h1>{TITLE}</h1>{"".join(paragraphs(BATH))}{box}</div>')
    for data in (inside, after):
        assert kinds(parsed(data), "paragraph") == BATH
        assert "Zorble" not in parsed(data).text


CONSENT = (
    "We and our partners process personal data such as identifiers, Zorble. Some rely on legitimate"
    " interest, to which you may object. Your decision is remembered for thirteen months. "
)


@pytest.mark.parametrize(
    "opening",
    [
        '<div role="dialog">', "<aside>", '<div class="gdpr-consent">', '<div id="onetrust-banner-sdk">',
        '<section aria-label="Cookie consent">', '<div id="CybotCookiebotDialog">',
        '<div class="qc-cmp2-container">',
    ],
)  # fmt: skip
def test_a_consent_notice_longer_than_the_article_is_not_the_article(opening):
    closing = f"</{opening[1:].split()[0].rstrip('>')}>"
    notice = f"{opening}<p>{CONSENT * 6}</p>{closing}"
    data = page(f'{notice}<div class="wrap"><h1>{TITLE}</h1>{"".join(paragraphs(BATH))}</div>')
    assert kinds(parsed(data), "paragraph") == BATH


@pytest.mark.parametrize(
    "opening",
    [
        '<body class="has-sidebar newsletter-popup-on"><div class="content no-sidebar with-ads">',
        '<body><div class="newsletter-page"><div class="share-wrapper">',
        '<body><form id="aspnetForm"><div>',
        '<body><div class="paywall article-page">',
        '<body><div class="post-17 category-newsletters tag-cookies hentry">',
        '<body aria-hidden="true"><div>',
    ],
)
def test_an_article_in_an_element_with_a_misleading_name_is_read(opening):
    data = f"<html>{opening}<h1>{TITLE}</h1>{''.join(paragraphs(BATH))}</div></body></html>"
    assert kinds(parsed(data.encode()), "paragraph") == BATH


def test_calls_to_follow_at_the_end_are_left_out_and_a_quoted_profile_stays():
    call = (
        '<p>Ane Roth may be reached at <a href="mailto:a@example.org">a@example.org</a>. Follow her on'
        ' <a href="https://twitter.com/ane">Twitter</a> or <a href="https://facebook.com/ane">Facebook</a>.'
        "</p>"
    )
    first, *rest = paragraphs(BATH)
    data = page(f"<main><h1>{TITLE}</h1>{first}{call}{''.join(rest)}{call}</main>")
    found = kinds(parsed(data), "paragraph")
    assert len(found) == len(BATH) + 1
    assert "reached" in found[1]


# ---------------------------------------------------------------- what an article is made of


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h2>Money</h2>{0}<h3>Plans</h3>{1}", {"heading": ["Money", "Plans"], "paragraph": BATH[:2]}),
        ("{0}<ul><li>One pool</li><li>Two saunas</li></ul>{1}", {"list": ["- One pool\n- Two saunas"]}),
        ("{0}<ol><li>Draw</li><li>Build</li></ol>", {"list": ["1. Draw\n2. Build"]}),
        ("{0}<blockquote><p>We shall swim again.</p></blockquote>{1}",
         {"paragraph": [BATH[0], "We shall swim again.", BATH[1]]}),
        ("{0}<details><summary>Who pays?</summary><p>The town pays two thirds.</p></details>",
         {"heading": ["Who pays?"], "paragraph": [BATH[0], "The town pays two thirds."]}),
        ("{0}<h3><button>When does it close?</button></h3><div><p>On the last day of August.</p></div>",
         {"heading": ["When does it close?"], "paragraph": [BATH[0], "On the last day of August."]}),
        ("{0}<figure><img><figcaption>The bath was built by Otto Wend in 1908.</figcaption></figure>{1}",
         {"paragraph": [BATH[0], "The bath was built by Otto Wend in 1908.", BATH[1]]}),
        ('{0}<div class="wp-caption"><img><p>The bath was built by Otto Wend in 1908.</p></div>{1}',
         {"paragraph": [BATH[0], "The bath was built by Otto Wend in 1908.", BATH[1]]}),
        ("{0}<table><tr><th>Town</th><th>Pools</th></tr><tr><td>Arn</td><td>4</td></tr></table>{1}",
         {"table": ["Town | Pools\n--- | ---\nArn | 4"]}),
        ('{0}<div class="factbox"><ul><li>Built in 1908</li><li>41,000 visitors</li></ul></div>{1}{2}',
         {"list": ["- Built in 1908\n- 41,000 visitors"]}),
        ("{0}{1}<figure><table><tr><th>Town<th>Pools<tr><td>Arn<td>4</table><figcaption>Baths</figcaption>",
         {"paragraph": [*BATH[:2], "Baths"]}),
        ('{0}<div class="kg-callout-card"><div>!</div><div>It closes at nine.</div></div>{1}',
         {"paragraph": [BATH[0], "It closes at nine.", BATH[1]]}),
        ("{0}<p>“No.”</p><p>So it goes.</p>{1}", {"paragraph": [BATH[0], "“No.”", "So it goes.", BATH[1]]}),
        ("{0}<p>The <a href='/r'>report by the building office</a> is public.</p>{1}",
         {"paragraph": [BATH[0], "The report by the building office is public.", BATH[1]]}),
    ],
)  # fmt: skip
def test_parts_of_an_article_are_kept(body, expected):
    data = page(f"<main><h1>{TITLE}</h1>{body.format(*paragraphs(BATH))}</main>")
    for kind, texts in expected.items():
        assert kinds(parsed(data), kind) == texts


@pytest.mark.parametrize(
    "body",
    [
        "<div>" + "<br><br>".join(BATH) + "</div>",
        "<P>" + "<P>".join(BATH),
        "".join(f'<div class="css-2y"><span>{text}</span></div>' for text in BATH),
        "<table><tr><td><a href=a>Home</a><br><a href=b>Zorble</a><br><a href=c>About</a></td><td>"
        + "<br><br>".join(BATH)
        + "</td></tr></table>",
        f"<article><header><h1>{TITLE}</h1><p>{BATH[0]}</p></header>"
        + "".join(paragraphs(BATH[1:]))
        + "</article>",
        f"<main><header><h1>{TITLE}</h1><p>{BATH[0]}</p></header><article>"
        + "".join(paragraphs(BATH[1:]))
        + "</article></main>",
    ],
    ids=["br", "open p", "div", "layout table", "lead in the header", "lead outside"],
)
def test_a_page_may_be_laid_out_in_any_way(body):
    extracted = parsed(page(f"<h1>{TITLE}</h1>{body}" if "<h1>" not in body else body))
    assert kinds(extracted, "paragraph") == BATH
    assert "Zorble" not in extracted.text


ENCYCLOPEDIA = """
<div id="siteNotice">Zorble!</div><h1 id="firstHeading">Lake Ommeld</h1>
<div id="siteSub">From Zorble</div>
<div class="mw-parser-output"><div role="note" class="hatnote">For the town, see <a>Zorble</a>.</div>
<table class="infobox"><tr><th>Area</th><td>41.3&nbsp;km<sup>2</sup></td></tr></table>
<p><b>Lake Ommeld</b> covers 41.3 square kilometres<sup class="reference"><a href="#n-1">[1]</a></sup>
and is fed by the Brell.<sup class="reference"><a href="#cite_note-2">[2]</a></sup></p>
<div id="toc"><h2>Contents</h2><ul><li><a href="#H">1 Zorble</a></li></ul></div>
<h2><span>History</span><span class="mw-editsection">[<a href="/e">edit</a>]</span></h2>
<p>It froze over in 1929.</p>
<h2>Fish</h2><ul><li><a href="/p">Perch</a></li><li>Char, introduced in 1902</li></ul>
<h2>References</h2><ol class="references"><li>Zorble, 1999.</li></ol></div>
<div class="navbox"><a>Zorble</a></div><div id="catlinks"><a>Zorble</a></div><div id="footer">Zorble</div>
"""


def test_a_page_of_an_encyclopedia():
    extracted = parsed(page(ENCYCLOPEDIA, title="Lake Ommeld - Openpedia"))
    assert kinds(extracted, "heading") == ["History", "Fish"]
    assert kinds(extracted, "paragraph") == [
        "Lake Ommeld covers 41.3 square kilometres and is fed by the Brell.",
        "It froze over in 1929.",
    ]
    assert "- Perch\n- Char, introduced in 1902" in extracted.text
    assert not {"Zorble", "[1]", "edit"} & set(extracted.text.replace(".", " ").split())


def test_footnotes_of_a_letter_are_kept_and_their_marks_are_not_glued_to_the_sentence():
    number = '<a class="footnote-number" id="n1" href="#a1">1</a>'
    note = f'<div class="footnote">{number}<p>The hall has no heating.</p></div>'
    mark = '<a class="footnote-anchor" id="a1" href="#n1">1</a>'
    texts = paragraphs(BATH)
    body = "".join((texts[0].replace("</p>", f"{mark}</p>"), *texts[1:]))
    box = '<div class="subscription-widget-wrap"><p>Zorble lives from its readers.</p></div>'
    extracted = parsed(page(f"<article><h1>{TITLE}</h1>{body}{box}{note}</article>"))
    assert kinds(extracted, "paragraph") == [*BATH, "The hall has no heating."]


@pytest.mark.parametrize(
    "note",
    [
        '<div id="ftn1"><p class="MsoFootnoteText"><a href="#r1">[1]</a> {}</p></div>',
        '<section class="footnotes"><ol><li id="fn1"><p>{} <a href="#r1">↩</a></p></li></ol></section>',
    ],
)
def test_footnotes_outside_the_element_of_the_text_are_kept(note):
    said = "The hall was leased in 1994."
    foot = '<div class="footnote"><p>Zorble Media Ltd.</p></div>'
    body = f'<div class="main"><h1>{TITLE}</h1>{"".join(paragraphs(BATH))}</div>'
    text = parsed(page(body + note.format(said) + foot)).text
    assert said in text
    assert "Zorble" not in text


@pytest.mark.parametrize(
    "lead",
    [
        '<div data-gu-name="standfirst"><p>{}</p></div><div class="meta"><p>Ann Lee</p></div>',
        '<p class="article__dek">{}</p>',
        '<div class="c-lead"><div>{}</div></div>',
    ],
)
def test_what_is_named_a_lead_below_the_title_is_kept(lead):
    said = "After a long dispute the town gives up its bath; a new one shall stand near the station"
    data = page(
        f'<h1>{TITLE}</h1>{lead.format(said)}<div class="body">{"".join(paragraphs(BATH))}</div>'
    )
    assert kinds(parsed(data), "paragraph") == [said, *BATH]


def test_the_title_stands_once_at_the_top():
    extracted = parsed(page(f"<main><h1>{TITLE}</h1>{''.join(paragraphs(BATH))}</main>"))
    assert extracted.text.startswith(f"{TITLE}\n\n")
    assert extracted.text.count(TITLE) == 1
    assert extracted.blocks[0].kind == "title"


def test_captions_stand_once_and_those_that_only_name_a_source_not_at_all():
    caption = "The old bath on Mill Street, built by Otto Wend, seen from the station in May"
    figure = "<figure><img><figcaption>{}</figcaption></figure>"
    data = page(
        f"<main><h1>{TITLE}</h1>{figure.format(caption)}{''.join(paragraphs(BATH))}"
        f"{figure.format(caption + ' …')}{figure.format('Photo: Roth')}</main>"
    )
    assert kinds(parsed(data), "paragraph") == [caption, *BATH]


# ---------------------------------------------------------------- any page at all

WORDS = st.sampled_from(
    "harbour ferry 1,250 crowns été 東京 a&amp;b &lt;p&gt; pier’s Überlingen soft&shy;hyphen".split()
)
SENTENCES = st.lists(WORDS, min_size=12, max_size=30).map(lambda words: " ".join(words) + ".")


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(texts=st.lists(SENTENCES, min_size=2, max_size=6, unique=True))
def test_paragraphs_come_out_in_order_and_offsets_hold(texts):
    data = page(f"<main><h1>{TITLE}</h1>{''.join(paragraphs(texts))}</main>")
    extracted = parsed(data)
    assert extracted == parsed(data)
    plain = [
        text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&shy;", "")
        for text in texts
    ]
    found = [extracted.text[b.start : b.end] for b in extracted.blocks]
    assert found == [TITLE, *plain]


MARKUP = (
    "<p>|</p>|<div>|</div>|<table>|<td>|<tr>|</table>|<ul>|<li>|<h1>|</h1>|<a href=x>|</a>|<b>|<script>"
    "|</script>|<!--|-->|<form>|<title>|&|&#0;|<|text of it |A sentence of some words. |\0|</body>|<body>"
    "|<time>|<article>|</article>|<figure>|<figcaption>|<svg>|<x-y>|<![CDATA["
).split("|")


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(MARKUP),
        max_size=40,
    )
)  # fmt: skip
def test_broken_markup_never_raises_anything_else(pieces):
    try:
        extracted = parsed(("<html>" + "".join(pieces)).encode())
    except UnreadableFile:
        return
    assert extracted.text.strip()


@pytest.mark.parametrize(
    "data",
    [
        b"<html>" + b"<div>" * 50_000 + b"Deep down there is a line of text." + b"</div>" * 50_000,
        b"<html><p>" + b"A line of text. " * 40_000,
        b"<html><p>Text of the page.</p>" + b"<a href=" * 50_000,
        b"<html><p>Text of the page.</p>" + b"<table><tr><td>" * 10_000,
        b"<html><p>Text of the page.</p>" + b"<input><p>x" * 4_000,
        b"<html><p>Text of the page.</p><style>" + b"a{}" * 4_000_000 + b"</style><p>The end.",
        b"<html><p>Text of the page.</p><img src='data:image/png;base64," + b"A" * 12_000_000 + b"'>",
        b"<html><p>Text of the page.</p>" + b"<time>1</time>" * 4_000,
        b"<html><p>Text of the page.</p>" + b"<h2><a href=x>word</a></h2>" * 2_000,
    ],
    ids=["deep", "one line", "tags", "tables", "fields", "style", "data URI", "times", "headings"],
)  # fmt: skip
def test_monstrous_pages_are_read_in_time(data):
    begin = time.perf_counter()
    extracted = parsed(data)
    assert "text" in extracted.text.lower()
    assert time.perf_counter() - begin < 20
