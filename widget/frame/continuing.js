// A mail told the visitor of a reply and led here. Who goes on by it writes as whom it was mailed to: that is said first,
// and a button does it, so that nobody's words get into a chat that a stranger's link opened.

import { call, continueBy } from "./api.js";
import { drawn, leaveAside, showAside } from "./aside.js";
import { attempt } from "./data.js";
import { find, uuid } from "./page.js";
import { read, write } from "./store.js";
import { _ } from "./words.js";

/** This browser's own secret: the link works here again, and nowhere else. */
function claim() {
  if (!read("claim")) write("claim", uuid());
  return read("claim");
}

/** changed(): somebody else is here now. failed(why): in words. */
export async function startContinuing(changed, failed) {
  const [, token] = location.hash.match(/^#continue=(.+)/) ?? [];
  if (!token) return;
  const spend = () => history.replaceState(null, "", location.pathname + location.search);
  const post = (path) => call(path, { method: "POST", body: { token, claim: claim() } });
  try {
    const { address, is_open, is_here } = await (await post("/continue/look")).json();
    spend();
    if (is_here) return;
    if (is_open) offer(address, token, changed);
    else offerAnother(address, post);
  } catch ({ status, message }) {
    if (status) spend();
    failed(status ? message : _("There is no connection right now."));
  }
}

function offer(address, token, changed) {
  const form = drawn("#continue");
  find("b", form).textContent = address;
  find("[data-leaves]", form).hidden = !read("talked") && !read("outbox")?.length;
  find("[data-keep]", form).addEventListener("click", leaveAside);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      if (read("outbox")?.length) return _("Something that you wrote here isn’t sent yet. Send or delete it first.");
      await continueBy(token, claim());
      leaveAside();
      changed();
      return "";
    });
  });
  showAside(_("Continue this chat?"), form);
}

function offerAnother(address, post) {
  const form = drawn("#another");
  find("b", form).textContent = address;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      await post("/continue/again");
      return _("It’s on its way. It can take a minute.");
    });
  });
  showAside(_("This link was used already"), form);
}
