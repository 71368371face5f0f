"""`./script/server`: one process that starts, watches and stops everything OpsDesk consists of."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opsdesk.embedded import settle, start_postgres, start_valkey
from opsdesk.installation import ROOT, Installation, claim, environment, read_installation, redact, refuse
from opsdesk.processes import Process, Unavailable, end_group, hold, last_words, size, spawn, stop

SERVERS = ("postgres", "valkey")
LARGEST_LOG = 10 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER = 1, 30, 60  # seconds
LOOK_EVERY, DOT_EVERY = 0.5, 5

Start = Callable[[], Process]


@dataclass(slots=True)
class Child:
    """A supervised process. The pause before its next restart doubles while it keeps dying."""

    name: str
    start: Start
    process: Process
    started_at: float = field(default_factory=time.monotonic)
    pause: float = FIRST_PAUSE
    restart_at: float | None = None

    @property
    def how_to_stop(self) -> signal.Signals:
        return signal.SIGINT if self.name == "postgres" else signal.SIGTERM


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/server", description="Start OpsDesk. Ctrl-C stops it.")
    parser.add_argument("--no-demo", action="store_true", help="start empty, with a first administrator")
    demo = not parser.parse_args().no_demo
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        Supervisor(read_installation(os.environ)).serve(demo=demo)
    except KeyboardInterrupt:
        sys.exit(130)
    except (Unavailable, OSError) as trouble:
        sys.exit(refuse(trouble))


class Supervisor:
    """Everything between the first line on the terminal and the last."""

    def __init__(self, here: Installation) -> None:
        self.here = here
        self.children: list[Child] = []
        self.env: dict[str, str] = {}

    def serve(self, *, demo: bool) -> None:
        """Start everything, keep it running, and stop it in reverse order at Ctrl-C or SIGTERM."""
        with claim(self.here, f"./script/server at {self.here.address}"):
            hold(self.here.run / "web.lock").close()  # a killed predecessor's web server may still be ending
            refuse_busy_port(self.here.bind, self.here.port)
            try:
                self.start(demo=demo)
                self.watch()
            except KeyboardInterrupt:
                say("\nStopping.")
            finally:
                self.stop()

    def start(self, *, demo: bool) -> None:
        say(f"OpsDesk, with its data in {self.here.data}")
        turn_over_logs(self.here.log)
        self.start_servers()
        self.manage("Tables", "migrate", "--noinput")
        if self.env["OPSDESK_ENV"] == "production":
            self.manage("Static files", "collectstatic", "--noinput")
        news = self.fill(demo=demo)  # first: the demo has its rows of reference from long before today
        try:
            self.manage("Reference rows", "load_defaults")
            self.start_processes()
            say(f"\nOpsDesk is ready: {self.here.address}   (Ctrl-C stops it)")
        finally:
            say(f"\n{news.strip()}\n")  # a one-time password is said even if the rest fails

    def start_servers(self) -> None:
        """Start the embedded servers or see that the given ones answer, and note where they are."""
        here = self.here
        place = settle(here.data) if here.needs_embedded else None
        with step("PostgreSQL"):
            if here.database_url:
                require_postgres(here.database_url)
            elif place:
                self.add("postgres", lambda: start_postgres(place, log=here.log / "postgres.log"))
        with step("Redis" if here.redis_url else "Valkey"):
            if here.redis_url:
                require_redis(here.redis_url)
            elif place:
                self.add("valkey", lambda: start_valkey(place, log=here.log / "valkey.log"))
        urls = here.urls_with(place)
        self.env = environment(here, urls, place)
        here.servers_file.write_text(json.dumps(urls))

    def fill(self, *, demo: bool) -> str:
        """Make demo data or a first administrator where nobody is yet; return what the person has to know."""
        if demo:
            self.manage("Demo data", "seed_demo")
            logins = self.here.data / "demo-logins.txt"
            return logins.read_text() if logins.exists() else ""
        said = self.here.run / "first-admin.txt"  # apart from the logs: it may hold a password
        try:
            self.manage("Administrator", "first_admin", log=said)
            return said.read_text()
        finally:
            said.unlink(missing_ok=True)

    def start_processes(self) -> None:
        bind = f"[{self.here.bind}]" if ":" in self.here.bind else self.here.bind
        web = ["gunicorn", "opsdesk.wsgi", "--bind", f"{bind}:{self.here.port}", "--no-control-socket"]
        web += ["--workers", "2", "--threads", "4", "--graceful-timeout", "4"]
        worker = ["celery", "-A", "opsdesk", "worker", "-Q", "deadlines,celery", "-c", "3"]
        worker += ["--without-gossip", "--without-mingle", "-n", f"opsdesk-{self.here.port}@%h"]
        beat = ["celery", "-A", "opsdesk", "beat", "-s", str(self.here.run / "beat-schedule")]
        with step("Web server"):
            self.add("web", lambda: self.spawn_python("web", *web))
            self.wait_for_web()
        with step("Celery"):
            # Orphaned it shall not finish its tasks first: those are all safe to run again.
            self.add("worker", lambda: self.spawn_python("worker", *worker, when_orphaned=signal.SIGKILL))
            self.add("beat", lambda: self.spawn_python("beat", *beat))
            self.add("guard", lambda: self.spawn_python("guard", "manage", "guard"))

    def add(self, name: str, start: Start) -> None:
        self.children.append(Child(name, start, start()))

    def spawn_python(self, name: str, *words: str, log: Path | None = None, **options: Any) -> Process:
        """Run a module, or a command of manage.py, as `name`: at most one of that name at any time."""
        log = log or self.here.log / f"{name}.log"
        with hold(self.here.run / f"{name}.lock") as held:
            command = [sys.executable, "-m", *words]
            return spawn(command, held=held, log=log, cwd=ROOT, env=self.env, **options)

    def manage(self, title: str, *words: str, log: Path | None = None) -> None:
        """Run a command of manage.py to its end, showing on a terminal what it last said."""
        log = log or self.here.log / "setup.log"
        begin = size(log)
        with step(title) as show:
            process = self.spawn_python("setup", "manage", *words, log=log)
            try:
                while process.poll() is None:
                    show(last_words(log, since=begin, otherwise=""))
                    time.sleep(0.1)
            finally:
                stop({process: signal.SIGTERM})
            if process.returncode:
                raise Unavailable(
                    f"manage.py {words[0]} failed: {last_words(log, since=begin)} (more in {log})"
                )

    def wait_for_web(self) -> None:
        """Wait until the web server answers at all. Raises Unavailable."""
        web = self.children[-1].process
        patient_until = time.monotonic() + 60
        while web.poll() is None and time.monotonic() < patient_until:
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(self.here.bind, self.here.port, timeout=5)
                connection.request("GET", "/healthz/live")
                return connection.getresponse().close()
            time.sleep(0.05)
        log = self.here.log / "web.log"
        raise Unavailable(f"the web server did not start: {last_words(log)} (more in {log})")

    def watch(self) -> None:
        """Restart whatever ends, for ever."""
        while True:
            time.sleep(LOOK_EVERY)
            for child in self.children:
                look_after(child)

    def stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self.here.servers_file.unlink(missing_ok=True)
        running = [child for child in reversed(self.children) if child.restart_at is None]
        stop({c.process: c.how_to_stop for c in running if c.name not in SERVERS}, patience=6)
        stop({c.process: c.how_to_stop for c in running if c.name in SERVERS}, patience=3)


def look_after(child: Child) -> None:
    """Restart a child that has ended, after a pause that grows while it does not last."""
    now = time.monotonic()
    if child.restart_at is None:
        if child.process.poll() is None:
            return
        end_group(child.process)
        if now - child.started_at > STEADY_AFTER:
            child.pause = FIRST_PAUSE
        status = child.process.returncode
        say(f"{child.name} ended (status {status}); starting it again in {child.pause:.0f} s")
        child.restart_at, child.pause = now + child.pause, min(child.pause * 2, LONGEST_PAUSE)
    elif now >= child.restart_at:
        try:
            child.process = child.start()
        except Unavailable as error:
            child.restart_at = now + child.pause
            say(redact(str(error)))
        else:
            child.started_at, child.restart_at = now, None


def refuse_busy_port(bind: str, port: int) -> None:
    """Raise Unavailable unless the web server will be able to listen there."""
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        why = f"port {port} on {bind} cannot be used ({error.strerror})"
        raise Unavailable(f"{why}; choose another: PORT={port % 65535 + 1} ./script/server") from None


def require_postgres(url: str) -> None:
    import psycopg2

    try:
        psycopg2.connect(url, connect_timeout=5).close()
    except psycopg2.Error as error:
        raise Unavailable(f"DATABASE_URL ({url}): {str(error).strip().splitlines()[0]}") from None


def require_redis(url: str) -> None:
    import redis

    try:
        redis.from_url(url, socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        raise Unavailable(f"REDIS_URL ({url}): {error}") from None


def turn_over_logs(folder: Path) -> None:
    for log in folder.glob("*.log"):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))


@contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Print a line for a step: its name at once, its duration at the end, and signs of life in between."""
    begun = time.monotonic()
    terminal = sys.stdout.isatty()
    dots = 0

    def show(news: str) -> None:
        nonlocal dots
        seconds = time.monotonic() - begun
        if terminal:
            line = f"  {title:<16}{seconds:5.1f} s  {redact(news)}"
            print(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
        elif seconds > (dots + 1) * DOT_EVERY:
            dots += 1
            print(".", end="", flush=True)

    print(f"  {title:<16}", end="", flush=True)
    try:
        yield show
    except BaseException:
        print()
        raise
    show("")
    print("" if terminal else f"{time.monotonic() - begun:5.1f} s", flush=True)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
