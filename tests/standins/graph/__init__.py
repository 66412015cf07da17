"""A local server that speaks Meta's Graph API, for WhatsApp and Messenger, and refuses what it refuses.

`with Graph() as graph:` serves it. `graph.number()` is a business's number with a token, `graph.person()` somebody who
writes to it; what a front desk is told goes to `graph.hook_url`, or is kept in `graph.hooks`.
"""

from tests.standins.graph.graph import Graph
from tests.standins.graph.numbers import Number
from tests.standins.graph.people import Person
from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import App, Hook, Sent, Template, Token, Waba

__all__ = [
    "App",
    "Graph",
    "Hook",
    "Number",
    "Person",
    "Refused",
    "Sent",
    "Template",
    "Token",
    "Waba",
]
