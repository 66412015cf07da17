"""A page of a website as its visitors meet it: without the frame around it, with what a click would show.

Of files that somebody chose nothing is taken away; a crawled page brings menus and cookie notices along, and says the
address and the opening hours in a footer.
"""

import re
from collections.abc import Iterator

from lxml import etree

from app.knowledge.parsing.clean import one_line
from app.knowledge.parsing.visible import content

NOTICE_CHARACTERS = 1200  # of a cookie notice; a page about cookies has more
MENU_CHARACTERS = 5000  # in the largest menu, with the spaces of its source
ELEMENTS = 600  # inside the largest menu or notice
LINK_CHARACTERS = 40  # on average in a menu; longer ones are sentences
CREDIT_CHARACTERS = 250

_NOTICE = re.compile(r"cookie|consent|gdpr|privacy", re.IGNORECASE)
_NOTICE_SAYS = re.compile(  # a bakery's box of cookies says something else
    r"\b(?:we|site|website|partners|wir|nous|usamos|utilizamos|usiamo)\b.*\b(?:cookies?|privacy|device)\b"
    r"|\bcookies?\b.*\b(?:browser|site|website|consent|agree|accept|privacy)\b",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|menu\w*|related|shar(?:e|ing)|social\w*|sidebar|widget\w*|breadcrumbs?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"\s*(?:©|\(c\)\s|copyright\b|all rights reserved)", re.IGNORECASE)
_FIGURE_OR_MAIL = re.compile(r"[\d@]")
_GROUPS = frozenset({"ul", "ol", "div", "section", "aside", "p", "td", "header"})
_CLOSED = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:max-)?height\s*:\s*0)(?![\w.])",
    re.IGNORECASE,
)
_SHOWN_BY_CLICK = "//*[@role='tabpanel']"
_CONTROLS = "//*[@aria-controls]"


def tidy(tree: etree._Element, *, with_footer: bool) -> None:
    """`with_footer`: the text of its footer is read too, as it is for one page of a site."""
    _drop_notices(tree)
    _open_panels(tree)
    _drop_menus(tree)
    _space_out(tree)
    if with_footer:
        _open_footers(tree)


def is_credit(text: str) -> bool:
    """ "© 2026 Our Shop Ltd": nobody asks for it."""
    return len(text) < CREDIT_CHARACTERS and bool(_CREDIT.match(text))


def _names(element: etree._Element) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}"


def _text(element: etree._Element) -> str:
    return one_line(element.xpath("string()"))


def _is_small(element: etree._Element, characters: int) -> bool:
    """Told without reading all of it: boxes within boxes would each be read from end to end."""
    for count, inner in enumerate(element.iter()):
        characters -= len(inner.text or "") + len(inner.tail or "" if count else "")
        if characters < 0 or count >= ELEMENTS:
            return False
    return True


def _has(element: etree._Element, characters: int) -> bool:
    for text in element.itertext():
        characters -= len(text.strip())
        if characters <= 0:
            return True
    return False


def _drop_notices(tree: etree._Element) -> None:
    for element in list(tree.iter("div", "section", "aside", "dialog", "p", "form")):
        if _NOTICE.search(_names(element)) and _is_notice(element):
            element.drop_tree()


def _is_notice(element: etree._Element) -> bool:
    if not _is_small(element, NOTICE_CHARACTERS * 3):
        return False
    text = _text(element)
    is_page = element.xpath("boolean(.//main or .//article or .//h1 or ancestor::main)")
    return (
        len(text) < NOTICE_CHARACTERS
        and bool(_NOTICE_SAYS.search(text))
        and not is_page
        and element.getparent() is not None
    )


def _open_panels(tree: etree._Element) -> None:
    """An answer that is hidden until its question is clicked is on the page all the same. A menu or a
    pop-up is not."""
    panels = {element.get("id"): element for element in tree.xpath("//*[@id]")}
    for control in tree.xpath(_CONTROLS):
        panel = panels.get(control.get("aria-controls"))
        if panel is None or _is_framed(control) or _is_framed(panel) or not _has(control, 1):
            continue
        _show(panel)
        if control.tag in ("button", "a"):
            control.tag = "span"  # a question, where it stood in a heading
    for panel in tree.xpath(_SHOWN_BY_CLICK):
        _show(panel)


def _is_framed(element: etree._Element) -> bool:
    return any(
        each.tag in ("nav", "header", "footer", "dialog", "form")
        or each.get("role") in ("dialog", "alertdialog", "menu", "navigation", "listbox")
        or bool(_FRAME.search(_names(each)))
        for each in (element, *element.iterancestors())
    )


def _show(panel: etree._Element) -> None:
    """As the click does; what is hidden by size or colour stays so."""
    for name in ("hidden", "aria-hidden"):
        panel.attrib.pop(name, None)
    if panel.get("style"):
        panel.set("style", _CLOSED.sub("", panel.get("style")))


def _drop_menus(tree: etree._Element) -> None:
    """Groups of nothing but links, before the page's heading or in a part that its names call a frame. Further
    down a list of links says what there is."""
    heading = next(tree.iter("h1", "h2"), None)
    is_before = heading is not None
    menus = []
    for element in tree.iter():
        if element is heading and not _in_header(element):
            is_before = False
        if element.tag not in _GROUPS or not _is_menu(element):
            continue
        if is_before or heading is None or _in_header(element) or _is_framed(element):
            menus.append(element)
    for menu in menus:
        if menu.getparent() is not None:
            menu.drop_tree()


def _in_header(element: etree._Element) -> bool:
    return next(element.iterancestors("header"), None) is not None


def _is_menu(element: etree._Element) -> bool:
    if not _is_small(element, MENU_CHARACTERS):
        return False
    links = [link for link in element.iter("a") if (link.get("href") or "#")[:1] != "#"]
    if len(links) < 2:
        links = list(element.iter("a")) if _FRAME.search(_names(element)) else []
    told = [_text(link) for link in links]
    if len(told) < 2 or sum(map(len, told)) > LINK_CHARACTERS * len(told):
        return False
    beside = len(re.sub(r"[\W_]", "", _text(element))) - sum(
        len(re.sub(r"[\W_]", "", each)) for each in told
    )
    return beside <= 0 and not _FIGURE_OR_MAIL.search(_text(element))


def _space_out(tree: etree._Element) -> None:
    """A style sheet keeps <span>Soup</span><span>£6</span> apart; without it they would be one word. Single
    letters are a word that moves."""
    for span in tree.iter("span", "strong", "b", "em", "a"):
        following = span.getnext()
        if following is None or span.tail or following.tag != span.tag:
            continue
        if _has(span, 2) and _has(following, 2):
            span.tail = " "


def _open_footers(tree: etree._Element) -> None:
    """At the end, as a part with the site's name over it, without its links to other pages."""
    page = content(tree)
    for footer in tree.xpath("//footer[not(ancestor::article)] | //*[@role='contentinfo']"):
        for link in _links_elsewhere(footer):
            link.drop_tree()
        if _has(footer, 2):
            footer.tag = "div"
            footer.attrib.pop("role", None)
            _name_of_site(tree, footer)
            page.append(footer)


def _links_elsewhere(footer: etree._Element) -> Iterator[etree._Element]:
    for link in list(footer.iter("a")):
        if not _FIGURE_OR_MAIL.search(_text(link)):
            yield link


def _name_of_site(tree: etree._Element, footer: etree._Element) -> None:
    title = one_line(tree.findtext("head/title") or "")
    if title and next(footer.iter("h1", "h2"), None) is None:
        heading = etree.Element("h1")
        heading.text = title
        footer.insert(0, heading)
