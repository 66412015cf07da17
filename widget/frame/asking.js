// What the owner asks of who writes: name, e-mail, telephone, a question. Before the first message it stands in the
// composer's place; otherwise it follows the first answer and may be put aside. Whoever waits for a person while the
// business is closed is asked for a way to reach them. The server keeps it with a visitor who has written.

import { call } from "./api.js";
import { settle } from "./log.js";
import { find, settings } from "./page.js";
import { read, write } from "./store.js";
import { _ } from "./words.js";

const REACH = ["email", "phone"];
const form = find("[data-asking]");
const isBefore = settings.asked_when === "before";

let known = []; // what the server has
let hasWritten = false;
let isRefused = false; // something typed was wrong
let isSending = false;

/** done(): the visitor may write on. */
export function startAsking(done) {
  if (!form) return;
  if (isBefore && settings.asked.some(({ required }) => required)) find("[data-later]", form).remove();
  find("[data-later]", form)?.addEventListener("click", () => leave({}, done));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = [...new FormData(form)].filter(([, value]) => value.trim());
    leave(Object.fromEntries(typed), done);
  });
}

/** Called whenever the conversation changed. */
export function ask({ written, answered, told }) {
  if (!form) return;
  hasWritten = written;
  known = told ?? known;
  const isClosed = settings.closed && isWaiting() && !REACH.some(has);
  for (const label of form.querySelectorAll("label")) {
    label.hidden = has(label.dataset.kind) || ("closed" in label.dataset && !isClosed);
    find("input", label).disabled = label.hidden;
  }
  const isAsked = settings.asked.length > 0 && (isBefore ? !written : answered) && !read("asked");
  const isOpen = isRefused || isAsked || (isClosed && !read("reached"));
  show(isOpen && form.querySelectorAll("label:not([hidden])").length > 0, isClosed);
  send();
}

const has = (kind) => known.includes(kind);
const isWaiting = () => document.documentElement.dataset.state === "waiting";

function show(isOpen, isClosed) {
  const isNews = form.hidden && isOpen;
  if (isOpen && hasWritten && !find("[data-scroll]").contains(form)) find("[data-typing]").before(form);
  find("[data-closed-why]", form).hidden = !isClosed;
  form.hidden = !isOpen;
  document.documentElement.toggleAttribute("data-unasked", isOpen && !hasWritten);
  if (isNews) settle();
}

function leave(values, done) {
  isRefused = false;
  write("asked", true);
  if (isWaiting()) write("reached", true);
  if (Object.keys(values).length) write("details", values);
  show(false);
  send();
  done();
}

async function send() {
  const values = read("details");
  if (!values || !hasWritten || isSending) return;
  isSending = true;
  try {
    await call("/details", { method: "POST", body: { values } });
    known = [...known, ...Object.keys(values)];
    write("details", null);
  } catch (error) {
    if (error.status === 422) complain(error);
  } finally {
    isSending = false;
  }
}

function complain({ code, message }) {
  write("details", null);
  isRefused = true;
  ask({ written: true });
  const problem = find(".problem", form);
  problem.textContent = _("This wasn’t kept: %(why)s", { why: message });
  problem.hidden = false;
  form.elements[code]?.focus();
}
