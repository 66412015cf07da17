// [data-composer]: a message stands in the log the moment it is sent, as a small form of its own. If
// sending fails it keeps its text, says why and can be sent again, with the same key, so that the
// server stores it once. channel-composer.js adds what a provider's channel takes beside words: it listens to
// "composer:show", "composer:clear" and "composer:edit", and tells of a refusal by "pending:refused". What is
// half-written is kept by drafts.js; what the server holds for a moment, or till later, is drawn by the server.
const NO_CONNECTION = _("Not sent: no connection.");

const composerOf = () => document.querySelector("[data-composer]");
const hasMore = (form) => Boolean(form.elements.file?.files?.length || form.querySelector("[data-kept-files] input"));

function tell(form, name, detail = {}) {
  form.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

function newKey() {
  // crypto.randomUUID is missing on plain http, where a shop may run this in its own network.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function add(waiting, name, value) {
  waiting.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
}

function time(waiting, form, submitter) {
  if (submitter?.name !== "send_at") return;
  add(waiting, "send_at", submitter.value);
  add(waiting, "send_on", form.elements.send_on.value);
  if (form.elements.drops_on_reply.checked) add(waiting, "drops_on_reply", "1");
  form.querySelector(".composer-later").open = false;
}

function show(form, submitter) {
  const { kind, body, client_key } = form.elements;
  const waiting = document.querySelector("[data-pending-template]").content.firstElementChild.cloneNode(true);
  waiting.elements.kind.value = kind.value;
  waiting.elements.body.value = body.value;
  waiting.elements.client_key.value = client_key.value;
  waiting.querySelector(".message-bubble").textContent = body.value.trim();
  waiting.classList.add(kind.value === "note" ? "message--note" : "message--member");
  add(waiting, "seen", form.elements.seen.value);
  time(waiting, form, submitter);
  if (submitter?.name === "despite") add(waiting, "despite", "1");
  tell(form, "composer:show", { waiting });
  document.querySelector("[data-pending-messages]").append(waiting);
  htmx.process(waiting);
  waiting.requestSubmit();
}

function setText(form, text) {
  form.elements.body.value = text;
  form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
}

function clear(form) {
  form.elements.client_key.value = newKey();
  form.querySelector(".composer-error")?.remove();
  tell(form, "composer:clear");
  setText(form, "");
  form.elements.body.focus();
}

function why(ctx) {
  if (!ctx.response) return NO_CONNECTION;
  const page = new DOMParser().parseFromString(ctx.text, "text/html");
  const words = page.querySelector("[data-error]") ?? page.querySelector(".lead") ?? page.querySelector("h1");
  return _("Not sent. %(error)s", { error: words?.textContent.trim() || _("Something went wrong on our side.") });
}

const isOvertaken = (ctx) => ctx.response?.status === 409 && /data-overtaken/.test(ctx.text);

function fail(event) {
  const waiting = event.target;
  const ctx = event.detail.ctx;
  if (!(waiting instanceof Element) || !waiting.matches("[data-pending]")) return;
  event.stopImmediatePropagation(); // the bubble says it; no toast
  if (event.type === "htmx:error" && ctx?.response) return;
  if (ctx) ctx.status = "refused";
  refuse(waiting, ctx ?? {});
}

/** Somebody else was quicker: the same button sends it all the same. */
function refuse(waiting, ctx) {
  const retry = waiting.querySelector("[data-pending-retry]");
  if (isOvertaken(ctx)) {
    add(waiting, "despite", "1");
    retry.textContent = _("Send anyway");
  }
  const words = why(ctx);
  waiting.classList.replace("is-pending", "is-failed");
  waiting.querySelector("[data-pending-state]").textContent = words;
  waiting.querySelector(".message-buttons").hidden = false;
}

function again(waiting) {
  waiting.classList.replace("is-failed", "is-pending");
  waiting.querySelector("[data-pending-state]").textContent = _("Sending…");
  waiting.querySelector(".message-buttons").hidden = true;
}

function edit(waiting) {
  const form = composerOf();
  form.elements.kind.value = waiting.elements.kind.value;
  tell(form, "composer:kind");
  const typed = form.elements.body.value.trim();
  tell(form, "composer:edit", { waiting });
  setText(form, [waiting.elements.body.value, typed].filter(Boolean).join("\n"));
  waiting.remove();
  form.elements.body.focus();
}

// On window, in the capturing phase: before form-guard.js, which holds back a second message.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-pending]")) again(form);
  if (!form.matches("[data-composer]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!form.elements.body.value.trim() && !hasMore(form)) return;
  const { submitter } = event;
  if (submitter?.value === "chosen" && !form.elements.send_on.value) { form.elements.send_on.focus(); return; }
  show(form, submitter);
  clear(form);
}, true);

document.addEventListener("pending:refused", ({ target, detail }) => refuse(target, detail));
window.addEventListener("htmx:response:error", fail, true);
window.addEventListener("htmx:error", fail, true);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pending-edit]");
  if (button) edit(button.closest("[data-pending]"));
});
