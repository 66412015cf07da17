// What every htmx request needs: the CSRF header, and honest words when it fails. A failed request
// never swaps anything, so what was typed stays where it was.
const BY_HAND = ["click", "submit", "change", "input", "keyup", "keydown"];
const NO_CONNECTION = _("We couldn't reach Frontdesk. What you typed is still here.");

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token && ctx.request.method !== "GET") ctx.request.headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.request && !ctx.response) report(ctx, NO_CONNECTION);
});

// 422 carries the form back. Any other refusal that is a whole page becomes a toast in its words.
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.hx.redirect) return; // the session has ended: on to the login
  const isPage = /^\s*<!doctype/i.test(ctx.text);
  const isFragment = ctx.text.trim() && !isPage;
  if (isFragment && ctx.response.status < 500) return;
  ctx.status = "refused";
  report(ctx, isPage ? wordsOf(ctx.text) : _("Something went wrong on our side. What you typed is still here."));
});

function wordsOf(page) {
  const parsed = new DOMParser().parseFromString(page, "text/html");
  const parts = [parsed.querySelector("h1"), parsed.querySelector(".lead")].map((part) => part?.textContent.trim());
  return parts.filter(Boolean).map((part) => part.replace(/([^.!?])$/, "$1.")).join(" ");
}

function report(ctx, message) {
  // An element that refreshes itself after a live signal tries again with the next one.
  if (ctx.sourceEvent && !BY_HAND.includes(ctx.sourceEvent.type)) return;
  const detail = { message, kind: "error" };
  if (canRetry(ctx)) Object.assign(detail, { action: _("Retry"), run: () => retry(ctx) });
  document.dispatchEvent(new CustomEvent("toast", { detail }));
}

function canRetry(ctx) {
  return ctx.sourceEvent && (!ctx.response || ctx.response.status >= 500 || ctx.response.status === 429);
}

function retry(ctx) {
  const element = ctx.sourceElement;
  if (!element.isConnected) location.reload();
  else if (element.matches("form")) element.requestSubmit(ctx.sourceEvent.submitter ?? undefined);
  else htmx.trigger(element, ctx.sourceEvent.type);
}
