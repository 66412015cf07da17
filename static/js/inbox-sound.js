// [data-sound]: a short sound for what is new and one's own or nobody's; off until it is switched on, and kept in this
// browser. The first list of a page is no news.
const KEY = "sound";
const button = () => document.querySelector("[data-sound]");
const isOn = () => localStorage.getItem(KEY) === "on";
let context = null;
let known = null;

function play() {
  context ??= new AudioContext();
  for (const [at, pitch] of [[0, 660], [0.12, 880]]) {
    const tone = new OscillatorNode(context, { frequency: pitch });
    const volume = new GainNode(context, { gain: 0 });
    const begin = context.currentTime + at;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(0.12, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.28);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.3);
  }
}

/** `isNow`: what is new to this page came just now, and isn't an older stretch of the list. */
function listen(isNow = true) {
  const now = new Map([...document.querySelectorAll(".inbox-row.is-unread[data-mine]")].map((row) => [row.id, row.querySelector("time")?.dateTime]));
  const isNews = isNow && known && [...now].some(([id, at]) => known.get(id) !== at);
  if (isNews && isOn()) play();
  known = new Map([...(known ?? []), ...now]);
}

function show() {
  button()?.setAttribute("aria-pressed", isOn());
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-sound]")) return;
  localStorage.setItem(KEY, isOn() ? "off" : "on");
  show();
  if (isOn()) play(); // how it sounds; and browsers want a click before the first one
});

document.addEventListener("htmx:after:swap", ({ detail }) => {
  show();
  listen(!detail?.ctx?.sourceElement?.closest?.(".inbox-end"));
});
show();
listen();
