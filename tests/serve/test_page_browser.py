"""The web page in a real browser: by keyboard, with a screen reader's tree, back and forth, on a phone."""

import shutil
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium here: apt-get install chromium"),
]
# Chromium looks for updates and such on its own; the tests go nowhere.
OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
COST = "How much did the repairs of the harbour of Lindvik cost?"
FARE = "What does the berth of a night train cost?"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def chromium():
    playwright.expect.set_options(timeout=60_000)  # a busy machine is no failure
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium, site):
    """Opens windows: ``window(color_scheme="dark")``. None may complain, or ask another server."""
    opened, complaints = [], []

    def open_(**options):
        context = chromium.new_context(base_url=site, **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if complains(said) else None,
        )
        page.on(
            "request",
            lambda sent: None if sent.url.startswith(site) else complaints.append(sent.url),
        )
        return page

    yield open_
    for context in opened:
        context.close()
    assert complaints == []


def complains(said):
    """Whether a message on the console is a complaint; that a page says what is wrong is none."""
    return said.type in ("error", "warning") and "status of 400" not in said.text


def address(**query):
    return "/?" + urlencode(query, doseq=True)


def query_of(page):
    return dict(parse_qsl(urlsplit(page.url).query))


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.className")


def answered(page, words):
    playwright.expect(page.locator(".turn").last.locator(".words").first).to_contain_text(words)


def is_in_view(page, selector):
    return page.locator(selector).evaluate(
        """(it) => {
            const box = it.getBoundingClientRect();
            const top = document.elementFromPoint(box.left + 2, box.top + box.height / 2);
            return box.top >= 0 && box.bottom <= innerHeight && it.contains(top);
        }"""
    )


