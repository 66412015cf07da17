/*
 * The launcher on the business's page, and the page's way to speak with the chat (window.Frontdesk). Until
 * it is clicked it makes nothing but a button: no iframe, no cookie, no storage, no request. What only an
 * opened chat needs is panel.js, which the click fetches. Everything sits in a shadow root, so that no style
 * leaks either way. The server puts the settings in place of __CONFIG__ and sends this file without comments.
 */
(() => {
  const config = __CONFIG__;
  const name = "frontdesk-chat";
  const bell =
    "M16 5a1.9 1.9 0 0 1 1.1 3.45v.92a8.5 8.5 0 0 1 7.4 8.13h-17a8.5 8.5 0 0 1 7.4-8.13v-.92A1.9 1.9 0 0 1 16 5z" +
    "M7.1 19.25h17.8a1.35 1.35 0 0 1 0 2.7H7.1a1.35 1.35 0 0 1 0-2.7z";
  const cross = "m9 7.6 7 7 7-7L24.4 9l-7 7 7 7-1.4 1.4-7-7-7 7L7.6 23l7-7-7-7z";
  const quiet = `frontdesk.${config.key}.quiet`;
  const lang = (document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
  const say = (texts) => texts[lang] || texts.en;
  const label = say(config.label);

  const make = (parent, tag, properties) =>
    parent.appendChild(Object.assign(document.createElement(tag), properties));

  const host = document.createElement(name);
  const root = host.attachShadow({ mode: "open" });
  const gone = new AbortController();
  const { signal } = gone;
  const timers = [];
  const calls = []; // of the page, until the panel is there to take them
  let panel, coming;

  function style(css) {
    const sheet = new CSSStyleSheet(); // not a <style>: the page's own policy may forbid those
    sheet.replaceSync(css);
    root.adoptedStyleSheets.push(sheet);
  }

  // What the panel shares with the launcher.
  const chat = { config, lang, label, make, root, style, signal, draw, fire, hide, open: false, unread: 0 };

  const launcher = make(root, "button", { className: "l", dir: "auto", onclick: () => toggle() });
  launcher.innerHTML = '<svg viewBox="0 0 32 32" aria-hidden="true"><path/></svg>';
  if (config.words) make(launcher, "span", { textContent: label });
  const badge = make(launcher, "b", {});
  const bubble = make(root, "section", { hidden: true, role: "status", dir: "auto" });

  function draw() {
    const { open, unread } = chat;
    launcher.querySelector("path").setAttribute("d", open ? cross : bell);
    launcher.setAttribute("aria-expanded", open);
    launcher.setAttribute("aria-label", label + (unread ? ` (${unread})` : ""));
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : unread;
  }

  function fire(type, detail) {
    host.dispatchEvent(new CustomEvent(type, { detail }));
  }

  const toggle = () => (chat.open ? hide() : show());

  function show() {
    if (chat.open) return;
    chat.open = true;
    chat.unread = 0;
    hush();
    draw();
    fire("open");
    if (panel) panel.shown();
    else coming ??= import(config.base + config.panel).then(({ start }) => (panel = start(chat, calls)), fail);
  }

  function fail() {
    coming = 0; // the next click tries again
    chat.open = false;
    draw();
    tell(`⚠ ↻ ${label}`); // no words of ours came either
  }

  function hide() {
    if (!chat.open) return;
    chat.open = false;
    draw();
    fire("close");
    panel?.hidden();
    launcher.focus();
  }

  const pass = (verb) => (value) => (panel ? panel.take([verb, value]) : calls.push([verb, value]));

  const api = {
    open: show,
    close: hide,
    toggle,
    identify: pass("identify"),
    setAttributes: pass("attributes"),
    logout: pass("logout"),
    on(type, listener) {
      if (type == "ready") listener(new CustomEvent(type)); // it is
      else host.addEventListener(type, listener);
    },
    off: (type, listener) => host.removeEventListener(type, listener),
    destroy() {
      timers.forEach(clearTimeout);
      gone.abort();
      watch.disconnect();
      host.remove();
      delete window.Frontdesk;
    },
    push: (...all) => all.forEach(([verb, ...rest]) => api[verb]?.(...rest)),
  };

  // --- messages beside the launcher

  function tell(text) {
    bubble.textContent = "";
    make(bubble, "button", { textContent: text, onclick: show });
    make(bubble, "button", { textContent: "✕", ariaLabel: say(config.close) || "✕", onclick: hush });
    bubble.hidden = false;
  }

  /** The visitor has answered it, by opening the chat or closing the message: from then on it may be noted. */
  function hush() {
    bubble.hidden = true;
    try {
      if (config.rules[0]) sessionStorage[quiet] = localStorage[quiet] = 1;
    } catch {}
  }

  function isQuiet(forVisitor) {
    try {
      return (forVisitor ? localStorage : sessionStorage)[quiet];
    } catch {}
  }

  function look() {
    timers.forEach(clearTimeout);
    for (const rule of config.rules) {
      const [path, seconds, forVisitor, texts] = rule;
      if (!new RegExp(path).test(location.pathname) || isQuiet(forVisitor)) continue;
      timers.push(
        setTimeout(() => {
          if (chat.open || rule.told || !bubble.hidden) return;
          rule.told = true; // in memory alone
          tell(say(texts));
        }, seconds * 1000),
      );
    }
  }

  // --- on the page

  // A page that changes its whole body by itself keeps the chat.
  const watch = new MutationObserver(() => host.isConnected || document.body?.append(host));

  function mount() {
    if (document.querySelector(name)) return;
    document.body.append(host);
    watch.observe(document.documentElement, { childList: true });
    style(css);
    draw();
    const queue = window.Frontdesk;
    window.Frontdesk = api;
    if (Array.isArray(queue)) api.push(...queue);
    if (config.rules[0]) {
      look();
      window.navigation?.addEventListener("navigatesuccess", look, { signal });
    }
  }

  const edge = config.edge + "px";
  const css = `
    :host { all: initial !important; position: fixed !important; bottom: ${edge} !important;
      ${config.side}: ${edge} !important; z-index: 2147483000 !important; color-scheme: light dark !important }
    @media print { :host { display: none !important } }
    [hidden] { display: none !important }
    button { all: unset; box-sizing: border-box; cursor: pointer; border-radius: 28px; font: 16px/1.4 system-ui }
    .l { position: relative; display: flex; align-items: center; height: 56px; background: ${config.colour};
      color: ${config.ink}; box-shadow: 0 0 0 1.5px ${config.ink}, 0 4px 16px #0004; transition: scale .15s }
    .l:hover { scale: 1.05 }
    span { max-width: 60vw; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
      margin-inline: -4px 20px; font-weight: 600 }
    button:focus-visible { outline: 3px solid ${config.colour}; outline-offset: 3px; box-shadow: 0 0 0 3px ${config.ink} }
    svg { width: 36px; margin: 0 10px; fill: currentColor }
    section { position: absolute; bottom: 68px; ${config.side}: 0; display: flex; width: max-content; max-width: min(300px, 80vw);
      border-radius: 16px; background: Canvas; color: CanvasText; box-shadow: 0 0 0 1px #8883, 0 4px 16px #0004 }
    section button { padding: 12px 16px }
    ${config.phones ? "" : "@media (max-width:479px) { .l, section { display: none } }"}
    @media (prefers-reduced-motion: reduce) { * { transition: none !important } }
  `;

  if (document.body) mount();
  else addEventListener("DOMContentLoaded", mount);
})();
