// [data-chat-colour]: while a colour is chosen, the sample beside it shows it with the words on it, as
// the server will (app/lib/colour.py).
const ENOUGH = 4.5; // WCAG 2.2 AA for text
const SEEN = 3; // and for what is no text: the button on a page
const field = document.querySelector("[data-chat-colour]");
const sample = document.querySelector("[data-colour-sample]");

function luminance(colour) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function show() {
  const colour = field.value;
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return;
  const onWhite = 1.05 / (luminance(colour) + 0.05);
  const isWhite = onWhite >= ENOUGH;
  const ratio = isWhite ? onWhite : (luminance(colour) + 0.05) / 0.05;
  sample.querySelector("[data-sample-fill]").setAttribute("fill", colour);
  sample.querySelector("[data-sample-ink]").setAttribute("fill", isWhite ? "#ffffff" : "#000000");
  sample.querySelector("[data-sample-words]").textContent =
    isWhite
      ? _("White words on it, contrast %(ratio)s to 1: easy to read.", { ratio: ratio.toFixed(1) })
      : _("Black words on it, contrast %(ratio)s to 1: easy to read.", { ratio: ratio.toFixed(1) });
  sample.querySelector("[data-sample-page]").textContent = onWhite >= SEEN
    ? _("On a white page the button has %(ratio)s to 1: easy to see.", { ratio: onWhite.toFixed(1) })
    : _("On a white page the button has %(ratio)s to 1: hard to see, so it gets a dark edge.", { ratio: onWhite.toFixed(1) });
}

if (field && sample) {
  field.addEventListener("input", show);
  show();
}
