// [data-message-log]: new messages are appended from a cursor. Two answers may bring the same one (a
// signal and one's own sending), so what came twice or out of order is put right before it is seen;
// messages that were on their way give place to the real ones; a page loaded upward moves nothing. What a
// provider brings stands in the order in which it was written; a message that changed is fetched anew.
const heights = new WeakMap();

function scrollerOf(log) {
  return log.closest("[data-autoscroll]");
}

function positionOf(element) {
  return Number(element.dataset.position);
}

function dropDoubles(log) {
  const seen = new Set();
  for (const element of [...log.children]) {
    if (!element.id) continue;
    if (seen.has(element.id)) element.remove();
    seen.add(element.id);
  }
}

const sentOf = (element) => Number(element.dataset.sent) || 0;

/** As app/conversations/in_order.py: within a run of the visitor's that nothing of ours parts, by when written. */
function inOrder(messages) {
  const ordered = messages.toSorted((one, other) => positionOf(one) - positionOf(other));
  let run = [];
  const settle = () => {
    const written = run.map((at) => ordered[at]).sort((one, other) => sentOf(one) - sentOf(other));
    run.forEach((at, index) => { ordered[at] = written[index]; });
    run = [];
  };
  ordered.forEach((message, at) => {
    if (message.matches(".message--visitor")) run.push(at);
    else if (message.matches(".message--member, .message--assistant, .message--system")) settle();
  });
  settle();
  return ordered;
}

function sortMessages(log) {
  const messages = [...log.querySelectorAll("[data-position]")];
  const ordered = inOrder(messages);
  if (ordered.some((one, at) => one !== messages[at])) ordered.forEach((one) => log.append(one));
}

const heard = new Set();
const early = new Set(); // changed while it was on its way here, so what arrives may be what it was before

function fetchChanged(message) {
  const { changedUrl } = document.querySelector("[data-changed]")?.dataset ?? {};
  early.add(message);
  if (!changedUrl || !document.getElementById(`message_${message}`)) return;
  early.delete(message);
  htmx.ajax("GET", changedUrl.replace(/(?=\?|$)/, `/${message}`), { swap: "none" }); // before what the list is narrowed to
}

function hearChanges() {
  const { changed } = document.querySelector("[data-changed]")?.dataset ?? {};
  if (!changed || heard.has(changed)) return;
  heard.add(changed);
  document.body.addEventListener(changed, ({ detail }) => fetchChanged(detail.message));
}

/** Signals are lost with the connection: what waited for its file is asked about again. */
function fetchWaiting() {
  for (const file of document.querySelectorAll("[data-message-log] .attachment--waiting")) {
    fetchChanged(file.closest(".message").id.replace("message_", ""));
  }
}

/** What was on its way gives place to the message; before that to what the server holds for a while. */
function dropArrived(log) {
  const isHere = (key, root) => root.querySelector(`[data-client-key="${CSS.escape(key)}"]`);
  for (const held of document.querySelectorAll("[data-held]")) {
    if (isHere(held.dataset.held, log)) held.remove();
  }
  for (const waiting of document.querySelectorAll("[data-pending]")) {
    const key = waiting.elements.client_key.value;
    if (isHere(key, document) || document.querySelector(`[data-held="${CSS.escape(key)}"]`)) waiting.remove();
  }
}

document.addEventListener("htmx:before:swap", (event) => {
  const log = document.querySelector("[data-message-log]");
  const isEarlier = event.target instanceof Element && event.target.closest(".message-earlier");
  if (log && isEarlier) heights.set(log, scrollerOf(log).scrollHeight - scrollerOf(log).scrollTop);
});

document.addEventListener("htmx:after:swap", () => {
  const log = document.querySelector("[data-message-log]");
  if (!log) return;
  hearChanges();
  dropDoubles(log);
  sortMessages(log);
  dropArrived(log);
  early.forEach(fetchChanged);
  if (!heights.has(log)) return;
  const scroller = scrollerOf(log);
  scroller.scrollTop = scroller.scrollHeight - heights.get(log);
  heights.delete(log);
});

document.body.addEventListener("live:connected", fetchWaiting);
hearChanges();
