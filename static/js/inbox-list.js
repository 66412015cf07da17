// [data-inbox-list]: a refreshed list never moves the row under the pointer. While the pointer is on
// the list, an answer with another order waits behind a button that says how much is new.
const listOf = () => document.querySelector("[data-inbox-list]");
const rowsOf = () => document.getElementById("inbox-rows");

function versions(root) {
  return new Map([...root.querySelectorAll(".inbox-row")].map((row) => [row.id, row.querySelector("time")?.dateTime]));
}

function isHeld() {
  return matchMedia("(hover: hover)").matches && listOf()?.matches(":hover:not(.is-own)");
}

function refresh() {
  const more = listOf()?.querySelector("[data-inbox-more]");
  if (!more || more.hidden) return;
  more.hidden = true;
  htmx.trigger(rowsOf(), "refresh");
}

function hold(event) {
  const ctx = event.detail.ctx;
  if (ctx?.sourceElement !== rowsOf() || !isHeld() || ctx.sourceEvent?.type === "refresh") return;
  const now = versions(rowsOf());
  const next = versions(new DOMParser().parseFromString(ctx.text, "text/html"));
  const isSameOrder = [...now.keys()].join() === [...next.keys()].join();
  if (isSameOrder) return;
  ctx.status = "held";
  const count = [...next].filter(([id, at]) => now.get(id) !== at).length;
  const more = listOf().querySelector("[data-inbox-more]");
  more.textContent = count ? _("%(count)s new", { count }) : _("Update the list");
  more.hidden = false;
}

// The chosen row shows at once, so that a second "j" goes on from it before the conversation is there;
// a refresh of the list that was asked for before doesn't take the mark away.
let chosen = null;

function mark() {
  const row = chosen && document.getElementById(chosen);
  if (!row || row.matches("[aria-current]")) return;
  rowsOf().querySelector("[aria-current]")?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}

function choose(event) {
  const row = event.target.closest(".inbox-row");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  chosen = row.id;
  mark();
}

document.addEventListener("click", choose);
document.addEventListener("htmx:after:swap", mark);
addEventListener("popstate", () => { chosen = null; });
document.addEventListener("htmx:after:request", hold);
document.addEventListener("pointerout", (event) => {
  const list = listOf();
  if (list?.contains(event.target) && !list.contains(event.relatedTarget)) refresh();
});
document.addEventListener("click", (event) => event.target.closest("[data-inbox-more]") && refresh());

// [data-select-rows]: the checkboxes stay visible, for fingers. Shift-click selects from the last one on.
let last = null;

function boxes() {
  return [...document.querySelectorAll(".inbox-check")];
}

function selectRange(event) {
  const box = event.target.closest(".inbox-check");
  if (!box) return;
  const all = boxes();
  const from = all.findIndex((each) => each.value === last);
  if (event.shiftKey && from >= 0) {
    const ends = [from, all.indexOf(box)].sort((a, b) => a - b);
    for (const each of all.slice(ends[0], ends[1] + 1)) each.checked = box.checked;
  }
  last = box.value;
}

function selectMode(event) {
  const button = event.target.closest("[data-select-rows]");
  if (!button) return;
  const isOn = listOf().classList.toggle("is-selecting");
  button.setAttribute("aria-pressed", isOn);
  if (isOn) return;
  for (const box of boxes()) box.checked = false;
  button.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", selectRange);
document.addEventListener("click", selectMode);

// Another view or conversation takes its time: the list shows it after 200 ms.
const isOfInbox = (event) => Boolean(event.detail.ctx?.sourceElement?.closest?.(".inbox"));
document.addEventListener("htmx:before:request", (event) => isOfInbox(event) && event.detail.ctx.sourceElement !== rowsOf() && listOf()?.classList.add("is-slow"));
for (const end of ["htmx:after:request", "htmx:error"]) {
  document.addEventListener(end, () => listOf()?.classList.remove("is-slow"));
}
