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
    [
        "skip-link",
        "skiplink",
        "skip-to-content",
        "visually-hidden",
        "sr-only",
        "navheader",
        "navfooter",
        "toc",
        "headerlink",
        "anchorjs-link",
        "breadcrumb",
        "breadcrumbs",
    ]
)
_ZERO = r"\s*:\s*0(?![\d.]*[1-9])"
_HIDDEN_STYLE = re.compile(
    rf"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|(font-size|opacity){_ZERO}"
    r"|(?<![-\w])(left|right|top|bottom|text-indent)\s*:\s*-(999|\d{4,})"  # off the page
    r"|(?<![-\w])color\s*:\s*(transparent|(rgb|hsl)a?\(([^,)]*,[^,)]*,[^,)]*,|[^)]*/)\s*0(\.0+)?%?\s*\))"
    r"|clip-path\s*:\s*inset\(\s*(50|100)%|(?<![-\w])clip\s*:\s*rect\(\s*[01](px)?\b"
    r"|scale(3d)?\(\s*0\s*[,)]",
    re.I,
)
_NO_ROOM = re.compile(rf"(?<![-\w])(max-)?(height|width){_ZERO}", re.I)
_CUT = re.compile(r"overflow(-[xy])?\s*:\s*(hidden|clip)", re.I)
MAIN_SHARE = 0.4  # of a page's characters; menus and footers can be long
SMALL_FORM_CHARACTERS = 400
_CONSENT = re.compile(  # names of banners alone: a bakery's page of cookies is content
    r"cookie-?(?:bar|banner|notice|consent|law|popup)|consent-?(?:bar|banner|manager)|onetrust|cybotcookiebot|\bcmplz"
    r"|\busercentrics|\bdidomi|\biubenda|\bcc-(?:window|banner)\b",
    re.I,
)
_BOXES = frozenset(["div", "section", "aside", "p"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LINE_TAGS = frozenset(["br", "li", "p", "div", "tr"])
_LINE_END = "\ue000"  # private use: no page has it, and it is no white space


def is_dropped(element: etree._Element) -> bool:
    """Navigation, scripts, and what is hidden: text no visitor sees must not reach the assistant."""
    if not isinstance(element.tag, str) or element.tag in _DROPPED:
        return not _opens_section(element)
    get = element.get
    if get("hidden") is not None or (get("aria-hidden") or "").lower() == "true":
        return True
    if _hides(get("style") or "") or (get("role") or "") in _DROPPED_ROLES:
        return True
    classes = (get("class") or "").lower()
    if element.tag in _BOXES and _CONSENT.search(f"{get('id') or ''} {classes}"):
        return True
    return not _DROPPED_CLASSES.isdisjoint(classes.split())


def _opens_section(element: etree._Element) -> bool:
    """The button in an accordion's heading is the heading."""
    parent = element.getparent()
    return element.tag == "button" and parent is not None and parent.tag in _HEADINGS


def _hides(style: str) -> bool:
    """As far as the element says so itself. A style sheet may hide what a click shows, so it isn't asked."""
    if not style:
        return False
    no_room = _NO_ROOM.search(style) and _CUT.search(style)
    return bool(_HIDDEN_STYLE.search(style) or no_room)


def content(tree: etree._Element) -> etree._Element:
    """The part that the page itself calls its main one, where most of its text stands in it."""
    marked = tree.xpath("//main | //*[@role='main']")
    if len(marked) != 1:
        marked = tree.xpath("//article")
    is_most = len(marked) == 1 and _length(marked[0]) >= MAIN_SHARE * _length(tree)
    return marked[0] if is_most else tree


def drop_small_forms(tree: etree._Element) -> None:
    """A newsletter or search form says nothing of the business, nor does the aside around it. A form
    that holds a page's text (some systems wrap all of it in one) stays."""
    for form in tree.xpath("//form[.//input or .//textarea or .//select]"):
        asides = form.xpath("ancestor::aside[1]")
        for element in [*asides, form]:
            if _length(element) < SMALL_FORM_CHARACTERS and element.getparent() is not None:
                element.drop_tree()
                break


def _length(element: etree._Element) -> int:
    return len(" ".join(element.xpath("string()").split()))


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
