"""Bodies as Meta sends them, one of each kind."""

import hashlib
import hmac
import json
from typing import Any

WABA, NUMBER, DISPLAY = "102290129340398", "106540352242922", "15550783881"
PHONE, USER = "447700900123", "GB.13491208655302741918"
AT = "1763700000"
SHA = "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="
CONTACT = {"profile": {"name": "Ann Example", "username": "ann"}, "wa_id": PHONE, "user_id": USER}

MESSAGES: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": {"body": "Hello there"}},
    "image": {
        "type": "image",
        "image": {"id": "M1", "mime_type": "image/jpeg", "sha256": SHA, "caption": "My roof"},
    },
    "video": {"type": "video", "video": {"id": "M2", "mime_type": "video/mp4", "sha256": SHA}},
    "document": {
        "type": "document",
        "document": {
            "id": "M3",
            "mime_type": "application/pdf",
            "sha256": SHA,
            "filename": "a.pdf",
        },
    },
    "audio": {
        "type": "audio",
        "audio": {"id": "M4", "mime_type": "audio/ogg; codecs=opus", "sha256": SHA, "voice": True},
    },
    "sticker": {
        "type": "sticker",
        "sticker": {"id": "M5", "mime_type": "image/webp", "sha256": SHA, "animated": False},
    },
    "location": {
        "type": "location",
        "location": {"latitude": 51.5, "longitude": -0.12, "name": "Shop", "address": "1 Road"},
    },
    "contacts": {
        "type": "contacts",
        "contacts": [
            {
                "name": {"formatted_name": "Bob Builder", "first_name": "Bob"},
                "phones": [{"phone": "+44 7700 900999", "wa_id": "447700900999", "type": "CELL"}],
                "emails": [{"email": "bob@example.com"}],
                "org": {"company": "Build Ltd"},
            }
        ],
    },
    "reaction": {"type": "reaction", "reaction": {"message_id": "wamid.OLD", "emoji": "👍"}},
    "button_reply": {
        "type": "interactive",
        "interactive": {"type": "button_reply", "button_reply": {"id": "b1", "title": "Yes"}},
    },
    "list_reply": {
        "type": "interactive",
        "interactive": {
            "type": "list_reply",
            "list_reply": {"id": "r1", "title": "Monday", "description": "9 o’clock"},
        },
    },
    "flow": {
        "type": "interactive",
        "interactive": {
            "type": "nfm_reply",
            "nfm_reply": {
                "name": "flow",
                "body": "Sent",
                "response_json": '{"flow_token": "t", "guests": 2}',
            },
        },
    },
    "call_permission": {
        "type": "interactive",
        "interactive": {
            "type": "call_permission_reply",
            "call_permission_reply": {"response": "accept"},
        },
    },
    "button": {"type": "button", "button": {"payload": "STOP_PROMO", "text": "Stop offers"}},
    "order": {
        "type": "order",
        "order": {
            "catalog_id": "C",
            "text": "Please",
            "product_items": [
                {"product_retailer_id": "sku", "quantity": 2, "item_price": 9.5, "currency": "GBP"}
            ],
        },
    },
    "changed_number": {
        "type": "system",
        "system": {
            "body": "changed",
            "type": "user_changed_number",
            "wa_id": "447700900777",
            "user_id": "GB.999",
        },
    },
    "changed_user_id": {
        "type": "system",
        "system": {"body": "changed", "type": "user_changed_user_id", "user_id": "GB.888"},
    },
    "edit": {
        "type": "edit",
        "edit": {
            "original_message_id": "wamid.OLD",
            "message": {"type": "text", "text": {"body": "Hello, better"}},
        },
    },
    "revoke": {"type": "revoke", "revoke": {"original_message_id": "wamid.OLD"}},
    "request_welcome": {"type": "request_welcome"},
    "unsupported": {
        "type": "unsupported",
        "unsupported": {"type": "poll_creation"},
        "errors": [{"code": 131051, "title": "Message type unknown"}],
    },
    "unknown": {"type": "hologram", "hologram": {"id": "H"}},
}
REFERRAL = {
    "source_url": "https://fb.me/ad",
    "source_id": "120",
    "source_type": "ad",
    "headline": "New boilers",
    "body": "Call us",
    "media_type": "image",
    "image_url": "https://example.com/i.jpg",
    "ctwa_clid": "clid",
    "welcome_message": {"text": "Hi!"},
}
STATUSES: dict[str, dict[str, Any]] = {
    "sent": {
        "status": "sent",
        "pricing": {"pricing_model": "PMP", "type": "regular", "category": "service"},
        "conversation": {"id": "c", "origin": {"type": "service"}},
    },
    "delivered": {"status": "delivered"},
    "read": {"status": "read"},
    "played": {"status": "played"},
    "failed": {
        "status": "failed",
        "errors": [
            {
                "code": 131047,
                "title": "Re-engagement message",
                "message": "Re-engagement message",
                "error_data": {"details": "More than 24 hours have passed"},
            }
        ],
    },
}
NOTICES: dict[str, dict[str, Any]] = {
    "message_template_status_update": {
        "event": "APPROVED",
        "message_template_id": 64,
        "message_template_name": "welcome",
        "message_template_language": "en_GB",
        "reason": "NONE",
    },
    "message_template_quality_update": {
        "previous_quality_score": "GREEN",
        "new_quality_score": "YELLOW",
        "message_template_id": 64,
    },
    "template_category_update": {
        "message_template_id": 64,
        "previous_category": "UTILITY",
        "new_category": "MARKETING",
    },
    "phone_number_quality_update": {
        "display_phone_number": DISPLAY,
        "event": "UPGRADE",
        "max_daily_conversations_per_business": "TIER_2K",
    },
    "business_capability_update": {"max_daily_conversation_per_phone": 2000},
    "account_update": {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"x": 1}]},
    "account_alerts": {"alert_severity": "WARNING", "alert_status": "ACTIVE"},
    "account_review_update": {"decision": "APPROVED"},
    "security": {"display_phone_number": DISPLAY, "event": "PIN_CHANGED", "requester": "1"},
}
OTHER_FIELDS: dict[str, dict[str, Any]] = {
    "history": {"history": [{"metadata": {"phase": 0}, "threads": []}]},
    "smb_app_state_sync": {"state_sync": [{"type": "contact", "action": "add"}]},
    "business_username_updates": {"username": "shop"},
    "nothing_we_know": {"a": [1, {"b": None}]},
}


