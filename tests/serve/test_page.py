"""The web page as its HTML: what it says, how it is escaped, who gets it. No browser is needed."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from starlette.datastructures import QueryParams

from rag.asking.conversation import Turn
from rag.errors import InvalidFilter
from rag.records import Block, Document, Filters, Part, Record, Rejected
from rag.serve.app import application
from rag.serve.page import highlight
from rag.serve.page.article import LONGEST, excerpt, layout, marks_of
from rag.serve.page.conversations import Library
from rag.serve.page.render import ASSETS, View, asset, opened
from rag.serve.page.render import page as render
from rag.serve.page.state import PageState
from rag.serve.security import Access
from rag.serve.service import Service

TOKEN = "a-long-random-word"  # noqa: S105  # of this test
COST = "How much did the repairs of the harbour of Lindvik cost?"


@pytest.fixture(scope="module")
def browser(site):
    """A browser without scripts."""
    with httpx.Client(base_url=site, timeout=60, trust_env=False) as client:
        yield client


class Page:
    """A page as a person meets it."""

    def __init__(self, response):
        self.response = response
        self.root = lxml_html.fromstring(response.text)

    def text(self, selector="body"):
        """The words of the first such element."""
        return " ".join(self.all(selector)[0].text_content().split())

    def all(self, selector):
        return self.root.cssselect(selector)

    def link(self, selector):
        return self.all(selector)[0].get("href")


@pytest.fixture(scope="module")
def visit(browser):
    """``visit(q="…")`` or ``visit("/?…")``."""

    def go(address="/", status=200, **query):
        pairs = [
            (name, each)
            for name, values in query.items()
            for each in (values if isinstance(values, list) else [values])
        ]
        response = browser.get(address + ("?" + urlencode(pairs) if pairs else ""))
        assert response.status_code == status
        return Page(response)

    return go


# ---------------------------------------------------------------- what it says


def test_the_first_page_asks_and_shows_the_newest_articles(visit):
    page = visit()
    form = page.all("form#ask")[0]
    assert (form.get("method"), form.get("action")) == ("get", "/")
    assert page.all("input#question")[0].get("autofocus") is not None
    assert page.all("label[for=question]")
    assert page.text("nav") == "4 articles"
    assert len(page.all(".titles li")) == 4


def test_an_answer_has_its_words_marked_and_each_source_is_a_card(visit):
    page = visit(q="What does the berth of a night train cost?")
    assert page.text(".words bdi") == "59 euros"
    assert page.text(".source mark.answer") == "59 euros"
    assert page.text(".source .title bdi") == "Night trains return to the coast"
    assert "Page 3" in page.text(".source .place")
    assert "unchanged since indexed" in page.text(".source .state")
    assert re.search(r"confidence 0\.\d\d", page.text(".certainty"))
    assert page.text(".certainty span")


def test_disagreement_stands_side_by_side_with_publisher_and_date(visit):
    page = visit(q=COST)
    sides = [" ".join(each.text_content().split()) for each in page.all(".differ .side")]
    assert len(sides) == 2
    assert "5.1 million kroner" in sides[0]
    assert "Coast Courier · 20 June 2024" in sides[0]
    assert "4.2 million kroner" in sides[1]
    assert "Harbour Gazette · 3 May 2024" in sides[1]


def test_what_the_articles_do_not_say_is_said_so_with_the_nearest_passages(visit):
    page = visit(q="How do I bake sourdough bread?")
    assert page.text(".answer .words") == "The articles don’t say."
    assert "sourdough" in page.text(".reason")
    assert page.all(".passages .passage")
    assert not page.all(".source")


def test_a_follow_up_is_understood_in_the_light_of_the_question_before_it(visit):
    page = visit(q=["Who is harbour master?", "Where does she live?"])
    assert len(page.all(".turn")) == 2
    assert "Ingrid Solheim" in page.text(".resolved")
    assert "Orvald" in page.text(".turn + .turn .words")
    hidden = [each.get("value") for each in page.all("#ask input[type=hidden]")]
    assert hidden == ["Who is harbour master?", "Where does she live?"]


def test_passages_have_the_words_of_the_question_marked_in_any_form(visit):
    page = visit(q="repair harbours", show="passages")
    marked = {each.text_content() for each in page.all(".passage mark.term")}
    assert {"Repairs", "harbour"} <= marked
    assert "Words" in page.text(".passage .why table")


def cells(table, tag):
    return [each.text_content() for each in table.cssselect(tag)]


def test_a_passage_of_a_table_is_shown_in_rows_and_cells_with_the_words_marked(visit):
    page = visit(q="which pier contractor", show="passages")
    [table] = page.all(".passage .text table")
    assert cells(table, "th") == ["Work", "Contractor"]
    assert cells(table, "td") == ["Outer wall", "Berg & Dahl", "Pier", "Nordlund Marine"]
    assert cells(table, "mark.term") == ["Contractor", "Pier"]
    assert "|" not in page.text(".passages")


def test_a_source_that_is_a_row_shows_it_below_the_header_with_the_cell_marked(shelf_retriever):
    document = shelf_retriever.document("gazette.html")
    row = re.search(r"Pier.*(Nordlund Marine)", document.text)
    answer = shelf_retriever.ask("What does the berth of a night train cost?")
    citation = replace(
        answer.citations[0], doc_id="gazette.html", quote=row[0], start=row.start(), end=row.end(),
        answer_start=row.start(1), answer_end=row.end(1),
    )  # fmt: skip
    turn = Turn("x", "x", replace(answer, citations=(citation,)))
    overview = Library(shelf_retriever).overview()
    view = View(PageState(("x",)), overview, (turn,), documents={"gazette.html": document})
    [card] = lxml_html.fromstring(render(view)).cssselect(".source blockquote")
    assert cells(card, "th") == ["Work", "Contractor"]
    assert cells(card, "td") == ["Pier", "Nordlund Marine"]
    assert cells(card, "mark.answer") == ["Nordlund Marine"]
    gone = lxml_html.fromstring(render(replace(view, documents={})))
    assert gone.cssselect(".source blockquote p")[0].text_content().strip() == row[0]
    said = replace(turn.answer, answer=row[0], parts=(Part(row[0], (citation.n,)),))
    whole = lxml_html.fromstring(render(replace(view, turns=(replace(turn, answer=said),))))
    assert whole.cssselect(".words bdi")[0].text_content() == "Pier · Nordlund Marine"
    assert "|" not in whole.cssselect("[data-said]")[0].get("data-said")


TABLE = "Ferry | Knots\n--- | ---\nOla 3 | 12\nLiv | 14\nKari | 9\n"


@pytest.mark.parametrize(
    ("begin", "end", "shown"),
    [
        ("Ferry", "9\n", ["Ferry", "Knots", "Ola 3", "12", "Liv", "14", "Kari", "9"]),
        ("Liv", "9\n", ["Ferry", "Knots", "Liv", "14", "Kari", "9"]),
        ("Ferry", "12", ["Ferry", "Knots", "Ola 3", "12"]),
        ("---", "12", ["Ferry", "Knots", "Ola 3", "12"]),
    ],
)
def test_a_part_of_a_table_stands_below_the_tables_header(begin, end, shown):
    blocks = (Block(0, len(TABLE) - 1, "table"),)
    document = Document("f", "f", TABLE, "f", None, None, None, blocks)
    start, stop = TABLE.index(begin), TABLE.index(end) + len(end)
    [piece] = excerpt(document, start, stop)
    assert [row.is_header for row in piece.rows] == [True] + [False] * (len(shown) // 2 - 1)
    assert [run.text for row in piece.rows for cell in row.cells for run in cell] == shown


def test_filters_hold_and_each_can_be_taken_away(visit):
    page = visit(q=COST, until="2024-05-31", publisher="Harbour Gazette")
    assert page.text(".words bdi") == "4.2 million kroner"
    assert [" ".join(each.text_content().split()) for each in page.all(".chip")] == [
        "Until 2024-05-31 ×",
        "Publisher Harbour Gazette ×",
    ]
    assert "until=" not in page.link(".chip")
    assert page.all("input[name=until]")[0].get("value") == "2024-05-31"


def test_a_citation_opens_the_article_at_the_quote(visit):
    page = visit(q="What does the berth of a night train cost?")
    address = page.link(".source .title")
    assert address.endswith("#quote")
    article = visit(address.partition("#")[0])
    assert len(article.all("#article #quote")) == 1
    marked = "".join(each.text_content() for each in article.all("#article mark"))
    assert marked == "The berth of a night train costs 59 euros."
    assert article.text("#article mark.answer") == "59 euros"
    assert article.text(".words bdi") == page.text(".words bdi")  # the answer stays beside it
    closed = article.link("#article .close")
    assert "q=" in closed
    assert "open=" not in closed


def test_a_row_of_a_table_is_marked_cell_by_cell(browser, visit):
    text = browser.get("/v1/documents/gazette.html").json()["text"]
    row = re.search(r"Pier *\| *Nordlund Marine", text)
    article = visit(open="gazette.html", at=f"{row.start()}-{row.end()}")
    marked = article.all("#article td mark")
    assert [each.text_content() for each in marked] == ["Pier", "Nordlund Marine"]
    assert marked[0].get("id") == "quote"


def test_an_article_has_its_own_layout(visit):
    page = visit(open="gazette.html")
    assert page.text("#article h2.title") == "Old harbour of Lindvik reopens"
    assert [each.text_content().strip() for each in page.all("#article h3")] == [
        "What was rebuilt",
        "Where the money went",
    ]
    assert [" ".join(each.text_content().split()) for each in page.all("#article .items li")] == [
        "•an outer wall of granite",
        "•a pier that is forty metres longer",
    ]
    assert [each.text_content() for each in page.all("#article th")] == ["Work", "Contractor"]
    assert [each.text_content() for each in page.all("#article td")] == [
        "Outer wall", "Berg & Dahl", "Pier", "Nordlund Marine",
    ]  # fmt: skip
    assert page.link("#article .away") == "https://gazette.example/lindvik"
    pages = [each.text_content() for each in visit(open="trains.pdf").all("#article .page-begins")]
    assert [" ".join(each.split()) for each in pages] == ["page 1", "page 2", "page 3"]


def test_all_articles_are_listed(visit):
    page = visit(list="1")
    assert len(page.all(".titles li")) == 4
    assert "open=gazette.html" in " ".join(each.get("href") for each in page.all(".titles a"))


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"q": "x", "since": "yesterday"}, 400, "is not a date"),
        ({"q": "x", "since": "2025-01-02", "until": "2025-01-01"}, 400, "Swap the two dates"),
        ({"q": "x" * 10_001}, 400, "more than 10000"),
        ({"q": "-wool"}, 400, "only"),
        ({"open": "../secret.txt"}, 404, "not here"),
        ({"open": "/etc/passwd"}, 404, "not here"),
        ({"open": "gazette.html", "at": "999999999-9999999999"}, 200, "Old harbour"),
        ({"open": "gazette.html", "at": "9-1"}, 200, "Old harbour"),
        ({"list": "999999"}, 200, "All articles"),
        ({"list": "-1", "at": "x", "show": "y"}, 200, "What would you like"),
    ],
)
def test_an_address_that_makes_no_sense_is_answered_by_a_page(visit, query, status, said):
    assert said in visit(status=status, **query).text()


def test_the_script_gets_the_same_page_as_an_event(browser):
    query = "/?" + urlencode({"q": COST})
    plain = browser.get(query)
    streamed = browser.get(query, headers={"Accept": "text/event-stream"})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert "script-src 'self'" in streamed.headers["content-security-policy"]
    kind, *data = streamed.text.strip().split("\n")
    assert kind == "event: page"
    assert "\n".join(line.removeprefix("data: ") for line in data) == plain.text.rstrip("\n")


def test_what_a_language_model_writes_comes_sentence_by_sentence_with_its_sources(client, writes):
    writes("Repairs cost 4.2 million kroner [1]. ", "The queen paid <i>all</i> of it in gold [1].")
    address = "/?" + urlencode({"q": "How much did the repairs cost?"})
    streamed = client.get(address, headers={"Accept": "text/event-stream"}).text
    first, last = streamed.strip().split("\n\nevent: page\n")
    assert first.startswith("event: sentence\n")
    assert "4.2 million" in first
    page = Page(client.get(address))
    assert page.text(".words.written") == "Repairs cost 4.2 million kroner 1."
    assert page.text(".words.written .cited") == "1"
    assert page.text(".source blockquote") == "Repairs cost 4.2 million kroner."
    assert "The queen paid <i>all</i> of it in gold" in page.text(".more")
    assert last


# ---------------------------------------------------------------- what it lets through


STATES = [
    {},
    {"q": "What is the price of Kessel wool?"},
    {"q": ["What is the price of Kessel wool?", "<script>alert(3)</script> \"'&\u202e\x07"]},
    {"q": "wool", "show": "passages", "publisher": '"><script>', "title": "wool", "undated": "1"},
    {"open": "wool <&\"'>.txt", "at": "0-80"},
    {"list": "1"},
    {"q": '"><img src=x onerror=alert(4)>', "open": "<svg onload=alert(5)>", "path": "'\"<"},
]  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))
def test_no_text_becomes_markup_and_nothing_is_inline_or_from_elsewhere(browser, state):
    query = urlencode(state, doseq=True)
    page = Page(browser.get(f"/?{query}"))
    allowed = {"script": 1, "link": 2}
    for name in ("script", "link", "img", "iframe", "object", "style", "base", "b > script", "i"):
        assert len(page.all(name)) == allowed.get(name, 0), name
    for element in page.root.iter():
        names = set(element.attrib)
        assert not {name for name in names if name.startswith("on") or name == "style"}
        for name in names & {"href", "src", "action", "formaction"}:
            value = element.get(name)
            is_away = element.tag == "a" and value.startswith("https://gazette.example/")
            assert value.startswith(("/", "#")) or is_away, value
        assert not re.search(r"\bstyle=|javascript:", str(element.attrib.values()))
    assert not highlight.UNSAFE.search(page.response.text)


POISON = "</p><script>alert(1)</script>\" onload='x' <img src=x> {{ 7*7 }} \u202e\x1b[31m\ud800\x00"
LEFT = frozenset(("status", "state", "verdict", "published", "since", "until", "language", "kind"))


def poisoned(value):
    """The same record with hostile text wherever an article, a file name or a model could bring it."""
    if isinstance(value, Record):
        names = value.__dataclass_fields__.keys() - LEFT
        changed = {name: poisoned(getattr(value, name)) for name in names}
        for name in {"url", "link"} & names:
            changed[name] = "javascript:alert(1)"
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(map(poisoned, value))
    return POISON if isinstance(value, str) else value


def test_whatever_an_answer_holds_becomes_no_markup(shelf_retriever):
    answer = shelf_retriever.ask(COST)
    answer = replace(
        answer,
        alternatives=answer.disagreement,
        rejected=(Rejected("x", "y"),),
        warnings=("x",),
        inferred=Filters(since="2024-01-01"),
        inferred_from="x",
        filters=Filters(publisher="x", title="x"),
    )
    overview = Library(shelf_retriever).overview()
    document = replace(shelf_retriever.document("courier.md"), blocks=())
    state = PageState((POISON, POISON), poisoned(answer.filters), open=POISON, root="")
    for status, generated in [("answered", False), ("answered", True), ("abstained", False)]:
        hostile = replace(poisoned(answer), status=status, generated=generated)
        turn = Turn(POISON, POISON + "?", hostile)
        beside = opened(poisoned(document), state, hostile)
        known = replace(overview, publishers=(POISON,))
        html = render(View(state, known, (turn, turn), None, beside, documents={POISON: document}))
        assert not highlight.UNSAFE.search(html)
        tree = lxml_html.fromstring(html)
        assert len(tree.cssselect("script")) == 1
        assert not tree.cssselect("img, [onload], [style]")
        assert not [
            a for a in tree.cssselect("a") if "javascript" in a.get("href").partition("?")[0]
        ]
        assert "{{ 7*7 }}" in tree.text_content()
        assert "<script>alert(1)</script>" in tree.text_content()


def test_agreement_and_the_state_of_a_file_are_shown(shelf_retriever):
    answer = shelf_retriever.ask("What does the berth of a night train cost?")
    [citation] = answer.citations
    overview = Library(shelf_retriever).overview()
    for state, said in [
        ("current", "unchanged since indexed"),
        ("changed", "changed since indexed"),
        ("missing", "file is missing now"),
    ]:
        cited = (citation, replace(citation, n=2, state=state, publisher="Coast Courier"))
        agreed = replace(answer, citations=cited, support=2)
        html = render(View(PageState(("x",)), overview, (Turn("x", "x", agreed),)))
        tree = lxml_html.fromstring(html)
        assert "2 articles say so" in tree.cssselect(".certainty")[0].text_content()
        assert tree.cssselect(".source .state")[1].text_content() == said
        assert [each.text_content() for each in tree.cssselect(".source .number")] == ["1", "2"]


def test_hostile_words_are_shown_as_they_are_and_templates_do_not_run_them(visit):
    article = visit(open="wool <&\"'>.txt")
    assert "{{ 7*7 }}" in article.text(
        "#article"
    )  # a tag as in {% raw %} is no text, and not shown
    assert article.text("#article .file").endswith("wool <&\"'>.txt")
    assert "tracker.example" not in " ".join(each.get("href", "") for each in article.all("a"))


def test_the_policy_allows_the_servers_own_files_only(browser):
    policy = browser.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert {rules[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
    assert (rules["base-uri"], rules["frame-ancestors"]) == ("'none'", "'none'")
    assert not re.search(r"unsafe|\*|http|data:", policy)


@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_names_no_other_server_and_can_be_kept(browser, name):
    content = asset(name).decode()
    content = content.replace("http://www.w3.org/2000/svg", "")  # a name, which nothing fetches
    assert not re.search(r"https?:|//[a-z]|@import|url\(|eval\(|innerHTML", content)
    version = re.search(rf"/assets/{re.escape(name)}\?v=\w+", browser.get("/").text).group()
    assert "immutable" in browser.get(version).headers["cache-control"]
    assert "immutable" not in browser.get(f"/assets/{name}?v=old").headers["cache-control"]
    assert browser.get(version).headers["content-type"].startswith(ASSETS[name].partition(";")[0])


@pytest.mark.parametrize(
    "name", ["nothing.css", "..%2f__init__.py", "%2e%2e/render.py", "page.css%00"]
)
def test_nothing_but_the_assets_is_served(browser, name):
    assert browser.get(f"/assets/{name}").status_code == 404


# ---------------------------------------------------------------- who gets it


@pytest.fixture(scope="module")
def locked(shelf_retriever, serve):
    with serve(application(Service(shelf_retriever), Access(token=TOKEN))) as where:
        yield where


@pytest.fixture
def stranger(locked):
    with httpx.Client(base_url=locked, timeout=60, trust_env=False) as client:
        yield client


def test_a_browser_without_the_token_is_asked_for_it_and_sees_nothing_else(stranger):
    page = Page(stranger.get("/", params={"q": COST}))
    assert page.response.status_code == 401
    assert page.all("form[action='/session'] input[type=password]")
    assert "kroner" not in page.text()
    assert stranger.get("/assets/page.css").status_code == 200
    for path in ("/health", "/v1/documents/gazette.html", "/metrics", "/session", "/openapi.json"):
        assert stranger.get(path).status_code == 401
        assert "json" in stranger.get(path).headers["content-type"]
    assert stranger.get("/", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("way", ["form", "address"])
def test_the_token_is_given_once_and_a_cookie_stands_for_it(stranger, way):
    wrong = stranger.post("/session", data={"token": "wrong"})
    assert wrong.status_code == 401
    assert "not the token" in wrong.text
    assert not stranger.cookies
    if way == "form":
        entered = stranger.post(
            "/session", data={"token": TOKEN}, headers={"Origin": str(stranger.base_url)}
        )
        assert entered.headers["location"] == "/"
    else:
        entered = stranger.get("/", params={"q": "wool?", "token": TOKEN})
        assert entered.headers["location"] == "/?q=wool%3F"
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"httponly", "samesite=strict", "path=/"} <= {
        p.strip().lower() for p in cookie.split(";")
    }
    assert "wool" in stranger.get("/", params={"q": "wool"}).text
    assert stranger.get("/health").status_code == 200
    assert stranger.get("/", params={"q": "wool", "token": TOKEN}).headers["location"] == "/?q=wool"


def test_the_cookie_is_worth_nothing_elsewhere(stranger):
    name, value = Access(token=TOKEN).cookie
    sent = {"Cookie": f"other=1; {name}={value}"}
    assert stranger.get("/health", headers=sent).status_code == 200
    for more in (
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Cookie": f"{name}={value}x"},
        {"Cookie": f"{name}="},
        {"Cookie": f"{name}={TOKEN}"},
        {"Cookie": f"rag={value}"},
    ):
        assert stranger.get("/health", headers=sent | more).status_code == 401
    assert stranger.get("/health", headers=sent | {"Origin": "null"}).status_code == 403
    assert Access(token="another").cookie[0] != name  # noqa: S106
    assert stranger.post("/session", content=b"token=" + b"x" * 20_000).status_code == 401


def test_behind_a_proxy_all_addresses_have_its_path(shelf_retriever, serve):
    app = application(Service(shelf_retriever), Access(token=TOKEN), "/articles")
    with serve(app) as where, httpx.Client(base_url=where, trust_env=False) as client:
        login = Page(client.get("/articles/"))
        assert login.all("form")[0].get("action") == "/articles/session"
        entered = client.post("/articles/session", data={"token": TOKEN})
        assert entered.headers["location"] == "/articles/"
        page = Page(client.get("/articles/"))
        links = [each.get("href") for each in page.all("a, link")] + [
            page.all("form")[0].get("action")
        ]
        assert all(each.startswith(("/articles/", "#")) for each in links)
        assert client.get(page.link("link[rel=stylesheet]")).status_code == 200


# ---------------------------------------------------------------- addresses and layouts, in general


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(
    lambda t: t == t.strip()
)
STATE = st.builds(
    PageState,
    st.lists(WORDS, max_size=3).map(tuple),
    st.one_of(
        st.none(),
        st.builds(Filters, since=st.just("2024-02-29"), publisher=WORDS, undated=st.booleans()),
        st.builds(Filters, title=WORDS, path=WORDS),
    ),
    st.booleans(),
    st.one_of(st.just(""), WORDS),
    st.one_of(st.none(), st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))),
    st.integers(0, 999),
)


@given(STATE)
def test_every_state_has_an_address_that_leads_back_to_it(state):
    query = state.address.removeprefix("/").removeprefix("?").partition("#")[0]
    assert PageState.of(QueryParams(query)) == state


def test_a_wrong_filter_in_an_address_is_refused():
    with pytest.raises(InvalidFilter):
        PageState.of(QueryParams("q=x&until=soon"))


PARAGRAPH = st.text("abc é\U0001f600.-", min_size=1, max_size=30).filter(str.strip)


@st.composite
def articles(draw):
    """A document of paragraphs, headings and lists, and a stretch of it."""
    parts, blocks, at = [], [], 0
    for text in draw(st.lists(PARAGRAPH, min_size=1, max_size=6)):
        kind = draw(st.sampled_from(["paragraph", "heading", "list", "boilerplate", ""]))
        if kind:
            blocks.append(Block(at, at + len(text), kind))
        parts.append(text)
        at += len(text) + 2
    whole = "\n\n".join(parts)
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, len(whole)))
    pages = sorted({0, *draw(st.lists(st.integers(0, len(whole)), max_size=2))})
    document = Document("a", "a", whole, "a", None, None, None, tuple(blocks), locator=tuple(pages))
    return document, start, end


def texts(pieces, *, marked=False):
    return "".join(
        run.text
        for piece in pieces
        for row in piece.rows
        for cell in (*([] if marked else [[highlight.Run(row.marker)]]), *row.cells)
        for run in cell
        if run.kinds or not marked
    )


def bare(text):
    return re.sub(r"[\s#]", "", text)


@given(articles())
def test_no_word_of_an_article_is_left_out_and_the_stretch_is_marked_exactly(drawn):
    document, start, end = drawn
    pieces = layout(document, marks_of([(start, end)], [])).pieces
    assert bare(texts(pieces)) == bare(document.text)
    shown = bare(texts(pieces, marked=True))
    quote = bare(document.text[start:end])
    # A bullet stands beside its item and is never marked.
    assert shown == quote or shown.replace("-", "") == quote.replace("-", "")
    assert bare(texts(excerpt(document, start, end))) == quote


def test_a_book_is_shown_in_parts_that_follow_each_other():
    size = 1_000
    count = 4 * LONGEST // size
    text = "".join(f"{n:0{size - 2}d}\n\n" for n in range(count))
    blocks = tuple(Block(n * size, n * size + size - 2, "paragraph") for n in range(count))
    book = Document("b", "b", text, "b", None, None, None, blocks)
    seen, at = [], 0
    while at is not None:
        part = layout(book, around=at)
        seen += [int(piece.rows[0].cells[0][0].text) for piece in part.pieces]
        at = part.later
    assert sorted(set(seen)) == list(range(count))
    assert (layout(book).earlier, part.later) == (None, None)
    assert part.earlier < blocks[-1].start
    assert len(part.pieces) < count / 2


def test_a_filter_can_be_taken_from_an_address():
    state = PageState(("x",), Filters(since="2024-01-01", undated=True))
    assert state.address == "/?q=x&since=2024-01-01&undated=1"
    assert state.without("undated") == "/?q=x&since=2024-01-01"
    assert state.without("since") == "/?q=x"  # undated articles are kept where there are no dates
