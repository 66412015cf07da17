"""The frame's scripts become one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from app.widget.bundling import bundled

SCRIPTS = {
    "frame.js": 'import { two as too } from "./frame/two.js";\nimport * as one from "./frame/one.js";\nconsole.log(too() + one.one);\n',
    "frame/two.js": 'import { one } from "./one.js";\nconst own = 1;\nexport function two() { return one + own; }\n',
    "frame/one.js": "const own = 40;\nexport const one = own;\n",
}


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    (tmp_path / "frame").mkdir()
    for name, text in SCRIPTS.items():
        (tmp_path / name).write_text(text)
    return tmp_path / "frame.js"


def test_each_stands_once_after_what_it_imports_with_names_of_its_own(entry: Path) -> None:
    script = bundled(entry)
    assert script.index("const $one") < script.index("const $two") < script.index("console.log")
    assert script.count("const $one") == 1
    assert "import " not in script
    assert "export " not in script
    if node := shutil.which("node"):
        ran = subprocess.run([node, "-e", script], check=True, capture_output=True, text=True)
        assert ran.stdout == "81\n"


def test_a_circle_is_refused(entry: Path) -> None:
    (entry.parent / "frame/one.js").write_text('import { two } from "./two.js";\n')
    with pytest.raises(AssertionError, match="two"):
        bundled(entry)
