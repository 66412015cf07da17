// Files: chosen, taken with a phone's camera, dropped or pasted. Each is a message of its own, which the outbox
// sends; here it is looked at first and drawn while it waits.

import { complain } from "./composer.js";
import { fileHere } from "./kept.js";
import { find, settings } from "./page.js";
import { _ } from "./words.js";

const PICTURE = /^image\/(jpeg|png|gif|webp)$/;
const fields = document.querySelectorAll("[data-attach]");
const root = document.documentElement;

/** send(file): it is one that may be sent. */
export function startFiles(send) {
  if (!fields.length) return;
  const take = (files) => [...files].forEach((file) => !refused(file) && send(file));
  for (const field of fields) {
    field.addEventListener("change", () => {
      take(field.files);
      field.value = ""; // the same may be chosen again
    });
  }
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length || !isWanted()) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
  // Anywhere in the chat, so that a browser never opens what was dropped beside the field.
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      root.toggleAttribute("data-dropping", name === "dragover" && isWanted());
      if (name === "drop" && isWanted()) take(event.dataTransfer.files);
    });
  }
}

const isWanted = () => !root.matches("[data-unagreed], [data-unasked], [data-aside]");

/** The server looks at its bytes; this spares the way there. */
function refused(file) {
  const [{ accept, dataset }] = fields;
  const most = Number(dataset.most);
  const { name } = file;
  const isTaken = accept
    .split(",")
    .some((each) => (each[0] === "." ? name.toLowerCase().endsWith(each) : file.type.startsWith(each.replace("*", ""))));
  let problem = "";
  if (!isTaken) problem = _("%(name)s can’t be sent here. Pictures, sound, PDF, Word, Excel, PowerPoint and text can.", { name });
  else if (!file.size) problem = _("%(name)s is empty.", { name });
  else if (file.size > most) problem = _("%(name)s is larger than %(size)s. Please send a smaller file.", { name, size: size(most) });
  if (problem) complain(problem);
  return !!problem;
}

export function size(bytes) {
  const [unit, power] = bytes < 1024 ** 2 ? ["kilobyte", 1] : ["megabyte", 2];
  const style = { style: "unit", unit, maximumFractionDigits: power - 1 };
  return new Intl.NumberFormat(settings.locale, style).format(Math.max(1, bytes / 1024 ** power));
}

/** As it stands in the log until the server has it: as large as it will be then. */
export function drawFile(message, { key, file }) {
  find("b", message).textContent = file.name;
  find("small", message).textContent = size(file.size);
  const kept = fileHere(key);
  if (!kept || !PICTURE.test(file.type)) return;
  const photo = document.createElement("span");
  const picture = new Image(240, 180);
  picture.alt = file.name;
  picture.src = URL.createObjectURL(kept);
  picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
  photo.className = "photo";
  photo.append(picture);
  find(".file", message).replaceWith(photo);
}
