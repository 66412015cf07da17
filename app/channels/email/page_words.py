"""The words of a mail that is a page, without what it quotes."""

from html.parser import HTMLParser

SKIPPED = {"script", "style", "head", "title", "template", "blockquote"}
LINES = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "ul", "ol", "table", "hr"}
QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "appendonsend")
VOID = {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "embed", "source"}


def page_words(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.found).split("\n")]
    return "\n".join(
        line for number, line in enumerate(lines) if line or (number and lines[number - 1])
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._skipped: list[str] = []  # the open tags from the first one that is skipped on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.found.append("\n" if tag in LINES and not self._skipped else "")
        elif self._skipped or tag in SKIPPED or _is_quote(attrs):
            self._skipped.append(tag)
        elif tag in LINES:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            if tag in self._skipped:
                del self._skipped[len(self._skipped) - 1 - self._skipped[::-1].index(tag) :]
        elif tag in LINES:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.found.append(data.replace("\n", " "))


def _is_quote(attrs: list[tuple[str, str | None]]) -> bool:
    named = " ".join(value or "" for name, value in attrs if name in ("class", "id")).lower()
    return any(quote in named for quote in QUOTES)
