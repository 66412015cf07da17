"""The key ring: secrets at rest and signed tokens, under keys that can be changed.

Every key is derived from SECRET_KEYS, newest first. To change the secret, put a new one in front:
what the old one closed still opens, and `rotate` closes it anew.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_KEY_ID_CHARACTERS = 8


class CryptoError(Exception):
    """A stored secret can't be opened."""


class UnknownKey(CryptoError):
    """Closed under a secret that is no longer (or not yet) among SECRET_KEYS."""


class Tampered(CryptoError):
    """Changed since it was closed, or never one of our tokens."""


class KeyRing:
    """Tokens read "<key id>.<Fernet token>": the id shows, without opening, what an old key holds.

    Each token opens only with the key it names, so that the id can be trusted.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("A key ring needs at least one secret, and none may be empty.")
        self._fernets = {_key_id(secret): _fernet(secret) for secret in secrets}
        self._newest = _key_id(secrets[0])
        # itsdangerous signs with the last and accepts them all.
        self._signing = [_derived(secret, "signing") for secret in reversed(secrets)]

    @property
    def newest(self) -> str:
        """The id at the front of every token that `encrypt` makes now."""
        return self._newest

    def encrypt(self, text: str) -> str:
        return f"{self._newest}.{self._fernets[self._newest].encrypt(text.encode()).decode()}"

    def decrypt(self, token: str) -> str:
        """Raises UnknownKey or Tampered."""
        key_id, _, closed = token.partition(".")
        if not closed or not _is_key_id(key_id):
            raise Tampered("This is no encrypted value.")
        fernet = self._fernets.get(key_id)
        if fernet is None:
            raise UnknownKey(f"No secret with the key id {key_id} is configured.")
        try:
            return fernet.decrypt(closed).decode()
        except (InvalidToken, ValueError) as error:
            raise Tampered("This value was changed since it was encrypted.") from error

    def rotate(self, token: str) -> str:
        """The same under the newest key; a token that has it already stays as it is."""
        text = self.decrypt(token)
        return token if self.is_current(token) else self.encrypt(text)

    def is_current(self, token: str) -> bool:
        return token.startswith(f"{self._newest}.")

    def signer(self, purpose: str) -> URLSafeTimedSerializer:
        """For links and tokens that leave the house; one purpose's token is worthless for another."""
        return URLSafeTimedSerializer(**self._signed(purpose))

    def lasting_signer(self, purpose: str) -> URLSafeSerializer:
        """Without the moment: the same is always said the same way."""
        return URLSafeSerializer(**self._signed(purpose))

    def _signed(self, purpose: str) -> dict[str, Any]:
        return {
            "secret_key": self._signing,
            "salt": f"frontdesk.{purpose}",
            "signer_kwargs": {"key_derivation": "hmac", "digest_method": hashlib.sha256},
        }


def init_app(app: Flask) -> None:
    app.extensions["keys"] = KeyRing(app.config["SECRET_KEYS"])


def keys() -> KeyRing:
    """The current app's ring."""
    return cast(KeyRing, current_app.extensions["keys"])


class EncryptedText(TypeDecorator[str]):
    """A text column that the database sees only encrypted. It can't be searched, sorted or unique:
    the same text is closed differently each time."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else keys().encrypt(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else keys().decrypt(value)


def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret, "encryption at rest")))


def _key_id(secret: str) -> str:
    """Derived apart from the keys, so that it says nothing about them."""
    return _derived(secret, "key id").hex()[:_KEY_ID_CHARACTERS]


def _is_key_id(text: str) -> bool:
    return len(text) == _KEY_ID_CHARACTERS and all(sign in "0123456789abcdef" for sign in text)


def _derived(secret: str, purpose: str) -> bytes:
    """HKDF: independent keys from one secret. It stretches nothing: secrets must be random and long
    (config.py asks for 32 characters)."""
    info = f"frontdesk {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())
