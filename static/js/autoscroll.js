// [data-autoscroll]: a log stays at its end as it grows, unless someone has scrolled up to read.
// While they read, a [data-autoscroll-more] button inside the log's parent says that there is more.
const NEAR_PX = 80;
const watched = new WeakSet();

function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
}

function toEnd(log) {
  log.scrollTop = log.scrollHeight;
}

function watch(log) {
  if (watched.has(log)) return;
  watched.add(log);
  let follows = true;
  const more = log.parentElement.querySelector("[data-autoscroll-more]");
  const follow = () => {
    if (follows) toEnd(log);
    else if (more) more.hidden = false;
  };
  log.addEventListener("scroll", () => {
    follows = isAtEnd(log);
    if (follows && more) more.hidden = true;
  }, { passive: true });
  more?.addEventListener("click", () => { toEnd(log); more.hidden = true; });
  new MutationObserver(follow).observe(log, { childList: true, subtree: true, characterData: true });
  new ResizeObserver(() => follows && toEnd(log)).observe(log);
  toEnd(log);
}

function watchAll() {
  document.querySelectorAll("[data-autoscroll]").forEach(watch);
}

document.addEventListener("htmx:after:swap", watchAll);
watchAll();
