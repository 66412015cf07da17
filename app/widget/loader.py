"""What goes over the wire to a business's page: the loader with its settings, and the frame's own files."""

import gzip
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.channels.models import DEFAULT_COLOUR, Channel
from app.lib.colour import HEX_COLOUR, ink_on

FOLDER = Path(__file__).resolve().parents[2] / "widget"


# Whole-line comments, and blocks that begin a line: never anything inside a string.
COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.M | re.S)
INDENT = re.compile(r"^[ \t]+|^\n", re.M)


def script(channel: Channel, frame_url: str) -> str:
    settings = json.dumps(_settings(channel, frame_url))
    return packed("loader.js").replace("__CONFIG__", settings)


def _settings(channel: Channel, frame_url: str) -> dict[str, Any]:
    colour, ink = colours(channel)
    return {
        "key": channel.public_key,
        "frame": frame_url,
        "origin": "/".join(frame_url.split("/", 3)[:3]),
        "colour": colour,
        "ink": ink,
        "side": "right",
        "label": f"Chat with {channel.name}",
        "opening": "Opening the chat…",
        "failed": "The chat can’t open here right now. Please try again later.",
    }


def colours(channel: Channel) -> tuple[str, str]:
    """The owner's colour and the text on it. They go into a style sheet: nothing but a plain colour
    does."""
    colour = channel.colour if HEX_COLOUR.fullmatch(channel.colour) else DEFAULT_COLOUR
    return colour, ink_on(colour)


def modules() -> list[str]:
    """The frame's scripts beside frame.js."""
    return sorted(f"frame/{path.name}" for path in (FOLDER / "frame").glob("*.js"))


def files() -> list[str]:
    return ["frame.css", "frame.js", "source.css", *modules()]


@lru_cache(maxsize=32)
def packed(name: str) -> str:
    """Without comments and indents: the source stays readable and needs no build step."""
    return INDENT.sub("", COMMENT.sub("", (FOLDER / name).read_text(encoding="utf-8")))


@lru_cache(maxsize=256)
def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


@lru_cache(maxsize=1)
def version() -> str:
    """One fingerprint for all files, so that the scripts find each other by their plain names."""
    together = "".join(packed(name) for name in files())
    return hashlib.sha256(together.encode()).hexdigest()[:12]
