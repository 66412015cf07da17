// Who types into a field that belongs to a choice has made that choice: `data-chooses="#its-radio"`.
document.addEventListener("input", (event) => {
  const choice = event.target.closest?.("[data-chooses]")?.dataset.chooses;
  if (choice) document.querySelector(choice).checked = true;
});
