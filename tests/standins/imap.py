"""A local mailbox that speaks IMAP to the real imaplib, and refuses what servers refuse."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.standins.mail import PASSWORD, USER


@dataclass
class Inbox:
    """`mails` by their UID. `validity` changes when a mailbox is made anew; `asked` is what came, word by word."""

    port: int = 0
    validity: int = 7
    next_uid: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_locked: bool = False  # nobody gets in

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def take(self, mail: bytes) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails[uid] = mail
        return uid


class _Session(socketserver.StreamRequestHandler):
    inbox: Inbox

    def handle(self) -> None:
        self._say("* OK ready")
        is_in, is_open = False, False
        while line := self.rfile.readline():
            tag, _, asked = line.decode().strip().partition(" ")
            verb = asked.split(" ")[0].upper()
            self.inbox.asked.append(asked if verb != "LOGIN" else "LOGIN")
            if verb == "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1")
            elif verb == "LOGIN":
                is_in = (
                    not self.inbox.is_locked and asked.split(" ", 1)[1] == f'{USER} "{PASSWORD}"'
                )
                if not is_in:
                    self._say(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")
                    continue
            elif verb == "LOGOUT":
                self._say("* BYE", f"{tag} OK done")
                return
            elif not is_in:
                self._say(f"{tag} BAD log in first")
                continue
            elif verb in ("SELECT", "EXAMINE"):
                is_open = True
                self._say(
                    f"* {len(self.inbox.mails)} EXISTS",
                    f"* OK [UIDVALIDITY {self.inbox.validity}] valid",
                    f"* OK [UIDNEXT {self.inbox.next_uid}] next",
                )
            elif verb == "UID" and is_open:
                self._uid(asked)
            else:
                self._say(f"{tag} BAD unknown")
                continue
            self._say(f"{tag} OK done")

    def _uid(self, asked: str) -> None:
        searched = re.fullmatch(r"UID SEARCH UID (\d+):\*", asked)
        fetched = re.fullmatch(
            r"UID FETCH (\d+) \((RFC822\.SIZE|BODY\.PEEK\[\](?:<0\.(\d+)>)?)\)", asked
        )
        if searched:
            # "n:*" is a range in either direction: the last mail is always in it
            first = min(int(searched.group(1)), max(self.inbox.mails, default=0))
            self._say(
                "* SEARCH " + " ".join(str(uid) for uid in sorted(self.inbox.mails) if uid >= first)
            )
        elif fetched and int(fetched.group(1)) in self.inbox.mails:
            uid, mail = int(fetched.group(1)), self.inbox.mails[int(fetched.group(1))]
            if fetched.group(2) == "RFC822.SIZE":
                self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(mail)})")
            else:
                part = mail[: int(fetched.group(3))] if fetched.group(3) else mail
                self._say(f"* 1 FETCH (UID {uid} BODY[] {{{len(part)}}}")
                self.wfile.write(part + b")\r\n")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def running() -> Iterator[Inbox]:
    inbox = Inbox()
    session = type("Session", (_Session,), {"inbox": inbox})
    with _Server(("127.0.0.1", 0), session) as server:
        inbox.port = server.server_address[1]
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        yield inbox
        server.shutdown()
