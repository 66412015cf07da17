// What is done with a conversation. [data-panel] opens its address in the dialog #panel, where one chooses by
// arrows, by typing or by the pointer. Resolving goes on to the next row of the list as it is narrowed, on a phone
// back to the list. Who gets a conversation assigned is told at once.
const dialog = document.getElementById("panel");
let asked = 0;

async function open(link) {
  const mine = ++asked;
  link.closest("details[data-menu]")?.removeAttribute("open");
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (mine !== asked) return;
  if (!answer?.ok) { location = link.href; return; }
  dialog.innerHTML = await answer.text();
  htmx.process(dialog);
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? options()[0])?.focus();
}

const options = () => [...dialog.querySelectorAll("[data-option]")].filter((each) => each.checkVisibility());

function move(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.target.matches("[type=datetime-local]")) return;
  event.preventDefault();
  const all = options();
  const at = all.indexOf(document.activeElement);
  all[at < 0 ? 0 : (at + by + all.length) % all.length]?.focus();
}

function narrow({ target }) {
  if (!target.matches("[data-panel-filter]")) return;
  const typed = target.value.trim().toLowerCase();
  for (const each of dialog.querySelectorAll("[data-option]")) each.hidden = !each.textContent.toLowerCase().includes(typed);
}

/** A list that is only searched takes its first on Enter; a field of a form is sent. */
function take(event) {
  if (event.key !== "Enter" || !event.target.matches("[data-panel-filter]") || event.target.form) return;
  event.preventDefault();
  options()[0]?.click();
}

/** A notice would lie behind the dialog: a refusal is said in it. */
function refuse(event) {
  if (!dialog.open || event.detail.kind !== "error") return;
  event.stopImmediatePropagation();
  dialog.querySelector(".panel-error")?.remove();
  const line = Object.assign(document.createElement("p"), { className: "field-error panel-error", textContent: event.detail.message });
  line.setAttribute("role", "alert");
  dialog.append(line);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-panel]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

if (dialog) {
  dialog.addEventListener("keydown", move);
  dialog.addEventListener("keydown", take);
  dialog.addEventListener("input", narrow);
  dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest("[data-panel-close]")) && dialog.close());
  window.addEventListener("toast", refuse, true);
  document.body.addEventListener(`assigned-${dialog.dataset.me}`, ({ detail }) => {
    htmx.ajax("GET", `${dialog.dataset.inbox}${detail.conversation}/assigned`, { swap: "none" });
  });
}

// What is done to many is fetched with the first that is selected.
let bulk = null;
document.addEventListener("change", ({ target }) => {
  if (target.matches(".inbox-check")) bulk ??= import(dialog.dataset.bulkModule);
});

// --- Resolve and next
let next = "";

function remember({ target }) {
  if (!target.matches("[data-resolves]")) return;
  const rows = [...document.querySelectorAll(".inbox-row")];
  const at = rows.findIndex((row) => row.matches("[aria-current]"));
  next = (rows[at + 1] ?? rows[at - 1])?.id ?? "";
}

function goOn() {
  const row = matchMedia("(width < 900px)").matches ? null : document.getElementById(next);
  (row ?? document.querySelector(".conversation .conversation-back"))?.click();
  row?.scrollIntoView({ block: "nearest" });
}

window.addEventListener("submit", remember, true);
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const isDone = ctx?.response?.status < 400;
  if (isDone && dialog?.contains(ctx.sourceElement)) dialog.close();
  if (isDone && ctx.sourceElement?.matches?.("[data-resolves]")) setTimeout(goOn);
});
