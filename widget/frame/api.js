// Calls to the server. The visitor's token travels in a header; there are no cookies.

import { settings } from "./page.js";
import { _ } from "./words.js";
import { keepSession, recallSession } from "./store.js";
import { upload } from "./upload.js";

const TIMEOUT = 15_000; // ms; a phone that silently lost its network shouldn't wait for minutes
const RENEW_WITHIN = 7 * 24 * 3600_000; // ms before the token's end

/** The server understood and said no; its words are for the visitor. */
export class Refused extends Error {
  constructor(status, error = {}, retryAfter = null) {
    super(error.message || _("Something went wrong on our side. Please try again."));
    Object.assign(this, { status, code: error.code, retryAfter });
  }
}

let session = null;
let opening = null;
const sending = new Set(); // what is on its way in the name of who is there
let entering = Promise.resolve(); // until it is settled who is there, nothing is asked or sent
let onLost = () => {};

/** Told when the server doesn't accept the visitor's token any more: the conversation is out of reach. */
export const onConversationLost = (listener) => (onLost = listener);

/** Answers the Response or throws Refused; any other error means that there is no connection. */
export async function call(path, options = {}) {
  await entering;
  session ??= await recallSession();
  if (!session || isEnding(session)) await openSession();
  const answer = answered(path, options);
  if (options.method) {
    sending.add(answer);
    answer.finally(() => sending.delete(answer)).catch(() => {});
  }
  return answer;
}

async function answered(path, options) {
  let response = await request(path, options);
  if (response.status === 401) {
    await openSession();
    response = await request(path, options);
  }
  if (!response.ok) throw await asRefused(response);
  return response;
}

/** A session of whom the site knows, instead of the one on this device. It is kept nowhere: the page says at each
    visit who is there. */
export function enterAs(token) {
  const entered = entering.then(() => enter(token));
  entering = entered.catch(() => {});
  return entered;
}

/** The session of whoever was mailed this link. What is on its way arrives in the name of who was here. */
export function continueBy(token, claim) {
  const entered = entering.then(async () => {
    await Promise.allSettled(sending);
    const response = await request("/continue", { method: "POST", body: { token, claim } });
    if (!response.ok) throw await asRefused(response);
    session = await response.json();
    if (!session.identified) keepSession(session);
  });
  entering = entered.catch(() => {});
  return entered;
}

/** True when it is somebody else than before. */
async function enter(token) {
  await opening?.catch(() => {});
  await Promise.allSettled(sending);
  session ??= await recallSession();
  let response = await request("/identity", { method: "POST", body: { token } });
  if (response.status === 401) {
    session = null; // the one of this device is over, which is no reason to refuse the site's word
    response = await request("/identity", { method: "POST", body: { token } });
  }
  if (!response.ok) throw await asRefused(response);
  const before = session?.who;
  session = await response.json();
  keepSession(null);
  return before !== session.who;
}

const isEnding = ({ expires_at: end }) => Date.parse(end) - Date.now() < RENEW_WITHIN;

function openSession() {
  opening ??= requestSession().finally(() => (opening = null));
  return opening;
}

async function requestSession() {
  let response = await request("/session", { method: "POST" });
  if (response.status === 401) {
    session = null;
    onLost();
    response = await request("/session", { method: "POST" });
  }
  if (!response.ok) throw await asRefused(response);
  session = await response.json();
  if (!session.identified) keepSession(session);
}

/** `form` goes up with its progress told. */
function request(path, { method = "GET", body, form, progress, signal = AbortSignal.timeout(TIMEOUT) }) {
  const headers = { "Accept-Language": settings.language };
  if (session) headers.Authorization = `Bearer ${session.token}`;
  if (form) return upload(settings.base + path, { headers, body: form, signal, progress });
  if (body) headers["Content-Type"] = "application/json";
  return fetch(settings.base + path, {
    method,
    headers,
    signal,
    body: body && JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
  });
}

async function asRefused(response) {
  const body = await response.json().catch(() => ({}));
  return new Refused(response.status, body.error, Number(response.headers.get("Retry-After")));
}
