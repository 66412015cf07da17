// Live signals: a server-sent stream read with fetch, because EventSource can't send the token.
// A signal only says "there is something new"; whoever listens fetches from its own cursor, on each
// (re)connect too, so a lost or doubled signal does no harm.

import { call } from "./api.js";
import { pause } from "./page.js";

const SILENCE = 45_000; // ms; the server's heartbeat comes every 20 s
const LONGEST_BACKOFF = 30_000;

let listener;
let controller = null;
let failures = 0;
let watchdog;
let reading;
let wake = () => {};

/** listener: { connected(), event(name, data), lost() } */
export function openStream(given) {
  listener = given;
  if (controller) return wake();
  controller = new AbortController();
  keepConnected(controller.signal);
}

export function closeStream() {
  controller?.abort();
  controller = null;
  clearTimeout(watchdog);
  wake();
}

/** The network came back: don't sit out the pause, and trust no connection from before. */
export function hurryStream() {
  reading?.abort();
  wake();
}

async function keepConnected(closed) {
  while (!closed.aborted) {
    try {
      await readOnce(closed);
    } catch {
      // Every failure is answered the same way: wait a little longer, then try again.
    }
    if (closed.aborted) return;
    listener.lost();
    const backoff = Math.min(LONGEST_BACKOFF, 500 * 2 ** failures++);
    await Promise.race([pause(backoff * (0.5 + Math.random())), new Promise((go) => (wake = go))]);
  }
}

async function readOnce(closed) {
  const own = (reading = new AbortController());
  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => own.abort(), SILENCE);
  };
  heard();
  const signal = AbortSignal.any([closed, own.signal]);
  const response = await call("/stream", { signal });
  failures = 0;
  listener.connected();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const blocks = (text + value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      if (deliver(block) === "bye") return void reader.cancel();
    }
  }
}

function deliver(block) {
  let name = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data += line.slice(5).trim();
    else if (line.startsWith(":")) name = "heartbeat";
  }
  listener.event(name, data ? JSON.parse(data) : {});
  return name;
}
