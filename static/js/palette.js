// The palette of Ctrl-K: what can be done on this page, where one can go, what the search finds. menu.js imports it at its
// first use. The field keeps the focus; aria-activedescendant tells which row the keys have chosen.
const SEARCH_MS = 150;
const FEWEST_LETTERS = 2;
const MOST_RECENT = 5;
const ACTIONS = ".conversation-header button, .inbox-bar :is(a, button)[data-key], main [data-palette]";
const base = document.querySelector('meta[name="live-url"]').content.replace(/live$/, "");

let dialog = null;
let searching = null;
let timer;

const field = () => dialog.querySelector(".palette-input");
const part = (name) => dialog.querySelector(`[data-palette-${name}]`);
const shown = () => [...dialog.querySelectorAll(".palette-row")].filter((row) => !row.closest("[hidden]"));
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** This member's, in this business: another may log in in the same tab. */
const place = () => dialog.dataset.recent;

function recent() {
  return JSON.parse(sessionStorage.getItem(place()) ?? "[]");
}

function remember(href, label) {
  const others = recent().filter((each) => each.href !== href);
  sessionStorage.setItem(place(), JSON.stringify([{ href, label }, ...others].slice(0, MOST_RECENT)));
}

function row(tag, id, label, hint) {
  const made = Object.assign(document.createElement(tag), { className: "palette-row", id, tabIndex: -1 });
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.append(Object.assign(document.createElement("span"), { className: "truncate", textContent: label }));
  if (hint) made.append(Object.assign(document.createElement("kbd"), { textContent: hint }));
  return made;
}

function fill(name, rows) {
  const group = part(name);
  for (const old of group.querySelectorAll(".palette-row")) old.remove();
  group.append(...rows);
  group.hidden = !rows.length;
}

function wordsOf(element) {
  const { palette, selectRows } = element.dataset;
  return palette || (selectRows === undefined && element.title) || element.getAttribute("aria-label") || element.textContent.trim();
}

function actions() {
  const found = [...document.querySelectorAll(ACTIONS)].filter((each) => !dialog.contains(each) && (each.checkVisibility() || each.closest(".menu-panel")) && !each.disabled);
  return found.map((element, at) => {
    const made = row("div", `palette-action-${at}`, wordsOf(element), element.dataset.key);
    made.addEventListener("click", () => { dialog.close(); element.focus(); element.click(); });
    return made;
  });
}

function links() {
  return recent().filter(({ href }) => href !== location.href).map(({ href, label }, at) => Object.assign(row("a", `palette-recent-${at}`, label), { href }));
}

function choose(next) {
  dialog.querySelector('.palette-row[aria-selected="true"]')?.setAttribute("aria-selected", "false");
  next?.setAttribute("aria-selected", "true");
  next?.scrollIntoView({ block: "nearest" });
  if (next) field().setAttribute("aria-activedescendant", next.id);
  else field().removeAttribute("aria-activedescendant");
}

function narrow() {
  const words = fold(field().value).split(/\s+/).filter(Boolean);
  for (const each of dialog.querySelectorAll("[data-palette-group] > .palette-row")) {
    const text = fold(each.textContent);
    each.hidden = !words.every((word) => text.includes(word));
  }
  for (const group of dialog.querySelectorAll("[data-palette-group]")) {
    group.hidden = ![...group.querySelectorAll(".palette-row")].some((each) => !each.hidden);
  }
  tell();
}

function tell() {
  const rows = shown();
  part("none").hidden = rows.length > 0 || Boolean(searching);
  part("status").textContent = _("Results: %(count)s", { count: rows.length });
  const chosen = dialog.querySelector('.palette-row[aria-selected="true"]');
  if (!rows.includes(chosen)) choose(rows[0]);
}

async function search() {
  const { value, dataset } = field();
  searching?.abort();
  searching = null;
  const words = value.trim();
  if (!dataset.search || words.length < FEWEST_LETTERS) { part("found").replaceChildren(); tell(); return; }
  const mine = searching = new AbortController();
  try {
    const answer = await fetch(`${dataset.search}?${new URLSearchParams({ q: words })}`, { headers: { "HX-Request": "true" }, signal: mine.signal });
    if (searching !== mine) return;
    part("found").innerHTML = answer.ok ? await answer.text() : "";
  } catch {
    if (searching !== mine) return; // what was typed since is being looked for
    part("found").replaceChildren();
  }
  searching = null;
  tell();
}

const moves = {
  ArrowDown: (rows, at) => rows[(at + 1) % rows.length],
  ArrowUp: (rows, at) => rows[(at - 1 + rows.length) % rows.length],
  PageDown: (rows) => rows.at(-1),
  PageUp: (rows) => rows[0],
};

function onKey(event) {
  const rows = shown();
  const chosen = dialog.querySelector('.palette-row[aria-selected="true"]');
  if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    chosen?.click();
  } else if (moves[event.key] && rows.length) {
    event.preventDefault();
    choose(moves[event.key](rows, rows.indexOf(chosen)));
  }
}

async function fetchIt() {
  const answer = await fetch(`${base}palette/`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(answer.status);
  document.body.insertAdjacentHTML("beforeend", await answer.text());
  dialog = document.getElementById("palette");
  field().addEventListener("input", () => { narrow(); clearTimeout(timer); timer = setTimeout(search, SEARCH_MS); });
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("click", (event) => {
    const link = event.target.closest("a.palette-row");
    if (link) remember(link.href, link.querySelector(".truncate")?.textContent ?? link.textContent.trim());
    if (event.target === dialog || event.target.closest("[data-palette-close], a.palette-row")) dialog.close();
  });
  dialog.addEventListener("pointermove", (event) => {
    const over = event.target.closest(".palette-row");
    if (over && over.getAttribute("aria-selected") !== "true") choose(over);
  });
}

function note() {
  const title = document.querySelector(".conversation-title")?.textContent.trim();
  if (title) remember(location.href, title);
}

export async function open() {
  try {
    if (!dialog) await fetchIt();
  } catch {
    const message = _("We couldn’t reach Frontdesk. Try again in a moment.");
    document.dispatchEvent(new CustomEvent("toast", { detail: { message, kind: "error" } }));
    return;
  }
  if (dialog.open) { dialog.close(); return; }
  if (document.querySelector("dialog[open]")) return; // a question waits for its answer
  fill("actions", actions());
  fill("recent", links());
  note();
  field().value = "";
  part("found").replaceChildren();
  dialog.showModal();
  field().focus();
  choose(null);
  narrow();
}
