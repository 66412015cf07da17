// While a member writes: a reply that waits is taken back by its button, or by Ctrl+Z in the empty composer; "/" and
// "@" call the list of what can be inserted, which is loaded with the first of them.
const composerOf = () => document.querySelector("[data-composer]");

function undo(event) {
  const form = composerOf();
  const isOurs = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!isOurs || !form || form.elements.body.value) return;
  if (event.target !== form.elements.body && event.target.matches("input, textarea, select")) return;
  const button = [...document.querySelectorAll("[data-held] [data-undo] button")].at(-1);
  if (!button) return;
  event.preventDefault();
  button.click();
}

/** Of what was taken back, as soon as it stands there: somebody types on. */
function awaitComposer(old) {
  const seen = new MutationObserver(() => {
    if (composerOf() === old) return;
    seen.disconnect();
    focusEnd();
  });
  seen.observe(old.parentElement, { childList: true });
}

function focusEnd() {
  const { body } = composerOf()?.elements ?? {};
  body?.focus();
  body?.setSelectionRange(body.value.length, body.value.length);
}

const CALLS = /(^|\s)[@/]$/;
let suggest;

function call({ target }) {
  const form = target.form;
  if (suggest || !form?.matches("[data-composer]") || target.name !== "body") return;
  if (!CALLS.test(target.value.slice(0, target.selectionStart))) return;
  suggest = import(form.dataset.suggest).then((module) => module.look(target));
}

// What the writer has read when they begin: an answer of somebody else after that is news to them.
function begin({ target }) {
  const form = target.form;
  if (!form?.matches("[data-composer]") || target.name !== "body" || form.dataset.isBegun) return;
  const cursor = document.querySelector("[data-cursor]")?.value;
  if (cursor) form.elements.seen.value = cursor;
  if (target.value) form.dataset.isBegun = true;
}

document.addEventListener("keydown", undo);
document.addEventListener("input", begin);
document.addEventListener("input", call);
document.addEventListener("composer:clear", ({ target }) => { delete target.dataset.isBegun; });
document.addEventListener("click", ({ target }) => target.closest("[data-kept-end]") && removeKept(target));
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!ctx.sourceElement?.closest?.("[data-undo]")) return;
  if (ctx.response?.status < 400) awaitComposer(composerOf());
  else document.body.dispatchEvent(new CustomEvent("live:connected")); // it has gone: what it became is fetched
});

function removeKept(target) {
  const form = target.closest("form");
  target.closest("[data-kept-file]").remove();
  form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
  form.elements.body.focus();
}