def test_a_question_its_source_and_a_follow_up_by_keyboard_alone(window):
    page = window(viewport={"width": 1280, "height": 560})
    page.goto("/")
    assert focused(page) == "question"
    page.keyboard.type(FARE)
    page.keyboard.press("Enter")
    answered(page, "59 euros")
    playwright.expect(page.locator("#status")).to_contain_text("59 euros")
    playwright.expect(page.locator("#status")).to_contain_text("1 source")
    assert query_of(page) == {"q": FARE}
    assert focused(page) == "question"

    while page.evaluate("document.activeElement.closest('.source') === null"):
        page.keyboard.press("Shift+Tab")
    while page.evaluate("!document.activeElement.matches('.source .title')"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#article #quote")
    assert page.locator("#article mark").all_inner_texts() == [
        "The berth of a night train costs ", "59 euros", ".",
    ]  # fmt: skip
    assert is_in_view(page, "#quote")
    assert page.locator("#article").evaluate("pane => pane.scrollTop") > 0
    assert focused(page) == "article"
    answered(page, "59 euros")  # beside it
    assert query_of(page)["open"] == "trains.pdf"

    page.keyboard.press("Escape")
    playwright.expect(page.locator("#article")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('.source .title')")

    page.keyboard.press("Control+k")
    assert focused(page) == "question"
    page.keyboard.type("Where do the trains leave in the evening?")
    page.keyboard.press("Enter")
    answered(page, "Orvald")
    assert page.locator(".turn").count() == 2


def test_back_and_forward_lead_through_the_same_states(window):
    page = window()
    page.goto("/")
    page.fill("#question", COST)
    page.click("button.go")
    answered(page, "kroner")
    page.locator(".source .title").first.click()
    page.wait_for_selector("#article #quote")
    with_article = page.url
    page.go_back()
    playwright.expect(page.locator("#article")).to_be_hidden()
    answered(page, "kroner")
    page.go_back()
    page.wait_for_selector(".welcome")
    page.go_forward()
    answered(page, "kroner")
    page.go_forward()
    page.wait_for_selector("#article #quote")
    assert page.url == with_article
    fresh = window()
    fresh.goto(with_article)  # the address says it all
    answered(fresh, "kroner")
    assert is_in_view(fresh, "#quote")


def test_filters_and_search_go_into_the_address(window):
    page = window()
    page.goto("/")
    page.click(".filters > summary")
    page.fill("input[name=until]", "2024-05-31")
    page.fill("#question", COST)
    page.click("button.go")
    answered(page, "4.2 million")
    assert query_of(page) == {"q": COST, "until": "2024-05-31"}
    page.click(".chip")
    answered(page, "5.1 million")
    assert query_of(page) == {"q": COST}
    page.fill("#question", "granite pier")
    page.click("button.only")
    page.wait_for_selector(".passage mark.term")
    assert query_of(page)["show"] == "passages"


def test_an_answer_is_copied_as_markdown_with_its_citations(window, site):
    page = window(permissions=["clipboard-read", "clipboard-write"])
    page.goto(address(q=FARE))
    page.click(".copy > summary")
    page.wait_for_selector(".copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("59 euros\n\n> The berth of a night train costs 59 euros. [1]")
    assert "trains.pdf, page 3" in copied
    playwright.expect(page.locator("#status")).to_have_text("Copied as Markdown")


def test_without_scripts_a_question_is_answered_and_its_source_opens_at_the_quote(window):
    page = window(java_script_enabled=False, viewport={"width": 1280, "height": 560})
    page.goto("/")
    page.locator("#question").fill(FARE)
    page.locator("button.go").click()
    answered(page, "59 euros")
    page.locator(".source .title").click()
    playwright.expect(page.locator("#article #quote")).to_be_in_viewport()
    page.locator("#question").fill("Where do the trains leave in the evening?")
    page.locator("button.go").click()
    answered(page, "Orvald")
    assert page.locator(".turn").count() == 2


STATES = {
    "start": {},
    "differing": {"q": COST},
    "abstained": {"q": "How do I bake sourdough bread?"},
    "conversation": {"q": ["Who is harbour master?", "Where does she live?"], "since": "2020-01-01"},
    "article": {"q": FARE, "open": "gazette.html", "at": "40-90"},
    "passages": {"q": "granite pier", "show": "passages"},
    "table": {"q": "contractor", "show": "passages"},
    "list": {"list": "1"},
    "wrong": {"q": "x", "since": "soon"},
}  # fmt: skip
LOOKS = {
    "desk": ({}, STATES),
    "dark": ({"color_scheme": "dark"}, ("differing", "article")),
    "phone": (PHONE, ("start", "article", "table")),
}  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_every_state(window, look):
    options, states = LOOKS[look]
    page = window(**options)
    faults = {}
    for name in states:
        response = page.goto(address(**STATES[name]))
        assert response.status == (400 if name == "wrong" else 200)
        page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
        found = axe.Axe().run(page).response["violations"]
        if found:
            faults[name] = [(each["id"], each["nodes"][0]["html"]) for each in found]
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, name
    assert faults == {}


def test_on_a_phone_the_article_covers_the_answer_and_gives_it_back(window):
    page = window(**PHONE)
    page.goto(address(q=FARE))
    assert focused(page) != "question"  # its keyboard would cover the answer
    page.tap(".source .title")
    page.wait_for_selector("#article #quote")
    assert is_in_view(page, "#quote")
    assert page.locator(".column").evaluate("column => column.inert")
    page.tap("#article .close")
    playwright.expect(page.locator("#article")).to_be_hidden()
    answered(page, "59 euros")
    assert not page.locator(".column").evaluate("column => column.inert")


def test_what_a_hostile_article_writes_stays_text(window):
    page = window()
    page.goto(address(q="What is the price of Kessel wool?", open="wool <&\"'>.txt"))
    shown = page.locator("#article").inner_text()
    assert "{{ 7*7 }}" in shown
    assert page.locator("#article script, #article img, #article svg").count() == 0
    assert page.evaluate(
        "[...document.scripts].every((each) => each.src.startsWith(location.origin))"
    )


def test_sentences_of_a_language_model_are_told_as_they_come(window):
    page = window()
    page.goto("/")
    page.evaluate("""new MutationObserver(() => {
        sessionStorage.heard = (sessionStorage.heard ?? "") + document.querySelector("#status").textContent;
    }).observe(document.querySelector("#status"), { childList: true })""")
    page.route(
        lambda url: "q=" in url,
        lambda route: route.fulfill(
            headers={"Content-Type": "text/event-stream"},
            body='event: sentence\ndata: {"text":"It costs <b>59</b> euros [1]."}\n\n: ping\n\n',
        ),
        times=1,
    )
    page.fill("#question", FARE)
    page.keyboard.press("Enter")
    answered(page, "59 euros")  # the stream broke off, so the browser asks again
    assert "It costs <b>59</b> euros [1]." in page.evaluate("sessionStorage.heard")
