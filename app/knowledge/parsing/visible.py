"""What of a web page a visitor would read."""

import re
from collections.abc import Iterator

from lxml import etree

_DROPPED = frozenset(
    [
        "script",
        "style",
        "nav",
        "footer",
        "template",
        "noscript",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "canvas",
        "audio",
        "video",
        "head",
        "select",
        "option",
        "textarea",
        "input",
        "button",
        "map",
        "dialog",
    ]
)
_DROPPED_ROLES = frozenset(["navigation", "contentinfo", "search", "menu", "menubar"])
_DROPPED_CLASSES = frozenset(  # what manuals put around each page, and their ¶ links
    ["navheader", "navfooter", "toc", "headerlink", "anchorjs-link", "breadcrumb", "breadcrumbs"]
)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![\d.]*[1-9])|opacity\s*:\s*0(?![\d.]*[1-9])",
    re.I,
)
_LINE_TAGS = frozenset(["br", "li", "p", "div", "tr"])
_LINE_END = "\ue000"  # private use: no page has it, and it is no white space


def is_dropped(element: etree._Element) -> bool:
    """Navigation, scripts, and what is hidden: text no visitor sees must not reach the assistant."""
    if not isinstance(element.tag, str) or element.tag in _DROPPED:
        return True
    get = element.get
    if get("hidden") is not None or (get("aria-hidden") or "").lower() == "true":
        return True
    if _HIDDEN_STYLE.search(get("style") or "") or (get("role") or "") in _DROPPED_ROLES:
        return True
    return not _DROPPED_CLASSES.isdisjoint((get("class") or "").lower().split())


def visible_text(element: etree._Element) -> str:
    """The text of a table's cell on one line; what stood on lines of its own gets a comma."""
    lines = (" ".join(line.split()) for line in "".join(_pieces(element)).split(_LINE_END))
    text = ""
    for line in filter(None, lines):
        glue = " " if text.endswith((".", ",", ";", ":", "!", "?")) else ", "
        text = f"{text}{glue}{line}" if text else line
    return text


def _pieces(element: etree._Element) -> Iterator[str]:
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, found in walker:
        if event == "end":
            if found is not element:
                yield _LINE_END if found.tag in _LINE_TAGS else ""
                yield found.tail or ""
        elif is_dropped(found):
            walker.skip_subtree()
        else:
            yield found.text or ""
