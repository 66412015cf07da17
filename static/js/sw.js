// Shows what is pushed, and opens what it is about. It keeps nothing and answers no request.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data?.json() ?? {};
  event.waitUntil(registration.showNotification(title || "Frontdesk", { body, tag, renotify: Boolean(tag), data: { url } }));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url || "/", location.origin);
  if (url.origin === location.origin) event.waitUntil(open(url.href));
});
async function open(url) {
  const windows = await clients.matchAll({ type: "window" });
  const found = windows.find((each) => each.url === url);
  return found ? found.focus() : clients.openWindow(url);
}
