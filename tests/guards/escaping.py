"""Finds text that no catalogue knows: in templates, in Python, in the scripts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import nodes

from app.core.catalogues import MANY, ONE, code_of, tree_of

# Attributes that people read or hear.
ATTRIBUTES = re.compile(
    r"\s(title|aria-label|aria-description|aria-roledescription|placeholder|alt|label|data-confirm"
    r'|data-confirm-text|data-confirm-action|data-label|data-text|data-title|data-help)="([^"]*)"'
)
UNSEEN = re.compile(
    r"{#.*?#}|{%-?\s*trans\b.*?endtrans\s*-?%}|{% block body_class %}.*?{% endblock %}|{{(?:\"[^\"]*\"|'[^']*'|[^\"'])*?}}|{%.*?%}|<!--.*?-->"
    r"|<(script|style|pre|code|svg)\b.*?</\1>|<!doctype[^>]*>",
    re.S | re.I,
)
BINDS = re.compile(r"{%-?\s*(for|set)\s[^%]*?\b_(?=[\s,)]*(in\b|=[^=]))")
LETTERS = re.compile(r"[^\W\d_]{2}")
# The name of the product, and signs of units.
NO_WORDS = re.compile(r"&\w+;|\bFrontdesk\b|\b(ms|MB|SMS|RCS|URL|Ctrl|Esc|Shift|Alt|Tab|Enter)\b")


def in_template(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the text, of text between tags, of attributes, and of words within expressions."""
    source = path.read_text()
    markup = UNSEEN.sub(_blank, source)
    for match in ATTRIBUTES.finditer(markup):
        if _has_words(match[2]):
            yield _line(markup, match.start(2)), match[2]
    for match in re.finditer(
        r"[^<>]+(?=<|$)", re.sub(r"<[^>]*>", lambda tag: _tag(tag[0]), markup)
    ):
        if _has_words(match[0]):
            yield _line(markup, match.start()), match[0]
    for match in BINDS.finditer(source):
        yield _line(source, match.start()), f"{match[0]} hides the function _"
    for const in _constants(tree_of(path)):
        if is_words(const.value):
            yield const.lineno, const.value


def _blank(match: re.Match[str]) -> str:
    return " " + "\n" * match[0].count("\n")


def _tag(tag: str) -> str:
    return "<" + "\n" * tag.count("\n") + ">"


def _has_words(text: str) -> bool:
    return bool(LETTERS.search(NO_WORDS.sub("", text))) and '="' not in text  # a macro’s attributes


def _line(text: str, position: int) -> int:
    shift = len(text[position:]) - len(text[position:].lstrip())
    return text.count("\n", 0, position + shift) + 1


def _constants(node: nodes.Node) -> Iterator[nodes.Const]:
    """Strings that no function of the catalogues gets; neither keys nor what is compared."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child
        elif isinstance(child, nodes.Call) and getattr(child.node, "name", "") in ONE | MANY:
            first = 2 if getattr(child.node, "name", "") in MANY else 1
            for each in (*child.args[first:], *child.kwargs):
                yield from _constants(nodes.Tuple([each], "load"))
        elif isinstance(child, nodes.Pair):
            yield from _constants(nodes.Tuple([child.value], "load"))
        elif isinstance(child, nodes.Getitem):
            yield from _constants(nodes.Tuple([child.node], "load"))
        elif not isinstance(child, nodes.Compare | nodes.Include | nodes.Extends | nodes.Import):
            yield from _constants(child)


def is_words(text: str) -> bool:
    """“Save”, “The last day”: not a name, a key, a path or a pattern."""
    text = text.strip()
    if not LETTERS.search(text) or re.search(r"[<>{}=\\]|://|\bSELECT\b|\bWHERE\b|^--", text):
        return False
    if re.fullmatch(
        r"[A-Z0-9_-]+|[A-Z][a-z]+[A-Z]\w+|[A-Z]\w*-[A-Z]\w*|[\w.]+\.[a-z]+|Frontdesk|(?:Bearer|Basic|OAuth) .*",
        text,
    ):
        return False
    if re.match(r"[A-Z“][\w’'-]*[ ,.…:;?!”]", text) and re.search(r"[a-z]{2}", text):
        return True
    if re.fullmatch(r"“?[A-Z][a-z’]+[.…?!:”]?|E-mail", text):
        return True
    has_sentence = re.search(r"[a-z’]+ [a-z’]+ [a-z’]+", text)
    return bool(has_sentence) and not re.search(r"[;#/|^$()]{2}|%[sd(-]", text)


# Who is told something here is no person: a program, a log, whoever writes the code.
NOT_TOLD = {
    "ValueError", "RuntimeError", "TypeError", "AssertionError", "LookupError", "KeyError", "text",
    "NotImplementedError", "re.compile", "belongs_to", "relationship", "ForeignKey", "TypeVar", "cast",
    "CheckConstraint", "Blueprint", "getattr", "hasattr", "job", "enqueue", "url_for", "web.page",
    "web.fragment", "StrEnum", "ConfigError", "click.echo", "hasher.hash", "db.session.execute",
    "message.add_header", "HookRefused", "Nothing", "NotYetKnown",  # into the log, to a provider
}  # fmt: skip


def in_python(path: Path) -> Iterator[tuple[int, str]]:
    yield from _strings(code_of(path))


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    for child in _children(node):
        if isinstance(child, ast.Constant):
            if isinstance(child.value, str) and is_words(child.value):
                yield child.lineno, child.value
        elif isinstance(child, ast.JoinedStr):
            said = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in child.values
            )
            if is_words(said) and re.search(r"[a-z’]{2,} [a-z’]{2,}|[A-Z][a-z]+ ", said):
                yield child.lineno, said
        else:
            yield from _strings(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Those whose strings people may read."""
    if isinstance(node, ast.Call):
        name = _name(node.func)
        if name in NOT_TOLD or name.startswith(("logger.", "re.")):
            return
        marked = name in ONE | MANY
        yield from [] if marked else node.args
        yield from (each.value for each in node.keywords)
        yield node.func
    elif isinstance(node, ast.Dict):
        yield from node.values
    elif isinstance(node, ast.Subscript):
        yield node.value
    elif isinstance(node, ast.Assign):
        named = [each.id for each in node.targets if isinstance(each, ast.Name)]
        if not any(name.startswith("__") for name in named):
            yield node.value
    elif isinstance(node, ast.AnnAssign):
        yield from [node.value] if node.value else []
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from (*getattr(node, "decorator_list", ()), *node.body)
        yield from [] if isinstance(node, ast.ClassDef) else node.args.defaults
    elif not isinstance(node, ast.Compare) and not _is_bare(node):
        yield from ast.iter_child_nodes(node)


def _name(called: ast.expr) -> str:
    """`logger.warning`"""
    if isinstance(called, ast.Attribute):
        return f"{_name(called.value)}.{called.attr}"
    return called.id if isinstance(called, ast.Name) else ""


def _is_bare(node: ast.AST) -> bool:
    """A docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
