// [data-words]: the assistant's words in the open conversation, while it writes them. The stored message
// takes their place and is what a screen reader hears.
const placeOf = () => document.querySelector("[data-words]");

/** Whether this message is here and waits for its answer. Words may come before it. */
function isOwed(question) {
  const asked = document.getElementById(`message_${question}`);
  return Number(asked?.dataset.position) > Number(document.querySelector("[data-cursor]").dataset.answered);
}

/** marks: [[offset, number], …] in order; offsets count characters, so an emoji is one. */
function marked(text, marks) {
  const characters = [...text];
  const drawn = new DocumentFragment();
  let from = 0;
  for (let [at, number] of marks) {
    while (/\s/.test(characters[at - 1] ?? "")) at--; // at the end of a word, as it will be stored
    if (at < Math.max(from, 1) || at > characters.length) continue;
    const mark = Object.assign(document.createElement("sup"), { className: "mark" });
    mark.append(Object.assign(document.createElement("span"), { textContent: number }));
    drawn.append(characters.slice(from, at).join(""), mark);
    from = at;
  }
  drawn.append(characters.slice(from).join(""));
  return drawn;
}

function show({ detail: { conversation, question, text, marks = [] } }) {
  const place = placeOf();
  if (place?.dataset.words !== String(conversation)) return;
  place.dataset.question = question;
  place.querySelector(".message-bubble").replaceChildren(marked(text, marks));
  takePlace();
}

function takePlace() {
  const place = placeOf();
  if (!place) return;
  const { textContent } = place.querySelector(".message-bubble");
  place.hidden = !textContent || !isOwed(place.dataset.question);
}

document.addEventListener("live:words", show);
document.addEventListener("htmx:after:swap", takePlace);
