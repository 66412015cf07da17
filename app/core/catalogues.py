"""Catalogues of words: extracted from the source, kept as .po, compiled to the .mo that the app reads (bin/translate).

A language has two files: chat.po, what visitors and public pages show, and dashboard.po, all else, which only the
languages of members have. Words are never lost: what a text was called in any of the two is used again.
"""

import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes
from jinja2.ext import extract_from_ast

from app.config import ROOT
from app.core.translating import CATALOGUES, ENGLISH, OF_MEMBERS, OF_VISITORS
from app.lib import marking

# What a visitor or customer reads: beginnings of paths. All else is the dashboard’s.
CHAT = (
    "app/assistant/drafting.py",
    "app/businesses/hours_said.py",
    "app/conversations/sending.py",
    "app/conversations/services.py",
    "app/conversations/speech.py",
    "app/conversations/visitor_files.py",
    "app/frontdesk/callback_talk.py",
    "app/frontdesk/expecting.py",
    "app/frontdesk/introducing.py",
    "app/frontdesk/telling.py",
    "app/frontdesk/turns.py",
    "app/frontdesk/wording.py",
    "app/frontdesk/words.py",
    "app/handlers.py",
    "app/knowledge/answering.py",
    "app/lib/emails.py",
    "app/lib/names.py",
    "app/lib/phones.py",
    "app/notifications/addresses.py",
    "app/ratings/answering.py",
    "app/ratings/asking.py",
    "app/widget/",
    "templates/mail/chat_link/",
    "templates/mail/chat_reply_refused/",
    "templates/mail/missed_reply/",
    "templates/mail/transcript/",
    "templates/pages/website_sheet.html",
    "templates/ratings/link.html",
    "templates/widget/",
    "widget/",
)
ONE = {"_", "_l", "gettext", "lazy_gettext", "N_", "kept"}
MANY = {"ngettext", "lazy_ngettext"}
SOURCES = (("app", "*.py"), ("workers", "*.py"), ("templates", "*.html"), ("templates", "*.txt"),
           ("widget", "*.html"), ("widget", "*.js"), ("static/js", "*.js"))  # fmt: skip

Key = str | tuple[str, str]


@dataclass
class Text:
    key: Key  # with its plural, when it has one
    paths: list[str] = field(default_factory=list)

    @property
    def is_chat(self) -> bool:
        return any(path.startswith(CHAT) for path in self.paths)


def main() -> None:
    """`update`, `compile`, `missing es` (JSON: what has no words yet) or `put es` (JSON: [[text, words], …],
    a text with a plural and its words are lists)."""
    match sys.argv[1:] or ["update"]:
        case ["update"]:
            update()
        case ["missing", language]:
            sys.stdout.write(json.dumps(missing(language), ensure_ascii=False, indent=0) + "\n")
        case ["put", language]:
            words = {_hashable(key): _hashable(said) for key, said in json.load(sys.stdin)}
            sys.stderr.writelines(f"no such text: {key}\n" for key in put(language, words))
    compile_changed()


def _hashable(text: Any) -> Any:
    return tuple(text) if isinstance(text, list) else text


def update() -> None:
    texts = extracted()
    for language in OF_VISITORS:
        if language != ENGLISH:
            _update(language, texts)


def files_of(language: str) -> list[Path]:
    names = ["chat.po", "dashboard.po"] if language in OF_MEMBERS else ["chat.po"]
    return [CATALOGUES / language / name for name in names]


def texts_of(file: Path, texts: dict[Key, Text]) -> list[Text]:
    """Those that this file has words for."""
    is_chat = file.name == "chat.po"
    return [text for text in texts.values() if text.is_chat == is_chat]


def _update(language: str, texts: dict[Key, Text]) -> None:
    known = words_of(language)
    catalogues = {file: _empty(language) for file in files_of(language)}
    for file, catalogue in catalogues.items():
        for text in texts_of(file, texts):
            catalogue.add(text.key, known.pop(text.key, ""), [(path, 0) for path in text.paths])
    for key, words in known.items():
        if any(words):  # what is gone from the source stands at the end, until it comes back
            catalogue.obsolete[key] = Message(key, words)
    for file, catalogue in catalogues.items():
        _keep(file, catalogue)


