"""Where one can be a person with a phone: write, tap buttons, see what arrives. For driving by hand; and, as JSON, what
was sent, for a benchmark in another process."""

import json
from html import escape
from typing import Any

from tests.standins.graph.asked import Asked, Raw
from tests.standins.graph.numbers import Number
from tests.standins.graph.people import Person
from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import Sent
from tests.standins.graph.ways import Answer, way

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
STYLE = """body{font:16px/1.4 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}
.in,.out{padding:.5rem .8rem;border-radius:.8rem;margin:.4rem 0;max-width:80%;width:fit-content;white-space:pre-wrap}
.in{background:#eee}.out{background:#d6f5d0;margin-left:auto}small{color:#666}form{display:inline}
input[name=text]{width:60%;padding:.5rem}button{padding:.45rem .7rem;margin:.1rem}"""
LIVE = """setInterval(async()=>{const r=await fetch(location.pathname+'/chat');const t=await r.text();
const c=document.getElementById('chat');if(c.innerHTML!==t){c.innerHTML=t;scrollTo(0,document.body.scrollHeight)}},1000)"""


@way("GET", "/")
def _start(asked: Asked) -> Answer:
    graph = asked.graph
    people = {id(person): person for person in graph.people.values()}.values()
    rows = "".join(
        f'<li><a href="/phone/{person.user_id}/{number.phone_number_id}">{escape(person.name)}, {person.phone}'
        f"</a> writes to {escape(number.verified_name)}, {number.display_number}</li>"
        for person in people
        for number in graph.numbers.values()
    )
    form = (
        '<form method="post" action="/phone"><input name="name" placeholder="Name" required> '
        '<input name="phone" placeholder="+447700900123"> <label><input type="checkbox" name="hides"> '
        "hides their number</label> <button>Add</button></form>"
    )
    return _page("People", f"<ul>{rows}</ul>{form}")


@way("POST", "/phone")
def _add(asked: Asked) -> Answer:
    form, _ = asked.form()
    asked.graph.person(form.get("phone", ""), name=form["name"], shows_phone="hides" not in form)
    return _back("/")


@way("GET", "/phone/:person/:number")
def _phone(asked: Asked) -> Answer:
    person, number = _two(asked)
    acts = "".join(
        f'<button name="act" value="{each}">{each}</button>'
        for each in ("picture", "location", "own number", "heart", "read all", "stop marketing")
    )
    body = (
        f'<p><a href="/">All</a></p><div id="chat">{_chat(person, number)}</div>'
        f'<form method="post"><input name="text" autofocus autocomplete="off"> <button>Send</button></form>'
        f'<p><form method="post">{acts}</form></p><script>{LIVE}</script>'
    )
    return _page(f"{escape(person.name)} → {escape(number.verified_name)}", body)


@way("GET", "/phone/:person/:number/chat")
def _fragment(asked: Asked) -> Answer:
    return Raw(_chat(*_two(asked)).encode())


@way("POST", "/phone/:person/:number")
def _act(asked: Asked) -> Answer:
    person, number = _two(asked)
    form, _ = asked.form()
    if form.get("text"):
        person.writes(number, form["text"])
    elif form.get("tap"):
        wamid, _, title = form["tap"].partition(" ")
        person.taps(next(sent for sent in person.received if sent.wamid == wamid), title)
    else:
        _do(person, number, form.get("act", ""))
    return _back(f"/phone/{person.user_id}/{number.phone_number_id}")


def _do(person: Person, number: Number, act: str) -> None:
    newest = person.received[-1] if person.received else None
    if act == "picture":
        person.sends_file(number, "image", PIXEL, "image/png", caption="A picture")
    elif act == "location":
        place = {"latitude": 51.5014, "longitude": -0.1419, "name": "The Palace"}
        person.sends(number, {"type": "location", "location": place})
    elif act == "own number":
        person.shares_number(number)
    elif act == "heart" and newest:
        person.reacts(number, newest.wamid, "❤️")
    elif act == "read all":
        for sent in person.received:
            if "read" not in sent.statuses:
                person.reads(sent)
    elif act == "stop marketing":
        person.stops_marketing(number)


def _two(asked: Asked) -> tuple[Person, Number]:
    try:
        return asked.graph.people[asked.ids["person"]], asked.graph.numbers[asked.ids["number"]]
    except KeyError:
        raise Refused(100, "There is no such person or number.") from None


def _chat(person: Person, number: Number) -> str:
    said = [(at, f'<div class="out">{_shown(payload)}</div>') for at, _, payload in person.said]
    got = [
        (sent.at, f'<div class="in">{_received(sent)}</div>')
        for sent in person.received
        if sent.sender is number
    ]
    return "".join(html for _, html in sorted(said + got, key=lambda each: each[0]))


def _shown(payload: dict[str, Any]) -> str:
    kind = payload["type"]
    inner = payload.get(kind)
    if kind == "text":
        return escape(payload["text"]["body"])
    return f"<small>{escape(kind)}</small> {escape(json.dumps(inner, ensure_ascii=False)[:200])}"


def _received(sent: Sent) -> str:
    text = sent.text or json.dumps(sent.body.get(sent.type), ensure_ascii=False)
    taps = "".join(
        f'<form method="post"><button name="tap" value="{escape(f"{sent.wamid} {title}")}">{escape(title)}'
        "</button></form>"
        for title in _titles(sent)
    )
    return f"{escape(text)} {taps}<br><small>{escape(', '.join(sent.statuses))}</small>"


def _titles(sent: Sent) -> list[str]:
    if sent.type == "template":
        said = sent.body["template"]
        template = sent.sender.waba.templates.get((said["name"], said["language"]["code"]))
        parts = template.components if template else []
        buttons = [each for part in parts for each in part.get("buttons", [])]
        return [each["text"] for each in buttons if each["type"] == "QUICK_REPLY"]
    if sent.type != "interactive":
        return []
    action = sent.body["interactive"]["action"]
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    replies = [each["reply"] for each in action.get("buttons", [])]
    asks = {"send_location": ["Send location"], "request_contact_info": ["Share number"]}
    return [each["title"] for each in rows + replies] + asks.get(action.get("name"), [])


def _page(title: str, body: str) -> Raw:
    html = f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}'
    return Raw(html.encode())


def _back(path: str) -> Raw:
    return Raw(b"", status=303, headers={"Location": path})


# For another process


@way("GET", "/control/sent")
def _sent(asked: Asked) -> Answer:
    """From `after` on: what was accepted, in that order."""
    after = int(asked.params.get("after", 0))
    return {
        "sent": [
            {
                "wamid": each.wamid,
                "opaque": each.opaque,
                "to": each.to,
                "text": each.text,
                "at": each.at,
            }
            for each in asked.graph.sent[after:]
        ],
        "lost": len(asked.graph.lost),
    }


@way("GET", "/control/counts")
def _counts(asked: Asked) -> Answer:
    return {"counts": asked.graph.count_by_opaque()}
