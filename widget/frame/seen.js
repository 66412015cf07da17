// Tells the team that the visitor has read what a person wrote: when it stands on the screen, not when it came.

import { call } from "./api.js";
import { isAtEnd, newest, position } from "./log.js";

let told = 0;

/** `isLooked`: the chat is open and its page is in front. */
export function tellSeen(isLooked) {
  const isReply = newest(".message--visitor, .message--member")?.matches(".message--member");
  if (!isLooked || !isReply || !isAtEnd() || told >= position()) return;
  const before = told;
  told = position();
  call("/seen", { method: "POST", body: { after: told } }).catch(() => (told = before));
}
