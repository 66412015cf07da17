// [data-message-log]: new messages are appended from a cursor. Two answers may bring the same one (a
// signal and one's own sending), so what came twice or out of order is put right before it is seen;
// messages that were on their way give place to the real ones; a page loaded upward moves nothing.
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

function sortMessages(log) {
  const messages = [...log.querySelectorAll("[data-position]")];
  const isSorted = messages.every((one, at) => !at || positionOf(messages[at - 1]) <= positionOf(one));
  if (!isSorted) messages.sort((one, other) => positionOf(one) - positionOf(other)).forEach((one) => log.append(one));
}

function dropArrived(log) {
  for (const waiting of document.querySelectorAll("[data-pending]")) {
    const key = waiting.elements.client_key.value;
    if (log.querySelector(`[data-client-key="${CSS.escape(key)}"]`)) waiting.remove();
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
  dropDoubles(log);
  sortMessages(log);
  dropArrived(log);
  if (!heights.has(log)) return;
  const scroller = scrollerOf(log);
  scroller.scrollTop = scroller.scrollHeight - heights.get(log);
  heights.delete(log);
});
