// [data-read-url]: while the conversation is looked at, says how far it has been read.
const sent = new Map();

function readNow() {
  const log = document.querySelector("[data-read-url]");
  const position = document.querySelector("[data-cursor]")?.value;
  if (!log || !position || document.hidden) return;
  const url = log.dataset.readUrl;
  if (Number(position) > (sent.get(url) ?? -1)) send(url, Number(position));
}

async function send(url, position) {
  const before = sent.get(url);
  sent.set(url, position);
  const token = document.querySelector('meta[name="csrf-token"]').content;
  try {
    const body = new URLSearchParams({ position });
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
    if (!answer.ok) throw new Error(answer.status);
  } catch {
    sent.set(url, before ?? -1); // said again with the next message or look
  }
}

// Marked as unread: this page says nothing of it any more, until it is opened again.
document.addEventListener("unread", ({ detail }) => sent.set(detail.url, Infinity));
document.addEventListener("visibilitychange", readNow);
document.addEventListener("htmx:after:swap", readNow);
readNow();
