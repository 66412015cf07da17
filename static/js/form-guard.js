// A form is sent once: a second submit while the first is under way is dropped, and after 200 ms
// the button shows that it waits. A page that returns from the back/forward cache starts afresh.
const PENDING_AFTER_MS = 200;
const SENT_BY_HTMX = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]";
const underWay = new Map();

function buttonOf(form, submitter) {
  return submitter ?? form.querySelector('button[type="submit"], button:not([type])');
}

function begin(form, submitter) {
  const button = buttonOf(form, submitter);
  const timer = setTimeout(() => {
    button?.classList.add("is-pending");
    button?.setAttribute("aria-busy", "true");
  }, PENDING_AFTER_MS);
  underWay.set(form, { button, timer });
}

function end(form) {
  const { button, timer } = underWay.get(form) ?? {};
  clearTimeout(timer);
  button?.classList.remove("is-pending");
  button?.removeAttribute("aria-busy");
  underWay.delete(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (underWay.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  begin(form, event.submitter);
  // Stopped by another listener, and not because htmx sends it: nothing is under way.
  setTimeout(() => event.defaultPrevented && !form.matches(SENT_BY_HTMX) && end(form));
}, true);

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement?.closest?.("form");
  if (form) end(form);
});

addEventListener("pageshow", () => [...underWay.keys()].forEach(end));
