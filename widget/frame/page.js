// What the frame page tells its scripts, and short names for finding elements.

export const find = (selector, root = document) => root.querySelector(selector);

const { base, key, origin, preview, hosted, told } = document.documentElement.dataset;

export const settings = {
  preview: preview !== undefined, // the owner's, in the dashboard
  base, // "/w/<key>"
  origin, // of the page around the frame, as its loader gave it
  storagePrefix: `frontdesk.${key}.`,
  ...JSON.parse(told), // what the owner set, as app/widget/shown.py tells it
  // Opened by a link, or alone in the owner's dashboard: nobody outside answers, and it is open at once.
  standalone: window.parent === window || hosted !== undefined || (preview !== undefined && !origin),
};

// The browser's own form of the chat's language, for times and numbers.
const isSpoken = (tag) => tag.split("-")[0] === settings.language;
settings.locale = navigator.languages.find(isSpoken) ?? settings.language;

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function uuid() {
  // crypto.randomUUID needs https; a business may still try the chat on a plain http page.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
