// One event stream for all of a member's tabs: the tab that holds the lock opens it and relays
// each signal, because a browser gives one host only six HTTP/1.1 connections. Every tab dispatches
// signals on <body> under their own name ("conversation-42"), and "live:connected" whenever
// something may have been missed, so that listening elements fetch themselves again, and
// "live:disconnected" when the stream is down.
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 15_000;
const AWAY_MS = 60_000;
const BEAT_MS = 20_000;
// A leader in a frozen tab falls silent; hidden tabs may still run their timers only once a minute.
const LEADER_SILENT_MS = 150_000;
const SPREAD_MS = 400;
const SPREAD_HIDDEN_MS = 4_000;
const SHARE_MS = 200; // of the server's time for each member's pages
const SPARE = 3;
const EVERY_MS = 2_500;
const OWN_MS = 2_000;

const url = document.querySelector('meta[name="live-url"]')?.content;
const shares = "BroadcastChannel" in window && Boolean(navigator.locks);
const channel = url && shares ? new BroadcastChannel(`live:${url}`) : null;
const me = Math.random().toString(36).slice(2);
let leads = false;
let source = null;
let attempts = 0;
let heardAt = Date.now();
let signals = Infinity; // a stream begins with a pulse, and every tab fetches anyway
let hiddenAt = 0;
let retryTimer;

function dispatch(name, detail = {}) {
  document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
}

// What is many members': each page fetches it at a moment of its own, once for all that came meanwhile, and seldom while
// much comes or many listen; at once where this page has just changed something.
let actedAt = 0;

function seldom() {
  const waiting = new Map();
  let spare = SPARE;
  let sparedAt = 0;
  function pause(members) {
    const now = Date.now();
    if (now - actedAt < OWN_MS) return 0;
    const spread = Math.max(document.hidden ? SPREAD_HIDDEN_MS : SPREAD_MS, members * SHARE_MS);
    const pace = Math.max(EVERY_MS, members * SHARE_MS);
    spare = Math.min(SPARE, spare + (now - sparedAt) / pace) - 1;
    sparedAt = now;
    return Math.random() * spread - Math.min(spare, 0) * pace;
  }
  function tell() {
    const told = [...waiting];
    waiting.clear();
    for (const [name, detail] of told) dispatch(name, detail);
  }
  return (names, members, detail) => {
    if (!waiting.size) setTimeout(tell, pause(members));
    for (const name of names) waiting.set(name, detail);
  };
}

const tellLists = seldom();
const tellMany = seldom();

// "bell" to members 3 and 4 is "bell-3" and "bell-4" for whoever listens.
function tellSignal(data) {
  const names = data.to?.map((id) => `${data.name}-${id}`) ?? [data.name];
  if (data.name === "inbox") tellLists(names, data.heard_by, data);
  else if (names.length > 1) tellMany(names, names.length, data);
  else dispatch(names[0], data);
}

const receivers = {
  signal: ({ data }) => tellSignal(data),
  up: () => dispatch("live:connected"),
  down: () => dispatch("live:disconnected"),
  words: ({ data }) => dispatch("live:words", data),
  hello: ({ from }) => source?.readyState === EventSource.OPEN && channel.postMessage({ kind: "up", to: from }),
  beat: () => {},
};

function receive(message) {
  heardAt = Date.now();
  if (!message.to || message.to === me) receivers[message.kind](message);
}

function tell(message) {
  receive(message);
  channel?.postMessage(message);
}

// A heartbeat has no name; one that counts more signals than came here tells that one was lost.
function hear(data) {
  if (data.name) tell({ kind: "signal", data });
  else if (data.n > signals) tell({ kind: "up" });
  signals = data.n ?? signals;
}

function connect() {
  clearTimeout(retryTimer);
  source?.close();
  source = new EventSource(url);
  source.onopen = () => { attempts = 0; signals = Infinity; tell({ kind: "up" }); };
  source.onerror = () => reconnect(true);
  source.addEventListener("signal", (event) => hear(JSON.parse(event.data)));
  source.addEventListener("words", (event) => tell({ kind: "words", data: JSON.parse(event.data) }));
  source.addEventListener("pulse", (event) => hear(JSON.parse(event.data)));
  source.addEventListener("bye", () => reconnect(false));
}

function reconnect(isFailure) {
  source.close();
  if (isFailure) tell({ kind: "down" });
  const wait = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** attempts++);
  retryTimer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
}

function lead() {
  leads = true;
  connect();
  return new Promise(() => {}); // the lock is held for as long as the tab lives
}

function queueToLead(options) {
  navigator.locks.request(`live:${url}`, options, lead).catch(() => {
    leads = false; // another tab took over while this one slept
    clearTimeout(retryTimer);
    source?.close();
    queueToLead({});
  });
}

function watchLeader() {
  if (leads) channel.postMessage({ kind: "beat" });
  else if (!document.hidden && Date.now() - heardAt > LEADER_SILENT_MS) queueToLead({ steal: true });
}

function watchReturn() {
  if (document.hidden) { hiddenAt = Date.now(); return; }
  if (Date.now() - hiddenAt > AWAY_MS) dispatch("live:connected");
  if (leads && source.readyState !== EventSource.OPEN) connect();
}

function noteAction({ detail }) {
  if (detail.ctx?.request?.method !== "GET") actedAt = Date.now();
}

function start() {
  document.addEventListener("htmx:before:request", noteAction);
  addEventListener("online", () => leads && connect());
  addEventListener("offline", () => dispatch("live:disconnected"));
  document.addEventListener("visibilitychange", watchReturn);
  if (!shares) { lead(); return; }
  channel.onmessage = (event) => receive(event.data);
  channel.postMessage({ kind: "hello", from: me });
  queueToLead({});
  setInterval(watchLeader, BEAT_MS);
}

if (url) start();
