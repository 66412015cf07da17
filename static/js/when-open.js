// The inbox without a conversation: what only an open one needs is fetched when somebody is about to open one.
const modules = document.querySelector('meta[name="conversation-modules"]').content.split(" ");
const signs = ["pointerover", "pointerdown", "keydown", "focusin", "htmx:after:swap"];

function load(event) {
  const isNear = event.type === "htmx:after:swap" ? document.querySelector(".conversation") : event.target.closest?.(".inbox") || event.type === "keydown";
  if (!isNear) return;
  signs.forEach((sign) => document.removeEventListener(sign, load));
  modules.forEach((module) => import(module));
}

signs.forEach((sign) => document.addEventListener(sign, load));
