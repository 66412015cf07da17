// The opened chat on the business's page: the frame, its place, and the talk with it. The launcher fetches this
// on the first click. Only the frame's window, only from its origin.

// A frame that the site's rules block still fires "load"; only its own "ready" proves that it is there.
const READY_WITHIN = 8000;
const MOST_ATTRIBUTES = 20;
const FAILED = __FAILED__;

export function start(chat, calls) {
  const { config, root, make, signal, fire } = chat;
  const listen = (target, type, handler) => target?.addEventListener(type, handler, { signal });
  const storageKey = "frontdesk." + config.key;
  const server = new URL(config.base).origin;
  let frame, timer, ready;
  let identity, attributes; // what the page said last, for a frame that is still to come

  const panel = make(root, "div", { hidden: true });
  const note = make(panel, "p", { dir: "auto" });
  chat.style(css(config));

  function load() {
    if (signal.aborted) return;
    note.textContent = "…";
    const src = new URL(config.base + config.query);
    src.searchParams.set("origin", location.origin);
    src.searchParams.set("lang", chat.lang);
    frame = make(panel, "iframe", { title: chat.label, allow: "clipboard-write", src });
    timer = setTimeout(fail, READY_WITHIN);
    signal.addEventListener("abort", () => clearTimeout(timer)); // destroyed: nobody waits for it any more
  }

  function fail() {
    frame.remove();
    frame = 0; // the next click tries again
    note.textContent = FAILED[chat.lang] ?? FAILED.en;
    console.error(
      `Frontdesk: the chat did not open on ${location.origin}. Add this address in Frontdesk under ` +
        "Settings, Website chat, Allowed websites. If this page has a Content-Security-Policy, its frame-src " +
        `must allow ${server}.`,
    );
  }

  const here = () => location.origin + location.pathname;

  function enter() {
    if (!config.calm) frame.focus();
    post({ type: "open", page: here(), full: full.matches });
  }

  function post(message) {
    if (ready) frame.contentWindow.postMessage({ frontdesk: message }, server);
  }

  const on = {
    ready() {
      clearTimeout(timer);
      ready = true;
      frame.className = "ready";
      // First who it is: nobody else's conversation shows for a moment.
      if (identity) post({ type: "identify", token: identity });
      if (attributes) post({ type: "attributes", values: attributes });
      if (chat.open) enter();
    },
    close: chat.hide,
    unread({ count }) {
      chat.unread = chat.open ? 0 : count;
      chat.draw();
      fire("unread", { count: chat.unread });
    },
    event({ name }) {
      fire("message", { direction: name });
    },
    problem({ message }) {
      console.error("Frontdesk: " + message);
      fire("error", { message });
    },
    // For a browser that denies storage to the frame: the page keeps its few bytes.
    keep({ value }) {
      try {
        localStorage.setItem(storageKey, value);
      } catch {}
    },
    recall() {
      let value = null;
      try {
        value = localStorage.getItem(storageKey);
      } catch {}
      frame.contentWindow.postMessage({ frontdesk: { type: "kept", value } }, server);
    },
  };

  // --- what the page says by window.Frontdesk

  const takes = {
    identify(token) {
      identity = String(token);
      post({ type: "identify", token: identity });
    },
    attributes(values) {
      const all = Object.entries({ ...attributes, ...values }).slice(0, MOST_ATTRIBUTES);
      attributes = Object.fromEntries(all);
      post({ type: "attributes", values: attributes });
    },
    logout() {
      identity = attributes = undefined;
      post({ type: "logout" });
    },
  };

  listen(window, "message", ({ data, origin, source }) => {
    const message = frame && source == frame.contentWindow && origin == server && data?.frontdesk;
    if (message && Object.hasOwn(on, message.type)) on[message.type](message);
  });
  listen(window, "keydown", (event) => {
    if (chat.open && event.key == "Escape" && !event.defaultPrevented) chat.hide();
  });
  // The page went on without loading anew: the next message is written from there.
  listen(window.navigation, "navigatesuccess", () => post({ type: "page", page: here() }));

  // On a phone the keyboard covers fixed elements; only the visual viewport knows.
  const full = matchMedia("(max-width:479px),(max-height:479px)");
  const view = visualViewport;
  function fit() {
    panel.style.cssText =
      chat.open && full.matches && view.scale == 1 ? `height:${view.height}px;top:${view.offsetTop}px` : "";
  }
  listen(view, "resize", fit);
  listen(view, "scroll", fit);

  function shown() {
    panel.hidden = false;
    fit();
    if (!frame) load();
    else if (ready) enter();
  }

  function hidden() {
    panel.hidden = true;
    post({ type: "closed" });
  }

  const take = ([verb, value]) => takes[verb](value);
  calls.forEach(take);
  if (chat.open) shown();
  return { shown, hidden, take };
}

const css = ({ side, edge }) => `
  div { position: fixed; bottom: ${edge + 68}px; ${side}: ${edge}px; width: 380px; max-width: calc(100vw - ${2 * edge}px);
    height: min(600px, 100dvh - ${edge + 88}px); border-radius: 16px; overflow: hidden; background: Canvas;
    color: CanvasText; box-shadow: 0 0 0 1px #8883, 0 12px 48px #0004 }
  b { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px;
    box-sizing: border-box; background: #c8102e; color: #fff; font: 700 13px/22px system-ui; text-align: center }
  p { margin: 40% 32px; font: 16px/1.5 system-ui; text-align: center }
  iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; visibility: hidden }
  .ready { visibility: visible }
  div:not(:has(.ready)) { z-index: -1 } /* full screen, it would cover the only way to close it */
  @media (max-width:479px),(max-height:479px) {
    div { top: 0; left: 0; right: auto; bottom: auto; width: 100%; max-width: none; height: 100dvh; border-radius: 0 }
  }
`;
