// Where the chat covers the whole page, as on a phone, the Tab key stays in it. (Behind a button of its own, in a
// corner, the rest of the page is there to be used.)

const ELEMENTS = "a[href], button, input, textarea, summary, [tabindex='0']";

let isFull = false;

export const coverPage = (covers) => (isFull = !!covers);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || !isFull) return;
  const all = [...document.querySelectorAll(ELEMENTS)].filter((each) => !each.disabled && each.checkVisibility());
  const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to.focus();
});
