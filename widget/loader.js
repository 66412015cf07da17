/*
 * The launcher on the business's page. Until it is clicked it makes nothing but one button: no iframe,
 * no cookie, no storage, no request. Everything sits in a shadow root, so that no style leaks either way.
 * The server puts the settings in place of __CONFIG__ and sends this file without comments and indents.
 */
(() => {
  const config = __CONFIG__;
  const name = "frontdesk-chat";
  const bell =
    "M16 5a1.9 1.9 0 0 1 1.1 3.45v.92a8.5 8.5 0 0 1 7.4 8.13h-17a8.5 8.5 0 0 1 7.4-8.13v-.92A1.9 1.9 0 0 1 16 5z" +
    "M7.1 19.25h17.8a1.35 1.35 0 0 1 0 2.7H7.1a1.35 1.35 0 0 1 0-2.7z";
  const cross = "m9 7.6 7 7 7-7L24.4 9l-7 7 7 7-1.4 1.4-7-7-7 7L7.6 23l7-7-7-7z";
  const storageKey = "frontdesk." + config.key;
  // A frame that the site's rules block still fires "load"; only its own "ready" proves that it is there.
  const readyWithin = 8000;

  let launcher, badge, panel, note, frame, timer, ready, open, unread;

  const make = (parent, tag, properties) =>
    parent.appendChild(Object.assign(document.createElement(tag), properties));

  function mount() {
    if (document.querySelector(name)) return;
    const root = make(document.body, name).attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // not a <style>: the page's own policy may forbid those
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    launcher = make(root, "button", { type: "button", onclick: () => (open ? hide() : show()) });
    launcher.innerHTML = '<svg viewBox="0 0 32 32" aria-hidden="true"><path/></svg>';
    badge = make(launcher, "b", { hidden: true });
    panel = make(root, "div", { hidden: true });
    note = make(panel, "p");
    draw();
  }

  function draw() {
    launcher.querySelector("path").setAttribute("d", open ? cross : bell);
    launcher.setAttribute("aria-expanded", !!open);
    launcher.setAttribute("aria-label", config.label + (unread ? `, ${unread} new` : ""));
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : unread;
    panel.hidden = !open;
    fit();
  }

  function show() {
    open = true;
    unread = 0;
    draw();
    if (!frame) load();
    else if (ready) enter();
  }

  function hide() {
    open = false;
    draw();
    post({ type: "closed" });
    launcher.focus();
  }

  function load() {
    note.textContent = config.opening;
    frame = make(panel, "iframe", {
      title: config.label,
      allow: "clipboard-write",
      src: config.frame + "?origin=" + encodeURIComponent(location.origin),
    });
    timer = setTimeout(fail, readyWithin);
  }

  function fail() {
    frame.remove();
    frame = 0; // the next click tries again
    note.textContent = config.failed;
    console.error(
      `Frontdesk: the chat did not open on ${location.origin}. Add this address in Frontdesk under ` +
        "Settings, Website, Allowed sites. If this page has a Content-Security-Policy, its frame-src " +
        `must allow ${config.origin}.`,
    );
  }

  function enter() {
    frame.focus();
    post({ type: "open", page: location.origin + location.pathname });
  }

  function post(message) {
    if (ready) frame.contentWindow.postMessage({ frontdesk: message }, config.origin);
  }

  const on = {
    ready() {
      clearTimeout(timer);
      ready = true;
      frame.className = "ready";
      if (open) enter();
    },
    close: hide,
    unread({ count }) {
      unread = open ? 0 : count;
      draw();
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
      frame.contentWindow.postMessage({ frontdesk: { type: "kept", value } }, config.origin);
    },
  };

  addEventListener("message", ({ data, origin, source }) => {
    const message = frame && source == frame.contentWindow && origin == config.origin && data?.frontdesk;
    if (message && Object.hasOwn(on, message.type)) on[message.type](message);
  });

  addEventListener("keydown", (event) => {
    if (open && event.key == "Escape" && !event.defaultPrevented) hide();
  });

  // On a phone the keyboard covers fixed elements; only the visual viewport knows.
  const full = matchMedia("(max-width:479px),(max-height:479px)");
  const view = visualViewport;
  function fit() {
    panel.style.cssText =
      open && full.matches && view.scale == 1 ? `height:${view.height}px;top:${view.offsetTop}px` : "";
  }
  view.onresize = view.onscroll = () => panel && fit();

  const edge = config.side + ":20px";
  const css = `
    :host { all: initial !important; position: fixed !important; bottom: 20px !important;
      ${edge} !important; z-index: 2147483000 !important; color-scheme: light dark !important }
    @media print { :host { display: none !important } }
    [hidden] { display: none !important }
    button { all: unset; position: relative; display: grid; place-items: center; box-sizing: border-box;
      width: 56px; height: 56px; border-radius: 50%; cursor: pointer; background: ${config.colour};
      color: ${config.ink}; box-shadow: 0 2px 6px #0003, 0 8px 24px #0003; transition: scale .15s }
    button:hover { scale: 1.05 }
    button:focus-visible { outline: 3px solid ${config.colour}; outline-offset: 3px;
      box-shadow: 0 0 0 3px #fff }
    svg { width: 36px; fill: currentColor }
    b { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px;
      box-sizing: border-box; background: #c8102e; color: #fff; font: 700 13px/22px system-ui;
      text-align: center }
    div { position: fixed; bottom: 88px; ${edge}; width: 380px; height: min(600px, 100dvh - 108px);
      border-radius: 16px; overflow: hidden; background: Canvas; color: CanvasText;
      box-shadow: 0 0 0 1px #8883, 0 12px 48px #0004 }
    p { margin: 40% 32px; font: 16px/1.5 system-ui; text-align: center }
    iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; visibility: hidden }
    .ready { visibility: visible }
    div:not(:has(.ready)) { z-index: -1 } /* full screen, it would cover the only way to close it */
    @media (max-width:479px),(max-height:479px) {
      div { top: 0; left: 0; right: auto; bottom: auto; width: 100%; height: 100dvh; border-radius: 0 }
    }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important } }
  `;

  if (document.body) mount();
  else addEventListener("DOMContentLoaded", mount);
})();
