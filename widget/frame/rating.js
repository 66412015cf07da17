// How was it? Five stars below a conversation that a person has resolved, and a few words for who likes. What is
// pressed is shown at once and put back when the server doesn't take it.

import { call } from "./api.js";
import { settle } from "./log.js";
import { find } from "./page.js";

/** A click on a star. */
export function rateTalk(button) {
  const rating = button.closest("[data-rating]");
  const before = pressed(rating);
  press(rating, button.dataset.stars);
  send(rating, { stars: Number(button.dataset.stars) }, () => {
    press(rating, before);
    find("form", rating).hidden = !before; // words alone are no rating
  });
  askForWords(rating);
}

const pressed = (rating) => find("[aria-pressed=true]", rating)?.dataset.stars;

function press(rating, stars) {
  for (const button of rating.querySelectorAll("[data-stars]"))
    button.ariaPressed = String(button.dataset.stars === stars);
}

function askForWords(rating) {
  const form = find("form", rating);
  form.hidden = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    const words = find("input", form).value;
    send(rating, { stars: Number(pressed(rating)), words }, null, form);
  };
  settle();
}

async function send(rating, body, undo, form) {
  const said = find(".thanks", rating);
  try {
    await call(`/messages/${rating.dataset.rating}/stars`, { method: "POST", body });
    said.textContent = rating.dataset.thanks;
    if (form) {
      find("[aria-pressed=true]", rating)?.focus(); // the form goes
      form.hidden = true;
    }
  } catch (error) {
    undo?.();
    said.textContent = error.status ? error.message : rating.dataset.failed;
  }
  settle();
}
