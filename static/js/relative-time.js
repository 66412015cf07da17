// <time datetime data-relative="long|short">: relative under a day, a date after it; the exact
// time on hover, in the business's zone.
const REFRESH_MS = 30_000;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const zone = document.documentElement.dataset.timeZone || undefined;
// The page's language in the reader's own regional form: 21 Nov or Nov 21.
const pageLanguage = document.documentElement.lang || "en";
const language = navigator.language.startsWith(pageLanguage) ? navigator.language : pageLanguage;
const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: zone });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: zone });
const dayAndYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: zone });

function dateOf(at) {
  return (Date.now() - at > 300 * DAY * 1000 ? dayAndYear : day).format(at);
}

function inWords(at, isShort) {
  const seconds = Math.round((at - Date.now()) / 1000);
  const away = Math.abs(seconds);
  if (away >= DAY) return dateOf(at);
  if (away < MINUTE) return isShort ? _("now") : _("just now");
  const [size, unit] = away < HOUR ? [MINUTE, "minute"] : [HOUR, "hour"];
  const count = Math.trunc(seconds / size);
  return isShort ? `${Math.abs(count)}${unit[0]}` : words.format(count, unit);
}

function refresh() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const text = inWords(at, element.dataset.relative === "short");
    if (element.textContent !== text) element.textContent = text;
    element.title = exact.format(at);
    element.toggleAttribute("data-past", at < Date.now());
  }
}

refresh();
setInterval(refresh, REFRESH_MS);
document.addEventListener("htmx:after:swap", refresh);
