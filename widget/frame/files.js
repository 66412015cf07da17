// Files: chosen, taken with a phone's camera, dropped or pasted. Each is a message of its own, which the outbox
// sends; here it is looked at first and drawn while it waits.

import { complain } from "./composer.js";
import { fileHere } from "./kept.js";
import { find, size } from "./page.js";
import { _ } from "./words.js";

const PICTURE = /^image\/(jpeg|png|gif|webp)$/;
const WORDS = ["text/plain", "text/html"]; // of Word or Excel, which put a picture of them beside
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
    const { files, types } = event.clipboardData;
    if (!files.length || WORDS.every((type) => types.includes(type)) || !isWanted()) return;
    event.preventDefault();
    take(files);
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
