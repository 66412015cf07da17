// The inbox by keyboard; none of it while typing. "?" lists the keys.
const TYPING = "input:not([type=radio]), textarea, select, [contenteditable]";

function step(by) {
  const rows = [...document.querySelectorAll(".inbox-row")];
  const at = rows.findIndex((row) => row.matches("[aria-current]"));
  const next = at < 0 ? rows[0] : rows[at + by];
  if (next) { next.scrollIntoView({ block: "nearest" }); next.click(); }
}

function write(kind) {
  const form = document.querySelector("[data-composer]");
  if (!form) return;
  form.elements.kind.value = kind;
  form.elements.body.focus();
}

function help() {
  const dialog = document.getElementById("keys-help");
  if (dialog && !dialog.open) dialog.showModal();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write("reply"),
  n: () => write("note"),
  e: () => document.querySelector('[data-key="e"]')?.click(),
  "?": help,
};

document.addEventListener("keydown", (event) => {
  const isOurs = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.defaultPrevented;
  if (event.key === "Escape" && event.target.matches(".composer-input")) event.target.blur();
  if (!isOurs || event.target.matches(TYPING) || document.querySelector("dialog[open]")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => event.target.closest("[data-keys-help]") && help());
