"""Scripts of the inbox by themselves."""

from pathlib import Path

from app.config import ROOT
from tests.in_node import said_by

LIST = """
localStorage.getItem = () => "on";
globalThis.AudioContext = class { constructor() { said("heard"); throw new Error("enough"); } };
let rows = [];
document.querySelectorAll = () => rows.map(([id, dateTime]) => ({ id, querySelector: () => ({ dateTime }) }));
const swap = (around, ...added) => {
  rows = [...rows, ...added];
  const sourceElement = { closest: (selector) => selector === around };
  try { listeners["htmx:after:swap"]({ detail: { ctx: { sourceElement } } }); } catch {}
  said(rows.length);
};
swap(".inbox-end", ["old", "2026-11-01"]);
swap("");
swap("", ["new", "2026-11-22"]);
"""


def test_news_is_heard_and_an_older_stretch_of_the_list_is_not(tmp_path: Path) -> None:
    sound = (ROOT / "static/js/inbox-sound.js").read_text()
    assert said_by(f"{{ {sound} }} {LIST}", tmp_path) == ["1", "1", "heard", "2"]


def test_a_gap_of_a_saved_reply_is_marked_in_every_language(tmp_path: Path) -> None:
    suggest = (ROOT / "static/js/suggest.js").read_text().replace("export ", "")
    body = "{ setSelectionRange: (from, to) => said(text.slice(from, to)) }"
    script = f"{suggest} const text = 'A [correo electrónico] to {{}}'; selectGap({body}, 0, text);"
    assert said_by(f"{{ {script} }}", tmp_path) == ["[correo electrónico]"]
