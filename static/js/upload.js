// [data-upload]: files dropped or chosen are checked here first, then posted one by one to the
// form's action, each with its own bar. What was refused is named with the reason. After each
// upload the form gets "uploaded" (an element can listen with hx-trigger), after the last one "uploads:done".
const UNITS = ["bytes", "KB", "MB", "GB"];

function sizeOf(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(bytes || 1) / Math.log(1000)));
  return `${+(bytes / 1000 ** power).toFixed(power > 1 ? 1 : 0)} ${UNITS[power]}`;
}

function refusal(file, input, mostBytes) {
  const endings = input.accept.split(",").map((ending) => ending.trim().toLowerCase()).filter(Boolean);
  if (endings.length && !endings.some((ending) => file.name.toLowerCase().endsWith(ending))) {
    return _("can't be read: please use %(endings)s", { endings: endings.join(", ") });
  }
  if (mostBytes && file.size > mostBytes) return _("is %(size)s; at most %(most)s fit", { size: sizeOf(file.size), most: sizeOf(mostBytes) });
  return file.size ? "" : _("is empty");
}

function addRow(list, file) {
  const row = document.createElement("li");
  row.className = "upload-item";
  const [name, state, bar] = ["span", "span", "progress"].map((tag) => document.createElement(tag));
  Object.assign(name, { className: "truncate", textContent: file.name });
  Object.assign(state, { className: "upload-state" });
  Object.assign(bar, { max: 1, value: 0, ariaLabel: _("Sending %(name)s", file) });
  row.append(name, state, bar);
  list.append(row);
  return { row, state, bar };
}

function tell({ row, state, bar }, words) {
  row.classList.add("is-told");
  state.textContent = words;
  bar.remove();
}

function refuse(view, reason) {
  view.row.classList.add("is-refused");
  tell(view, reason);
}

function wordsOf(request, selector) {
  const parsed = new DOMParser().parseFromString(request.responseText, "text/html");
  return [...parsed.querySelectorAll(selector)].map((part) => part.textContent.trim()).filter(Boolean);
}

function reasonOf(request) {
  const [told] = wordsOf(request, ".field-error, .error-summary li");
  return told ?? (wordsOf(request, "h1, .lead").join(". ") || _("couldn't be sent; please try again"));
}

// A file that was there already is no failure; its line stays and says so.
function outcomeOf(request) {
  if (request.status === 401) location.assign(request.getResponseHeader("HX-Redirect") ?? "/");
  if (request.status >= 400) return { reason: reasonOf(request) };
  return { note: wordsOf(request, "[data-taken=known]")[0] };
}

// XMLHttpRequest, since fetch doesn't report how much has been sent.
function send(form, input, file, view) {
  const body = new FormData(form);
  body.delete(input.name);
  body.append(input.name, file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => { view.bar.value = loaded / total; view.state.textContent = `${Math.floor((100 * loaded) / total)} %`; };
    request.onload = () => resolve(outcomeOf(request));
    request.onerror = () => resolve({ reason: _("couldn't be sent: no connection. Choose it again to retry") });
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(body);
  });
}

// Files chosen while others are on their way wait for them, in order; nobody's line goes.
const underWay = new WeakMap();

async function uploadAll(zone, files) {
  const form = zone.closest("form");
  const input = zone.querySelector('input[type="file"]');
  const list = form.querySelector("[data-upload-list]");
  const before = underWay.get(form);
  if (!before) list.replaceChildren();
  const rows = files.map((file) => ({ file, view: addRow(list, file), reason: refusal(file, input, Number(zone.dataset.maxBytes)) }));
  rows.forEach(({ view, reason }) => reason ? refuse(view, reason) : (view.state.textContent = _("waiting")));
  const done = (before ?? Promise.resolve()).then(() => sendAll(form, input, rows.filter(({ reason }) => !reason)));
  underWay.set(form, done);
  await done;
  if (underWay.get(form) !== done) return;
  underWay.delete(form);
  input.value = "";
  form.dispatchEvent(new CustomEvent("uploads:done", { bubbles: true }));
}

async function sendAll(form, input, rows) {
  for (const { file, view } of rows) {
    const { reason, note } = await send(form, input, file, view);
    if (reason) { refuse(view, reason); continue; }
    if (note) tell(view, note);
    else view.row.remove();
    form.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail: { name: file.name } }));
  }
}

const zoneOf = (event) => event.target.closest?.("[data-upload]");
document.addEventListener("dragover", (event) => { const zone = zoneOf(event); if (zone) { event.preventDefault(); zone.classList.add("is-over"); } });
document.addEventListener("dragleave", (event) => zoneOf(event)?.classList.remove("is-over"));
document.addEventListener("drop", (event) => { const zone = zoneOf(event); if (zone) { event.preventDefault(); zone.classList.remove("is-over"); uploadAll(zone, [...event.dataTransfer.files]); } });
document.addEventListener("change", (event) => { const zone = zoneOf(event); if (zone && event.target.files?.length) uploadAll(zone, [...event.target.files]); });
