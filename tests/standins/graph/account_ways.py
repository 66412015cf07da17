"""What an account is asked: its numbers, who is told of them, its templates."""

from typing import Any

from tests.standins.graph import templates
from tests.standins.graph.app_ways import shake_hands
from tests.standins.graph.asked import Asked
from tests.standins.graph.number_ways import basics
from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import MANAGEMENT, Template, Waba
from tests.standins.graph.ways import Answer, Elsewhere, way


def _waba(asked: Asked, *, hidden: bool = False) -> Waba:
    waba = asked.graph.wabas.get(asked.ids["id"])
    if waba is None:
        raise Elsewhere
    asked.may(waba.id, MANAGEMENT, hidden=hidden)
    return waba


@way("GET", "/:id")
def _read_waba(asked: Asked) -> Answer:
    waba = _waba(asked, hidden=True)
    if "primary_funding_id" in asked.params.get("fields", "") and not waba.shows_payment:
        raise Refused(10, "Only a solution partner may read primary_funding_id.")
    whole = {
        "id": waba.id, "name": waba.name, "timezone_id": "1", "currency": "GBP", "status": waba.status,
        "message_template_namespace": "ns", "account_review_status": "APPROVED",
        "business_verification_status": "verified", "country": "GB",
        "owner_business_info": {"name": waba.name, "id": waba.business_id},
    }  # fmt: skip
    whole |= {"primary_funding_id": "1"} if waba.has_payment else {}
    numbers = [each for each in asked.graph.numbers.values() if each.waba is waba]
    whole["health_status"] = numbers[0].health() if numbers else {}
    return asked.only(whole)


@way("GET", "/:id/phone_numbers")
def _numbers(asked: Asked) -> Answer:
    waba = _waba(asked, hidden=True)
    found = [n.as_json() for n in asked.graph.numbers.values() if n.waba is waba]
    shown = [asked.only(n) if "fields" in asked.params else basics(n) for n in found]
    return _page(asked, shown)


@way("GET", "/:id/subscribed_apps")
def _subscriptions(asked: Asked) -> Answer:
    waba = _waba(asked)
    return {
        "data": [
            {"whatsapp_business_api_data": {"id": each, "name": asked.graph.apps[each].name}}
            | ({"override_callback_uri": url} if url else {})
            for each, url in waba.subscribed.items()
        ]
    }


@way("POST", "/:id/subscribed_apps")
def _subscribe(asked: Asked) -> Answer:
    waba = _waba(asked)
    url = asked.values.get("override_callback_uri", "")
    if len(url) > 200:
        raise Refused(100, "override_callback_uri is too long.")
    if url and not asked.values.get("verify_token"):
        raise Refused(100, "verify_token is required with override_callback_uri.")
    if url:
        shake_hands(asked.graph, url, asked.values["verify_token"])
    waba.subscribed[asked.token.app.id] = url
    return {"success": True}


@way("DELETE", "/:id/subscribed_apps")
def _unsubscribe(asked: Asked) -> Answer:
    _waba(asked).subscribed.pop(asked.token.app.id, None)
    return {"success": True}


# Templates


@way("GET", "/:id/message_templates")
def _templates(asked: Asked) -> Answer:
    found = [each.as_json() for each in _waba(asked).templates.values()]
    for key in ("name", "language", "category", "status"):
        if key in asked.params:
            found = [each for each in found if each[key] == asked.params[key]]
    return _page(asked, [asked.only(each) for each in found])


@way("POST", "/:id/message_templates")
def _make_template(asked: Asked) -> Answer:
    waba = _waba(asked)
    with asked.graph.lock:
        made = templates.make(asked.graph, waba, asked.json)
        asked.graph.templates[made.id] = made
        if asked.graph.reviews != "PENDING":
            made.status = asked.graph.reviews
    return {"id": made.id, "status": made.status, "category": made.category}


@way("DELETE", "/:id/message_templates")
def _delete_template(asked: Asked) -> Answer:
    waba, name, one = _waba(asked), asked.params.get("name"), asked.params.get("hsm_id")
    gone = [t for t in waba.templates.values() if t.name == name and one in (None, t.id)]
    if not gone:
        raise Refused(100, "Message template not found.", subcode=2593002)
    for each in gone:
        del waba.templates[each.name, each.language]
    return {"success": True}


def _template(asked: Asked) -> Template:
    for waba in asked.graph.wabas.values():
        for each in waba.templates.values():
            if each.id == asked.ids["id"]:
                asked.may(waba.id, MANAGEMENT, hidden=True)
                return each
    raise Elsewhere


@way("GET", "/:id")
def _read_template(asked: Asked) -> Answer:
    return asked.only(_template(asked).as_json())


@way("POST", "/:id")
def _edit_template(asked: Asked) -> Answer:
    templates.edit(asked.graph, _template(asked), asked.json)
    return {"success": True}


@way("POST", "/:id/unpause")
def _unpause(asked: Asked) -> Answer:
    template = _template(asked)
    if template.status != "PAUSED":
        return {"success": False, "reason": "The template isn't paused."}
    template.status = "APPROVED"
    return {"success": True}


def _page(asked: Asked, found: list[dict[str, Any]]) -> Answer:
    limit, after = int(asked.params.get("limit", 25)), int(asked.params.get("after", 0))
    shown = found[after : after + limit]
    page: dict[str, Any] = {"data": shown}
    if shown:
        page["paging"] = {"cursors": {"before": str(after), "after": str(after + len(shown))}}
        if after + limit < len(found):
            page["paging"]["next"] = f"{asked.graph.url}{asked.path}?after={after + limit}"
    return page
