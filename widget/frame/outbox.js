// What the visitor wrote and the server hasn't confirmed. Kept on the device until then; the client key
// makes a repeated sending harmless, so when in doubt it is sent again.

import { call, Refused } from "./api.js";
import { dropFile, keepFile, keptFile } from "./kept.js";
import { pause, uuid } from "./page.js";
import { read, write } from "./store.js";
import { _ } from "./words.js";

const LONGEST_BACKOFF = 30_000; // ms
const TRIES_ON_SERVER_ERROR = 4; // about 8 s of a restarting server
const LONGEST_WAIT_FOR_TURN = 60; // seconds of Retry-After that are sat out without asking

let items = [];
let running = false;
let wake = () => {};
let listener;
const onTheirWay = new Map(); // files, by what stops them

/** listener: { changed(item), moved(key, share), sent(html, key), refused(error), context() } */
export async function startOutbox(given) {
  listener = given;
  items = read("outbox") ?? [];
  await Promise.all(items.map(({ key, file }) => file && keptFile(key)));
  showAll();
  flush();
}

export const showAll = () => items.forEach((item) => listener.changed(item));

/** not_in: a conversation that was left for a new one. */
export const post = (text, not_in) => add({ key: uuid(), text, not_in });

export function postFile(file, not_in) {
  const key = uuid();
  const { name, size, type } = file;
  keepFile(key, file);
  add({ key, file: { name, size, type }, not_in });
}

// Its state is sending, waiting or failed.
function add(item) {
  item.state = navigator.onLine ? "sending" : "waiting";
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
  keep(key, null);
  dropFile(key);
  onTheirWay.get(key)?.abort();
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
      const response = await (item.file ? sendFile(item) : sendWords(item));
      const html = await response.text();
      discard(item.key);
      return listener.sent(html, item.key);
    } catch (error) {
      if (!items.includes(item)) return; // taken back meanwhile
      const seconds = secondsUntilRetry(error, tries);
      if (seconds === null) {
        listener.refused(error);
        return update(item, { state: "failed", problem: error.message });
      }
      update(item, { state: "waiting" });
      await Promise.race([pause(seconds * 1000), new Promise((go) => (wake = go))]);
      if (!items.includes(item)) return;
    }
  }
}

const about = ({ key, not_in }) => ({ client_key: key, not_in, ...listener.context() });

const sendWords = (item) => call("/messages", { method: "POST", body: { text: item.text, ...about(item) } });

async function sendFile(item) {
  const { key, file } = item;
  const stop = new AbortController();
  onTheirWay.set(key, stop);
  try {
    const kept = await keptFile(key);
    if (!kept) throw new Refused(0, { message: _("This file isn’t on this device any more. Please choose it again.") });
    const form = new FormData();
    form.append("about", JSON.stringify(about(item)));
    form.append("file", kept, file.name);
    return await call("/files", { method: "POST", form, signal: stop.signal, progress: (share) => listener.moved(key, share) });
  } finally {
    onTheirWay.delete(key);
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
  keep(item.key, item);
  listener.changed(item);
}

/** Another tab of the same chat may keep messages of its own: only this one is touched. */
function keep(key, item) {
  const kept = read("outbox") ?? [];
  const at = kept.findIndex((each) => each.key === key);
  if (at < 0 && item) kept.push(item);
  else if (at >= 0) kept.splice(at, 1, ...(item ? [item] : []));
  write("outbox", kept);
}
