"""What Graph's refusals mean on Messenger, as data; some by their subcode, which says more."""

from collections.abc import Mapping

from app.channels.graph_errors import Fault
from app.lib.marking import kept

_LATER = kept("We try again by ourselves.")
_RECONNECT = kept("Open Settings → Channels and connect this page again with a new access token.")
_TOKEN = Fault(
    "reconnect", kept("Messenger no longer accepts this page’s access token."), _RECONNECT
)
_PERMISSION = Fault(
    "reconnect", kept("The access token lacks a permission that Messenger wants."),
    kept("Give the token the permissions pages_messaging and pages_manage_metadata, then connect the page again under Settings → Channels."),
)  # fmt: skip
_CLOSED = Fault(
    "template", kept("More than 24 hours have passed since this person last wrote, and Messenger takes nothing then."),
    kept("Wait until they write again, or answer in the page’s own inbox within seven days."),
)  # fmt: skip
_BUSY = Fault("retry", kept("Messenger has a trouble of its own right now."), _LATER)
_TOO_FAST = Fault("retry", kept("Messenger takes fewer messages at once than there are."), _LATER)
_GONE = Fault(
    "permanent", kept("This person can’t be reached on Messenger: they left, or blocked your page."),
    kept("Reach them another way."),
)  # fmt: skip

MESSENGER: Mapping[int, Fault] = {
    1: _BUSY,
    2: _BUSY,
    1200: _BUSY,
    4: _TOO_FAST,
    32: _TOO_FAST,
    613: _TOO_FAST,
    0: _TOKEN,
    102: _TOKEN,
    190: _TOKEN,
    101: Fault("reconnect", kept("The app’s secret isn’t right any more."), _RECONNECT),
    3: _PERMISSION,
    10: _PERMISSION,
    200: _PERMISSION,
    2018278: _CLOSED,  # 10
    2018065: _CLOSED,  # 10, as of before
    2018001: _GONE,  # 100: nobody by this id
    2018108: _GONE,  # 10: they take no messages of yours
    1545041: _GONE,  # 551 and 200
    551: _GONE,
    2018047: Fault(  # 100
        "permanent", kept("Messenger couldn’t take the file: its type or size doesn’t fit."),
        kept("Send the file again, or send it as another type."),
    ),
    100: Fault(
        "permanent", kept("Messenger didn’t take this message as it is."), kept("Change it and send it again."), True
    ),
    368: Fault(
        "billing", kept("Meta has blocked this page for a time: it broke a rule."),
        kept("Open Meta’s Business Support Home to see what it asks of you."),
    ),
}  # fmt: skip
