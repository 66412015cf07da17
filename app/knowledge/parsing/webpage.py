"""HTML: headings with their anchors, paragraphs, lists, definitions, tables and code, in order."""

import re
from collections.abc import Iterator

from lxml import etree, html

from app.knowledge.blocks import Block, BlockKind, ParsedDocument
from app.knowledge.parsing.clean import lines_kept, one_line
from app.knowledge.parsing.encoding import decode
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.visible import content, drop_small_forms, is_dropped
from app.knowledge.parsing.webtable import is_data_table, table_rows

_TITLE_SEPARATORS = ("|", "-", "–", "—", "·", "»", ":: ")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "aside",
        "body",
        "html",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "pre",
        "blockquote",
        "table",
        "tr",
        "td",
        "th",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "figure",
        "figcaption",
        "address",
        "form",
        "fieldset",
        "legend",
        "details",
        "summary",
        "hr",
        "center",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)


def read_html(data: bytes) -> ParsedDocument:
    return read_tree_of(decode(data))


def read_tree_of(text: str) -> ParsedDocument:
    """Also for HTML made from something else."""
    return read_tree(tree_of(text))


def read_tree(tree: etree._Element) -> ParsedDocument:
    """Takes the tree apart."""
    drop_small_forms(tree)
    blocks = _Walk().blocks(content(tree))
    return ParsedDocument(_title(tree, blocks), blocks, _language(tree))


def _title(tree: etree._Element, blocks: list[Block]) -> str:
    """Without the site's name: "Delivery | Our Shop" over a heading "Delivery" is "Delivery"."""
    title = one_line(tree.findtext("head/title") or "")
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    rest = title.removeprefix(heading).lstrip()
    is_heading_and_site = heading and rest != title and rest.startswith(_TITLE_SEPARATORS)
    return heading if is_heading_and_site or not title else title


def tree_of(text: str) -> etree._Element:
    # huge_tree: the limits of size and depth are ours, and the walk below doesn't recurse.
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    data = text.replace("\0", "").encode("utf-8", "ignore")
    try:
        tree = html.document_fromstring(data, parser=parser) if data.strip() else None
    except etree.ParserError as error:
        raise UnreadableFile("no_text", detail=repr(error)) from error
    if tree is None:
        raise UnreadableFile("no_text")
    # The library stops at some 2,000 elements inside each other and drops the rest.
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableFile("broken", detail="nested too deeply")
    return tree


def _language(tree: etree._Element) -> str:
    declared = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    primary = re.split(r"[-_]", declared.strip().lower())[0]
    return primary if re.fullmatch(r"[a-z]{2}", primary) else ""


class _Walk:
    """One pass in document order, without recursion, so that depth costs nothing.

    Text gathers until a block element begins or ends; what it becomes is told by the elements
    open at that moment.
    """

    def __init__(self) -> None:
        self._found: list[Block] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._anchor = ""
        self._terms: list[str] = []
        self._is_defined = False

    def blocks(self, tree: etree._Element) -> list[Block]:
        walker = etree.iterwalk(tree, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                self._start(element, walker)
            else:
                self._end(element)
        self._flush()
        return self._found

    def _start(self, element: etree._Element, walker: etree.iterwalk) -> None:
        if is_dropped(element):
            walker.skip_subtree()
            return
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
            self._open.append(tag)
            if tag == "dt":
                self._new_term()
        self._anchor = element.get("id") or (tag == "a" and element.get("name")) or self._anchor
        if tag == "table" and is_data_table(element):
            self._found += self._table(element)
            walker.skip_subtree()
            return
        if tag == "br":
            self._text.append("\n")
        elif tag == "img":
            self._text.append(f" {element.get('alt') or ''} ")
        self._add(element.text)

    def _end(self, element: etree._Element) -> None:
        if not is_dropped(element) and element.tag in _BLOCKS:
            self._flush()
            self._open.pop()
            if element.tag == "dl":
                self._end_terms()
        self._add(element.tail)

    def _add(self, text: str | None) -> None:
        if not text:
            return
        # A line break in the source is a space, unless the author fixed the lines.
        self._text.append(text if "pre" in self._open else re.sub(r"\s+", " ", text))

    def _flush(self) -> None:
        text = lines_kept("".join(self._text))
        self._text.clear()
        if text:
            self._emit(text)

    def _emit(self, text: str) -> None:
        inner = next((tag for tag in reversed(self._open) if tag in _MEANING), "")
        if inner in _HEADINGS:
            text = one_line(text).rstrip("¶").rstrip()
            self._block("heading", text, level=_HEADINGS[inner])
        elif inner == "dt":
            self._terms.append(one_line(text))
        elif inner == "dd":
            self._define(text)
        else:
            self._block("list_item" if inner == "li" else "paragraph", text)

    def _define(self, text: str) -> None:
        terms = ", ".join(self._terms).rstrip(":")
        self._is_defined = True
        self._block("list_item", f"{terms}: {text}" if terms else text)

    def _new_term(self) -> None:
        """Terms stand together until defined; the next one then begins anew."""
        if self._is_defined:
            self._terms.clear()
        self._is_defined = False

    def _end_terms(self) -> None:
        """A term that nothing explains is still said."""
        if self._terms and not self._is_defined:
            self._block("list_item", ", ".join(self._terms))
        self._terms.clear()
        self._is_defined = False

    def _block(self, kind: BlockKind, text: str, *, level: int = 0) -> None:
        if text:
            self._found.append(Block(kind, text, level=level, anchor=self._anchor))

    def _table(self, table: etree._Element) -> Iterator[Block]:
        for kind, text in table_rows(table):
            yield Block(kind, text, anchor=self._anchor)


_MEANING = frozenset({*_HEADINGS, "li", "dt", "dd"})
