// What is typed is kept on the server, reply and note apart, and is the same on every device. The newest text wins;
// what another device had is offered beside it. Until the server has it, this tab has it too.
const SAVE_AFTER_MS = 800;

const composerOf = () => document.querySelector("[data-composer]");
const known = new WeakMap(); // by composer: kind, and by kind what the server has: { version, body }
let timer;

const kindOf = (form) => form.elements.kind.value;
const tabKey = (form, kind) => `draft:${form.dataset.draftUrl}:${kind}`;
const oldKey = (form) => `draft:${new URL(form.action).pathname}`; // of tabs from before drafts were kept there

function setText(form, text) {
  form.elements.body.value = text;
  form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
}

function start() {
  const form = composerOf();
  if (!form || known.get(form)?.url === form.dataset.draftUrl) return;
  const state = { url: form.dataset.draftUrl, kind: kindOf(form), texts: {}, ...empty() };
  known.set(form, state);
  for (const [kind, draft] of Object.entries(JSON.parse(form.dataset.drafts))) take(form, kind, draft);
  state.texts[state.kind] = form.elements.body.value;
  state[state.kind].content = contentOf(dataOf(form));
  restoreTab(form, state);
}

const empty = () => ({ reply: { version: 0, body: "" }, note: { version: 0, body: "" } });

function take(form, kind, { version, body, other }) {
  const state = known.get(form);
  state[kind] = { version, body };
  state.texts[kind] ??= body;
  if (other) offer(form, kind, other);
}

/** A tab that was cut off has words that the server doesn't. */
function restoreTab(form, state) {
  const old = sessionStorage.getItem(oldKey(form));
  if (old) sessionStorage.setItem(tabKey(form, "reply"), old);
  sessionStorage.removeItem(oldKey(form));
  for (const kind of ["reply", "note"]) {
    const words = sessionStorage.getItem(tabKey(form, kind));
    if (!words || words === state[kind].body) continue;
    if (state[kind].body) state[kind].version = 1; // neither knows the other: both are kept
    Object.assign(state[kind], { content: "" });
    state.texts[kind] = words;
    if (kind === state.kind) setText(form, words);
  }
}

/** Reply and note have words of their own. */
function switchKind(form) {
  const state = known.get(form);
  const kind = form && kindOf(form);
  if (!state || state.kind === kind) return;
  save(form);
  state.texts[state.kind] = form.elements.body.value;
  state.kind = kind;
  hideOther(form);
  setText(form, state.texts[kind] ?? "");
  state[kind].content ??= contentOf(dataOf(form));
}

function typed(form) {
  const state = known.get(form);
  if (!state) return;
  const text = form.elements.body.value;
  state.texts[state.kind] = text;
  if (text) sessionStorage.setItem(tabKey(form, state.kind), text);
  else sessionStorage.removeItem(tabKey(form, state.kind));
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_AFTER_MS, form);
}

/** With the kind, so that an empty reply isn't an empty note. */
const contentOf = (data) => [...data].map(([name, value]) => `${name}=${value}`).join("\n");

function dataOf(form) {
  const data = new FormData(form);
  for (const name of ["file", "client_key", "csrf_token", "send_at", "send_on", "drops_on_reply", "seen"]) data.delete(name);
  return data;
}

let sent = Promise.resolve(); // one after the other: each needs the version that the one before made
let underway = 0;

function save(form) {
  clearTimeout(timer);
  const state = known.get(form);
  if (!state) return;
  const { kind } = state;
  const data = dataOf(form);
  const content = contentOf(data);
  if (content === state[kind].content) return;
  state[kind].content = content; // is on its way
  queue(form, kind, data);
}

function queue(form, kind, data) {
  data.set("kind", kind);
  underway += 1;
  sent = sent.then(() => keep(form, kind, data)).finally(() => { underway -= 1; });
}

async function keep(form, kind, data) {
  const state = known.get(form);
  const body = data.get("body");
  data.set("version", state[kind].version);
  const answer = await send(form.dataset.draftUrl, data);
  if (!answer?.ok) { state[kind].content = ""; return; } // this tab has it; with the next key, or connection, it is tried again
  const { version, other } = await answer.json();
  Object.assign(state[kind], { version, body });
  if (state.texts[kind] === body) sessionStorage.removeItem(tabKey(form, kind));
  if (other && kind === state.kind) offer(form, kind, other);
}

function send(url, body) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  return fetch(url, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => null);
}

/* Another device */

function offer(form, kind, words) {
  if (kind !== kindOf(form)) return;
  const line = form.querySelector("[data-draft-other]");
  line.querySelector("[data-draft-other-text]").textContent = words;
  line.hidden = false;
}

function hideOther(form) {
  form.querySelector("[data-draft-other]").hidden = true;
}

function forget(form) {
  hideOther(form);
  send(`${form.dataset.draftUrl}/other`, new URLSearchParams({ kind: kindOf(form) }));
}

/** The two change places, so that a wrong click loses nothing. */
function takeOther(form) {
  const place = form.querySelector("[data-draft-other-text]");
  const mine = form.elements.body.value;
  setText(form, place.textContent);
  place.textContent = mine;
  form.elements.body.focus();
}

/** What was written, or sent, elsewhere meanwhile; nothing that was typed here since is touched. */
async function catchUp() {
  const form = composerOf();
  const state = known.get(form);
  if (!state || document.hidden) return;
  const answer = await fetch(form.dataset.draftUrl, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || composerOf() !== form) return;
  const found = await answer.json();
  for (const kind of ["reply", "note"]) {
    const { version, body, other } = found[kind] ?? { version: 0, body: "" };
    const isMine = (state.texts[kind] ?? "") !== state[kind].body;
    if (isMine || version === state[kind].version) continue;
    state[kind] = { version, body };
    state.texts[kind] = body;
    if (kind === state.kind && form.elements.body.value !== body) setText(form, body);
    if (other) offer(form, kind, other);
  }
}

document.addEventListener("input", ({ target }) => target.form?.matches("[data-composer]") && typed(target.form));
document.addEventListener("change", ({ target }) => {
  if (!target.form?.matches?.("[data-composer]")) return;
  if (target.name === "kind") switchKind(target.form);
  else typed(target.form);
});
document.addEventListener("focusin", ({ target }) => target.matches("[data-composer] [name=body]") && switchKind(target.form));
document.addEventListener("composer:kind", ({ target }) => switchKind(target));
document.addEventListener("composer:clear", ({ target }) => setTimeout(() => { // the server drops the draft of what is sent
  const state = known.get(target);
  clearTimeout(timer);
  if (!state) return;
  const data = dataOf(target);
  Object.assign(state[state.kind], { body: "", content: contentOf(data) });
  if (underway) queue(target, state.kind, data); // one that was on its way may come after that, and be there again
}));
document.addEventListener("click", ({ target }) => {
  const form = target.closest("[data-composer]");
  if (target.closest("[data-draft-take]")) takeOther(form);
  if (target.closest("[data-draft-forget]")) forget(form);
});
document.addEventListener("visibilitychange", () => (document.hidden ? save(composerOf()) : catchUp()));
addEventListener("pagehide", () => save(composerOf()));
document.body.addEventListener("live:connected", () => {
  const form = composerOf();
  const state = known.get(form);
  if (state && (state.texts[state.kind] ?? "") !== state[state.kind].body) save(form);
});
document.addEventListener("htmx:before:swap", () => { const form = composerOf(); if (form) save(form); });
document.addEventListener("htmx:after:swap", start);
start();
