// Short notices. The server renders them for flashed messages or sends
// HX-Trigger: {"toast": {"message": "Saved", "kind": "success"}}; scripts dispatch the same event,
// where `action` and `run` add a button, and `undo`, an address to post to, one that takes it back. Errors and toasts with a button stay until closed.
const SHOWN_MS = 6_000;
const TONES = { success: "green", warning: "amber", error: "red", info: "blue" };
const list = document.getElementById("toasts");

function add({ message, kind = "info", action, run, undo }) {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.className = `toast toast--${TONES[kind] ?? "blue"}`;
  toast.querySelector(".toast-text").textContent = message;
  if (action) addAction(toast, action, run);
  if (undo) addAction(toast, _("Undo"), () => htmx.ajax("POST", undo, { swap: "none" }));
  // The same notice again replaces the one on the screen.
  for (const other of list.children) {
    if (other.querySelector(".toast-text")?.textContent === message) other.remove();
  }
  list.append(toast);
}

function addAction(toast, label, run) {
  const button = toast.querySelector("[data-toast-action]");
  button.hidden = false;
  button.textContent = label;
  button.addEventListener("click", () => { toast.remove(); run(); });
}

function passes(toast) {
  return !toast.matches(".toast--red") && toast.querySelector("[data-toast-action]")?.hidden !== false;
}

function expire(toast) {
  setTimeout(() => (toast.matches(":hover, :focus-within") ? expire(toast) : toast.remove()), SHOWN_MS);
}

function watch(toast) {
  if (toast.matches?.("[data-toast]") && passes(toast)) expire(toast);
}

if (list) {
  document.addEventListener("toast", (event) => add(event.detail));
  document.addEventListener("click", (event) => {
    event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
  });
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(watch)))
    .observe(list, { childList: true });
  [...list.children].forEach(watch);
}
