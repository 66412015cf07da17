// While the assistant answers: three dots, a status line when it takes longer, then its words as they
// come. All of it is hidden from screen readers except the status line; the finished message is a row
// in the log and is read out once.

import { find } from "./page.js";
import { awaitsAnswer, settle } from "./log.js";

const PATIENCE = [
  [2_000, "Still looking…"],
  [12_000, "This is taking longer than usual…"],
];
const GIVE_UP = 60_000; // ms; then the dots would be a lie

const placeholder = find("[data-answer]");
const words = find(".text", placeholder);
const dots = find("[data-typing]");
const patience = find("[data-patience]");

let timers = [];

/** Called whenever the log changed: the dots show exactly while the assistant owes an answer. */
export function expectAnswer() {
  const state = document.documentElement.dataset.state;
  const owed = awaitsAnswer() && (state === "assistant" || state === "new");
  if (!owed) return stop();
  if (timers.length || !placeholder.hidden) return;
  dots.hidden = false;
  timers = PATIENCE.map(([delay, words]) => setTimeout(() => (patience.textContent = words), delay));
  timers.push(setTimeout(stop, GIVE_UP));
  settle();
}

export function showWords(text) {
  if (!awaitsAnswer()) return; // late: the finished message is there already
  stop();
  words.textContent = text;
  placeholder.hidden = false;
  settle();
}

function stop() {
  timers.forEach(clearTimeout);
  timers = [];
  patience.textContent = "";
  dots.hidden = true;
  placeholder.hidden = true;
  words.textContent = "";
}
