"""Another wording is another version: it stands on every call and receipt."""

import hashlib
import json

from app.assistant import prompting
from app.core import tools
from app.core.tools import Grant
from app.frontdesk import toolbox  # noqa: F401  every tool

# Of the version's system prompt and tools. Where this fails, raise VERSION and put both here.
KNOWN = ("2026-11-21.3", "f32024cdef74")


def test_who_changes_the_prompt_or_a_tool_raises_the_version() -> None:
    specs = prompting.specs(prompting.offered(frozenset(Grant), ()))
    told = [prompting.SYSTEM, prompting.TONES] + [
        [each.name, each.description, each.schema] for each in specs
    ]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    assert {each.name for each in specs} == set(tools.registry)
    assert (prompting.VERSION, digest) == KNOWN
