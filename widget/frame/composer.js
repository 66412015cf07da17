// The field to write in. What is typed is never lost: it is kept as a draft until it was sent.

import { find, settings } from "./page.js";
import { read, write } from "./store.js";
import { _ } from "./words.js";

const COUNT_FROM = 200; // characters before the limit

const form = find("[data-composer]");
const field = find("textarea", form);
const problem = find("#problem");
const count = find("[data-count]");
const limit = Number(field.dataset.limit);

/** On a phone the keyboard would cover half of the chat before anything is read. */
/** Or what is asked first, in its place. */
export function focusComposer() {
  if (matchMedia("(pointer: fine)").matches) (find("[data-unasked] [data-asking] input:enabled") ?? field).focus();
  else find("[data-scroll]").focus();
}

export function startComposer(send) {
  field.value = read("draft") ?? "";
  changed();
  field.addEventListener("input", changed);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(send);
  });
}

function submit(send) {
  const text = field.value.trim();
  if (!text) return field.focus();
  if (length() > limit) return complainOfLength();
  field.value = "";
  changed();
  send(text);
}

// As the server counts: an emoji is one character.
const length = () => [...field.value.trim()].length;

function changed() {
  const left = limit - length();
  problem.hidden ||= left >= 0;
  count.hidden = left > COUNT_FROM;
  count.textContent = 
    left < 0 ? _("Characters too many: %(count)s", { count: -left }) : _("Characters left: %(count)s", { count: left });
  form.classList.toggle("too-long", left < 0);
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  write("draft", field.value || null);
}

function complainOfLength() {
  const [has, may] = [length(), limit].map((number) => number.toLocaleString(settings.locale));
  complain(
    _(
      "Your message has %(has)s characters, and one message can have up to %(may)s. Nothing is lost: please shorten it, or send it in parts.",
      { has, may },
    ),
  );
  field.focus();
}

/** Above the field, until something is typed. */
export function complain(text) {
  problem.textContent = text;
  problem.hidden = false;
}
