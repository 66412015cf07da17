"""An approved template becomes a message: for the composer, for automations, for campaigns."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.businesses.models import Business, BusinessProfile
from app.channels import content
from app.channels.message_templates import limits, variables
from app.channels.message_templates.drafts import COPY_LABEL, MEDIA_HEADERS, draft_of
from app.channels.message_templates.variables import Variable, button_key, header_prefix
from app.channels.models import Channel, MessageTemplate
from app.contacts.models import Contact, Visitor
from app.core import tenancy
from app.core.errors import Invalid
from app.extensions import db

# Buttons that go out as they are.
STILL = ("PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO")
SENDABLE_BUTTONS = ("QUICK_REPLY", "URL", "COPY_CODE", *STILL)
MAX_TEMPLATES = 500  # in one list to choose from


def approved_for(channel: Channel) -> list[MessageTemplate]:
    """What a member can send now, by name. Codes to log in with aren't theirs to send."""
    found = db.session.scalars(
        select(MessageTemplate)
        .where(
            MessageTemplate.account_id == channel.settings.get("waba_id", ""),
            MessageTemplate.status == "APPROVED",
            MessageTemplate.category != "AUTHENTICATION",
        )
        .order_by(MessageTemplate.name, MessageTemplate.language)
        .limit(MAX_TEMPLATES)
    )
    return [template for template in found if why_not(template) is None]


def why_not(template: MessageTemplate) -> str | None:
    """Why it can't be sent, in plain words."""
    if template.status != "APPROVED":
        return _("WhatsApp hasn’t approved it, or not any more.")
    parts = _by_type(template)
    kind = _header_format(parts)
    odd = parts.keys() - {"HEADER", "BODY", "FOOTER", "BUTTONS"}
    odd_buttons = [each for each in _buttons(parts) if _type(each) not in SENDABLE_BUTTONS]
    if odd or odd_buttons or kind not in ("", "TEXT", *MEDIA_HEADERS):
        return _("It has parts that Frontdesk can’t send yet.")
    if kind in MEDIA_HEADERS and template.header_file_id is None:
        return _("It begins with a file. Choose that on the template’s page first.")
    return None


def category_of(template: MessageTemplate) -> str:
    """As deliveries name it."""
    return template.category.lower()


def variables_of(template: MessageTemplate) -> list[Variable]:
    """What must be filled in, each once, in the order of reading."""
    return variables.distinct(_variables(template))


def _variables(template: MessageTemplate) -> Iterator[Variable]:
    draft, parts = draft_of(template), _by_type(template)
    in_header = draft.header_names
    for name in dict.fromkeys([*in_header, *variables.names_in(draft.body)]):
        yield Variable(
            name,
            "header" if name in in_header else "body",
            draft.examples.get(name, ""),
            draft.fallbacks.get(name, ""),
            variables.label_of(name),
        )
    for index, button in enumerate(_buttons(parts)):
        key = button_key(index)
        if label := _asked_of(button):
            example, fallback = _example_of(button), template.fallbacks.get(key, "")
            yield Variable(key, "button", example, fallback, label)


def _asked_of(button: Mapping[str, Any]) -> str | None:
    """What has to be said of a button when it is sent."""
    if _type(button) == "COPY_CODE":
        return _("The code to copy")
    if _type(button) == "URL" and variables.ANY.search(str(button.get("url", ""))):
        return _("The end of the link “%(button)s”", button=button.get("text", ""))
    return None


def _example_of(button: Mapping[str, Any]) -> str:
    """Of a link the part that is filled in."""
    example = button.get("example") or ""
    example = str(example[0] if isinstance(example, list) else example)
    begin = variables.ANY.split(str(button.get("url") or ""))[0]
    return example.removeprefix(begin)


def values_for(template: MessageTemplate, visitor: Visitor | None) -> dict[str, str]:
    """What is known, or else said instead. A variable without either is missing here."""
    known = known_values(visitor)
    found = {each.name: known.get(each.name) or each.fallback for each in variables_of(template)}
    return {name: value for name, value in found.items() if value}


def known_values(visitor: Visitor | None) -> dict[str, str]:
    """Of the customer and of the business in scope; in one line each."""
    business = db.session.get_one(Business, tenancy.current_business_id())
    said = _of_customer(visitor) if visitor else {}
    said |= {"business_name": business.name, "business_phone": BusinessProfile.current().phone}
    lines = {name: " ".join((value or "").split()) for name, value in said.items()}
    return {name: value for name, value in lines.items() if value}


def _of_customer(visitor: Visitor) -> dict[str, str | None]:
    contact = visitor.sure_contact
    name = (contact.name if contact else None) or visitor.name or ""
    phone = visitor.phone or _identity(contact, "phone")
    email = visitor.email or _identity(contact, "email")
    return {"name": name, "first_name": name.partition(" ")[0], "phone": phone, "email": email}


def _identity(contact: Contact | None, kind: str) -> str | None:
    found = contact.identity(kind) if contact else None
    return found.value if found else None


