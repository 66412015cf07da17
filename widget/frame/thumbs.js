// Did this answer help? Thumbs under each answer; after thumbs down the visitor may say why. What is
// pressed is shown at once and put back when the server doesn't take it.

import { call } from "./api.js";
import { settle } from "./log.js";
import { find } from "./page.js";
import { _ } from "./words.js";

/** A click on a thumb: press it, or take a pressed one back. */
export function rate(button) {
  const thumbs = button.closest("[data-thumbs]");
  const before = pressed(thumbs);
  const rating = button.dataset.rate === before ? null : button.dataset.rate;
  press(thumbs, rating);
  below(thumbs)?.remove();
  if (rating === "down") askWhy(thumbs);
  send(thumbs, { rating }, () => press(thumbs, before));
}

const pressed = (thumbs) => find("[aria-pressed=true]", thumbs)?.dataset.rate ?? null;

function press(thumbs, rating) {
  for (const button of thumbs.children) button.ariaPressed = String(button.dataset.rate === rating);
}

/** What stands under the thumbs: the question why, or what came of sending. */
const below = (thumbs) => find(".why, .thanks", thumbs.closest("article"));

function askWhy(thumbs) {
  const form = find("#why").content.firstElementChild.cloneNode(true);
  const tell = (reason) => {
    if (reason.trim()) send(thumbs, { rating: "down", reason }, null, _("Thank you for telling us."));
  };
  form.addEventListener("click", ({ target }) => {
    if (target.matches(".chip")) tell(target.textContent);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell(find("input", form).value);
  });
  thumbs.closest("article").append(form);
  settle();
}

async function send(thumbs, body, undo, thanks) {
  try {
    await call(`/messages/${thumbs.dataset.thumbs}/rating`, { method: "POST", body });
    if (thanks) say(thumbs, thanks);
  } catch (error) {
    undo?.();
    const why = error.status ? error.message : _("There is no connection right now.");
    say(thumbs, _("Your opinion wasn’t sent. %(why)s", { why }), !undo);
  }
}

function say(thumbs, text, keepsForm = false) {
  const hadFocus = below(thumbs)?.contains(document.activeElement);
  const line = document.createElement("p");
  line.className = "thanks";
  line.textContent = text;
  if (keepsForm) find(".thanks", thumbs.closest("article"))?.remove();
  else below(thumbs)?.remove();
  thumbs.closest("article").append(line);
  if (hadFocus && !keepsForm) find("[aria-pressed=true]", thumbs)?.focus(); // the form is gone
  settle();
}
