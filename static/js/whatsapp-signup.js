// Meta's Embedded Signup. Facebook's script comes only when the button is pressed; its window tells which
// account and number were chosen, and its answer holds a code. Both go to the server, which believes neither
// before Meta has confirmed them.
const PATIENCE_MS = 3000; // for the ids, which come by another road than the code

const form = document.querySelector("[data-whatsapp-signup]");
const start = form?.querySelector("[data-signup-start]");
const status = form?.querySelector("[data-signup-status]");
let chosen = null;
let code = "";
let waiting;

function say(words) {
  status.textContent = words;
}

function isFacebook(origin) {
  try {
    const url = new URL(origin);
    return url.protocol === "https:" && (url.hostname === "facebook.com" || url.hostname.endsWith(".facebook.com"));
  } catch {
    return false;
  }
}

function read(data) {
  try {
    const told = typeof data === "string" ? JSON.parse(data) : data;
    return told?.type === "WA_EMBEDDED_SIGNUP" ? told : null;
  } catch {
    return null;
  }
}

function send() {
  clearTimeout(waiting);
  form.elements.code.value = code;
  form.elements.phone_number_id.value = chosen?.phone_number_id ?? "";
  form.elements.waba_id.value = chosen?.waba_id ?? "";
  say(_("Asking Meta whether all of it is right …"));
  form.requestSubmit();
}

function stopped(data = {}) {
  start.disabled = false;
  say(data.error_message
    ? _("You left Meta’s window before the end, so nothing was connected. Meta says: %(error)s Press the button to begin again.", { error: data.error_message })
    : _("You left Meta’s window before the end, so nothing was connected. Press the button to begin again."));
}

window.addEventListener("message", (event) => {
  const told = form && isFacebook(event.origin) ? read(event.data) : null;
  if (!told) return;
  if (told.event === "CANCEL" || told.event === "ERROR") stopped(told.data);
  else if (told.event?.startsWith("FINISH")) {
    chosen = told.data ?? {};
    if (code) send();
  }
});

function answered(response) {
  code = response?.authResponse?.code ?? "";
  if (!code && start.disabled) stopped(); // its window may have said why already
  else if (!code) return;
  else if (chosen) send();
  else waiting = setTimeout(send, PATIENCE_MS);
}

function load() {
  return new Promise((resolve, reject) => {
    if (window.FB) return resolve();
    const script = document.createElement("script");
    script.src = form.dataset.sdk;
    script.crossOrigin = "anonymous";
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

start?.addEventListener("click", async () => {
  start.disabled = true;
  chosen = null;
  code = "";
  say(_("Opening Meta’s window …"));
  try {
    await load();
  } catch {
    start.disabled = false;
    return say(_("Facebook’s script couldn’t be loaded. A blocker in your browser may have stopped it: allow facebook.net for this page and press the button again."));
  }
  window.FB.init({ appId: form.dataset.appId, version: form.dataset.version, autoLogAppEvents: false, xfbml: false });
  const keepsPhone = form.elements.is_coexistence.checked;
  window.FB.login(answered, {
    config_id: form.dataset.configId,
    response_type: "code",
    override_default_response_type: true,
    extras: { setup: {}, sessionInfoVersion: "3", ...(keepsPhone && { featureType: "whatsapp_business_app_onboarding" }) },
  });
});
