"""Who may import whom: only downwards (docs/architecture.md). Across domains models and services, never
views, forms or jobs; models never import services."""

import ast
import re
from pathlib import Path

import pytest

from app.config import ROOT

# Low to high. Packages of one line stand side by side and may use each other.
LAYERS = (
    {"lib"},
    {"config", "extensions", "core"},
    {"accounts", "businesses"},
    {"contacts", "knowledge", "channels"},
    {"conversations"},
    {"search", "ratings", "segments", "contact_data"},
    {"notifications"},
    {"automations"},
    {"assistant"},
    {"frontdesk"},
    {"widget", "pages", "demo", "models"},
    {"blueprints", "cli", "handlers", "__init__"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
PRIVATE_PARTS = {"views", "forms", "jobs"}


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return [name for name in found if name.startswith("app.")]


def _edges() -> list[tuple[Path, str]]:
    files = sorted((ROOT / "app").rglob("*.py"))
    return [(path, name) for path in files for name in _imports(path)]


def _owner(path: Path) -> str:
    return path.relative_to(ROOT / "app").parts[0].removesuffix(".py")


def problem_with(path: Path, name: str) -> str | None:
    owner, target = _owner(path), name.split(".")[1]
    if owner == target or target not in LEVEL:
        return None
    if LEVEL[target] > LEVEL[owner]:
        return f"{path.relative_to(ROOT)} imports {name}: upwards"
    parts = name.split(".")[2:]
    if owner == "pages" and parts[:1] == ["forms"]:
        return None  # the start page stands several domains' forms side by side
    is_private = target != "core" and bool(parts) and parts[0] in PRIVATE_PARTS
    if is_private and LEVEL[owner] < LEVEL["blueprints"]:
        return (
            f"{path.relative_to(ROOT)} imports {name}: views, forms and jobs are their domain's own"
        )
    if "models" in (path.stem, path.parent.name) and "services" in parts:
        return f"{path.relative_to(ROOT)} imports {name}: models never import services"
    return None


def test_imports_go_downwards():
    assert [problem for edge in _edges() if (problem := problem_with(*edge))] == []


def test_every_package_has_its_layer():
    here = {
        path.name.removesuffix(".py")
        for path in (ROOT / "app").iterdir()
        if path.name != "__pycache__"
    }
    assert here <= set(LEVEL)


@pytest.mark.parametrize(
    ("importer", "name"),
    [
        ("app/core/db.py", "app.accounts.models.User"),
        ("app/contacts/services.py", "app.conversations.services"),
        ("app/frontdesk/services.py", "app.conversations.views.show"),
        ("app/conversations/models.py", "app.accounts.services.create_user"),
        ("app/knowledge/models/sources.py", "app.accounts.services.create_user"),
    ],
)
def test_the_rule_refuses(importer, name):
    assert problem_with(ROOT / importer, name)


def test_only_config_reads_the_environment():
    """A default set for a library that reads it is no reading."""
    readers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if re.search(r"getenv|os\.environ(?!\.setdefault\()", path.read_text())
    ]
    assert sorted(readers) == ["app/config.py"]


def test_the_web_process_never_loads_the_model():
    """Importing the whole app, with every channel, loads no model, parser or provider’s library."""
    import subprocess
    import sys

    code = (
        "import sys, app.models, app.blueprints, app.handlers, app.cli;"
        "from app.channels.adapters import PLACES, adapter; [adapter(kind) for kind in PLACES];"
        "print([m for m in ('onnxruntime', 'tokenizers', 'torch', 'transformers', 'sentence_transformers',"
        " 'pypdf', 'docx', 'anthropic', 'lxml', 'requests', 'twilio', 'imaplib') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "[]"
