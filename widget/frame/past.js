// Earlier chats, to be read; and a new one. What is written after "Start a new chat" says which chat it leaves, and
// the first such message begins another: nothing is stored before, and sent again it begins no second one.

import { isStill, paragraph, showAside } from "./aside.js";
import { call } from "./api.js";
import { fragment, localise } from "./log.js";
import { read, write } from "./store.js";
import { _ } from "./words.js";

/** The chat that was left, till something was written in the new one: { id, position }. */
export const left = () => read("left");

export const leave = (id, position) => write("left", id ? { id, position } : null);

export async function showPast(shown) {
  const again = () => showPast(shown);
  const list = await ask(`/conversations?conversation=${shown}`, _("Earlier chats"));
  list?.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-talk]");
    if (button) showTalk(button.dataset.talk, again);
  });
}

async function showTalk(id, back) {
  const talk = await ask(`/conversations/${id}`, _("Earlier chat"), back);
  talk?.classList.add("past");
}

async function ask(path, heading, back) {
  const asked = showAside(heading, paragraph(_("One moment…")), back);
  try {
    const found = fragment(await (await call(path)).text());
    if (!isStill(asked)) return;
    localise(found);
    showAside(heading, found, back);
    return found;
  } catch (error) {
    if (isStill(asked)) showAside(heading, paragraph(error.status ? error.message : _("There is no connection right now."), "alert"), back);
  }
}
