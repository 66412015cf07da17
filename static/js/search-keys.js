// From the box into the rows and back by arrow keys; Escape leads back to the box.
const box = () => document.getElementById("search-box");
const rows = () => [...document.querySelectorAll("[data-search-results] .search-row")];

function step(from, by) {
  const all = rows();
  const at = all.indexOf(from) + by;
  const next = at < 0 ? box() : all[at];
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const isOurs = event.target === box() || event.target.matches(".search-row");
  if (!isOurs) return;
  if (event.key === "ArrowDown") step(event.target, 1);
  else if (event.key === "ArrowUp" && event.target !== box()) step(event.target, -1);
  else if (event.key === "Escape" && event.target !== box()) box().focus();
  else return;
  event.preventDefault();
});
