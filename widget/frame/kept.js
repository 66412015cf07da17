// Files that wait to be sent: on the device, as the messages are, so that a reload loses none. Where the browser
// denies that, as long as the frame lives. Nothing is opened before the first file.

import { settings } from "./page.js";

const here = new Map();
let opened = null;

export const fileHere = (key) => here.get(key);

export function keepFile(key, file) {
  here.set(key, file);
  return change((store) => store.put(file, key));
}

/** Undefined when it is nowhere any more. */
export async function keptFile(key) {
  const file = here.get(key) ?? (await change((store) => store.get(key)));
  if (file) here.set(key, file);
  return file;
}

export function dropFile(key) {
  if (here.delete(key) || opened) change((store) => store.delete(key));
}

export function dropFiles() {
  here.clear();
  return change((store) => store.clear());
}

async function change(ask) {
  try {
    opened ??= answered(opening());
    return await answered(ask((await opened).transaction("files", "readwrite").objectStore("files")));
  } catch {
    return undefined;
  }
}

function opening() {
  const request = indexedDB.open(`${settings.storagePrefix}files`);
  request.onupgradeneeded = () => request.result.createObjectStore("files");
  return request;
}

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
