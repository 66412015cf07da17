// The scripts' own texts: the English is the name of what the page's language says (<meta name="words">; English has
// none). bin/translate finds them by their calls, so each is one plain string, with its values as %(name)s.
const table = Object.assign({}, ...[...document.querySelectorAll('meta[name="words"]')].map((each) => JSON.parse(each.content)));

window._ = (text, values = {}) => (table[text] ?? text).replace(/%\((\w+)\)s/g, (all, name) => values[name] ?? all);