def fill(
    template: MessageTemplate, values: Mapping[str, str], visitor: Visitor | None = None
) -> content.Template:
    """Ready to go out. With a visitor, what isn't among the values is filled in as far as it is known. Raises
    Invalid, whose code is the variable's name."""
    if refusal := why_not(template):
        raise Invalid(refusal, code="template")
    given = values_for(template, visitor) if visitor else {}
    given |= {name: value.strip() for name, value in values.items() if value.strip()}
    for variable in variables_of(template):
        if problem := limits.value_problem(given.get(variable.name, "")):
            raise Invalid(f"{variable.label}: {problem}", code=variable.name)
    return _made(template, given)


def _made(template: MessageTemplate, values: dict[str, str]) -> content.Template:
    parts = _by_type(template)
    components = [_header(template, parts, values), _body(template, parts, values)]
    components += [_button(each, at, values) for at, each in enumerate(_buttons(parts))]
    return content.Template(
        template_id=template.id,
        name=template.name,
        language=template.language,
        category=category_of(template),
        components=[each for each in components if each],
        body=read_as(template, values),
        buttons=[_label(each) for each in _buttons(parts)],
        header_file_id=template.header_file_id if _header_format(parts) in MEDIA_HEADERS else None,
    )


def read_as(template: MessageTemplate, values: Mapping[str, str]) -> str:
    """Header, body and footer as they will be read."""
    parts = _by_type(template)
    header = variables.filled(
        parts.get("HEADER", {}).get("text") or "",
        dict(values),
        header_prefix(template.parameter_format),
    )
    body = variables.filled(parts.get("BODY", {}).get("text") or "", dict(values))
    said = (header, body, parts.get("FOOTER", {}).get("text") or "")
    return "\n\n".join(each for each in said if each)


def _header(
    template: MessageTemplate, parts: dict[str, Any], values: dict[str, str]
) -> dict[str, Any] | None:
    kind = _header_format(parts)
    if kind in MEDIA_HEADERS:
        media = kind.lower()  # the file itself is put in when it has been handed over
        return {"type": "header", "parameters": [{"type": media, media: {}}]}
    text = parts.get("HEADER", {}).get("text") or ""
    found = _parameters(template, text, values, header_prefix(template.parameter_format))
    filled = variables.filled(text, values, header_prefix(template.parameter_format))
    if len(filled) > limits.MAX_HEADER:
        name = header_prefix(template.parameter_format) + variables.names_in(text)[0]
        raise Invalid(
            _("The header gets too long: %(most)s characters fit.", most=limits.MAX_HEADER),
            code=name,
        )
    return {"type": "header", "parameters": found} if found else None


def _body(
    template: MessageTemplate, parts: dict[str, Any], values: dict[str, str]
) -> dict[str, Any] | None:
    text = parts.get("BODY", {}).get("text") or ""
    length = len(variables.filled(text, values))
    if length > limits.MAX_BODY:
        longest = max(variables.names_in(text), key=lambda name: len(values[name]))
        raise Invalid(
            _(
                "The message gets too long: it has %(length)s characters, and %(most)s fit.",
                length=f"{length:,}",
                most=f"{limits.MAX_BODY:,}",
            ),
            code=longest,
        )
    found = _parameters(template, text, values)
    return {"type": "body", "parameters": found} if found else None


def _parameters(
    template: MessageTemplate, text: str, values: dict[str, str], prefix: str = ""
) -> list[dict[str, str]]:
    names = variables.names_in(text)
    if template.parameter_format != "named":
        ordered = sorted(names, key=int)
        return [{"type": "text", "text": values[prefix + name]} for name in ordered]
    return [{"type": "text", "text": values[name], "parameter_name": name} for name in names]


def _button(button: Mapping[str, Any], index: int, values: dict[str, str]) -> dict[str, Any] | None:
    key, kind = button_key(index), _type(button)
    part = {"type": "button", "sub_type": kind.lower(), "index": str(index)}
    if kind == "QUICK_REPLY":
        payload = {"type": "payload", "payload": str(button.get("text", ""))}
        return part | {"parameters": [payload]}
    if _asked_of(button) is None:
        return None
    value = values[key]
    if kind == "COPY_CODE":
        if not value.isascii() or not value.isalnum() or len(value) > limits.MAX_CODE:
            raise Invalid(
                _(
                    "A code has up to %(most)s letters and figures, nothing else.",
                    most=limits.MAX_CODE,
                ),
                code=key,
            )
        return part | {"parameters": [{"type": "coupon_code", "coupon_code": value}]}
    if len(value.split()) != 1 or len(str(button.get("url"))) + len(value) > limits.MAX_URL:
        raise Invalid(_("The end of a link has no spaces, and isn’t too long."), code=key)
    return part | {"parameters": [{"type": "text", "text": value}]}


def _label(button: Mapping[str, Any]) -> str:
    return str(button.get("text") or COPY_LABEL)


def _by_type(template: MessageTemplate) -> dict[str, dict[str, Any]]:
    return {_type(part): part for part in template.components}


def _buttons(parts: dict[str, Any]) -> list[dict[str, Any]]:
    return parts.get("BUTTONS", {}).get("buttons") or []


def _header_format(parts: dict[str, Any]) -> str:
    return str(parts.get("HEADER", {}).get("format") or "").upper()


def _type(part: Mapping[str, Any]) -> str:
    return str(part.get("type") or "").upper()
