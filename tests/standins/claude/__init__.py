"""A local server that speaks the Messages API to the real anthropic library, and refuses what it refuses.

`with running() as claude:` serves it. `claude.script` holds the next answers, `claude.rules` answers by what is seen
in a request (`when`), and without either it quotes the passages it was given, as a sensible front desk would.
"""

from tests.standins.claude.blocks import (
    breaks,
    calls,
    cuts,
    fails,
    hangs,
    meanwhile,
    refuses,
    says,
    slowly,
    thinks,
)
from tests.standins.claude.models import KEY
from tests.standins.claude.rules import Rule, when
from tests.standins.claude.seen import Seen
from tests.standins.claude.server import Claude, running

__all__ = [
    "KEY", "Claude", "Rule", "Seen", "breaks", "calls", "cuts", "fails", "hangs", "meanwhile", "refuses",
    "running", "says", "slowly", "thinks", "when",
]  # fmt: skip
