// Makes the page quick: fetches the next state from the server and exchanges what differs.
// Every address works without this script, and shows the same.

const $ = (selector, root = document) => root.querySelector(selector);
const KEPT = 40;
const pages = new Map(); // address → HTML, for going back without asking again
let running = null; // the fetch that is on its way
let opener = ""; // the link that opened the article, for the way back

const isOurs = (url) => url.origin === location.origin && url.pathname === location.pathname;
const keyOf = (url) => url.pathname + url.search;
const say = (text) => { $("#status").textContent = text; };

// ---------------------------------------------------------------- from one state to the next

async function go(address, { push = true, fromHistory = false } = {}) {
  const url = new URL(address, location.href);
  running?.abort();
  const own = (running = new AbortController());
  const asks = isNewQuestion(url);
  const pending = asks ? showPending(url) : null;
  $("#page").setAttribute("aria-busy", "true");
  try {
    let html = fromHistory ? pages.get(keyOf(url)) : undefined;
    html ??= await fetched(url, own.signal, (sentence) => pending?.add(sentence));
    if (own.signal.aborted) return;
    remember(url, html);
    if (push) history.pushState(null, "", url);
    exchange(html, fromHistory);
  } catch (error) {
    if (own.signal.aborted) return;
    location.assign(url); // the browser shows what is wrong
  } finally {
    if (running === own) {
      running = null;
      pending?.remove();
      $("#page").removeAttribute("aria-busy");
    }
  }
}

async function fetched(url, signal, tell) {
  const response = await fetch(keyOf(url), { signal, headers: { Accept: "text/event-stream, text/html" } });
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("text/html")) return response.text();
  if (!type.startsWith("text/event-stream")) throw new Error(`${response.status}`);
  for await (const { name, data } of events(response.body)) {
    if (name === "sentence") tell(JSON.parse(data).text);
    if (name === "page") return data;
  }
  throw new Error("the stream ended early");
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    let end;
    while ((end = text.indexOf("\n\n")) >= 0) {
      const fields = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const pick = (field) => fields.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
      yield { name: pick("event")[0] ?? "", data: fields.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).replace(/^ /, "")).join("\n") };
    }
  }
}

function exchange(html, fromHistory) {
  const next = new DOMParser().parseFromString(html, "text/html");
  document.title = next.title;
  const sameAnswer = $("#content").dataset.state === $("#content", next).dataset.state;
  const wasOpen = !$("#article").hidden;
  if (!sameAnswer) $(".column").replaceWith($(".column", next));
  $("#article").replaceWith($("#article", next));
  $("#page").className = $("#page", next).className;
  ready();
  const isOpen = !$("#article").hidden;
  if (isOpen) {
    showQuote();
    $("#article").focus({ preventScroll: true });
    say(`Article: ${$("#article .title")?.textContent.trim() ?? "not found"}`);
  } else if (wasOpen && sameAnswer) {
    backToOpener();
    say("Article closed");
  } else {
    arrive(fromHistory);
  }
}

function arrive(fromHistory) {
  const last = [...document.querySelectorAll(".turn")].at(-1);
  const said = last?.querySelector("[data-said]")?.dataset.said ?? $(".problem")?.textContent.trim() ?? document.title;
  say(said);
  if (!fromHistory) {
    if (last) last.scrollIntoView({ block: "start" });
    else scrollTo(0, 0);
  }
  focusQuestion();
}

/** On a phone the keyboard would cover the answer, so its heading has the focus there. */
function focusQuestion() {
  const heading = $(".turn:last-of-type .question");
  const coarse = matchMedia("(pointer: coarse)").matches;
  (coarse && heading ? heading : $("#question"))?.focus({ preventScroll: true });
}

function remember(url, html) {
  pages.delete(keyOf(url));
  pages.set(keyOf(url), html);
  if (pages.size > KEPT) pages.delete(pages.keys().next().value);
}

// ---------------------------------------------------------------- the article beside the answer

function showQuote() {
  const pane = $("#article");
  const quote = $("#quote", pane);
  if (!quote) { pane.scrollTop = 0; return; }
  const place = quote.getBoundingClientRect(), frame = pane.getBoundingClientRect();
  pane.scrollTop += place.top - frame.top - frame.height * 0.3;
}

