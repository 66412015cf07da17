// [data-inbox-list]: a refreshed list never moves the row under the pointer. While the pointer is on
// the list, an answer with another order waits behind a button that says how much is new.
const listOf = () => document.querySelector("[data-inbox-list]");
const rowsOf = () => document.getElementById("inbox-rows");

function versions(root) {
  return new Map([...root.querySelectorAll(".inbox-row")].map((row) => [row.id, row.querySelector("time")?.dateTime]));
}

function isHeld() {
  return matchMedia("(hover: hover)").matches && listOf()?.matches(":hover");
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
  more.textContent = count ? `${count} new` : "Update the list";
  more.hidden = false;
}

document.addEventListener("htmx:after:request", hold);
document.addEventListener("pointerout", (event) => {
  const list = listOf();
  if (list?.contains(event.target) && !list.contains(event.relatedTarget)) refresh();
});
document.addEventListener("click", (event) => event.target.closest("[data-inbox-more]") && refresh());
