// <textarea data-autogrow>: grows with its words, up to six lines. With data-enter-sends, Enter
// sends and Shift+Enter starts a line; not while composing characters, and not on a touch keyboard,
// where Enter is the only way to a new line.
const MOST_LINES = 6;
const touches = matchMedia("(pointer: coarse)");

function grow(area) {
  const style = getComputedStyle(area);
  const frame = area.offsetHeight - area.clientHeight;
  const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
  area.style.height = "auto";
  const most = MOST_LINES * parseFloat(style.lineHeight) + padding;
  area.style.height = `${Math.min(area.scrollHeight, most) + frame}px`;
}

function growAll() {
  document.querySelectorAll("textarea[data-autogrow]").forEach(grow);
}

function sends(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && !touches.matches;
}

document.addEventListener("input", (event) => event.target.matches("textarea[data-autogrow]") && grow(event.target));
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("textarea[data-enter-sends]") || !sends(event)) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});
document.addEventListener("reset", () => setTimeout(growAll));
// htmx carries a replaced element's style attribute over, which the page's policy would refuse.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  ctx.target?.querySelectorAll("textarea[data-autogrow]").forEach((area) => area.removeAttribute("style"));
});
document.addEventListener("htmx:after:swap", growAll);
growAll();
