// <details data-disclosure>: opening it fires "disclosed" on its part, which then fetches itself; while it
// is open, a live refresh of the list around it leaves it and what is typed in it alone.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details[data-disclosure]")) return;
  target.toggleAttribute("hx-morph-skip", target.open);
  if (target.open) htmx.trigger(target.querySelector("[hx-get]"), "disclosed");
}, true);
