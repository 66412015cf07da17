// The chat's own texts in the visitor's language. The English text is the name under which the server gives each of
// them; it finds them by their calls, so each is one plain string with its values as %(name)s.

import { settings } from "./page.js";

export const _ = (text, values = {}) =>
  (settings.words[text] ?? text).replace(/%\((\w+)\)s/g, (all, name) => values[name] ?? all);
