// The composer on a provider's channel: a file (chosen, dropped or pasted), buttons, a link, what is
// quoted; how much still fits, how long the window is open. composer.js does the rest and asks by events.
const NEAR = 0.9; // of what fits: from here on it is counted
const MINUTE_MS = 60_000;

const composerOf = () => document.querySelector("[data-composer][data-text-limit]");
const fileOf = (form) => form?.elements.file?.files?.[0];
const partOf = (form, name) => form.querySelector(`[data-${name}]`);

function sizeOf(bytes) {
  const power = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : 2;
  return `${+(bytes / 1024 ** power).toFixed(1)} ${["bytes", "KB", "MB"][power]}`;
}

/* A file */

function refusal(form, file) {
  const limits = JSON.parse(form.dataset.fileLimits);
  const most = limits[file.type] ?? Math.max(...Object.values(limits)); // without a type the server looks
  if (file.type && !(file.type in limits)) return _("%(name)s can’t be sent here. %(takes)s", { name: file.name, takes: form.dataset.takes });
  if (!file.size) return _("%(name)s is empty.", file);
  return file.size > most ? _("%(name)s has %(size)s; at most %(most)s fit.", { name: file.name, size: sizeOf(file.size), most: sizeOf(most) }) : "";
}

function say(form, words) {
  form.querySelector(".composer-error")?.remove();
  if (!words) return;
  const line = Object.assign(document.createElement("p"), { className: "field-error composer-error", role: "alert" });
  line.append(Object.assign(document.createElement("span"), { textContent: words }));
  form.querySelector(".composer-bar").before(line);
}

function showFile(form) {
  const file = fileOf(form);
  const place = partOf(form, "composer-file");
  place.hidden = !file;
  if (!file) return;
  partOf(form, "file-name").textContent = file.name;
  partOf(form, "file-size").textContent = sizeOf(file.size);
  choose(form, "");
}

function setFile(form, file) {
  form.elements.file.files = only(file);
  take(form);
}

function take(form) {
  const file = fileOf(form);
  const words = file ? refusal(form, file) : "";
  if (words) form.elements.file.value = "";
  say(form, words);
  showFile(form);
  count(form);
  form.querySelector("details[open]")?.removeAttribute("open");
  form.elements.body.focus();
}

/** A list of its own: emptying one field would empty every other that has the same list. */
function only(file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  return transfer.files;
}

/* What goes along with the words */

function choose(form, extra) {
  const radio = [...form.querySelectorAll('[name="extra"]')].find(({ value }) => value === extra);
  if (radio) radio.checked = true;
}

let isByArrow = false;

function chosen(form) {
  form.querySelector("details[open]")?.removeAttribute("open");
  (form.querySelector(`.composer-extra--${form.elements.extra.value || "none"} input`) ?? form.elements.body).focus();
}

function count(form) {
  const counter = partOf(form, "counter");
  const isNote = form.elements.kind.value === "note";
  const isPlain = !fileOf(form) && !form.elements.extra?.value; // what is too long goes in parts
  const limit = Number(isPlain ? form.dataset.textLimit : form.dataset.captionLimit);
  const length = [...form.elements.body.value].length;
  const over = length > limit;
  counter.hidden = isNote || !limit || length < limit * NEAR;
  const isParted = isPlain && !("whole" in form.dataset);
  counter.classList.toggle("is-over", over && !isParted);
  const words = over && isParted ? _("goes out as %(count)s messages", { count: Math.ceil(length / limit) }) : over ? _("%(count)s too many", { count: length - limit }) : _("%(count)s left", { count: limit - length });
  counter.textContent = counter.hidden ? "" : words;
}

/* A quote */

