"""What goes over the wire to a business's page: the loader with its settings, and the frame's own files."""

import gzip
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.channels.website_texts import BUILT_IN
from app.widget.bundling import bundled
from app.widget.shown import Shown
from app.widget.squeezing import squeezed

FOLDER = Path(__file__).resolve().parents[2] / "widget"
CLOSE = {language: texts["close"] for language, texts in BUILT_IN.items()}
PANEL = "panel.js"  # the loader's other half, for after the click
FRAME = "frame.js"  # with all that stands in frame/

# Whole-line comments, and blocks that begin a line: never anything inside a string.
COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.M | re.S)
INDENT = re.compile(r"^[ \t]+|^\n", re.M)


def script(shown: Shown, base: str, query: str = "") -> str:
    """`query`: what the frame is told besides, in a preview."""
    return _loader().replace("__CONFIG__", _json(_settings(shown, base, query)))


@lru_cache(maxsize=1)
def _loader() -> str:
    return squeezed((FOLDER / "loader.js").read_text(encoding="utf-8"))


def _json(settings: Any) -> str:
    """Safe inside a page's script element too."""
    return json.dumps(settings, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _settings(shown: Shown, base: str, query: str) -> dict[str, Any]:
    colour, ink = shown.colours
    channel, settings = shown.channel, shown.settings
    return {
        "key": channel.public_key,
        "base": base,
        "panel": f"/assets/{version()}/{PANEL}",
        "query": query,
        "colour": colour,
        "ink": ink,
        "side": settings.side,
        "edge": settings.edge,
        "words": settings.launcher == "label",
        "phones": not settings.hide_on_phones,
        "label": settings.in_all("launcher", channel),
        "rules": shown.rules,
        "close": CLOSE if shown.rules else {},
        **({"calm": 1} if channel.is_preview else {}),  # it takes no focus from who is typing
    }


FILES = (PANEL, "frame.css", FRAME, "source.css")


@lru_cache(maxsize=32)
def packed(name: str) -> str:
    """Without comments and indents: the source stays readable and needs no build step."""
    path = FOLDER / name
    source = bundled(path) if name == FRAME else path.read_text(encoding="utf-8")
    if name == PANEL:
        source = source.replace(
            "__FAILED__", _json({each: BUILT_IN[each]["failed"] for each in BUILT_IN})
        )
    return INDENT.sub("", COMMENT.sub("", source))


@lru_cache(maxsize=256)
def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


@lru_cache(maxsize=1)
def version() -> str:
    """One fingerprint for all files."""
    together = "".join(packed(name) for name in FILES)
    return hashlib.sha256(together.encode()).hexdigest()[:12]
