// [data-insert-variable] puts its words into the field [data-into], where the caret is.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-insert-variable]");
  if (!button) return;
  const field = document.getElementById(button.dataset.into);
  field.setRangeText(button.dataset.insertVariable, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
