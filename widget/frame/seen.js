// Tells the team that the visitor has read what a person wrote: when it stands on the screen, not when it came.

import { call } from "./api.js";
import { isAside } from "./aside.js";
import { conversation, isAtEnd, newest, position } from "./log.js";

let told = 0;
let within = 0; // the conversation

/** `isLooked`: the chat is open and its page is in front; something else may stand in its place. */
export function tellSeen(isLooked) {
  const isReply = newest(".message--visitor, .message--member")?.matches(".message--member");
  if (within !== conversation()) told = 0;
  within = conversation();
  if (!isLooked || isAside() || !isReply || !isAtEnd() || told >= position()) return;
  const before = told;
  told = position();
  call("/seen", { method: "POST", body: { after: told, conversation: within } }).catch(() => (told = before));
}
