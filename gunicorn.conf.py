"""The web process. The first line matters: psycopg picks its wait function when it is imported, and an
import before the patch makes every query block all streams (tests/system/test_processes.py)."""

from gevent import monkey

monkey.patch_all()

import os

import gevent

bind = f"{os.environ.get('BIND_HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"  # noqa: S104
worker_class = "gevent"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_connections = 4000
keepalive = 75  # longer than the router's, so that it never meets a closed connection
timeout = 60
graceful_timeout = 10
preload_app = False
loglevel = "warning"  # its own lines are no JSON; starting and stopping shows in the app's
accesslog = None  # the app logs each request itself, with its id
control_socket_disable = True


def post_worker_init(worker):
    """Streams would hold the process for its whole grace period: end them as soon as it must stop."""

    def watch():
        while worker.alive:
            gevent.sleep(0.2)
        worker.wsgi.extensions["live"].close()

    gevent.spawn(watch)
