"""Which tests go together to one process of a run."""

from xdist.scheduler import LoadScopeScheduling

PROCESSES = ("tests/system/", "tests/workers/test_dev.py")  # running processes and a browser
WHOLE = (  # what their fixtures make once takes longer than their tests
    "tests/workers/test_worker.py",
    "tests/knowledge/test_embeddings.py",
    "tests/knowledge/test_reembedding.py",
)


class Spreading(LoadScopeScheduling):
    """One process starts the app and the browser, once, and does all that needs them; it begins with that, as the
    largest part comes first. The others take one test after another, so that all end at the same moment."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(PROCESSES):
            return "processes"
        return file if file in WHOLE else nodeid
