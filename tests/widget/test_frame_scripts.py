"""Modules of the chat by themselves."""

from pathlib import Path

from tests.in_node import BROWSER, STORAGE, said_by

TAKEN = """
globalThis.CSS = { escape: (text) => text };
elements["[data-log]"] = { ...element(), querySelector: () => ({ ...element(), querySelector: () => null }) };
"""


def test_two_calls_at_once_ask_the_page_for_one_session(tmp_path: Path) -> None:
    """The browser denies storage to the frame. Each that asked for itself took the other's answer, and began anew."""
    script = """\
        import { call } from "ROOT/widget/frame/api.js";
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
    assert said_by(script, tmp_path, BROWSER) == [
        "/w/k/messages Bearer anna",
        "/w/k/stream Bearer anna",
        "recall",
    ]


def test_what_the_visitor_has_left_does_not_come_back(tmp_path: Path) -> None:
    """The answer to "Earlier chats" comes after the chat was shown again, or somebody else is there."""
    assert said_by(
        """\
        import { closeAside, isAside, leaveAside } from "ROOT/widget/frame/aside.js";
        import { showPast } from "ROOT/widget/frame/past.js";
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
    """,
        tmp_path,
    ) == ["true", "false", "false"]


def test_a_file_that_was_taken_back_is_not_sent(tmp_path: Path) -> None:
    """While its sending waits for a session."""
    assert said_by(
        """\
        import { discard, postFile, startOutbox } from "ROOT/widget/frame/outbox.js";
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
    """,
        tmp_path,
    ) == ["true", "sent", "false"]


def test_a_chat_that_was_destroyed_does_not_complain_of_being_blocked(tmp_path: Path) -> None:
    """Before its frame was there, and before its script was."""
    assert said_by(
        """\
        import { start } from "ROOT/widget/panel.js";
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
    """,
        tmp_path,
    ) == ["1", "0", "0", "0"]


def test_what_stands_behind_something_else_is_not_seen(tmp_path: Path) -> None:
    """A reply that counts as read is never mailed."""
    reply = 'elements["[data-log]"] = { ...element(), querySelectorAll: () => [{ matches: () => true }] };'
    script = """\
        import { closeAside, showAside } from "ROOT/widget/frame/aside.js";
        import { merge } from "ROOT/widget/frame/log.js";
        import { tellSeen } from "ROOT/widget/frame/seen.js";
        const answer = { conversation: 1, position: 5, answered: 0, state: "person", known: "" };
        globalThis.DOMParser = class { parseFromString() { return { body: { firstElementChild: { dataset: answer, children: [] } } }; } };
        globalThis.fetch = async (url) => {
          said(url);
          return Response.json({ token: "anna", expires_at: "2100-01-01" });
        };
        merge("");
        for (const stand of [showAside, closeAside]) {
          stand("Earlier chats");
          tellSeen(true);
          await new Promise((done) => setTimeout(done, 5));
          said(stand.name);
        }
    """
    assert said_by(script, tmp_path, BROWSER + STORAGE + reply) == [
        "showAside", "/w/k/session", "/w/k/seen", "closeAside",
    ]  # fmt: skip


def test_an_upload_may_tell_of_itself_after_the_server_has_taken_it(tmp_path: Path) -> None:
    """The message in its place is the server's own then, without a bar."""
    assert said_by(
        """\
        import { showProgress } from "ROOT/widget/frame/log.js";
        showProgress("key", 1);
        said("still there");
    """,
        tmp_path,
        BROWSER + STORAGE + TAKEN,
    ) == ["still there"]
