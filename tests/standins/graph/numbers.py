"""A business's number on WhatsApp: its windows, its rates, its quality."""

from typing import TYPE_CHECKING, Any

from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import Token, Waba

if TYPE_CHECKING:
    from tests.standins.graph.graph import Graph
    from tests.standins.graph.people import Person

WINDOW = 24 * 3600
PAIR_BURST, PAIR_SECONDS = 45, 6.0


class Number:
    """`token`: one that may use it, as an owner has it."""

    def __init__(
        self, graph: "Graph", number_id: str, waba: Waba, display_number: str, token: Token
    ) -> None:
        self.graph, self.phone_number_id, self.waba = graph, number_id, waba
        self.display_number, self.verified_name = display_number, waba.name
        self._token = token
        self.quality, self.tier, self.throughput = "GREEN", "TIER_250", 80
        self.is_on_biz_app, self.is_registered, self.pin = False, True, ""
        self.hook_url = ""  # its own, over the account's and the app's
        self.blocked: set[str] = set()
        self.pair_burst, self.pair_seconds = PAIR_BURST, PAIR_SECONDS
        self.is_open_to_all = False  # no windows, for benchmarks
        self.synced: list[str] = []  # of a phone's app
        self.free_sent = 0
        self._windows: dict[str, float] = {}
        self._pairs: dict[str, tuple[float, float]] = {}  # tokens left, and when
        self._second: tuple[int, int] = (0, 0)
        self.as_read: list[dict[str, Any]] = []

    @property
    def token(self) -> str:
        return self._token.value

    @property
    def waba_id(self) -> str:
        return self.waba.id

    @property
    def app(self) -> Any:
        return self._token.app

    @property
    def metadata(self) -> dict[str, str]:
        return {
            "display_phone_number": self.display_number.removeprefix("+"),
            "phone_number_id": self.phone_number_id,
        }

    def opens_window(self, person: "Person") -> None:
        self._windows[person.user_id] = self.graph.now() + WINDOW

    def has_window(self, person: "Person") -> bool:
        until = self._windows.get(person.user_id, 0)
        return self.is_open_to_all or until > self.graph.now()

    def take_pair(self, who: str) -> None:
        left, since = self._pairs.get(who, (float(self.pair_burst), self.graph.now()))
        now = self.graph.now()
        left = min(self.pair_burst, left + (now - since) / self.pair_seconds)
        if left < 1:
            raise Refused(131056, "Too many messages sent from this phone number to the same one.")
        self._pairs[who] = (left - 1, now)

    def take_throughput(self) -> None:
        second = int(self.graph.now())
        known, used = self._second
        used = used + 1 if known == second else 1
        if used > self.throughput:
            raise Refused(130429, "Cloud API message throughput has been reached.")
        self._second = (second, used)

    def echoes(self, person: "Person", text: str) -> str:
        """The owner answers on their own phone."""
        wamid = self.graph.new_wamid()
        message = {
            "from": self.metadata["display_phone_number"], "to": person.wa_id, "id": wamid,
            "to_user_id": person.user_id, "timestamp": self.graph.timestamp(), "type": "text",
            "text": {"body": text},
        }  # fmt: skip
        self.graph.tells(
            self, "smb_message_echoes", message_echoes=[message], contacts=[person.contact]
        )
        return wamid

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.phone_number_id, "verified_name": self.verified_name,
            "display_phone_number": self.display_number, "quality_rating": self.quality,
            "whatsapp_business_manager_messaging_limit": self.tier,
            "throughput": {"level": "STANDARD" if self.throughput <= 80 else "HIGH"},
            "platform_type": "CLOUD_API" if self.is_registered else "NOT_APPLICABLE",
            "is_on_biz_app": self.is_on_biz_app, "status": "CONNECTED" if self.is_registered else "PENDING",
            "name_status": "APPROVED", "code_verification_status": "VERIFIED",
            "account_mode": "LIVE", "is_pin_enabled": bool(self.pin),
            "health_status": self.health(),
            "webhook_configuration": {"application": self.app.hook_url or self.graph.hook_url},
        }  # fmt: skip

    def health(self) -> dict[str, Any]:
        waba: dict[str, Any] = {
            "entity_type": "WABA",
            "id": self.waba.id,
            "can_send_message": "AVAILABLE",
        }
        if not self.waba.has_payment:
            waba["can_send_message"] = "LIMITED"
            waba["errors"] = [{
                "error_code": 141006,
                "error_description": "There is an error with the payment method.",
                "possible_solution": "Add a payment method.",
            }]  # fmt: skip
        own = {
            "entity_type": "PHONE_NUMBER",
            "id": self.phone_number_id,
            "can_send_message": "AVAILABLE" if self.is_registered else "BLOCKED",
        }
        states = [own["can_send_message"], waba["can_send_message"]]
        worst = next((s for s in ("BLOCKED", "LIMITED") if s in states), "AVAILABLE")
        return {"can_send_message": worst, "entities": [own, waba]}
