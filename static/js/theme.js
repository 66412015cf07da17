// Light, dark or as the device says. A cookie remembers it, so the server sends the page with the
// right theme and nothing flashes.
const YEAR_SECONDS = 31_536_000;
const root = document.documentElement;

function show() {
  const current = root.dataset.theme ?? "system";
  for (const button of document.querySelectorAll("[data-theme-choice] button")) {
    button.setAttribute("aria-pressed", String(button.value === current));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice] button");
  if (!button) return;
  const isSystem = button.value === "system";
  if (isSystem) delete root.dataset.theme;
  else root.dataset.theme = button.value;
  document.cookie = `theme=${button.value}; path=/; max-age=${isSystem ? 0 : YEAR_SECONDS}; samesite=lax`;
  show();
});

show();
