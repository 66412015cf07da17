"""An upload whose connection breaks in the middle leaves nothing, and the server goes on."""

import re
import socket
import urllib.request
from urllib.parse import urlsplit

from sqlalchemy import func, select

from app.core.storage import File, FilePart
from app.extensions import db
from app.knowledge.models import Source

BOUNDARY = "cut-here"


def test_an_upload_cut_in_half_leaves_nothing(live, app, cast, login):
    pages = f"{live.url}/b/{cast.slug}/knowledge/"
    page, cookie = get(pages, login(cast.owner).get_cookie("frontdesk").value)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

    body = form(token, "half.txt", b"We deliver on Tuesdays. " * 4000)
    send(live.url, f"/b/{cast.slug}/knowledge/files", cookie, body, share=0.5)
    assert counts(app, cast) == (0, 0, 0)
    assert "half.txt" not in get(pages, cookie)[0]

    # The same request sent whole is taken: it was the cut that refused it.
    send(live.url, f"/b/{cast.slug}/knowledge/files", cookie, body, share=1)
    assert counts(app, cast)[:2] == (1, 1)


def get(url: str, cookie: str) -> tuple[str, str]:
    """The page, and the session's cookie as it is from here on."""
    request = urllib.request.Request(url, headers={"Cookie": f"frontdesk={cookie}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        renewed = re.search(r"frontdesk=([^;]+)", response.headers.get("Set-Cookie") or "")
        return response.read().decode(), renewed[1] if renewed else cookie


def form(token: str, name: str, content: bytes) -> bytes:
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    return field.encode() + head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def send(url: str, path: str, cookie: str, body: bytes, *, share: float) -> None:
    """The whole length is announced, and a share of it sent; then the connection ends."""
    where = urlsplit(url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: frontdesk={cookie}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(head.encode() + body[: int(len(body) * share)])
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def counts(app, cast) -> tuple[int, int, int]:
    with app.app_context(), cast.scope():
        return tuple(
            db.session.scalar(select(func.count()).select_from(table))
            for table in (Source, File, FilePart)
        )
