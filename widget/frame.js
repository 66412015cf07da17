// The chat in its frame: puts the parts together.

import { expectAnswer, recallWords, showWords, stopAnswer } from "./frame/answer.js";
import { call, onConversationLost } from "./frame/api.js";
import { closeAside, isAside, leaveAside } from "./frame/aside.js";
import { ask as askDetails, startAsking } from "./frame/asking.js";
import { focusComposer, startComposer } from "./frame/composer.js";
import { askAgain, consent, startConsent } from "./frame/consent.js";
import { startContinuing } from "./frame/continuing.js";
import { showErasure, showTranscript } from "./frame/data.js";
import { drawFile, startFiles } from "./frame/files.js";
import { coverPage } from "./frame/focus.js";
import { onHost, tellHost } from "./frame/host.js";
import { beginAnew, sendAttributes, startIdentity } from "./frame/identity.js";
import * as log from "./frame/log.js";
import * as outbox from "./frame/outbox.js";
import { find, settings } from "./frame/page.js";
import { leave, left, showPast } from "./frame/past.js";
import { rateTalk } from "./frame/rating.js";
import { keepSession, read, write } from "./frame/store.js";
import { tellSeen } from "./frame/seen.js";
import { playSound } from "./frame/sound.js";
import { closeStream, hurryStream, openStream } from "./frame/stream.js";
import { rate } from "./frame/thumbs.js";
import { showTyping } from "./frame/typing.js";
import { _ } from "./frame/words.js";

const BANNER_AFTER = 5_000; // ms without a connection; shorter gaps pass unseen
const CLOSE_STREAM_AFTER = 30_000; // ms that nobody looked: a browser has few connections per host
const CLOSE_AWAITED_AFTER = 300_000; // the same while a person is awaited, whose reply is heard

const PRESENCE = {
  assistant: _("The AI assistant replies at once"),
  waiting: _("The team has been called"),
  person: _("A person is answering"),
};

let isOpen = settings.standalone;
let started = false;
let unread = 0;
let pageAround = null; // its address, once the loader has told
let bannerTimer;
let idleTimer;
let fetching = null;
let fetchAgain = false;
let person = 0; // one more whenever it is somebody else

// --- messages

/** Fetches what is new since the cursor; a call during a fetch makes one more after it. */
function catchUp() {
  if (fetching) {
    fetchAgain = true;
    return fetching;
  }
  fetching = fetchNew().finally(() => {
    fetching = null;
    if (fetchAgain) catchUp();
    fetchAgain = false;
  });
  return fetching;
}

async function fetchNew() {
  const asked = person;
  try {
    const { id, position } = left() ?? { id: log.conversation(), position: log.position() };
    const response = await call(`/messages?after=${position}&conversation=${id}`);
    const html = await response.text();
    if (asked === person && !isOfLeft(html)) take(html);
  } catch {
    // The stream's next connect fetches again.
  }
}

/** Nothing new in the chat that was left for another. A person's answer leads back to it. */
function isOfLeft(html) {
  const before = left();
  if (!before) return false;
  const { dataset, children } = log.fragment(html);
  const isAnswered = [...children].some((each) => each.matches(".message--member"));
  if (Number(dataset.conversation) === before.id && !isAnswered) {
    leave(before.id, Number(dataset.position));
    return true;
  }
  leave(null);
  catchUp(); // all of it
  return true;
}

/** Its first message begins it. */
function startNewChat() {
  leave(log.conversation(), log.position());
  log.clear();
  showSuggestions();
  showPresence();
  expectAnswer();
  focusComposer();
}

const post = (text) => outbox.post(text, left()?.id);

function take(html) {
  const { added, words, known } = log.merge(html);
  if (!log.isEmpty()) write("talked", true);
  showSuggestions();
  showPresence();
  expectAnswer();
  recallWords(words);
  sendAttributes();
  considerAsking(known);
  noteSeen();
  if (started) tellOfNew(added);
  if (started && !isOpen) countUnread(added);
  return added;
}

