// An answer's words with its numbered marks, while they are written. The server draws the stored message,
// whose marks are links.

/** marks: [[offset, number], …] in order; offsets count characters, so an emoji is one. */
export function marked(text, marks = []) {
  const characters = [...text];
  const drawn = new DocumentFragment();
  let from = 0;
  for (let [at, number] of marks) {
    while (/\s/.test(characters[at - 1] ?? "")) at--; // at the end of a word, as it will be stored
    if (at < Math.max(from, 1) || at > characters.length) continue;
    drawn.append(characters.slice(from, at).join(""), mark(number));
    from = at;
  }
  drawn.append(characters.slice(from).join(""));
  return drawn;
}

function mark(number) {
  const mark = document.createElement("sup");
  mark.className = "mark";
  mark.append(document.createElement("span"));
  mark.firstChild.textContent = number;
  return mark;
}
