import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import psycopg2
import pytest
import redis

from opsdesk import embedded
from opsdesk.embedded import LONGEST_SOCKET, Place, settle, start_postgres, start_valkey
from opsdesk.processes import Process, Unavailable, hold, stop
from opsdesk.pytest_embedded import in_memory_if_roomy

ROOT = Path(__file__).resolve().parents[2]
START_AND_WAIT = """
import sys, time
from pathlib import Path
from opsdesk.embedded import settle, start_postgres, start_valkey
data = Path(sys.argv[1])
start_postgres(settle(data), log=data / "log", durable=False)
start_valkey(settle(data), log=data / "log", durable=False)
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def data():
    # Not tmp_path: the account that runs root's servers is shut out of that.
    folder = Path(tempfile.mkdtemp(dir=in_memory_if_roomy(), prefix="opsdesk-try-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place(data) -> Place:
    return settle(data)


@pytest.fixture
def postgres(place, data):
    server = start_postgres(place, log=data / "log")
    yield server
    stop({server: signal.SIGINT})


def ask(place: Place, query: str):
    with (
        closing(psycopg2.connect(place.database_url)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(query)
        return cursor.fetchone() if cursor.description else None


def kill(server: Process) -> None:
    os.kill(server.pid, signal.SIGKILL)
    server.wait()


def test_rows_survive_a_killed_postgres_that_is_started_again_at_once(place, data, postgres):
    ask(place, "CREATE TABLE call AS SELECT 1 AS number")
    kill(postgres)
    again = start_postgres(place, log=data / "log")
    try:
        assert ask(place, "SELECT number FROM call") == (1,)
    finally:
        stop({again: signal.SIGINT})


def test_a_stopped_postgres_leaves_no_process(place, postgres):
    with pytest.raises(Unavailable):
        hold(place.home / "postgres.lock", patience=0)
    stop({postgres: signal.SIGINT})
    hold(place.home / "postgres.lock", patience=0).close()  # its last process has let go


def test_chinese_words_have_trigrams(place, postgres):
    assert ask(place, "CREATE EXTENSION pg_trgm") is None
    assert ask(place, "SELECT show_trgm('故障') <> '{}'") == (True,)


def test_a_half_made_cluster_is_made_again(place, data):
    rubbish = place.home / "postgres.unfinished"
    rubbish.mkdir()
    (rubbish / "PG_VERSION").touch()
    server = start_postgres(place, log=data / "log", durable=False)
    stop({server: signal.SIGINT})
    assert not rubbish.exists()


def test_messages_survive_a_killed_valkey(place, data):
    first = start_valkey(place, log=data / "log")
    redis.from_url(place.redis_url).rpush("deadlines", "T-10001")
    kill(first)
    again = start_valkey(place, log=data / "log")
    try:
        assert redis.from_url(place.redis_url).lrange("deadlines", 0, -1) == [b"T-10001"]
    finally:
        stop({again: signal.SIGTERM})


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_servers_end_when_their_starter_is_killed(place, data):
    starter = subprocess.Popen([sys.executable, "-c", START_AND_WAIT, data], cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout and starter.stdout.readline() == b"started\n"
    starter.kill()
    starter.wait()
    for name in ("postgres", "valkey"):
        hold(place.home / f"{name}.lock", patience=10).close()


@pytest.mark.parametrize("name", ["x" * 120, "with space", "数据", "100%"])
def test_sockets_lie_elsewhere_when_the_folder_does_not_fit_into_an_address(data, name):
    folder = data / name
    folder.mkdir(mode=0o711)
    place = settle(folder)
    with suppress(FileNotFoundError):
        place.sockets.rmdir()
    assert len(bytes(place.sockets / ".s.PGSQL.5432")) <= LONGEST_SOCKET
    assert place.sockets.parent == Path("/tmp")
    assert place.home.parent == folder


def test_sockets_never_lie_in_a_folder_that_others_can_enter(data, place):
    place.sockets.chmod(0o755)
    with pytest.raises(Unavailable, match="not a private folder"):
        settle(data)


def test_a_missing_package_is_said_in_one_sentence(data, monkeypatch):
    monkeypatch.setattr(embedded, "PACKAGES", ("no_such_package",))
    with pytest.raises(Unavailable, match="no_such_package is not installed.*set DATABASE_URL"):
        settle(data)


def test_a_server_that_cannot_start_is_quoted(place, data):
    place.valkey_socket.mkdir()
    with pytest.raises(Unavailable, match="Valkey did not start: .*more in"):
        start_valkey(place, log=data / "log")
