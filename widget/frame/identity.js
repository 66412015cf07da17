// What the page around says of its visitor by window.Frontdesk: who it is, signed by its server, and facts for the
// team.

import { call, enterAs } from "./api.js";
import { onHost, tellHost } from "./host.js";
import { dropFiles } from "./kept.js";
import { forgetAll, keepSession } from "./store.js";

let attributes = null;
let hasWritten = () => false;

/** changed(): somebody else is there now; written(): whether there is a conversation. */
export function startIdentity({ changed, written }) {
  hasWritten = written;
  onHost("identify", ({ token }) => {
    enterAs(token).then((isOther) => isOther && changed(), tellProblem);
  });
  onHost("attributes", ({ values }) => {
    attributes = values;
    sendAttributes();
  });
  onHost("logout", beginAnew);
}

/** As somebody of whom nothing is known. */
export async function beginAnew() {
  keepSession(null); // also where the page keeps it
  forgetAll();
  await dropFiles();
  location.reload();
}

/** The server keeps them with a visitor who has written: again after each message, until it was told. */
export async function sendAttributes() {
  const values = attributes;
  if (!values || !hasWritten()) return;
  attributes = null;
  try {
    const { ignored } = await (await call("/attributes", { method: "POST", body: { values } })).json();
    if (ignored.length) tellProblem({ message: `${ignored.join(", ")}: only a signed token may say this here.` });
  } catch (error) {
    if (error.status === undefined || error.status >= 500) attributes ??= values;
    tellProblem(error);
  }
}

function tellProblem({ message }) {
  tellHost("problem", { message });
}
