// <button data-copy="#snippet">: copies the element's text (or value) and says so.
const SAID_MS = 2_000;

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  throw new Error("no clipboard on this page");
}

function say(button, text) {
  const label = button.querySelector("[data-copy-label]") ?? button;
  button.dataset.copyText ??= label.textContent;
  label.textContent = text;
  setTimeout(() => (label.textContent = button.dataset.copyText), SAID_MS);
}

// Plain http on another machine has no clipboard: the text is selected, ready for Ctrl-C.
function select(element) {
  getSelection().selectAllChildren(element);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const element = document.querySelector(button.dataset.copy);
  try {
    await copy(element.value ?? element.textContent);
    say(button, _("Copied"));
  } catch {
    select(element);
    say(button, _("Press Ctrl-C"));
  }
});
