// Asks once before something is destroyed: <form data-confirm="Delete “Prices.pdf”?"
// data-confirm-text="Answers from it stop at once." data-confirm-action="Delete source">. On an
// element with a request of its own, hx-confirm takes the place of data-confirm.
const dialog = document.getElementById("confirm-dialog");
const confirmed = new WeakSet();

function ask(question, { confirmText = "", confirmAction = _("Delete") }, answer) {
  dialog.querySelector("[data-confirm-title]").textContent = question;
  dialog.querySelector("[data-confirm-text]").textContent = confirmText;
  dialog.querySelector("[data-confirm-accept] span").textContent = confirmAction;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => answer(dialog.returnValue === "confirm"), { once: true });
  dialog.showModal();
}

// On window, in the capturing phase: before the form's own listeners and before form-guard.js.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (!dialog || !form.matches("[data-confirm]") || confirmed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(form.dataset.confirm, form.dataset, (isYes) => {
    if (!isYes) return;
    confirmed.add(form);
    form.requestSubmit(event.submitter ?? undefined);
  });
}, true);

document.addEventListener("htmx:confirm", (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (!dialog || !ctx.confirm) return;
  event.preventDefault();
  ask(ctx.confirm, ctx.sourceElement.dataset, (isYes) => (isYes ? issueRequest() : dropRequest()));
});
