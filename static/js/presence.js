// [data-presence]: this page says now and then that it is looked at, and that its member types; nothing is stored.
// Who else does comes from the server. What it says of typing is forgotten here, too, after some seconds.
const BEAT_MS = 20_000;
const TYPING_MS = 4_000; // the server forgets after 8 s
const STALE_MS = 9_000;

const placeOf = () => document.querySelector("[data-presence]");
const urlOf = (place) => place.dataset.url;
let looked = ""; // the address of the conversation that was said to be looked at
let typedAt = 0;
let staleTimer;
let customerTimer;

const say = (state) => ask({ method: "POST", body: new URLSearchParams({ state }) });

async function ask(request = {}) {
  const place = placeOf();
  if (!place) return;
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const headers = { "X-CSRFToken": token, "HX-Request": "true" };
  const answer = await fetch(urlOf(place), { ...request, headers }).catch(() => null);
  if (answer?.ok && place === placeOf()) draw(await answer.text());
}

function draw(html) {
  for (const part of new DOMParser().parseFromString(html, "text/html").body.children) {
    const here = document.getElementById(part.id);
    if (here && here.textContent !== part.textContent) here.replaceWith(part);
  }
  watchTyping();
}

function leave(url) {
  const said = new FormData();
  said.set("csrf_token", document.querySelector('meta[name="csrf-token"]').content);
  said.set("state", "gone");
  navigator.sendBeacon(url, said);
}

function look() {
  const place = placeOf();
  const url = place && !document.hidden ? urlOf(place) : "";
  if (looked && looked !== url) leave(looked);
  if (url && looked !== url) { say("looking"); listen(place); }
  looked = url;
}

function typing({ target }) {
  const form = target.form;
  if (!form?.matches("[data-composer]") || target.name !== "body") return;
  if (!target.value || Date.now() - typedAt < TYPING_MS) return;
  typedAt = Date.now();
  say(form.elements.kind.value);
}

function watchTyping() {
  clearTimeout(staleTimer);
  const isTyping = document.querySelector(".composer-typing[id]")?.textContent.trim();
  if (isTyping) staleTimer = setTimeout(ask, STALE_MS);
}

/* Signals */

const heard = new Set();

function listen({ dataset: { presence, me } }) {
  if (heard.has(presence)) return;
  heard.add(presence);
  document.body.addEventListener(`presence-${presence}`, ({ detail }) => {
    if (placeOf()?.dataset.presence === presence && String(detail.by) !== me) ask();
  });
  document.body.addEventListener(`customer-types-${presence}`, () => customer(presence, true));
  document.body.addEventListener(`conversation-${presence}`, () => customer(presence, false));
}

function customer(presence, types) {
  const line = document.querySelector("[data-customer-types]");
  if (!line || placeOf()?.dataset.presence !== presence) return;
  line.hidden = !types;
  clearTimeout(customerTimer);
  if (types) customerTimer = setTimeout(() => { line.hidden = true; }, STALE_MS);
}

setInterval(() => { if (!document.hidden) say("looking"); }, BEAT_MS);
document.addEventListener("input", typing);
document.addEventListener("composer:clear", () => { typedAt = 0; setTimeout(say, 0, "looking"); });
document.addEventListener("visibilitychange", look);
addEventListener("pagehide", () => { if (looked) leave(looked); looked = ""; });
document.addEventListener("htmx:after:swap", () => { look(); watchTyping(); });
look();
