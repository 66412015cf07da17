"""A worker as it is, with jobs that no business has: `python -m tests.standins.odd_worker`."""

from workers.worker import main  # isort: skip  the first of all: it patches what the others import

import tests.standins.odd_worker_jobs  # noqa: F401

if __name__ == "__main__":
    main()
