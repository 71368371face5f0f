"""One installation: where it keeps its things, what its processes are told, and commands run inside it.

`python -m opsdesk.installation COMMAND...` (`./script/manage`, `./script/with`) runs a command on the running
server's database, or on an embedded one started for its duration.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from opsdesk.embedded import Place, settle, start_postgres
from opsdesk.processes import Unavailable, end_with_parent, hold, stop

ROOT = Path(__file__).resolve().parent.parent

Urls = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Installation:
    """What the environment asks for. An empty URL stands for the embedded server."""

    data: Path
    bind: str
    port: int
    database_url: str
    redis_url: str

    @property
    def address(self) -> str:
        host = "127.0.0.1" if self.bind in ("0.0.0.0", "::") else self.bind
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def run(self) -> Path:
        """Locks, and the addresses of the servers while they run."""
        return self.data / "run"

    @property
    def servers_file(self) -> Path:
        return self.run / "servers.json"

    def urls_with(self, place: Place | None) -> Urls:
        """Return the URLs of database and Redis, given the `place` of the embedded servers."""
        if place is None:
            return self.database_url, self.redis_url
        return self.database_url or place.database_url, self.redis_url or place.redis_url

    @property
    def needs_embedded(self) -> bool:
        return not (self.database_url and self.redis_url)


def read_installation(env: Mapping[str, str]) -> Installation:
    """Read PORT, BIND, OPSDESK_DATA, DATABASE_URL and REDIS_URL. Raises Unavailable for a senseless port."""
    port = env.get("PORT") or "8000"
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise Unavailable(f"PORT is {port!r}; it must be a number from 1 to 65535")
    data = (ROOT / Path(env.get("OPSDESK_DATA") or ".data").expanduser()).resolve()
    urls = env.get("DATABASE_URL", ""), env.get("REDIS_URL", "")
    return Installation(data, env.get("BIND") or "127.0.0.1", int(port), *urls)


def claim(here: Installation, what: str) -> IO[bytes]:
    """Make the data folder ours alone until the returned file is closed or we die. Raises Unavailable."""
    lock = here.run / "supervisor.lock"
    try:
        for folder in (here.data, here.data / "uploads", here.log, here.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0 and here.data.stat().st_uid == 0:
            here.data.chmod(0o711)  # root's embedded servers run as another account and have to get through
        held = hold(lock, patience=0)
    except OSError as error:
        why = f"{error.filename} cannot be made or written ({error.strerror})"
        raise Unavailable(f"{why}; OPSDESK_DATA can name another folder") from None
    except Unavailable:
        who = lock.read_text() or "another process"
        raise Unavailable(f"{who} is already running, with its data in {here.data}") from None
    held.truncate(0)
    held.write(f"{what} (process {os.getpid()})".encode())
    held.flush()
    here.servers_file.unlink(missing_ok=True)  # left behind by a predecessor that was killed
    return held


def environment(here: Installation, urls: Urls, place: Place | None) -> dict[str, str]:
    """Build what every process of OpsDesk, and PostgreSQL's own tools, need in order to find one another."""
    secret = here.data / "secret-key"
    if not secret.exists():
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(60))
    env = {"OPSDESK_ENV": "local", "SECRET_KEY": secret.read_text(), "PORT": str(here.port)} | os.environ
    env |= {"OPSDESK_DATA": str(here.data), "DATABASE_URL": urls[0], "REDIS_URL": urls[1]}
    if place:
        env |= {"PGHOST": str(place.sockets), "PGUSER": "opsdesk", "PGDATABASE": "opsdesk"}
        env |= {"PATH": f"{place.postgres_bin}{os.pathsep}{env.get('PATH', os.defpath)}"}
    return env


def run_inside(here: Installation, command: list[str]) -> int:
    """Run a command with the servers of this installation and return its exit status. Raises Unavailable."""
    held, urls = _claim_or_join(here, command)
    place = settle(here.data) if here.needs_embedded else None
    postgres = None
    if held and place and not here.database_url:
        postgres = start_postgres(place, log=here.log / "postgres.log")
    env = environment(here, urls or here.urls_with(place), place)
    try:
        child = subprocess.Popen(command, env=env, preexec_fn=lambda: end_with_parent(signal.SIGTERM))
        while True:
            with suppress(KeyboardInterrupt):  # the terminal has told the child as well
                return child.wait()
    finally:
        if postgres:
            stop({postgres: signal.SIGINT})


def redact(text: str) -> str:
    """Hide the passwords of the URLs in a text."""
    return re.sub(r"(\w://[^\s:/@]*):[^\s/@]*@", r"\1:***@", text)


def refuse(error: Unavailable | OSError) -> str:
    """Say in one sentence why nothing can be done."""
    if isinstance(error, OSError):
        error = Unavailable(f"{error.filename or 'the system says'}: {error.strerror or error}")
    return f"OpsDesk cannot start: {redact(str(error)).rstrip('.')}."


def _claim_or_join(here: Installation, command: list[str]) -> tuple[IO[bytes] | None, Urls | None]:
    """Return a claim on the data folder, or else the URLs of the servers which its holder runs."""
    if not here.needs_embedded:
        here.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return None, (here.database_url, here.redis_url)
    patient_until = time.monotonic() + 10  # the holder may be about to start its servers, or to end
    while True:
        try:
            return claim(here, " ".join(map(os.path.basename, command[:3]))), None
        except Unavailable:
            with suppress(FileNotFoundError):
                database_url, redis_url = json.loads(here.servers_file.read_text())
                return None, (database_url, redis_url)
            if time.monotonic() > patient_until:
                raise
        time.sleep(0.1)


if __name__ == "__main__":
    try:
        sys.exit(run_inside(read_installation(os.environ), sys.argv[1:]))
    except (Unavailable, OSError) as trouble:
        sys.exit(refuse(trouble))