function quote(form, message) {
  const strip = partOf(form, "composer-quote");
  form.elements.reply_to.value = message?.querySelector("[data-reply-to]")?.dataset.replyTo ?? "";
  partOf(form, "composer-quote-text").textContent = message ? (message.querySelector(".message-text, .message-bubble").innerText.trim().slice(0, 140) || _("A file")) : "";
  strip.hidden = !message;
  if (!message) return;
  form.elements.kind.value = "reply";
  form.elements.body.focus();
}

/* On its way: composer.js makes the bubble, this adds what isn't words. */

function copyTo(waiting, form) {
  for (const field of form.querySelectorAll('[name="reply_to"], [name="extra"]:checked, .composer-extra input[name]')) {
    const copy = Object.assign(document.createElement("input"), { type: "hidden", name: field.name, value: field.value });
    waiting.append(copy);
  }
  waiting.kept = [...form.querySelectorAll("[data-kept-files] [data-kept-file]")];
  const names = waiting.kept.map((chip) => chip.querySelector("[data-kept-name]").textContent);
  waiting.querySelector(".message-bubble").prepend(...names.map((name) => Object.assign(document.createElement("p"), { className: "pending-file", textContent: name })));
}

function attach(waiting, form) {
  const field = Object.assign(document.createElement("input"), { type: "file", name: "file", hidden: true });
  field.files = only(fileOf(form));
  waiting.append(field);
  waiting.removeAttribute("hx-post"); // htmx can't say how much has gone
  waiting.dataset.upload = `conversation-${document.querySelector("[data-words]").dataset.words}`;
  const line = Object.assign(document.createElement("p"), { className: "pending-file", textContent: `${field.files[0].name} · ${sizeOf(field.files[0].size)}` });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0, ariaLabel: _("Sending %(name)s", field.files[0]) });
  waiting.querySelector(".message-bubble").prepend(line, bar);
}

function show({ target: form, detail: { waiting } }) {
  if (form !== composerOf() || waiting.elements.kind.value === "note") return;
  copyTo(waiting, form);
  if (fileOf(form)) attach(waiting, form);
}

function clear({ target: form }) {
  if (form !== composerOf()) return;
  if (form.elements.kind.value === "note") return; // a note leaves what was prepared for the reply
  if (form.elements.file) { form.elements.file.value = ""; showFile(form); }
  form.querySelectorAll(".composer-extra input[name]").forEach((field) => { field.value = ""; });
  form.querySelectorAll("[data-kept-files] [data-kept-file]").forEach((chip) => chip.remove());
  choose(form, "");
  quote(form, null);
}

function edit({ target: form, detail: { waiting } }) {
  if (form !== composerOf()) return;
  const { file, extra } = waiting.elements;
  if (file?.files.length) setFile(form, file.files[0]);
  form.querySelector("[data-kept-files]")?.append(...(waiting.kept ?? []));
  if (extra) choose(form, extra.value);
  for (const name of ["button", "link_label", "link_url"]) {
    const values = new FormData(waiting).getAll(name);
    form.querySelectorAll(`.composer-extra [name="${name}"]`).forEach((own, at) => { own.value = values[at] ?? ""; });
  }
}

// XMLHttpRequest, since fetch doesn't report how much has been sent.
function upload(waiting) {
  const request = new XMLHttpRequest();
  const bar = waiting.querySelector("progress");
  const refuse = () => {
    const response = request.status ? { status: request.status } : null;
    waiting.dispatchEvent(new CustomEvent("pending:refused", { bubbles: true, detail: { response, text: request.responseText } }));
  };
  bar.value = 0;
  request.upload.onprogress = ({ loaded, total }) => { bar.value = loaded / total; };
  request.onerror = refuse;
  request.onload = () => {
    const login = request.getResponseHeader("HX-Redirect");
    if (login) location.assign(login);
    else if (request.status >= 400) refuse();
    else document.body.dispatchEvent(new CustomEvent(waiting.dataset.upload)); // the log fetches it
  };
  request.open("POST", waiting.action);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
  request.send(new FormData(waiting));
}

/* The window, minute by minute; when it ends the server says what then */

