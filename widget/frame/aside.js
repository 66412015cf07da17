// What stands in the chat's place for a while: earlier chats, a question. The chat goes on behind it.

import { find } from "./page.js";

const root = document.documentElement;
const place = find("[data-aside-place]");
const title = find("h2", place);
const body = find("[data-aside-body]");

let back = null; // what the arrow leads to, where it isn't the chat
let shown = 0; // one more whenever it is something else

export const isAside = () => !place.hidden;

/** before(): shows what stood here before. Answers what isStill() asks of. */
export function showAside(heading, content, before = null) {
  back = before;
  title.textContent = heading;
  body.replaceChildren(content);
  body.scrollTop = 0;
  place.hidden = false;
  root.toggleAttribute("data-aside", true);
  title.focus();
  return ++shown;
}

/** Whether the visitor hasn't gone on meanwhile. */
export const isStill = (number) => number === shown;

export function leaveAside() {
  if (back) back();
  else closeAside();
}

/** Back to the chat, from wherever. */
export function closeAside() {
  shown++;
  place.hidden = true;
  root.toggleAttribute("data-aside", false);
  body.replaceChildren();
  find("[popovertarget=menu]").focus();
}

export function paragraph(text, role = "status") {
  const line = document.createElement("p");
  line.setAttribute("role", role);
  line.textContent = text;
  return line;
}

/** The first element of a template's. */
export const drawn = (id) => find(id).content.firstElementChild.cloneNode(true);
