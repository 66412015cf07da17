"""One request, and whose token it carries."""

import io
import json
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.formparser import parse_form_data

from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import Token

if TYPE_CHECKING:
    from tests.standins.graph.graph import Graph


@dataclass
class Asked:
    graph: "Graph"
    method: str
    path: str  # without a version
    params: dict[str, str]
    headers: Message
    body: bytes
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: "Graph", method: str, url: str, headers: Message, body: bytes) -> "Asked":
        parts = urlsplit(url)
        first, _, rest = parts.path.removeprefix("/").partition("/")
        is_version = first.startswith("v") and first[1:2].isdigit()
        path = "/" + (rest if is_version else f"{first}/{rest}".rstrip("/") if rest else first)
        return cls(graph, method, path, dict(parse_qsl(parts.query, True)), headers, body)

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            raise Refused(100, "The body is not JSON.") from None

    @property
    def values(self) -> dict[str, Any]:
        """JSON or a form, as Graph takes both, over the query."""
        kind = self.headers.get("content-type", "")
        if "json" in kind:
            return {**self.params, **self.json}
        return {**self.params, **self.form()[0]}

    def form(self) -> tuple[dict[str, str], dict[str, Any]]:
        environ = {
            "wsgi.input": io.BytesIO(self.body),
            "CONTENT_LENGTH": str(len(self.body)),
            "CONTENT_TYPE": self.headers.get("content-type", ""),
            "REQUEST_METHOD": "POST",
        }
        _, form, files = parse_form_data(environ)
        return form.to_dict(), files.to_dict()

    @property
    def token_value(self) -> str:
        said = self.headers.get("authorization", "")
        kind, _, value = said.partition(" ")
        return value if kind in ("Bearer", "OAuth") else self.params.get("access_token", "")

    @property
    def token(self) -> Token:
        token = self.graph.tokens.get(self.token_value)
        if token is None or not token.is_valid:
            raise Refused(190, "Invalid OAuth access token.")
        if token.expires_at and token.expires_at <= self.graph.now():
            raise Refused(190, "Session has expired.", subcode=463)
        proof = self.params.get("appsecret_proof")
        if proof is not None and proof != token.app.proof(token.value):
            raise Refused(100, "Invalid appsecret_proof provided in the API argument")
        return token

    def may(self, node: str, scope: str, *, hidden: bool = False) -> Token:
        """`hidden`: what a token may not see isn't there."""
        token = self.token
        if node not in token.nodes:
            if hidden:
                raise Refused(100, "Object does not exist or can't be loaded.", subcode=33)
            raise Refused(190, "The access token does not belong to this account.")
        if scope not in token.scopes:
            raise Refused(200, f"You need the permission {scope}.")
        return token

    def only(self, whole: dict[str, Any]) -> dict[str, Any]:
        """The fields that were asked for."""
        wanted = [each for each in self.params.get("fields", "").split(",") if each]
        return {key: whole[key] for key in ["id", *wanted] if key in whole} if wanted else whole


@dataclass
class Raw:
    """An answer that isn't JSON."""

    body: bytes
    mime: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
