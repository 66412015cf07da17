"""How Graph refuses: a code, and words that nobody should branch on."""

from typing import Any

# code: HTTP status, title
KNOWN = {
    0: (401, "AuthException"), 1: (400, "API Unknown"), 2: (503, "API Service"), 3: (500, "API Method"),
    4: (400, "API Too Many Calls"), 10: (403, "API Permission Denied"), 33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"), 101: (400, "Error validating application"),
    190: (401, "Access token has expired"), 200: (403, "API Permission"), 368: (403, "Temporarily blocked"),
    551: (400, "This person isn't available right now"), 613: (400, "Calls to this API have exceeded the rate limit"),
    1200: (500, "Temporary send message failure"), 80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"), 130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"), 131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"), 131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"), 131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"), 131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"), 131037: (400, "Display name approval needed"),
    131042: (400, "Business eligibility payment issue"), 131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"), 131048: (400, "Spam rate limit hit"),
    131049: (400, "Meta chose not to deliver"), 131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"), 131052: (400, "Media download error"),
    131053: (400, "Media upload error"), 131056: (400, "Pair rate limit hit"),
    131057: (500, "Account in maintenance mode"), 131062: (400, "Recipient needs a phone number"),
    131064: (400, "Messaging limit reached"), 132000: (400, "Template param count mismatch"),
    132001: (404, "Template does not exist"), 132005: (400, "Template hydrated text too long"),
    132007: (400, "Template format character policy violated"), 132008: (400, "Template parameter value invalid"),
    132012: (400, "Template parameter format mismatch"), 132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"), 132068: (400, "Flow is blocked"), 132069: (400, "Flow is throttled"),
    133005: (400, "Two-step verification PIN mismatch"), 133010: (400, "Phone number not registered"),
    133016: (400, "Registration rate limit"),
}  # fmt: skip


class Refused(Exception):
    """One answer of Graph that is no success."""

    def __init__(
        self, code: int, details: str = "", *, status: int | None = None, subcode: int | None = None
    ) -> None:
        known, self.title = KNOWN.get(code, (400, "Unknown error"))
        super().__init__(f"{code}: {self.title}: {details}")
        self.code, self.details, self.subcode = code, details, subcode
        self.status = status or known

    def as_answer(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "AStandInTrace",
        }
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode:
            error["error_subcode"] = self.subcode
        return {"error": error}

    def as_status_error(self) -> dict[str, Any]:
        """As it stands in the webhook of a failed message."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details or self.title},
            "href": "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
        }