def words_of(language: str) -> dict[Key, Any]:
    """What is said in this language, by text: words, or a tuple of its plural forms."""
    said: dict[Key, Any] = {}
    for file in files_of(language):
        catalogue = read(file, language)
        for message in (*catalogue.obsolete.values(), *catalogue):
            said[message.id] = message.string  # type: ignore[index]
    said.pop("", None)
    return said


def read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return _empty(language)
    return read_po(io.BytesIO(file.read_bytes()), locale=language)


def missing(language: str) -> list[Key]:
    return [key for key, words in words_of(language).items() if not _is_said(words)]


def _is_said(words: Any) -> bool:
    return all(words) if isinstance(words, tuple) else bool(words)


def put(language: str, words: dict[Key, Any]) -> list[Key]:
    """New words for texts that the files have. Says which they don't have."""
    left = dict(words)
    for file in files_of(language):
        catalogue = read(file, language)
        for message in catalogue:
            if message.id in left:
                message.string = left.pop(message.id)  # type: ignore[arg-type]
        _keep(file, catalogue)
    return list(left)


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        header_comment="# Words of Frontdesk: bin/translate writes this file, you fill it in.",
        fuzzy=False,
    )


def _keep(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, include_lineno=False)
    written = re.sub(
        rb'^"(?!Language|Plural|MIME|Content)[A-Z][\w-]+: .*\n', b"", out.getvalue(), flags=re.M
    )
    if not file.exists() or file.read_bytes() != written:
        file.write_bytes(written)


def compile_changed() -> None:
    for language in OF_VISITORS:
        sources = [file for file in files_of(language) if file.exists()]
        target = CATALOGUES / language / "LC_MESSAGES" / "messages.mo"
        newest = max((file.stat().st_mtime_ns for file in sources), default=0)
        if newest and not (target.exists() and target.stat().st_mtime_ns >= newest):
            _compile(language, sources, target)


def _compile(language: str, sources: list[Path], target: Path) -> None:
    catalogue = Catalog(locale=language)
    for file in sources:
        for message in read(file, language):
            if message.id:
                catalogue.add(message.id, message.string, flags=message.flags)
    target.parent.mkdir(exist_ok=True)
    passing = target.with_suffix(".new")
    with passing.open("wb") as out:
        write_mo(out, catalogue)
    passing.replace(target)


def extracted() -> dict[Key, Text]:
    """Every marked text of the source with the files that say it."""
    texts: dict[Key, Text] = {}
    singulars: dict[str, Key] = {}
    for path in source_files():
        name = str(path.relative_to(ROOT))
        for key in _marked(path):
            known = singulars.setdefault(key if isinstance(key, str) else key[0], key)
            if known != key and isinstance(key, tuple):  # one entry serves both
                texts[key] = Text(key, texts.pop(known).paths)
                singulars[key[0]] = known = key
            text = texts.setdefault(known, Text(known))
            if name not in text.paths:
                text.paths.append(name)
    return texts


def source_files() -> list[Path]:
    return sorted(path for folder, name in SOURCES for path in (ROOT / folder).rglob(name))


def _marked(path: Path) -> Iterator[Key]:
    source = path.read_text()
    if path.suffix == ".py":
        is_any = any(sign in source for sign in ("flask_babel", "N_(", "kept("))
        return _marked_in_python(code_of(path)) if is_any else iter(())
    if path.suffix == ".js":
        return marking.in_script(source)
    is_any = "trans" in source or "_(" in source
    return _marked_in_template(tree_of(path)) if is_any else iter(())


def _marked_in_python(tree: ast.Module) -> Iterator[Key]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        said = [each.value for each in node.args if isinstance(each, ast.Constant)]
        if node.func.id in ONE and said:
            yield str(said[0])
        elif node.func.id in MANY and len(said) > 1:
            yield str(said[0]), str(said[1])


def _marked_in_template(tree: nodes.Template) -> Iterator[Key]:
    for _line, function, said in extract_from_ast(tree, (*ONE, *MANY), babel_style=False):
        strings = [str(each) for each in said or ()]
        yield (strings[0], strings[1]) if function in MANY else strings[0]


@cache
def code_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def tree_of(path: Path) -> nodes.Template:
    return _templates().parse(path.read_text())


@cache
def _templates() -> Environment:
    """As the app’s, for reading only."""
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment


if __name__ == "__main__":
    main()
