// Who writes just now: a person on the other side, shown by the dots; and we, told now and then while a person
// has the conversation. Nothing of it is stored.

import { call } from "./api.js";
import { isOwed, settle } from "./log.js";
import { find } from "./page.js";

const AGAIN_AFTER = 4_000; // ms
const STALE = 9_000; // a page that types says so every 4 s

const dots = find("[data-typing]");
let toldAt = 0;
let timer;

export function showTyping() {
  if (isOwed()) return; // then the dots are the assistant's
  clearTimeout(timer);
  timer = setTimeout(() => (dots.hidden ||= !isOwed()), STALE);
  dots.hidden = false;
  settle();
}

find("[data-composer] textarea").addEventListener("input", ({ target }) => {
  const isHeard = ["waiting", "person"].includes(document.documentElement.dataset.state);
  if (!isHeard || !target.value || Date.now() - toldAt < AGAIN_AFTER) return;
  toldAt = Date.now();
  call("/typing", { method: "POST" }).catch(() => {});
});
