"""Templates: how one is made, and whether a message fits one."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import Template, Waba

if TYPE_CHECKING:
    from tests.standins.graph.graph import Graph

NAME = re.compile(r"[a-z0-9_]{1,512}")
VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
CATEGORIES = {"MARKETING", "UTILITY", "AUTHENTICATION"}
MOST_AN_HOUR = 100
BUTTON_MOST = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "QUICK_REPLY": 10, "REQUEST_CONTACT_INFO": 1,
               "FLOW": 1, "OTP": 1}  # fmt: skip
UNSENDABLE = {"PAUSED": 132015, "DISABLED": 132016}


def make(graph: "Graph", waba: Waba, asked: dict[str, Any]) -> Template:
    """Pending, as Graph has a new one; `graph.reviews` is what becomes of it."""
    for key in ("name", "language", "category", "components"):
        if not asked.get(key):
            raise _wrong(f"The parameter {key} is required.")
    unknown = set(asked) - {"name", "language", "category", "components", "parameter_format",
                            "allow_category_change", "message_send_ttl_seconds"}  # fmt: skip
    if unknown:
        raise _wrong(f"Unexpected key {sorted(unknown)[0]}.")
    if not NAME.fullmatch(asked["name"]):
        raise _wrong("Message template name can only have lowercase letters and underscores.")
    if asked["category"] not in CATEGORIES:
        raise _wrong("The category is not valid.")
    if (asked["name"], asked["language"]) in waba.templates:
        raise Refused(
            100, "There is already content in this language for this template.", subcode=2388024
        )
    _within_quota(graph, waba)
    form = asked.get("parameter_format", "POSITIONAL").upper()
    check_components(graph, asked["components"], form)
    waba.created.append(graph.now())
    made = Template(
        graph.new_id(), asked["name"], asked["language"], asked["category"], asked["components"], form
    )  # fmt: skip
    waba.templates[made.name, made.language] = made
    return made


def _within_quota(graph: "Graph", waba: Waba) -> None:
    lately = [at for at in waba.created if at > graph.now() - 3600]
    if len(lately) >= MOST_AN_HOUR:
        raise Refused(80007, "Too many templates were created in an hour.")
    if len(waba.templates) >= waba.most_templates:
        raise Refused(100, "The account has reached its limit of templates.", subcode=2388019)


def edit(graph: "Graph", template: Template, asked: dict[str, Any]) -> None:
    if template.status not in {"APPROVED", "REJECTED", "PAUSED"}:
        raise Refused(100, "The template can't be edited now.", subcode=2388025)
    if (
        template.status == "APPROVED"
        and asked.get("category", template.category) != template.category
    ):
        raise Refused(
            100, "The category of an approved template can't be changed.", subcode=2388045
        )
    if "components" in asked:
        check_components(graph, asked["components"], template.parameter_format)
        template.components = asked["components"]
    template.category = asked.get("category", template.category)
    template.status = "PENDING"


def check_components(graph: "Graph", components: list[dict[str, Any]], form: str) -> None:
    if form not in {"NAMED", "POSITIONAL"}:
        raise _wrong("parameter_format must be NAMED or POSITIONAL.")
    kinds = [each.get("type") for each in components]
    if kinds.count("BODY") != 1 or len(set(kinds)) != len(kinds):
        raise _wrong("A template has one body and at most one of each other component.")
    for each in components:
        check = {"HEADER": _header, "BODY": _body, "FOOTER": _footer, "BUTTONS": _buttons}.get(
            each["type"]
        )
        if check is None:
            raise _wrong(f"{each['type']} is not a component.")
        check(graph, each, form)


def _header(graph: "Graph", header: dict[str, Any], form: str) -> None:
    if header.get("format") in {"IMAGE", "VIDEO", "DOCUMENT"}:
        handles = header.get("example", {}).get("header_handle") or []
        if len(handles) != 1 or handles[0] not in graph.handles:
            raise _wrong("The header needs example.header_handle of an uploaded file.")
        return
    if header.get("format") != "TEXT":
        raise _wrong("The header's format is not valid.")
    found = _text(header, 60)
    if len(found) > 1:
        raise _wrong("A header has one variable at most.")
    examples = header.get("example", {})
    named = [each["param_name"] for each in examples.get("header_text_named_params", [])]
    given = named if form == "NAMED" else examples.get("header_text", [])
    if found and len(given) != len(found):
        raise _wrong("The header's variable needs an example.")


def _body(graph: "Graph", body: dict[str, Any], form: str) -> None:
    text, found = body.get("text", ""), _text(body, 1024)
    if re.match(r"\s*\{\{", text) or re.search(r"\}\}\s*$", text):
        raise _wrong("Variables can't be at the start or end of the template.")
    words = VARIABLE.sub(" ", text).split()
    if found and len(words) < 2 * len(found) + 1:
        raise _wrong("This template has too many variables for its length.")
    examples = body.get("example", {})
    if form == "NAMED":
        given = [each["param_name"] for each in examples.get("body_text_named_params", [])]
        is_fitting = set(given) == set(found)
    else:
        is_fitting = len((examples.get("body_text") or [[]])[0]) == len(found)
        if found != [str(index + 1) for index in range(len(found))]:
            raise _wrong("Variables must be numbered from {{1}}.")
    if not is_fitting:
        raise _wrong("Each variable of the body needs an example.")


def _footer(_graph: "Graph", footer: dict[str, Any], _form: str) -> None:
    if _text(footer, 60):
        raise _wrong("A footer has no variables.")


def _buttons(_graph: "Graph", component: dict[str, Any], _form: str) -> None:
    buttons = component.get("buttons") or []
    if not 1 <= len(buttons) <= 10:
        raise _wrong("A template has 1 to 10 buttons.")
    kinds = [each.get("type") for each in buttons]
    for kind in kinds:
        if kind not in BUTTON_MOST or kinds.count(kind) > BUTTON_MOST[kind]:
            raise _wrong(f"Too many buttons of type {kind}.")
    quick = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(a != b for a, b in pairwise(quick)) > 1:
        raise _wrong("Quick replies must stand together.")
    texts = [each["text"] for each in buttons if each["type"] != "COPY_CODE"]
    if len(set(texts)) != len(texts) or not all(1 <= len(text) <= 25 for text in texts):
        raise _wrong("A button's text has 1 to 25 characters and stands once.")
    for each in buttons:
        if each["type"] == "URL" and (
            len(each["url"]) > 2000 or not each["url"].startswith("http")
        ):
            raise _wrong("A button's url is not valid.")
        if each["type"] == "URL" and VARIABLE.search(each["url"]) and not each.get("example"):
            raise _wrong("A button's url with a variable needs an example.")


def _text(component: dict[str, Any], most: int) -> list[str]:
    """The names of its variables, each once."""
    text = component.get("text", "")
    if not 1 <= len(text) <= most:
        raise _wrong(f"{component['type']} has 1 to {most} characters.")
    return list(dict.fromkeys(VARIABLE.findall(text)))


def _wrong(details: str) -> Refused:
    return Refused(100, details, subcode=2388072)


# Sending one


def fitting(waba: Waba, said: dict[str, Any]) -> Template:
    """The template of a message. Raises Refused where the two don't fit."""
    template = waba.templates.get((said["name"], said["language"]["code"]))
    if template is None or template.status not in {"APPROVED", *UNSENDABLE}:
        name = f"{said['name']} in {said['language']['code']}"
        raise Refused(132001, f"Template name ({name}) does not exist in the translation.")
    if template.status in UNSENDABLE:
        raise Refused(UNSENDABLE[template.status])
    given = {
        each["type"].lower(): each.get("parameters", [])
        for each in said.get("components", [])
        if each["type"].lower() != "button"
    }
    parts = {each["type"].lower(): each for each in template.components}
    for name in ("header", "body"):
        _check_parameters(template, name, parts.get(name, {}), given.get(name, []))
    _check_buttons(parts.get("buttons", {}), said.get("components", []))
    return template


