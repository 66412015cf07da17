"""The owner of a measured installation in a browser of its own, and an eye on a process's memory."""

import http.cookiejar
import re
import threading
import urllib.parse
import urllib.request

from bench.installation import OWNER_EMAIL, OWNER_PASSWORD, SLUG, descendants, pss_mb

BOUNDARY = "measured-upload"


class Owner:
    """Logged in through the form, as a browser is."""

    def __init__(self, url: str) -> None:
        self.url = url
        # The cookie is marked for https, which a production router speaks in front.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
        self.jar = http.cookiejar.CookieJar(policy)
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self.browser = urllib.request.build_opener(cookies)
        self._log_in()

    @property
    def cookie(self) -> str:
        """For somebody else who asks in the owner's name."""
        return "; ".join(f"{each.name}={each.value}" for each in self.jar)

    def upload(self, name: str, text: bytes) -> None:
        token = self._token(f"/b/{SLUG}/knowledge/")
        disposition = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        body = (
            f"--{BOUNDARY}\r\n{disposition}\r\nContent-Type: text/markdown\r\n\r\n".encode()
            + text
            + f"\r\n--{BOUNDARY}--\r\n".encode()
        )
        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "X-CSRFToken": token,
            "HX-Request": "true",
        }
        self._post(f"/b/{SLUG}/knowledge/files", body, headers)

    def open(self, path: str) -> str:
        with self.browser.open(self.url + path) as response:
            return response.read().decode()

    def _log_in(self) -> None:
        fields = {
            "csrf_token": self._token("/login"),
            "email": OWNER_EMAIL,
            "password": OWNER_PASSWORD,
        }
        page = self._post("/login", urllib.parse.urlencode(fields).encode(), {})
        assert f"/b/{SLUG}" in page, "not logged in"

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.open(path))
        assert found, f"no form at {path}"
        return found[1]

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> str:
        request = urllib.request.Request(self.url + path, body, headers)
        with self.browser.open(request) as response:
            return response.read().decode()


class Watch:
    """The most that a process and its children took together while the block ran."""

    def __init__(self, process: int) -> None:
        self.process, self.peak = process, 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.ended.wait(0.1):
            self.peak = max(self.peak, sum(map(pss_mb, descendants(self.process))))