const considerAsking = (told) => askDetails({ written: !log.isEmpty(), answered: !!log.newest(ANSWERS), told });
const isLooked = () => isOpen && !document.hidden;
const noteSeen = () => tellSeen(isLooked());

const ANSWERS = ".message--assistant, .message--member, .message--system";

function tellOfNew(added) {
  if (added.some((each) => each.matches(ANSWERS))) tellHost("event", { name: "received" });
  if (!isLooked() && added.some((each) => each.matches(".message--member"))) playSound();
}

function countUnread(added) {
  unread += added.filter((each) => each.matches(ANSWERS)).length;
  tellHost("unread", { count: unread });
}

function showPresence() {
  const { state } = document.documentElement.dataset;
  find("[data-presence]").textContent = PRESENCE[state] ?? PRESENCE.assistant;
}

const isAwaited = () => settings.sound && ["waiting", "person"].includes(document.documentElement.dataset.state);

function showSuggestions() {
  const list = find("[data-questions]");
  if (list) list.hidden = !log.isEmpty();
}

function askSuggested(button) {
  post(button.textContent.trim());
  focusComposer(); // the button is gone
}

async function handOff() {
  leave(null);
  const added = await ask("/hand-off", (why) => _("Your request for a person wasn’t sent. %(why)s Please try again.", { why }));
  if (added?.length === 0) log.showEvent(_("The team already knows. The answer will come here."));
  focusComposer();
}

async function stop() {
  await stopAnswer(() => ask("/stop", (why) => _("The answer wasn’t stopped. %(why)s Please try again.", { why })));
  focusComposer(); // the button goes
}

/** What of which conversation is here. */
const place = () => ({ after: log.position(), conversation: log.conversation() });

/** Answers the messages that came of it; undefined when it failed: `failure` says that in words, with
    the reason, and they stand in the log. */
async function ask(path, failure) {
  try {
    const response = await call(path, { method: "POST", body: { ...place(), ...consent() } });
    return take(await response.text());
  } catch (error) {
    const why = error.status ? error.message : _("There is no connection right now.");
    log.showEvent(failure(why));
  }
}

// --- connection

let signals;

const stream = {
  connected() {
    signals = Infinity; // the stream begins with a pulse, and we fetch anyway
    clearTimeout(bannerTimer);
    bannerTimer = null;
    find("[data-banner]").hidden = true;
    catchUp().then(start);
    outbox.hurryOutbox();
  },
  event(name, data) {
    if (name === "text") return showWords(data);
    if (name === "typing") return showTyping();
    // A heartbeat that counts more signals than came here tells that one was lost.
    if (name === "signal" || (name === "pulse" && data.n > signals)) catchUp();
    signals = data.n ?? signals;
  },
  lost() {
    bannerTimer ??= setTimeout(showBanner, BANNER_AFTER);
  },
};

function showBanner() {
  const banner = find("[data-banner]");
  banner.textContent = navigator.onLine
    ? _("Reconnecting… Your messages are kept.")
    : _("You’re offline. Your messages will be sent as soon as you’re back.");
  banner.hidden = false;
}

function watchConnection() {
  clearTimeout(idleTimer);
  // Behind a closed panel a conversation goes on (the launcher counts what comes); an empty one doesn't.
  const isWanted = !document.hidden && (isOpen || !log.isEmpty());
  if (isWanted) openStream(stream);
  else idleTimer = setTimeout(closeStream, isAwaited() ? CLOSE_AWAITED_AFTER : CLOSE_STREAM_AFTER);
}

// --- opening and closing

/** Once, when the conversation so far is on the page. */
function start() {
  if (started) return;
  started = true;
  log.startReadingAloud();
}

function opened({ page = null, full = false } = {}) {
  isOpen = true;
  coverPage(full);
  pageAround = page;
  seen();
  watchConnection();
  // A chat that was clicked open; in the dashboard or behind a link nobody asked for the focus.
  if (!settings.standalone && !settings.preview) focusComposer();
}

