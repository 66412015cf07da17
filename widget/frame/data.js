// What is the visitor's own: the chat as a text to keep, and everything to be deleted.

import { call } from "./api.js";
import { drawn, leaveAside, showAside } from "./aside.js";
import { find } from "./page.js";
import { _ } from "./words.js";

/** Of the chat with this id, by download or e-mail. */
export function showTranscript(id) {
  const form = drawn("#transcript");
  const path = `/conversations/${id}/transcript`;
  find("[data-download]", form).addEventListener("click", () => attempt(form, () => download(path)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      await call(path, { method: "POST", body: { email: find("input", form).value } });
      return _("It’s on its way. It can take a minute.");
    });
  });
  showAside(_("Keep this chat"), form);
}

async function download(path) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await call(path)).blob());
  link.download = "chat.txt";
  link.click();
  URL.revokeObjectURL(link.href);
  return "";
}

/** done(): everything is gone. */
export function showErasure(done) {
  const form = drawn("#erasure");
  find("[data-keep]", form).addEventListener("click", leaveAside);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      await call("/erasure", { method: "POST", body: { confirm: true } });
      await done();
      return "";
    });
  });
  showAside(_("Delete my data"), form);
}

/** The words of what came of it stand in the form. */
export async function attempt(form, act) {
  const says = find("[data-says]", form);
  const buttons = form.querySelectorAll("button");
  buttons.forEach((each) => (each.disabled = true));
  says.textContent = says.className = "";
  try {
    says.textContent = await act();
  } catch (error) {
    says.textContent = error.status ? error.message : _("There is no connection right now.");
    says.className = "problem";
  }
  buttons.forEach((each) => (each.disabled = false));
}
