// The few things kept on the visitor's device: the token, the draft, messages not sent yet.
// In the frame's own localStorage; where the browser denies that, the token goes to the page's
// storage by way of the loader, and the rest lives as long as the frame.

import { onHost, tellHost } from "./host.js";
import { settings } from "./page.js";

const HOST_ANSWERS_WITHIN = 1000; // ms; without an answer the visit simply isn't remembered

const memory = new Map();
const own = ownStorage();
let recalling = null;

function ownStorage() {
  try {
    const probe = `${settings.storagePrefix}probe`;
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return null;
  }
}

export function read(name) {
  if (!own) return memory.get(name) ?? null;
  return parse(own.getItem(settings.storagePrefix + name));
}

export function write(name, value) {
  memory.set(name, value);
  try {
    if (value === null) own?.removeItem(settings.storagePrefix + name);
    else own?.setItem(settings.storagePrefix + name, JSON.stringify(value));
  } catch {
    // Full: memory has it.
  }
}

/** One question for all who ask meanwhile: the page answers once. */
export function recallSession() {
  recalling ??= recall().finally(() => (recalling = null));
  return recalling;
}

async function recall() {
  if (own || settings.standalone) return read("session");
  return new Promise((resolve) => {
    onHost("kept", ({ value }) => resolve(parse(value)));
    tellHost("recall");
    setTimeout(resolve, HOST_ANSWERS_WITHIN, null);
  });
}

export function keepSession(session) {
  write("session", session);
  if (!own) tellHost("keep", { value: JSON.stringify(session) });
}

/** Everything of whoever was there. */
export function forgetAll() {
  memory.clear();
  for (const name of own ? Object.keys(own) : []) if (name.startsWith(settings.storagePrefix)) own.removeItem(name);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // another script of the page may have written there
  }
}
