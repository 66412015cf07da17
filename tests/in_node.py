"""The browser's scripts by themselves, in Node, with as much of a browser as they ask for."""

import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from app.config import ROOT
from app.widget.bundling import bundled

BROWSER = """
const told = [];
const listeners = {};
globalThis.window = globalThis;
globalThis.parent = { postMessage: ({ frontdesk }) => told.push(frontdesk.type) };
globalThis.addEventListener = (type, listener) => (listeners[type] = listener);
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"], onLine: true }, configurable: true });
globalThis.matchMedia = () => ({ matches: false });
const hear = (frontdesk) => listeners.message({ data: { frontdesk }, origin: "https://shop.example", source: parent });
const dataset = { base: "/w/k", key: "k", origin: "https://shop.example", told: '{"language":"en","words":{}}' };
const element = () => ({
  dataset: {}, hidden: true, textContent: "", children: [], focus() {}, toggleAttribute() {}, setAttribute() {},
  addEventListener() {}, replaceChildren(...all) { this.children = all; }, querySelector: element, querySelectorAll: () => [],
});
const elements = {};
globalThis.document = {
  documentElement: { ...element(), dataset },
  querySelector: (selector) => (elements[selector] ??= element()),
  querySelectorAll: () => [],
  createElement: element,
  addEventListener: (type, listener) => (listeners[type] = listener),
};
globalThis.ResizeObserver = class { observe() {} };
globalThis.DOMParser = class { parseFromString() { return { body: { firstElementChild: element() } }; } };
globalThis.__FAILED__ = {}; // the server puts words there
const said = (text) => console.log(text);
"""


STORAGE = "globalThis.localStorage = { getItem: () => null, setItem() {}, removeItem() {} };"


def said_by(script: str, folder: Path, browser: str = BROWSER + STORAGE) -> list[str]:
    """What the script says; it imports from "ROOT/"."""
    node = shutil.which("node") or pytest.skip("Node.js isn’t installed")
    entry = folder / "entry.js"
    entry.write_text(dedent(script).replace("ROOT", str(ROOT)))
    command = [node, "--input-type=module", "-e", f"{browser}{bundled(entry)}process.exit();"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
