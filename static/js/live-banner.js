// [data-live-banner] is shown after five seconds without a connection: shorter breaks heal unseen.
const SHOWN_AFTER_MS = 5_000;
const banner = document.querySelector("[data-live-banner]");
let timer;

function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => (banner.hidden = false), SHOWN_AFTER_MS);
}

function clear() {
  clearTimeout(timer);
  timer = undefined;
  banner.hidden = true;
}

if (banner && document.querySelector('meta[name="live-url"]')) {
  document.body.addEventListener("live:disconnected", () => timer ?? wait());
  document.body.addEventListener("live:connected", clear);
  wait();
}
