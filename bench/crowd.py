"""Many browsers at once without a browser: HTTP/1.1 over asyncio, as little work per answer as can be, since it runs
beside what is measured."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import insert

from bench.installation import SLUG

CONNECTIONS = 6  # that a browser opens to one host
STREAM_LINE_BYTES = 1 << 20


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


class Browser:
    """One browser's connections to the app. `headers` go with each request: a cookie (the app has one), an address,
    a token."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self.port, self.headers = port, dict(headers)
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.free = asyncio.Semaphore(CONNECTIONS)

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"", {})

    async def post_json(self, path: str, body: object) -> Answer:
        return await self._ask("POST", path, json.dumps(body).encode(), JSON)

    async def post_form(self, path: str, fields: Mapping[str, object]) -> Answer:
        return await self._ask("POST", path, urlencode(fields).encode(), FORM)

    async def events(self, path: str) -> AsyncIterator[tuple[str, str, float]]:
        """Name, data and when it came (time.perf_counter) of each event of a stream; ends when it ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self._request("GET", path, b"", {}))
            status, _ = await _head(reader)
            assert status == 200, status
            name = ""
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    name = line[7:].decode().strip()
                elif line.startswith(b"data: "):
                    yield name, line[6:].decode().strip(), time.perf_counter()
        finally:
            writer.close()

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self.free:
            reader, writer = await self._connection()
            writer.write(self._request(method, path, body, headers))
            status, told = await _head(reader)
            text = await reader.readexactly(int(told.get(b"content-length", b"0")))
            self.idle.append((reader, writer))
        if kept := told.get(b"set-cookie"):
            self.headers["Cookie"] = kept.split(b";")[0].decode()
        if told.get(b"content-encoding") == b"gzip":
            text = gzip.decompress(text)
        return Answer(status, text.decode())

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """One that is open still: the server closes what is idle for longer than its keep-alive."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)

    def _request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        told = {"Host": f"127.0.0.1:{self.port}", "Accept-Encoding": "gzip"}
        told |= self.headers | dict(headers) | {"Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[bytes, bytes]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).strip().split(b"\r\n")
    named = (line.partition(b": ") for line in lines)
    return int(first.split(b" ")[1]), {name.lower(): value for name, _, value in named}


def members(count: int) -> list[int]:
    """Agents of the measured business, by id."""
    from app.accounts.models import User
    from app.businesses.models import Business
    from app.businesses.services import add_member
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db

    rows = [
        {"name": f"Agent {n}", "email": f"agent{n}@example.com", "password_hash": "-"}
        for n in range(count)
    ]
    with unit_of_work():
        business = Business.by_slug(SLUG)
        assert business is not None
        users = list(db.session.scalars(insert(User).returning(User), rows))
        for user in users:
            add_member(business, user, "agent")
        return [user.id for user in users]


def cookie(app: Flask, user_id: int) -> dict[str, str]:
    """Logged in, as the form would leave it."""
    signing = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return {"Cookie": f"frontdesk={signing.dumps({'_user_id': str(user_id), '_fresh': True})}"}
