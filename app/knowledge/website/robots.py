"""robots.txt by RFC 9309. The standard library's reader knows no wildcards and takes the first rule."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.knowledge.website.spelling import one_spelling

MAX_BYTES = 500 * 1024  # what RFC 9309 asks a reader to take at least
MAX_DELAY_SECONDS = 60.0  # a site that asks for more would never be finished


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: str
    is_allowed: bool

    def matches(self, path: str) -> bool:
        """By hand, piece after piece: as a regular expression, "*a*a*a" could take for ever."""
        is_whole = self.pattern.endswith("$")
        first, *others = self.pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        if not others:
            return not is_whole or path == first
        position = len(first)
        for piece in others[:-1]:
            found = path.find(piece, position)
            if found < 0:
                return False
            position = found + len(piece)
        last = others[-1]
        if is_whole:
            return len(path) - len(last) >= position and path.endswith(last)
        return path.find(last, position) >= 0


@dataclass(slots=True)
class Robots:
    """What one site permits. `delay` is in seconds between two requests."""

    rules: list[Rule] = field(default_factory=list)
    delay: float = 0.0
    sitemaps: list[str] = field(default_factory=list)

    def permits(self, url: str) -> bool:
        """The longest matching rule decides; of two equally long ones, the permitting one."""
        parts = urlsplit(url)
        path = one_spelling(parts.path or "/") + (
            f"?{one_spelling(parts.query)}" if parts.query else ""
        )
        matching = [rule for rule in self.rules if rule.matches(path)]
        if path == "/robots.txt" or not matching:
            return True
        return max(matching, key=lambda rule: (len(rule.pattern), rule.is_allowed)).is_allowed


def of_answer(status: int, body: bytes, agent: str) -> Robots:
    """None there permits everything; a server in trouble, for now, nothing."""
    if 200 <= status < 300:
        return read(body, agent)
    return Robots([Rule("/", is_allowed=False)] if status == 429 or status >= 500 else [])


def read(body: bytes, agent: str) -> Robots:
    """The groups that name `agent`, taken together, or else those for everybody."""
    named, everybody = Robots(), Robots()
    current: list[Robots] = []
    is_naming, is_ours = False, False
    for key, value in _lines(body):
        if key == "sitemap":
            named.sitemaps.append(value)
            continue
        if key != "user-agent":
            is_naming = False
            _add(current, key, value)
            continue
        current = current if is_naming else []
        is_naming = True
        name = re.split(r"[/\s]", value.lower())[0]
        if name == agent.lower():
            is_ours = True
            current.append(named)
        elif name == "*":
            current.append(everybody)
    everybody.sitemaps = named.sitemaps
    return named if is_ours else everybody


def _lines(body: bytes) -> list[tuple[str, str]]:
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            found.append((key.strip().lower(), value.strip()))
    return found


def _add(groups: list[Robots], key: str, value: str) -> None:
    if key in ("allow", "disallow") and value:
        rule = Rule(one_spelling(value), is_allowed=key == "allow")
        for group in groups:
            group.rules.append(rule)
    elif key == "crawl-delay" and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        for group in groups:
            group.delay = max(group.delay, min(float(value), MAX_DELAY_SECONDS))
