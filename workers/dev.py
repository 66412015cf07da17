"""bin/dev after its virtual environment stands: servers, migrations, demo, processes, the shop page."""

import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from app.config import ROOT, Config, ConfigError
from app.config import read as read_config
from workers.stopping import Stopping
from workers.supervisor import Supervisor

READY_SECONDS = 90


def main() -> None:
    try:
        config = read_config()
    except ConfigError as problem:
        sys.exit(f"bin/dev: {problem}")
    if config.is_production:
        sys.exit("bin/dev is for development. In production run `python -m workers.supervisor`.")
    port = int(os.environ.get("PORT") or 8000)
    held = _hold(config.DATA_DIR)
    _refuse_taken_ports(port, port + 1)
    run(config, port)
    held.close()


def run(config: Config, port: int) -> None:
    stopping = Stopping(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    print("Starting Postgres and Redis …", flush=True)
    config, release = _with_servers(config)
    try:
        key = _prepare(config)
        if not stopping.is_set():
            _serve(config, port, key, stopping)
    finally:
        release()
    print("Stopped. Nothing is lost; bin/dev goes on from here.")


def _serve(config: Config, port: int, key: str, stopping: Stopping) -> None:
    from app.demo.shop_server import serve

    snippet = f'<script async src="{config.PUBLIC_URL}/w/{key}/loader.js"></script>'
    shop = serve(port + 1, snippet)
    supervisor = Supervisor(_environment(config, port))
    supervisor.start()
    try:
        if _wait_until_ready(port, stopping):
            print(_block(config, port), flush=True)
        stopping.wait()
    finally:
        print("\nStopping …", flush=True)
        supervisor.stop()
        shop.shutdown()


def _hold(data_dir: Path) -> IO[str]:
    """One bin/dev per data directory: the lock goes with the process, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    held = (data_dir / "dev.lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        sys.exit(
            f"bin/dev is already running here{held.read().strip()}.\n"
            "Stop that one first, or give this one its own FRONTDESK_DATA_DIR and PORT."
        )
    held.truncate(0)
    held.write(f" (process {os.getpid()}, data in {data_dir})")
    held.flush()
    return held


def _refuse_taken_ports(*ports: int) -> None:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104
            except OSError:
                sys.exit(f"Port {port} is taken. Choose another: PORT={port + 10} bin/dev")


def _with_servers(config: Config) -> tuple[Config, Callable[[], None]]:
    from app.core.embedded import Embedded

    if config.DATABASE_URL and config.REDIS_URL:
        return config, lambda: None
    servers = Embedded(config.DATA_DIR)
    addresses = servers.attach()
    config = replace(
        config,
        DATABASE_URL=config.DATABASE_URL or addresses.database_url,
        REDIS_URL=config.REDIS_URL or addresses.redis_url,
    )
    return config, servers.detach


def _prepare(config: Config) -> str:
    """Model, tables, demo. Returns the public key of the demo's website chat."""
    from flask_migrate import upgrade

    from app import create_app
    from app.demo import seed
    from app.knowledge import embeddings

    print("Preparing the embedding model (the first time takes a minute) …", flush=True)
    embeddings.build(config.EMBEDDING_DIR, config.EMBEDDING_MODEL, config.EMBEDDING_SOURCE)
    app = create_app(replace(config, LOG_LEVEL="WARNING"))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        seed.run()
        return seed.public_key()


def _environment(config: Config, port: int) -> dict[str, str]:
    return os.environ | {
        "PORT": str(port),
        "DATABASE_URL": config.DATABASE_URL,
        "REDIS_URL": config.REDIS_URL,
        "BIND_HOST": os.environ.get("BIND_HOST", "127.0.0.1"),
        "FRONTDESK_DATA_DIR": str(config.DATA_DIR),
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_ready(port: int, stopping: Stopping) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while not stopping.is_set() and time.monotonic() < deadline:
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
            return True
        stopping.wait(0.1)
    if not stopping.is_set():
        print(f"Not ready after {READY_SECONDS} s: see the lines above and /readyz.", flush=True)
    return False


def _block(config: Config, port: int) -> str:
    from app.demo import seed

    return f"""
  Frontdesk is running.

    Dashboard   {config.PUBLIC_URL}
    Log in      {seed.OWNER_EMAIL}
    Password    {seed.OWNER_PASSWORD}
    Demo shop   http://127.0.0.1:{port + 1}   (another origin, with the snippet)
    Data        {config.DATA_DIR}

  Ctrl-C stops everything.
"""


if __name__ == "__main__":
    main()
