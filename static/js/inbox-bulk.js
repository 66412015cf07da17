// [data-bulk]: what can be done with the conversations that are selected (inbox-list.js selects a range). A list
// that refreshes itself keeps the selection; who leaves the list leaves it too.
const MOST = 200;
const chosen = new Set();

const boxes = () => [...document.querySelectorAll(".inbox-check")];

function show() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const all = bar.querySelector("[data-bulk-all]");
  bar.hidden = !chosen.size;
  bar.querySelector("[data-bulk-count]").textContent = chosen.size > MOST ? _("%(count)s selected, %(most)s at most", { count: chosen.size, most: MOST }) : _("%(count)s selected", { count: chosen.size });
  all.checked = chosen.size > 0 && chosen.size >= Math.min(boxes().length, MOST);
  all.indeterminate = chosen.size > 0 && !all.checked;
}

function read() {
  chosen.clear();
  for (const box of boxes()) if (box.checked) chosen.add(box.value);
  show();
}

function restore() {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  read();
}

function choose(count) {
  boxes().forEach((box, at) => { box.checked = at < count; });
  read();
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-bulk-all]")) choose(target.checked ? MOST : 0);
  else if (target.matches(".inbox-check, [data-select-rows]")) read();
});
document.addEventListener("click", ({ target }) => target.closest("[data-bulk-none]") && choose(0));
// One's own doing moves rows at once, though the pointer is on the list (inbox-list.js).
const OWN_MS = 4000;

function done() {
  const list = document.querySelector("[data-inbox-list]");
  list.classList.add("is-own");
  setTimeout(() => list.classList.remove("is-own"), OWN_MS);
  choose(0);
}

document.addEventListener("bulk:done", done);
document.addEventListener("htmx:after:swap", restore);
read();
