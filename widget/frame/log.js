// The list of messages. The server renders every message; this only puts them in place: by position,
// replacing the bubble that was shown while its message was on the way.

import { find, settings, size } from "./page.js";
import { _ } from "./words.js";

const NEAR_BOTTOM = 80; // px
const log = find("[data-log]");
const scroll = find("[data-scroll]");
const jump = find("[data-jump]");

let cursor = 0;
let shown = 0; // the conversation's id, once there is one
let answered = 0; // the position up to which the assistant has answered
let isFollowing = true;

export const position = () => cursor;
export const conversation = () => shown;
export const isEmpty = () => !log.children.length;
export const isAtEnd = () => isFollowing;

/** The last message of these kinds. */
export const newest = (kinds) => [...log.querySelectorAll(kinds)].at(-1);

/** Whether the assistant owes an answer to something that has gone out. */
export const isOwed = () =>
  ["assistant", "new"].includes(document.documentElement.dataset.state) &&
  (isStored() || !!find("[data-pending=sending]", log));

/** Whether the server has a message that waits for its answer. */
export const isStored = () => [...log.children].some(isUnanswered);

/** Whether this message waits for its answer; one that isn't here yet is on its way. */
export function isOwedTo(id) {
  const message = document.getElementById(`message_${id}`);
  return !message || isUnanswered(message);
}

const isUnanswered = (message) =>
  message.matches(".message--visitor:not([data-pending])") && Number(message.dataset.position) > answered;

export const fragment = (html) => new DOMParser().parseFromString(html, "text/html").body.firstElementChild;

/** Merges a fragment from the server. `added` are the messages that are new to this page, `words` what the
    assistant has written so far of its next one, `known` what the visitor said of itself. */
export function merge(html) {
  const root = fragment(html);
  const id = Number(root.dataset.conversation);
  if (shown && id !== shown) clear(); // it goes on in another one
  shown = id;
  const added = [...root.children].filter(place);
  cursor = Math.max(cursor, Number(root.dataset.position));
  answered = Math.max(answered, Number(root.dataset.answered));
  document.documentElement.dataset.state = root.dataset.state;
  settle(added.some((message) => !message.matches(".message--visitor")));
  return { added, words: root.dataset.words, known: root.dataset.known.split(" ") };
}

/** After the first filling: from now on a screen reader hears what is added. */
export const startReadingAloud = () => log.setAttribute("aria-live", "polite");

export function clear() {
  log.replaceChildren(...log.querySelectorAll("[data-pending]"));
  cursor = answered = shown = 0;
  document.documentElement.dataset.state = "new";
}

/** draw(message, item): what isn't words. */
export function showPending(item, draw) {
  const { key, state, problem } = item;
  let message = pending(key);
  if (!message) {
    message = template(item, draw);
    log.append(message);
    toBottom();
  }
  message.dataset.pending = state;
  find("[data-fate]", message).textContent =
    { sending: _("Sending…"), waiting: _("Waiting for a connection"), failed: problem }[state] ?? "";
  find("[data-actions]", message).hidden = state !== "failed";
}

export function showProgress(key, share) {
  const bar = pending(key)?.querySelector("progress"); // the server's own message has none
  if (bar) bar.value = share;
}

/** One that the server has taken stands where it put it. */
export function removePending(key) {
  const message = pending(key);
  if (message?.dataset.pending) message.remove();
}

export function showEvent(text) {
  const line = document.createElement("p");
  line.className = "event";
  line.textContent = text;
  log.append(line);
  toBottom();
}

export function toBottom() {
  isFollowing = true;
  scroll.scrollTop = scroll.scrollHeight;
  jump.hidden = true;
}

/** Keeps the newest in view for who is reading there, and never pulls away who reads further up. */
export function settle(news = false) {
  if (isFollowing) toBottom();
  else if (news) jump.hidden = false;
}

jump.addEventListener("click", toBottom);
scroll.addEventListener("scroll", noteWhereReading, { passive: true });
new ResizeObserver(() => settle()).observe(scroll); // the composer grew, or the keyboard came

function noteWhereReading() {
  isFollowing = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_BOTTOM;
  if (isFollowing) jump.hidden = true;
}

function place(message) {
  localise(message);
  const known = document.getElementById(message.id) ?? pending(message.dataset.clientKey);
  if (known?.isEqualNode(message)) return false; // not touched, so not read out again
  if (known) known.replaceWith(message);
  else follower(Number(message.dataset.position)).before(message);
  return !known;
}

/** The first element that belongs after this position; what isn't sent yet stays at the end. */
function follower(place) {
  const later = ({ dataset }) => dataset.pending || Number(dataset.position) > place;
  return [...log.children].find(later) ?? { before: (message) => log.append(message) };
}

function pending(key) {
  return key && find(`[data-client-key="${CSS.escape(key)}"]`, log);
}

function template(item, draw) {
  const message = find(item.file ? "#pending-file" : "#pending").content.firstElementChild.cloneNode(true);
  message.dataset.clientKey = item.key;
  if (item.file) draw(message, item);
  else find(".text", message).textContent = item.text;
  return message;
}

export function localise(message) {
  for (const time of message.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    const today = date.toDateString() === new Date().toDateString();
    const day = today ? {} : { day: "numeric", month: "short" };
    time.textContent = date.toLocaleString(settings.locale, { ...day, hour: "numeric", minute: "2-digit" });
    time.title = date.toLocaleString(settings.locale);
  }
  for (const each of message.querySelectorAll("[data-bytes]")) each.textContent = size(Number(each.dataset.bytes));
}
