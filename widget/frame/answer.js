// While the assistant answers: three dots, a status line when it takes longer, its words as they come, and
// a button that stops it. All but the status line and the button is hidden from screen readers; the
// finished message is a row in the log and is read out once.

import { find } from "./page.js";
import { isOwed, isOwedTo, isStored, settle } from "./log.js";
import { marked } from "./marks.js";
import { _ } from "./words.js";

const PATIENCE = [
  [2_000, _("Still looking…")],
  [12_000, _("This is taking longer than usual…")],
];
const GIVE_UP = 60_000; // ms without a word; then the dots would be a lie

const placeholder = find("[data-answer]");
const words = find(".text", placeholder);
const dots = find("[data-typing]");
const patience = find("[data-patience]");
const stopButton = find("[data-stop]");

let timers = [];
let question = null; // the id of the message that the words on the screen answer
let isStopping = false;

/** Called whenever the log changed: the dots show exactly while the assistant owes an answer. */
export function expectAnswer() {
  if (!isOwed()) return end();
  const isNext = !placeholder.hidden && !isOwedTo(question);
  if (isNext) clear();
  if (isNext || !timers.length) wait();
  stopButton.hidden = !isStored();
}

/** Of the whole text so far; empty when what was written is thrown away and begun anew. */
export function showWords({ text, marks, question: id }) {
  expectAnswer();
  if (isStopping || !isOwed() || !isOwedTo(id)) return; // late: the finished message is there already
  question = id;
  words.replaceChildren(marked(text, marks));
  placeholder.hidden = !text;
  wait();
  settle();
}

/** What a fetched fragment knew of the words. The stream may have brought newer ones meanwhile. */
export function recallWords(data) {
  if (data && placeholder.hidden) showWords(JSON.parse(data));
}

/** `stop` tells the server. Until it has, no more words come onto the screen. */
export async function stopAnswer(stop) {
  isStopping = stopButton.disabled = true;
  await stop();
  isStopping = stopButton.disabled = false;
}

function wait() {
  timers.forEach(clearTimeout);
  timers = PATIENCE.map(([delay, line]) => setTimeout(hold, delay, line));
  timers.push(setTimeout(end, GIVE_UP));
  hold("");
}

/** The dots stand while no words come. */
function hold(line) {
  patience.textContent = line;
  dots.hidden = !line && !placeholder.hidden;
  settle();
}

function clear() {
  question = null;
  placeholder.hidden = true;
  words.textContent = "";
}

function end() {
  timers.forEach(clearTimeout);
  timers = [];
  clear();
  patience.textContent = "";
  dots.hidden = stopButton.hidden = true;
}
