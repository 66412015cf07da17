// <details data-menu> closes on a click outside, on Escape (focus returns) and when another opens. And the palette,
// of which nothing is loaded before Ctrl-K or [data-palette-open] asks for it.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

for (const event of ["click", "focusin"]) {
  document.addEventListener(event, ({ target }) => {
    for (const menu of openMenus()) {
      if (!menu.contains(target)) menu.open = false;
    }
  });
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") find(event);
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

async function find(event) {
  const { palette } = document.body.dataset;
  if (!palette) return;
  event.preventDefault();
  (await import(palette)).open();
}

document.addEventListener("click", (event) => event.target.closest("[data-palette-open]") && find(event));
