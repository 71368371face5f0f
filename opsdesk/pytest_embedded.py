"""Test plugin: PostgreSQL and Valkey for one run of the tests, thrown away with it.

Loaded by `-p opsdesk.pytest_embedded`, so that the URLs stand in the environment before pytest-django reads
the settings; hence no Django here. Parallel workers inherit the URLs and start nothing; their databases are
copies of one that was migrated for all of them. A DATABASE_URL or REDIS_URL that is set already is used as it
is.

With OPSDESK_NOW=2027-01-31T15:40Z the tests believe that they are run at that instant: whoever writes tests
looks in that way for what holds only today, or at this time of the day. Processes that tests start, and
PostgreSQL, know nothing of it: leave `opsdesk/tests/faults`, `browser` and what else starts some out.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from opsdesk.collecting import BETWEEN_ROUNDS
from opsdesk.embedded import settle, start_postgres, start_valkey
from opsdesk.processes import Process, Unavailable, hold, stop

PREFIX = "opsdesk-test-"
ROOM = 512 * 1024 * 1024
MANAGE = Path(__file__).parent.parent / "manage.py"


class Servers:
    """The servers of one run in a folder of their own."""

    def __init__(self) -> None:
        shelf = in_memory_if_roomy()
        clear_away(shelf)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=shelf))
        self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        self.in_use = hold(self.folder / "in-use")
        self.running: dict[Process, signal.Signals] = {}

    def start(self) -> None:
        place = settle(self.folder)
        if not os.environ.get("DATABASE_URL"):
            postgres = start_postgres(place, log=self.folder / "postgres.log", durable=False)
            self.running[postgres] = signal.SIGINT
            os.environ["DATABASE_URL"] = place.database_url
        if not os.environ.get("REDIS_URL"):
            self.running[start_valkey(place, log=self.folder / "valkey.log", durable=False)] = signal.SIGTERM
            os.environ["REDIS_URL"] = place.redis_url

    def migrate(self) -> None:
        """Migrate the servers' first database, and let every test database begin as a copy of it."""
        subprocess.run([sys.executable, MANAGE, "migrate", "--verbosity=0"], check=True)
        os.environ["TEST_DATABASE_TEMPLATE"] = "opsdesk"

    def stop(self) -> None:
        stop(self.running)
        self.in_use.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def in_memory_if_roomy() -> Path:
    memory = Path("/dev/shm")
    with suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
            return memory
    return Path("/tmp")


def clear_away(shelf: Path) -> None:
    """Remove what runs that were killed have left behind."""
    for left in shelf.glob(PREFIX + "*"):
        with suppress(OSError, Unavailable):
            if left.stat().st_uid == os.geteuid():
                hold(left / "in-use", patience=0).close()
                shutil.rmtree(left)


_servers: Servers | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    global _servers
    gc.set_threshold(*BETWEEN_ROUNDS)  # a tenth of the time of all tests
    os.environ.setdefault("OPSDESK_ENV", "test")
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright leaves a running loop behind
    if instant := os.environ.get("OPSDESK_NOW"):
        time_machine.travel(datetime.fromisoformat(instant)).start()  # before any test is read
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        _servers = Servers()
        is_ours = not os.environ.get("DATABASE_URL")
        try:
            _servers.start()
        except Unavailable as error:
            raise pytest.UsageError(str(error)) from None
        if is_ours and getattr(early_config.known_args_namespace, "numprocesses", None):
            _servers.migrate()
    return (yield)


def pytest_unconfigure() -> None:
    if _servers:
        _servers.stop()
