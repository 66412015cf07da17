// In the composer: after "/" the kept replies, after "@" in a note the colleagues. Typing narrows the list, arrows walk
// through it, Enter or Tab takes, Escape closes. held.js loads this with the first of the two signs.
const FRESH_MS = 60_000;
const MOST = 8; // rows that are shown
const CALL = /(?:^|\s)([@/])([^\n@/]{0,40})$/;

const lists = new Map(); // by address: { at, options }
let open = null; // { body, start, list, at }
let taken = ""; // what was inserted last: it calls for nothing more

function urlFor(form, sign) {
  if (sign === "@") return form.elements.kind.value === "note" ? form.dataset.peopleUrl : "";
  return form.elements.kind.value === "reply" ? form.dataset.cannedUrl : "";
}

async function optionsAt(url) {
  const kept = lists.get(url);
  if (kept && Date.now() - kept.at < FRESH_MS) return kept.options;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return [];
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const options = [...parsed.body.children];
  lists.set(url, { at: Date.now(), options });
  return options;
}

export async function look(body) {
  const called = body.selectionStart === body.selectionEnd && body.value.slice(0, body.selectionStart).match(CALL);
  const url = called && urlFor(body.form, called[1]);
  if (!url) return close();
  const options = await optionsAt(url);
  const now = body.value.slice(0, body.selectionStart).match(CALL); // typed on while they came
  if (!now) return close();
  const start = body.selectionStart - now[2].length - 1;
  if (taken && body.value.startsWith(taken, start)) return close();
  show(body, start, now[2], options);
}

const matches = (option, words) => words.every((word) => option.dataset.words.toLowerCase().includes(word));

function show(body, start, typed, options) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = options.filter((option) => option.dataset.insert && matches(option, words)).slice(0, MOST);
  const more = typed ? [] : options.filter((option) => option.dataset.go);
  if (!found.length && !more.length) return close();
  const list = open?.list ?? make(body);
  list.replaceChildren(...[...found, ...more].map((option) => document.importNode(option, true)));
  [...list.querySelectorAll("[role=option]")].forEach((option, at) => { option.id = `suggest-${at}`; });
  open = { body, start, list, at: 0 };
  point(0);
}

function make(body) {
  const list = Object.assign(document.createElement("ul"), { id: "suggest", className: "suggest", role: "listbox", ariaLabel: _("What can be inserted") });
  body.form.append(list);
  body.setAttribute("role", "combobox");
  body.setAttribute("aria-autocomplete", "list");
  body.setAttribute("aria-controls", list.id);
  body.setAttribute("aria-expanded", "true");
  return list;
}

function close() {
  if (!open) return;
  open.list.remove();
  for (const name of ["role", "aria-autocomplete", "aria-controls", "aria-expanded", "aria-activedescendant"]) open.body.removeAttribute(name);
  open = null;
}

function point(by) {
  const options = [...open.list.querySelectorAll("[role=option]")];
  if (!options.length) return;
  open.at = (open.at + by + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", at === open.at));
  options[open.at].scrollIntoView({ block: "nearest" });
  open.body.setAttribute("aria-activedescendant", options[open.at].id);
}

function choose(option) {
  const { body, start } = open;
  const { insert, notes, files, useUrl, go } = option.dataset;
  close();
  if (go) { body.setRangeText("", start, body.selectionEnd, "end"); body.dispatchEvent(new Event("input", { bubbles: true })); location.assign(go); return; }
  taken = insert.trimEnd();
  body.setRangeText(insert, start, body.selectionEnd, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
  body.focus();
  if (!useUrl) return;
  selectGap(body, start, insert);
  tell(body.form, JSON.parse(notes));
  attach(body.form, JSON.parse(files));
  const token = document.querySelector('meta[name="csrf-token"]').content;
  fetch(useUrl, { method: "POST", headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => {});
}

/** What is left to fill in is marked, so that typing takes its place. */
function selectGap(body, start, text) {
  const gap = text.match(/\[[\p{L}\p{N}’ -]+\]/u);
  if (gap) body.setSelectionRange(start + gap.index, start + gap.index + gap[0].length);
}

function tell(form, notes) {
  const lines = notes.map((words) => Object.assign(document.createElement("p"), { textContent: words }));
  form.querySelector("[data-composer-notes]").replaceChildren(...lines);
}

function attach(form, files) {
  const place = form.querySelector("[data-kept-files]");
  for (const { ref, name, size } of place ? files : []) {
    if (place.querySelector(`[value="${ref}"]`)) continue;
    const chip = form.querySelector("[data-kept-template]").content.firstElementChild.cloneNode(true);
    chip.querySelector("[data-kept-name]").textContent = name;
    chip.querySelector("[data-kept-size]").textContent = size;
    chip.querySelector("input").value = ref;
    place.append(chip);
  }
  if (files.length) form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
}

const keys = {
  ArrowDown: () => point(1),
  ArrowUp: () => point(-1),
  Escape: close,
  Enter: () => take(),
  Tab: () => take(),
};

function take() {
  const option = open.list.querySelector("[aria-selected=true]");
  if (option) choose(option);
  else close();
}

// On window, in the capturing phase: before Enter sends and Escape leaves the field.
window.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.body || event.isComposing || event.shiftKey || !keys[event.key]) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  keys[event.key]();
}, true);
document.addEventListener("input", ({ target }) => target.matches("[data-composer] [name=body]") && look(target));
document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("#suggest [role=option]");
  if (!option) { if (!event.target.closest("#suggest")) close(); return; }
  event.preventDefault();
  choose(option);
});
document.addEventListener("focusout", ({ target }) => open && target === open.body && !document.querySelector("#suggest:hover") && close());
document.addEventListener("composer:clear", ({ target }) => target.querySelector("[data-composer-notes]").replaceChildren());
