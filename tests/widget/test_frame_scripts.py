"""Modules of the chat by themselves, in Node, with as much of a browser as they ask for."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from app.widget.bundling import bundled
from app.widget.loader import FOLDER

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
Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """What the script says; it imports modules from "FRAME/"."""
    node = shutil.which("node") or pytest.skip("Node.js isn’t installed")

    def ran(script: str, browser: str = BROWSER + STORAGE) -> list[str]:
        entry = tmp_path / "frame.js"
        entry.write_text(dedent(script).replace("FRAME", str(FOLDER / "frame")))
        command = [node, "--input-type=module", "-e", f"{browser}{bundled(entry)}process.exit();"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return ran


def test_two_calls_at_once_ask_the_page_for_one_session(run: Run) -> None:
    """The browser denies storage to the frame. Each that asked for itself took the other's answer, and began anew."""
    script = """\
        import { call } from "FRAME/api.js";
        globalThis.fetch = async (url, { headers = {} }) => {
          said(`${url} ${headers.Authorization ?? "nobody"}`);
          return Response.json({ token: "new", expires_at: "2100-01-01" });
        };
        const both = [call("/messages"), call("/stream")];
        await new Promise((done) => setTimeout(done, 10));
        hear({ type: "kept", value: JSON.stringify({ token: "anna", expires_at: "2100-01-01" }) });
        await Promise.all(both);
        said(told.join());
    """
    assert run(script, BROWSER) == [
        "/w/k/messages Bearer anna",
        "/w/k/stream Bearer anna",
        "recall",
    ]


def test_what_the_visitor_has_left_does_not_come_back(run: Run) -> None:
    """The answer to "Earlier chats" comes after the chat was shown again, or somebody else is there."""
    assert run("""\
        import { closeAside, isAside, leaveAside } from "FRAME/aside.js";
        import { showPast } from "FRAME/past.js";
        let answer;
        globalThis.fetch = async (url) =>
          url.endsWith("/session")
            ? Response.json({ token: "anna", expires_at: "2100-01-01" })
            : new Promise((go) => (answer = () => go(new Response("<ul></ul>"))));
        for (const leave of [() => {}, leaveAside, closeAside]) {
          const asked = showPast(0);
          await new Promise((done) => setTimeout(done, 5));
          leave();
          answer();
          await asked;
          said(isAside());
        }
    """) == ["true", "false", "false"]


def test_a_file_that_was_taken_back_is_not_sent(run: Run) -> None:
    """While its sending waits for a session."""
    assert run("""\
        import { discard, postFile, startOutbox } from "FRAME/outbox.js";
        let enter;
        globalThis.fetch = () => new Promise((go) => (enter = () => go(Response.json({ token: "anna", expires_at: "2100-01-01" }))));
        globalThis.XMLHttpRequest = class {
          upload = {};
          open() { said("sent"); }
          setRequestHeader() {}
          send() {}
        };
        const keys = [];
        const context = () => ({});
        await startOutbox({ context, changed: ({ key }) => keys.push(key), refused: () => said("refused"), moved() {} });
        const wait = () => new Promise((done) => setTimeout(done, 5));
        for (const isTakenBack of [true, false]) {
          postFile(new File(["x"], "x.txt"));
          await wait();
          if (isTakenBack) discard(keys[0]);
          enter();
          await wait();
          said(isTakenBack);
        }
    """) == ["true", "sent", "false"]


def test_a_chat_that_was_destroyed_does_not_complain_of_being_blocked(run: Run) -> None:
    """Before its frame was there, and before its script was."""
    assert run("""\
        import { start } from "FRAME/../panel.js";
        const waiting = new Map();
        globalThis.setTimeout = (call) => waiting.set(waiting.size + 1, call).size;
        globalThis.clearTimeout = (number) => waiting.delete(number);
        globalThis.location = { origin: "https://shop.example", pathname: "/" };
        globalThis.visualViewport = { addEventListener() {} };
        const make = (_parent, _tag, properties) => Object.assign(element(), { style: {}, className: "" }, properties);
        const config = { base: "https://host.example/w/k", query: "", key: "k" };
        for (const isLate of [false, true]) {
          const gone = new AbortController();
          if (isLate) gone.abort();
          start({ config, make, signal: gone.signal, root: element(), style() {}, lang: "en", open: true }, []);
          said(waiting.size);
          gone.abort();
          said(waiting.size);
        }
    """) == ["1", "0", "0", "0"]
