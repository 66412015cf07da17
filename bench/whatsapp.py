"""WhatsApp for benchmarks: a business's number, and what Meta would post about it."""

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bench.graph_server import GraphProcess
from bench.installation import SLUG, Installation

SECRET = "an app secret for measuring"
NUMBER, WABA = "106540352242922", "102290129340398"
PEOPLE = 500
_wamids = count(1)


def connect() -> str:
    """A number of nobody's. The path of its webhook, in a business that is open already."""
    return _connect(NUMBER, WABA, {"app_secret": SECRET, "access_token": "none"})


def connect_to(measured: Installation, provider: GraphProcess) -> str:
    """The stand-in's number; the processes that are begun from now on ask there."""
    told = provider.number
    measured.supervisor.environ = measured.supervisor.environ | {"GRAPH_BASE_URL": told["url"]}
    names = ("access_token", "app_secret", "verify_token")
    return _connect(told["number"], told["waba"], {name: told[name] for name in names})


def _connect(number: str, waba: str, credentials: dict[str, str]) -> str:
    from app.businesses.models import Business
    from app.channels.models import Channel, new_public_key
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db

    with unit_of_work():
        business = Business.by_slug(SLUG)
        assert business is not None
        with business_scope(business.id):
            key = new_public_key(business.id)
            settings = {"waba_id": waba, "app": "own", "throughput": 80}
            channel = Channel(
                kind="whatsapp", name="Bench", public_key=key, external_id=number, settings=settings
            )
            channel.credentials = credentials
            db.session.add(channel)
    return f"/hooks/whatsapp/{key}"


def messages(amount: int) -> bytes:
    """A batch of new messages of many people, as Meta writes it."""
    told, contacts = [], {}
    for _ in range(amount):
        number = next(_wamids)
        person = number % PEOPLE
        phone, user_id = f"447700{person:06}", f"GB.{person:017}"
        name = {"name": f"Person {person}"}
        contacts[person] = {"profile": name, "wa_id": phone, "user_id": user_id}
        told.append(
            {
                "from": phone,
                "from_user_id": user_id,
                "id": f"wamid.HBgMNDQ3NzAwOTAwMTIzFQIAEhgg{number:020X}",
                "timestamp": str(int(time.time())),
                "type": "text",
                "text": {"body": f"Hello, is somebody there? This is message {number}."},
            }
        )
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": list(contacts.values()),
        "messages": told,
    }
    entry = {"id": WABA, "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


@dataclass
class Posts:
    """Bodies, each to be posted at its time over one of a few connections that stay open. `times` are the
    milliseconds from that time to the answer, so a post that had to wait for its turn counts as slow."""

    port: int
    path: str
    connections: int
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def send(self, bodies: list[bytes], per_second: float = 0.0) -> "Posts":
        """Without `per_second` as fast as they are answered; then a time counts from the request itself."""
        waiting: queue.Queue[tuple[float, bytes, str]] = queue.Queue()
        began = time.perf_counter() + 0.1
        for place, body in enumerate(bodies):
            waiting.put((began + place / per_second if per_second else 0.0, body, _signature(body)))
        threads = [
            threading.Thread(target=self._post, args=(waiting,)) for _ in range(self.connections)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.seconds = time.perf_counter() - began
        assert len(self.times) == len(bodies), "a post failed"
        return self

    def _post(self, waiting: "queue.Queue[tuple[float, bytes, str]]") -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while True:
            try:
                due, body, signature = waiting.get_nowait()
            except queue.Empty:
                return connection.close()
            due = due or time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            self.times.append((time.perf_counter() - due) * 1000)


def _signature(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
