// [data-check-all=NAME]: checks every box of that name in its form; the list may be swapped meanwhile.
document.addEventListener("change", ({ target }) => {
  const name = target.dataset?.checkAll;
  if (name) for (const box of target.form.querySelectorAll(`input[name="${name}"]`)) box.checked = target.checked;
});
