// The inbox by keyboard; none of it while typing. app/conversations/keys.py lists the keys. A key of one
// character that isn't here presses what carries it as data-key, in the conversation or above the list.
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const CHAIN_MS = 1500;
const VIEWS = { m: "mine", u: "unassigned", "@": "mentions", s: "snoozed", o: "all", r: "resolved" };

const rows = () => [...document.querySelectorAll(".inbox-row")];
const rowOf = (element) => element?.closest?.(".inbox-item")?.querySelector(".inbox-row");
// The one with the focus, else the one that is shown beside.
const marked = () => rowOf(document.activeElement) ?? document.querySelector(".inbox-row[aria-current]");

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row.matches("[aria-current]"));
  const next = at < 0 ? all[0] : all[at + by];
  if (next) { next.scrollIntoView({ block: "nearest" }); next.click(); }
}

function write(kind) {
  const form = document.querySelector("[data-composer]");
  if (!form) return;
  form.elements.kind.value = kind;
  form.elements.kind.forEach?.((choice) => choice.checked && choice.dispatchEvent(new Event("change", { bubbles: true })));
  const { body } = form.elements;
  body.focus();
  body.setSelectionRange(body.value.length, body.value.length); // what is typed goes on with the draft
}

/** A saved reply: the composer offers them where "/" begins its text. */
function saved() {
  write("reply");
  const body = document.querySelector("[data-composer]")?.elements.body;
  if (!body || body.value) return;
  body.value = "/";
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

function select(event, isRange = false) {
  const box = marked()?.closest(".inbox-item").querySelector(".inbox-check");
  if (!box) return;
  box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: isRange }));
}

async function help() {
  let dialog = document.getElementById("keys-help");
  if (!dialog) {
    const { href } = document.querySelector("[data-keys-help]");
    const answer = await fetch(href, { headers: { "HX-Request": "true" } });
    if (!answer.ok) { location = href; return; }
    document.body.insertAdjacentHTML("beforeend", await answer.text());
    dialog = document.getElementById("keys-help");
  }
  if (!dialog.open) dialog.showModal();
}

function latest() {
  const log = document.querySelector("[data-autoscroll]");
  log?.scrollTo({ top: log.scrollHeight });
}

function press(key) {
  const wanted = `[data-key="${CSS.escape(key)}"]`;
  const all = [...document.querySelectorAll(wanted)];
  const found = all.find((each) => each.checkVisibility()) ?? all.find((each) => each.closest("details[data-menu]"));
  if (found) { found.focus(); found.click(); }
  return Boolean(found);
}

async function unread() {
  const log = document.querySelector("[data-read-url]");
  if (!log) return;
  document.dispatchEvent(new CustomEvent("unread", { detail: { url: log.dataset.readUrl } }));
  const list = document.querySelector(".conversation-back").href;
  const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content, "HX-Request": "true" };
  const answer = await fetch(log.dataset.readUrl.replace(/read(?=\?|$)/, "unreading"), { method: "POST", headers });
  if (answer.ok) location = list;
}

let chainUntil = 0;

const keys = {
  j: () => step(1),
  k: () => step(-1),
  x: (event) => select(event),
  X: (event) => select(event, true),
  "[": () => [...document.querySelectorAll(".message-earlier a")].find((each) => each.checkVisibility())?.click(),
  "]": latest,
  r: () => write("reply"),
  n: () => write("note"),
  "/": saved,
  u: unread,
  c: () => [...document.querySelectorAll(".contact-link, .contact-panel a, .contact-panel button")].find((each) => each.checkVisibility())?.focus(),
  g: () => { chainUntil = Date.now() + CHAIN_MS; },
  "?": help,
};

function act(event) {
  const { key } = event;
  if (Date.now() < chainUntil) {
    chainUntil = 0;
    document.querySelector(`[data-view="${VIEWS[key] ?? "none"}"]`)?.click();
    return Boolean(VIEWS[key]);
  }
  if (!Object.hasOwn(keys, key)) return key.length === 1 && press(key);
  keys[key](event);
  return true;
}

function leave(event) {
  const open = document.querySelector("#inbox-narrow > *");
  if (event.target.matches(".composer-input")) event.target.blur();
  else if (open?.contains(event.target) || (open && event.target === document.body)) closeNarrow();
}

function closeNarrow() {
  document.getElementById("inbox-narrow").replaceChildren();
  document.querySelector("[data-narrow-open]").focus();
}

document.addEventListener("keydown", (event) => {
  const isOurs = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.defaultPrevented;
  if (event.key === "Escape") leave(event);
  if (!isOurs || event.target.matches(TYPING) || document.querySelector("dialog[open]")) return;
  if (act(event)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-help]")) { event.preventDefault(); help(); }
  if (event.target.closest("[data-narrow-close]")) { event.preventDefault(); closeNarrow(); }
  if (event.target.closest("[data-unread-this]")) { event.preventDefault(); unread(); }
});