function backToOpener() {
  const link = [...document.querySelectorAll(`#content a, .shelf a`)].find((each) => each.href === opener);
  (link ?? $("#question"))?.focus({ preventScroll: Boolean(link) });
}

/** What the page's HTML leaves to the script: which citation is open, and what a phone's cover hides. */
function ready() {
  const open = new URL(location.href).searchParams;
  for (const link of document.querySelectorAll("#content a[href*='open=']")) {
    const there = new URL(link.href).searchParams;
    const isIt = there.get("open") === open.get("open") && there.get("at") === open.get("at");
    if (isIt && !$("#article").hidden) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const covered = !$("#article").hidden && matchMedia("(max-width: 59.99rem)").matches;
  $(".column").inert = covered;
  for (const summary of document.querySelectorAll(".copy > summary:not([role])")) summary.setAttribute("role", "button");
}

// ---------------------------------------------------------------- a question on its way

function isNewQuestion(url) {
  const state = (each) => JSON.stringify([...each.searchParams].filter(([name]) => name !== "open" && name !== "at"));
  return url.searchParams.has("q") && state(url) !== state(new URL(location.href));
}

function showPending(url) {
  const turn = document.createElement("section");
  turn.className = "turn pending";
  const question = document.createElement("p");
  question.className = "question";
  question.textContent = url.searchParams.getAll("q").at(-1);
  const words = document.createElement("p");
  words.className = "words waiting";
  words.textContent = "Reading the articles";
  turn.append(question, words);
  $("#page").classList.remove("start");
  $(".welcome")?.remove();
  $(".lead")?.remove();
  $(".shelf")?.remove();
  $("#content").append(turn);
  turn.scrollIntoView({ block: "start" });
  say("Reading the articles");
  return {
    remove: () => turn.remove(),
    add: (sentence) => {
      if (words.classList.contains("waiting")) { words.classList.remove("waiting"); words.textContent = ""; }
      words.textContent += (words.textContent ? " " : "") + sentence;
      say(sentence);
    },
  };
}

// ---------------------------------------------------------------- what people do

/** The address that a form leads to, without its empty fields. */
function submitted(form, button) {
  const url = new URL(form.action);
  url.search = new URLSearchParams([...form.elements].flatMap((element) => {
    if (element.name === "" || element.disabled || (element.type === "checkbox" && !element.checked)) return [];
    if (element.tagName === "BUTTON") return element === button ? [[element.name, element.value]] : [];
    return element.value.trim() ? [[element.name, element.value.trim()]] : [];
  })).toString();
  return url;
}

async function copy(details) {
  const source = $("pre", details);
  let copied = false;
  try {
    await navigator.clipboard.writeText(source.textContent);
    copied = true;
  } catch { // only where the page is served in the open
    details.open = true;
    getSelection().selectAllChildren(source);
    copied = document.execCommand("copy");
  }
  const note = document.createElement("span");
  note.className = "copied";
  note.textContent = copied ? "Copied" : "Selected";
  $(".copied", details)?.remove();
  $("summary", details).append(note);
  say(copied ? "Copied as Markdown" : "The Markdown is selected");
  setTimeout(() => note.remove(), 2500);
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const summary = event.target.closest(".copy > summary");
  if (summary) {
    event.preventDefault();
    copy(summary.parentElement);
    return;
  }
  const link = event.target.closest("a[href]");
  if (!link || link.target) return;
  const url = new URL(link.href);
  if (!isOurs(url) || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  if (url.searchParams.has("open") && !link.closest("#article")) opener = link.href;
  go(url);
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "ask") return;
  event.preventDefault();
  go(submitted(event.target, event.submitter));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("#article").hidden) {
    event.preventDefault();
    go($("#article .close").href);
  }
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    if (!$(".column").inert) $("#question").focus();
  }
});

addEventListener("popstate", () => go(location.href, { push: false, fromHistory: true }));
addEventListener("resize", () => ready());

remember(new URL(location.href), document.documentElement.outerHTML);
ready();
if (!$("#article").hidden) {
  showQuote();
  $("#article").focus({ preventScroll: true });
} else {
  focusQuestion();
}
