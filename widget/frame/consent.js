// The owner may want a visitor to agree to how the chat works before the first message. The server keeps what was
// agreed to with that message; this only asks, once for each version of the words.

import { find, settings } from "./page.js";
import { read, write } from "./store.js";

const box = find("[data-consent]");
const { consent_required: isRequired, consent_version: version, language } = settings;

const isMissing = () => isRequired && read("agreed") !== version;

/** What a message carries of it. */
export const consent = () => (isRequired && !isMissing() ? { consent: version, language } : {});

/** agreed(): the visitor may write now. */
export function startConsent(agreed) {
  show();
  find("button", box).addEventListener("click", () => {
    write("agreed", version);
    show();
    agreed();
  });
}

/** The server doesn't know of it, or the words have changed meanwhile. */
export function askAgain() {
  write("agreed", null);
  show();
}

function show() {
  box.hidden = !isMissing();
  document.documentElement.toggleAttribute("data-unagreed", isMissing());
}