function left(minutes) {
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

let askedAt = 0;

function tick() {
  const place = document.querySelector("[data-window-until]");
  if (!place) return;
  const ms = new Date(place.dataset.windowUntil) - Date.now();
  if (ms <= 0 && Date.now() - askedAt >= MINUTE_MS) { // not at once again: this clock may be ahead of the server's
    askedAt = Date.now();
    htmx.trigger(place.closest(".composer-state"), "window-closed");
  }
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  place.textContent = left(minutes);
  place.parentElement.classList.toggle("is-short", minutes < 60);
}

document.addEventListener("composer:show", show);
document.addEventListener("composer:clear", clear);
document.addEventListener("composer:edit", edit);
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-pending][data-upload]")) return;
  event.preventDefault();
  upload(event.target);
});
document.addEventListener("input", ({ target }) => {
  const form = composerOf();
  if (form && target.form === form) count(form);
});
document.addEventListener("change", ({ target }) => {
  const form = composerOf();
  if (!form || target.form !== form) return;
  if (target.matches("[data-composer-attach]")) take(form);
  if (["extra", "kind"].includes(target.name)) count(form);
  if (target.name !== "extra") return;
  if (target.value && fileOf(form)) { form.elements.file.value = ""; showFile(form); }
  if (!isByArrow) chosen(form);
});
// Arrows walk through the menu, Enter takes what they stand on; in a field beside the words it goes on to the next.
document.addEventListener("pointerdown", () => { isByArrow = false; });
document.addEventListener("keydown", (event) => {
  isByArrow = event.key.startsWith("Arrow");
  const form = composerOf();
  if (event.key !== "Enter" || event.isComposing || event.target.form !== form || !form) return;
  if (event.target.name === "extra") { event.preventDefault(); chosen(form); }
  if (!event.target.matches(".composer-extra input")) return;
  event.preventDefault();
  const fields = [...event.target.closest(".composer-extra").querySelectorAll("input")];
  (fields[fields.indexOf(event.target) + 1] ?? form.elements.body).focus();
});
document.addEventListener("click", (event) => {
  const form = composerOf();
  const on = (selector) => event.target.closest(selector);
  if (on("[data-jump]")) {
    const message = document.getElementById(on("[data-jump]").dataset.jump);
    if (!message) return;
    event.preventDefault();
    message.scrollIntoView({ block: "center" });
    message.classList.add("is-found");
    setTimeout(() => message.classList.remove("is-found"), 1500);
  }
  if (!form) return;
  if (on("[data-templates-end]")) { on(".composer-templates").firstElementChild.replaceChildren(); form.elements.body.focus(); }
  if (on("[data-reply-to]")) { event.preventDefault(); quote(form, on(".message")); }
  else if (on("[data-composer-quote-end]")) { event.preventDefault(); quote(form, null); form.elements.body.focus(); }
  else if (on("[data-file-end]")) { form.elements.file.value = ""; take(form); }
  else if (on("[data-extra-end]")) { choose(form, ""); form.elements.body.focus(); }
});
document.addEventListener("paste", (event) => {
  const form = composerOf();
  const { files: [file] = [], types = [] } = event.clipboardData ?? {};
  const isWords = types.includes("text/plain") && types.includes("text/html"); // of Word or Excel, with a picture of them beside
  if (!file || isWords || !form?.elements.file || event.target !== form.elements.body) return;
  event.preventDefault();
  setFile(form, file);
});
document.addEventListener("dragover", (event) => {
  if (composerOf()?.elements.file && event.target.closest?.(".conversation") && event.dataTransfer.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const form = composerOf();
  const [file] = event.dataTransfer?.files ?? [];
  if (!file || !form?.elements.file || !event.target.closest?.(".conversation")) return;
  event.preventDefault();
  setFile(form, file);
});
document.addEventListener("htmx:after:swap", tick);
setInterval(tick, MINUTE_MS);
tick();
