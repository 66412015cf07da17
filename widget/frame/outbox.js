// What the visitor wrote and the server hasn't confirmed. Kept on the device until then; the client key
// makes a repeated sending harmless, so when in doubt it is sent again.

import { call, Refused } from "./api.js";
import { pause, uuid } from "./page.js";
import { read, write } from "./store.js";

const LONGEST_BACKOFF = 30_000; // ms
const TRIES_ON_SERVER_ERROR = 4; // about 8 s of a restarting server
const LONGEST_WAIT_FOR_TURN = 60; // seconds of Retry-After that are sat out without asking

let items = [];
let running = false;
let wake = () => {};
let listener;

/** listener: { changed(item), sent(html), refused(error), context() }; item.state is sending, waiting or failed. */
export function startOutbox(given) {
  listener = given;
  items = read("outbox") ?? [];
  showAll();
  flush();
}

export const showAll = () => items.forEach((item) => listener.changed(item));

export function post(text) {
  const item = { key: uuid(), text, state: navigator.onLine ? "sending" : "waiting" };
  items.push(item);
  update(item);
  flush();
}

export function retry(key) {
  const item = items.find((each) => each.key === key);
  update(item, { state: "sending", problem: null });
  flush();
}

export function discard(key) {
  items = items.filter((item) => item.key !== key);
  write("outbox", items);
}

/** The network came back. */
export function hurryOutbox() {
  wake();
  flush();
}

async function flush() {
  if (running) return;
  running = true;
  let item;
  while ((item = items.find(({ state }) => state !== "failed"))) await send(item);
  running = false;
}

async function send(item) {
  for (let tries = 1; item.state !== "failed"; tries++) {
    try {
      const body = { text: item.text, client_key: item.key, ...listener.context() };
      const response = await call("/messages", { method: "POST", body });
      const html = await response.text();
      discard(item.key);
      return listener.sent(html);
    } catch (error) {
      const seconds = secondsUntilRetry(error, tries);
      if (seconds === null) {
        listener.refused(error);
        return update(item, { state: "failed", problem: error.message });
      }
      update(item, { state: "waiting" });
      await Promise.race([pause(seconds * 1000), new Promise((go) => (wake = go))]);
    }
  }
}

/** null: waiting won't help, the visitor has to decide. */
function secondsUntilRetry(error, tries) {
  const backoff = Math.min(LONGEST_BACKOFF / 1000, 2 ** (tries - 1)) * (0.5 + Math.random());
  if (!(error instanceof Refused)) return backoff;
  if (error.status === 429 && error.retryAfter <= LONGEST_WAIT_FOR_TURN) return error.retryAfter || 1;
  if (error.status >= 500 && tries < TRIES_ON_SERVER_ERROR) return backoff;
  return null;
}

function update(item, change = {}) {
  Object.assign(item, change);
  write("outbox", items);
  listener.changed(item);
}
