// The talk with the loader on the page around the frame. Only that window, only from its origin.

import { settings } from "./page.js";

const listeners = {};

export const onHost = (type, listener) => (listeners[type] = listener);

export function tellHost(type, rest = {}) {
  if (settings.standalone || !settings.origin) return;
  window.parent.postMessage({ frontdesk: { type, ...rest } }, settings.origin);
}

window.addEventListener("message", ({ data, origin, source }) => {
  if (source !== window.parent || origin !== settings.origin || !data?.frontdesk) return;
  const { type } = data.frontdesk;
  if (Object.hasOwn(listeners, type)) listeners[type](data.frontdesk);
});
