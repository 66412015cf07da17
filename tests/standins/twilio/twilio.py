"""What it does: people write, carriers report, and it is asked."""

import itertools
import re
import secrets
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests.standins.twilio.things import Account, Asked, Hook, Number, Refused, Sent, Service

STOP_WORDS = {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
START_WORDS = {"START", "YES", "UNSTOP"}
MESSAGE_FIELDS = {"To", "From", "MessagingServiceSid", "Body", "MediaUrl", "StatusCallback"}
NUMBER_FIELDS = {"SmsUrl", "SmsMethod"}
SERVICE_FIELDS = {"InboundRequestUrl", "InboundMethod", "UseInboundWebhookOnNumber"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64

Fault = Callable[[Any], bool]  # given the handler of a request; True: it was dealt with


class Twilio:
    def __init__(self) -> None:
        self.url = ""
        self.accounts: dict[str, Account] = {}
        self.sent: list[Sent] = []
        self.hooks: list[Hook] = []
        self.stopped: set[tuple[str, str]] = set()  # (our number, theirs)
        self.media: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.closing = threading.Event()
        self._numbers = itertools.count(secrets.randbelow(16**12))  # no two stand-ins share a sid

    def account(self, **values: Any) -> Account:
        made = Account(self._sid("AC"), secrets.token_hex(16), **values)
        self.accounts[made.sid] = made
        return made

    def number(self, account: Account, phone: str = "+442079460018", **values: Any) -> Number:
        made = Number(phone, self._sid("PN"), **values)
        account.numbers[made.sid] = made
        return made

    def service(self, account: Account, *numbers: Number) -> Service:
        made = Service(self._sid("MG"), list(numbers))
        account.services[made.sid] = made
        return made

    # What happens next

    def fails(self, code: int, status: int = 400) -> None:
        """The next request is refused."""

        def fail(handler: Any) -> bool:
            handler.refuse(Refused(status, code))
            return True

        self.faults.append(fail)

    def breaks(self, seconds: float = 0) -> None:
        """The next request is done, and never answered."""

        def cut(handler: Any) -> bool:
            handler.answer()
            self.closing.wait(seconds)
            handler.close_connection = True
            return True

        self.faults.append(cut)

    # What people and carriers do

    def writes(self, account: Account, phone: str, to: Number, body: str, **more: Any) -> Hook:
        """A text message to one of the account's numbers; `media` is how many pictures come along."""
        word, pictures = body.strip().upper(), more.pop("media", 0)
        if word in STOP_WORDS:
            self.stopped.add((to.phone, phone))
        elif word in START_WORDS:
            self.stopped.discard((to.phone, phone))
        sid = self._sid("MM" if pictures else "SM")
        service = next((each for each in account.services.values() if to in each.numbers), None)
        form = {
            "MessageSid": sid, "SmsSid": sid, "AccountSid": account.sid, "From": phone, "To": to.phone,
            "Body": body, "NumMedia": str(pictures), "NumSegments": "1", "SmsStatus": "received",
            "ApiVersion": "2010-04-01", "FromCountry": "GB",
        } | more  # fmt: skip
        if service:
            form["MessagingServiceSid"] = service.sid
        for each in range(pictures):
            form |= {
                f"MediaUrl{each}": self._picture(account, sid),
                f"MediaContentType{each}": "image/png",
            }
        return self.tells(account, service.url if service and service.url else to.sms_url, form)

    def reports(self, sent: Sent, status: str, code: int = 0) -> Hook:
        """How far a message of ours got."""
        form = {
            "MessageSid": sent.sid, "SmsSid": sent.sid, "AccountSid": sent.account.sid,
            "MessageStatus": status, "SmsStatus": status, "To": sent.one("To"), "From": sent.sender,
        }  # fmt: skip
        form |= {"ErrorCode": str(code)} if code else {}
        return self.tells(sent.account, sent.one("StatusCallback"), form)

    def tells(self, account: Account, url: str, form: dict[str, str]) -> Hook:
        signature = RequestValidator(account.token).compute_signature(url, form)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
        }
        hook = Hook(url, urlencode(form).encode(), headers)
        self.hooks.append(hook)
        return hook

    # What it is asked

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if match := re.fullmatch(r"/cdn/(ME\w+)", asked.path):
            return self._cdn(asked, match[1])
        account = self._known(asked)
        for method, pattern, does in self._ways():
            match = re.fullmatch(pattern.replace("ACCOUNT", account.sid), asked.path)
            if match and method == asked.method:
                return does(account, asked, *match.groups())
        raise Refused(404, 20404)

    def _ways(self) -> list[tuple[str, str, Callable[..., tuple[int, Any]]]]:
        base = "/2010-04-01/Accounts/ACCOUNT"
        return [
            ("GET", rf"{base}\.json", self._show_account),
            ("GET", rf"{base}/IncomingPhoneNumbers\.json", self._list_numbers),
            ("GET", rf"{base}/IncomingPhoneNumbers/(PN\w+)\.json", self._number),
            ("POST", rf"{base}/IncomingPhoneNumbers/(PN\w+)\.json", self._number),
            ("POST", rf"{base}/Messages\.json", self._send),
            ("GET", rf"{base}/Messages/(\w+)/Media/(\w+)", self._redirect),
            ("GET", r"/v1/Services/(MG\w+)", self._service),
            ("POST", r"/v1/Services/(MG\w+)", self._service),
        ]

    def _known(self, asked: Asked) -> Account:
        account = self.accounts.get(asked.user)
        if account is None or account.token != asked.password:
            raise Refused(401, 20003)
        return account

    def _show_account(self, account: Account, _asked: Asked) -> tuple[int, Any]:
        return 200, {"sid": account.sid, "status": account.status, "type": account.kind}

    def _list_numbers(self, account: Account, asked: Asked) -> tuple[int, Any]:
        """By any part of it, as Twilio does."""
        part = asked.query.get("PhoneNumber", [""])[0].lstrip("+")
        found = [each for each in account.numbers.values() if part in each.phone]
        rows = [self._as_json(account, each) for each in found]
        return 200, {"incoming_phone_numbers": rows, "page": 0, "next_page_uri": None}

    def _number(self, account: Account, asked: Asked, sid: str) -> tuple[int, Any]:
        number = account.numbers.get(sid)
        if number is None:
            raise Refused(404, 20404)
        if asked.method == "POST":
            self._check_fields(asked, NUMBER_FIELDS)
            if not account.may_change:
                raise Refused(403, 20403)
            number.sms_url = asked.form.get("SmsUrl", [""])[0]
        return 200, self._as_json(account, number)

    def _service(self, account: Account, asked: Asked, sid: str) -> tuple[int, Any]:
        service = account.services.get(sid)
        if service is None:
            raise Refused(404, 20404)
        if asked.method == "POST":
            self._check_fields(asked, SERVICE_FIELDS)
            service.url = asked.form.get("InboundRequestUrl", [""])[0]
        return 200, {
            "sid": sid, "account_sid": account.sid, "friendly_name": "The shop",
            "inbound_request_url": service.url or None,
        }  # fmt: skip

    def _send(self, account: Account, asked: Asked) -> tuple[int, Any]:
        self._check_fields(asked, MESSAGE_FIELDS)
        to, body = asked.one("To"), asked.one("Body")
        sender = self._sender(account, asked)
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            raise Refused(400, 21211)
        if to == sender:
            raise Refused(400, 21266)
        if not body and not asked.form.get("MediaUrl"):
            raise Refused(400, 21619)
        if len(body) > 1600:
            raise Refused(400, 21617)
        if (sender, to) in self.stopped:
            raise Refused(400, 21610)
        sent = Sent(self._sid("SM"), account, asked.form, sender)
        self.sent.append(sent)
        return 201, {
            "sid": sent.sid, "status": "queued", "to": to, "from": sender, "body": body,
            "error_code": None, "num_segments": "1", "account_sid": account.sid,
        }  # fmt: skip

    def _sender(self, account: Account, asked: Asked) -> str:
        if sid := asked.one("MessagingServiceSid"):
            service = account.services.get(sid)
            if service is None or not service.numbers:
                raise Refused(400, 21703 if service else 21705)
            return service.numbers[0].phone
        if not asked.one("From"):
            raise Refused(400, 21603)
        number = next(
            (each for each in account.numbers.values() if each.phone == asked.one("From")), None
        )
        if number is None:
            raise Refused(400, 21659)
        if not number.can_sms:
            raise Refused(400, 21606)
        return number.phone

    def _redirect(self, _account: Account, _asked: Asked, _message: str, media: str) -> Any:
        if media not in self.media:
            raise Refused(404, 20404)
        return 307, f"{self.url.replace('127.0.0.1', 'localhost')}/cdn/{media}"

    def _cdn(self, asked: Asked, media: str) -> tuple[int, Any]:
        """Another host: it wants no credentials, and takes it amiss when it gets some."""
        if asked.user:
            raise Refused(400, 0, "only one way of proving who asks is allowed")
        return 200, self.media[media]

    def _picture(self, account: Account, message: str) -> str:
        sid = self._sid("ME")
        self.media[sid] = PNG
        return f"{self.url}/2010-04-01/Accounts/{account.sid}/Messages/{message}/Media/{sid}"

    @staticmethod
    def _check_fields(asked: Asked, known: set[str]) -> None:
        if unknown := asked.form.keys() - known:
            raise Refused(400, 20001, f"unknown: {', '.join(sorted(unknown))}")

    @staticmethod
    def _as_json(account: Account, number: Number) -> dict[str, Any]:
        able = {"sms": number.can_sms, "mms": number.can_mms, "voice": True}
        return {
            "sid": number.sid, "account_sid": account.sid, "phone_number": number.phone,
            "sms_url": number.sms_url, "capabilities": able,
        }  # fmt: skip

    def _sid(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):032x}"
