"""Every template compiles, pages have a title, and nothing in them breaks the content policy."""

import re

import pytest

from app.config import ROOT

FILES = sorted(
    path for folder in ("templates", "widget") for path in (ROOT / folder).rglob("*.html")
)
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle="),
    "an inline handler": re.compile(r"\son[a-z]+="),
    "hx-on, which needs eval": re.compile(r"hx-on[:-]"),
    "a trigger filter, which needs eval": re.compile(r'hx-trigger="[^"]*\['),
    "a javascript: address": re.compile(r"javascript:"),
    "unescaped output": re.compile(r"\|\s*safe\b"),
    "a script from elsewhere": re.compile(r'<script[^>]+src="https?:'),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template(app, path):
    source = path.read_text()
    app.jinja_env.parse(source)
    markup = re.sub(r"{%.*?%}|{#.*?#}", "", source, flags=re.S)
    for what, pattern in FORBIDDEN.items():
        assert not pattern.search(markup), f"{path.name} has {what}"
    if "{% extends" in source and not path.name.startswith("_") and "layouts" not in path.parts:
        assert "{% block title %}" in source, f"{path.name} has no title"