def entry(field: str, value: dict[str, Any], at: int = 1_763_700_001) -> dict[str, Any]:
    return {"id": WABA, "time": at, "changes": [{"field": field, "value": value}]}


def about_number(**lists: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": DISPLAY, "phone_number_id": NUMBER}
    return {"messaging_product": "whatsapp", "metadata": metadata, **lists}


def message(kind: str = "text", wamid: str = "wamid.IN", **fields: Any) -> dict[str, Any]:
    own = {"from": PHONE, "from_user_id": USER, "id": wamid, "timestamp": AT}
    return own | MESSAGES[kind] | fields


def status(kind: str, wamid: str = "wamid.OUT", **fields: Any) -> dict[str, Any]:
    own = {
        "id": wamid,
        "timestamp": AT,
        "recipient_id": PHONE,
        "recipient_user_id": USER,
        "biz_opaque_callback_data": "token",
    }
    return own | STATUSES[kind] | fields


def of_messages(*messages: dict[str, Any], contacts: Any = (CONTACT,)) -> dict[str, Any]:
    return entry("messages", about_number(contacts=list(contacts), messages=list(messages)))


def of_statuses(*statuses: dict[str, Any]) -> dict[str, Any]:
    return entry("messages", about_number(statuses=list(statuses)))


def batch(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": list(entries)}).encode()


def signed(body: bytes, secret: str) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def all_entries() -> list[dict[str, Any]]:
    preference = {
        "wa_id": PHONE,
        "user_id": USER,
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": 1_763_700_000,
    }
    echo = {"from": DISPLAY, "to": PHONE, "id": "wamid.ECHO", "timestamp": AT}
    return [
        of_messages(*(message(kind, f"wamid.{kind}") for kind in MESSAGES)),
        of_messages(message(referral=REFERRAL, context={"from": DISPLAY, "id": "wamid.OLD"})),
        of_statuses(*(status(kind) for kind in STATUSES)),
        entry("messages", about_number(errors=[{"code": 130429, "title": "Rate limit hit"}])),
        entry("user_preferences", about_number(user_preferences=[preference])),
        entry("smb_message_echoes", about_number(message_echoes=[echo | MESSAGES["text"]])),
        *(entry(field, value) for field, value in (NOTICES | OTHER_FIELDS).items()),
    ]