function seen() {
  unread = 0;
  log.toBottom();
  noteSeen();
}

function close() {
  if (!settings.standalone) tellHost("close");
}

onHost("open", opened);
onHost("page", ({ page }) => (pageAround = page));
onHost("closed", () => {
  isOpen = false;
  watchConnection();
});

/** Nothing of the visitor is left, here neither. */
async function erased() {
  closeStream();
  await beginAnew(() => write("erased", true));
}

/** In the preview: the owner tries again as somebody new. */
function startOver() {
  keepSession(null);
  write("talked", null);
  location.reload();
}

/** The site says that somebody else is there, or nobody any more. */
function changePerson() {
  person++;
  if (isAside()) closeAside(); // it is of who was there
  leave(null);
  log.clear();
  outbox.showAll();
  closeStream();
  watchConnection();
  catchUp();
}

startIdentity({ changed: changePerson, written: () => !log.isEmpty() });

onConversationLost(() => {
  if (!log.isEmpty() || read("talked")) {
    log.clear();
    write("talked", null);
    leave(null);
    log.showEvent(_("Your earlier conversation has ended on this device, so this is a new one."));
    outbox.showAll();
  }
});

// --- wiring

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.closest("#menu:popover-open")) find("#menu").hidePopover();
  const key = button.closest("[data-client-key]")?.dataset.clientKey;
  if (button.matches("[data-close]")) close();
  else if (button.matches("[data-hand-off]")) handOff();
  else if (button.matches("[data-stop]")) stop();
  else if (button.matches("[data-rate]")) rate(button);
  else if (button.matches("[data-stars]")) rateTalk(button);
  else if (button.matches("[data-question]")) askSuggested(button);
  else if (button.matches("[data-start-over]")) startOver();
  else if (button.matches("[data-back]")) leaveAside();
  else if (button.matches("[data-new-chat]")) startNewChat();
  else if (button.matches("[data-past]")) showPast(log.conversation());
  else if (button.matches("[data-transcript]")) showTranscript(log.conversation());
  else if (button.matches("[data-erase]")) showErasure(erased);
  else if (button.matches("[data-retry]")) {
    outbox.retry(key);
    focusComposer(); // the button goes
  } else if (button.matches("[data-discard]")) {
    outbox.discard(key);
    log.removePending(key);
    focusComposer();
  }
  noteSeen(); // what stood in the chat's place may be gone
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || find("#menu").matches(":popover-open")) return;
  if (isAside()) {
    leaveAside();
    noteSeen();
  } else close();
});

document.addEventListener("visibilitychange", () => {
  watchConnection();
  noteSeen();
});
find("[data-scroll]").addEventListener("scroll", noteSeen, { passive: true });
// Of its own page it is the chat that makes room for a phone's keyboard; elsewhere panel.js does.
if (window.parent === window) {
  const view = window.visualViewport;
  view?.addEventListener("resize", () => (document.body.style.height = view.scale === 1 ? `${view.height}px` : ""));
}
addEventListener("online", () => {
  hurryStream();
  outbox.hurryOutbox();
});
addEventListener("offline", () => stream.lost());

find("[data-close]").hidden = settings.standalone;
startComposer(post);
startFiles((file) => outbox.postFile(file, left()?.id));
startConsent(focusComposer);
startAsking(focusComposer);
considerAsking();
outbox.startOutbox({
  changed(item) {
    log.showPending(item, drawFile);
    showSuggestions();
    expectAnswer();
  },
  moved: log.showProgress,
  sent(html, key) {
    leave(null);
    take(html);
    log.removePending(key);
    tellHost("event", { name: "sent" });
  },
  refused({ code }) {
    if (code === "consent_needed") askAgain();
  },
  context: () => ({ ...place(), page: pageAround, ...consent() }),
});
showSuggestions();
if (read("erased")) {
  write("erased", null);
  log.showEvent(_("Everything you wrote here has been deleted."));
}
startContinuing(changePerson, log.showEvent);
tellHost("ready");
if (settings.standalone) opened();
