"""Which tests go together to one process of a run."""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/system/", "tests/workers/test_dev.py")  # running processes and a browser


class Spreading(LoadScopeScheduling):
    """One process starts the app and the browser, once, and does all that needs them; it begins with that, as the
    largest part comes first. The others take one test after another, so that all end at the same moment."""

    def _split_scope(self, nodeid: str) -> str:
        return "processes" if nodeid.startswith(TOGETHER) else nodeid
