// The settings of the website chat: what is typed goes to the server as a draft, and the frame shows it.
const QUIET_FOR = 500; // ms without typing
const form = document.querySelector("[data-website-form]");
const preview = document.querySelector("[data-website-preview]");
const frame = preview.querySelector("iframe");
const screen = preview.querySelector("[data-width]");
const state = preview.querySelector("[data-preview-state]");
const said = state.textContent;

let timer;
let draft = "";
let number = 0;

async function show() {
  const mine = ++number;
  const data = new FormData(form);
  data.delete("picture"); // it shows when it is saved
  data.set("draft", draft);
  try {
    const response = await fetch(form.dataset.draftUrl, { method: "POST", body: data });
    if (mine !== number) return; // something newer was typed
    const body = await response.json();
    if (!response.ok) return tell(body.problems ? _("Something typed can’t be saved yet, so the preview shows what was there before.") : "");
    draft = body.draft;
    place(body.url);
    tell(said);
  } catch {
    tell(_("The preview can’t be reached right now. What you typed is still here."));
  }
}

// replace(): the Back button leads out of the page, not through each letter.
function place(url) {
  const chat = frame.contentDocument?.querySelector("frontdesk-chat");
  const isOpen = chat?.shadowRoot.querySelector("[aria-expanded]")?.ariaExpanded === "true";
  frame.contentWindow.location.replace(`${url}&n=${number}${isOpen ? "&open" : ""}`);
}

function tell(text) {
  state.textContent = text || said;
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(show, QUIET_FOR);
}

form.addEventListener("input", soon);
form.addEventListener("change", soon);

preview.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-preview-width]");
  if (!button) return;
  screen.dataset.width = button.dataset.previewWidth;
  for (const each of preview.querySelectorAll("[data-preview-width]")) each.ariaPressed = each === button;
});