def _check_parameters(
    template: Template, name: str, part: dict[str, Any], given: list[dict[str, Any]]
) -> None:
    if part.get("format", "TEXT") != "TEXT":
        kind = part["format"].lower()
        if [each["type"] for each in given] != [kind]:
            raise Refused(132012, f"{name}: Format mismatch, expected {part['format']}")
        return
    wanted = list(dict.fromkeys(VARIABLE.findall(part.get("text", ""))))
    if len(given) != len(wanted):
        raise Refused(
            132000, f"{name}: number of localizable_params ({len(given)}) does not match the expected "
            f"number of params ({len(wanted)})",
        )  # fmt: skip
    if any(each["type"] != "text" or not each.get("text") for each in given):
        raise Refused(132012, f"{name}: parameters must be texts that aren't empty")
    if template.parameter_format == "NAMED":
        if {each.get("parameter_name") for each in given} != set(wanted):
            raise Refused(100, f"{name}: Parameter name is missing or unknown")
    elif any("parameter_name" in each for each in given):
        raise Refused(132012, f"{name}: positional parameters have no names")
    if any(re.search(r"[\n\t]| {5}", each["text"]) for each in given):
        raise Refused(132012, "Param text cannot have new-line/tab characters or many spaces")
    filled = VARIABLE.sub("", part.get("text", "")) + "".join(each["text"] for each in given)
    if len(filled) > (60 if name == "header" else 1024):
        raise Refused(132005, f"{name}: Translated text too long")


def _check_buttons(part: dict[str, Any], components: list[dict[str, Any]]) -> None:
    buttons = part.get("buttons", [])
    given = {int(each["index"]): each for each in components if each["type"].lower() == "button"}
    for index, each in given.items():
        if index >= len(buttons):
            raise Refused(132000, f"buttons: there is no button {index}")
        kind = {
            "QUICK_REPLY": "quick_reply",
            "URL": "url",
            "COPY_CODE": "copy_code",
            "FLOW": "flow",
        }
        if each.get("sub_type") != kind.get(buttons[index]["type"]):
            raise Refused(132012, f"buttons: button {index} is of another type")
    for index, button in enumerate(buttons):
        is_open = button["type"] == "URL" and VARIABLE.search(button["url"])
        if (is_open or button["type"] == "COPY_CODE") and index not in given:
            raise Refused(
                131008,
                f"buttons: Button at index {index} of type {button['type']} requires a parameter",
            )
