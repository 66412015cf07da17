// Settings → Notifications: this browser is added or left. A key of ours that has changed wants a new subscription.
const section = document.querySelector("[data-push]");
const add = section?.querySelector("[data-push-add]");
const problem = section?.querySelector("[data-push-problem]");
const isAble = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytes(coded) {
  const text = atob(coded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

function tell(words) {
  problem.textContent = words;
  problem.hidden = !words;
}

function post(url, data) {
  const csrf = document.querySelector('meta[name="csrf-token"]').content;
  return fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf, "Content-Type": "application/json" }, body: JSON.stringify(data) });
}

function isCurrent(subscription) {
  const key = new Uint8Array(subscription.options.applicationServerKey ?? []);
  const ours = bytes(section.dataset.pushKey);
  return key.length === ours.length && key.every((one, at) => one === ours[at]);
}

async function subscribe() {
  const { pushWorker, pushScope, pushKey, pushUrl, pushDenied, pushFailed } = section.dataset;
  tell("");
  if ((await Notification.requestPermission()) !== "granted") { tell(pushDenied); return; }
  add.disabled = true;
  try {
    const registration = await navigator.serviceWorker.register(pushWorker, { scope: pushScope });
    const old = await registration.pushManager.getSubscription();
    if (old && !isCurrent(old)) await old.unsubscribe();
    await active(registration);
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(pushKey) });
    const answer = await post(pushUrl, made.toJSON());
    if (answer.ok) location.reload();
    else tell((await answer.json().catch(() => ({}))).message ?? pushFailed);
  } catch {
    tell(pushFailed);
  }
  add.disabled = false;
}

function active(registration) {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker.state === "activated") return undefined;
  return new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
}

async function show() {
  section.querySelector("[data-push-missing]").hidden = isAble;
  if (!isAble) return;
  const registration = await navigator.serviceWorker.getRegistration(section.dataset.pushScope);
  const own = await registration?.pushManager.getSubscription();
  const row = own && isCurrent(own) && [...section.querySelectorAll("[data-push-endpoint]")].find((each) => each.dataset.pushEndpoint === own.endpoint);
  if (row) row.querySelector("[data-push-this]").hidden = false;
  else if (own) await own.unsubscribe(); // removed here, or by us: it would be told of nothing
  add.hidden = Boolean(row);
}

if (section) {
  add.addEventListener("click", subscribe);
  show();
}
