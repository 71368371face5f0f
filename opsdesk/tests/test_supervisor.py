import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from opsdesk.installation import ROOT, Installation, claim, environment, read_installation, redact, refuse
from opsdesk.processes import Unavailable, hold, spawn
from opsdesk.supervisor import LONGEST_PAUSE, Child, look_after, refuse_busy_port, turn_over_logs


@pytest.fixture
def here(tmp_path) -> Installation:
    return read_installation({"OPSDESK_DATA": str(tmp_path / "data"), "PORT": "8123"})


def start_failing(folder: Path):
    with hold(folder / "lock") as held:
        return spawn(["false"], held=held, log=folder / "log")


def test_the_environment_says_where_an_installation_lives(here, tmp_path):
    assert (here.data, here.address) == (tmp_path / "data", "http://127.0.0.1:8123/")
    assert read_installation({}).data == ROOT / ".data"
    assert read_installation({"OPSDESK_DATA": "other"}).data == ROOT / "other"
    assert read_installation({"BIND": "::1"}).address == "http://[::1]:8000/"


@pytest.mark.parametrize("port", ["80x", "0", "70000", "-1"])
def test_a_senseless_port_is_refused(port):
    with pytest.raises(Unavailable, match="PORT is .* it must be a number from 1 to 65535"):
        read_installation({"PORT": port})


def test_a_busy_port_is_refused_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match=rf"port {port} on 127.0.0.1 .*PORT={port + 1} ./script/server"):
            refuse_busy_port("127.0.0.1", port)
    refuse_busy_port("127.0.0.1", port)


def test_a_second_start_on_the_same_data_names_the_first(here):
    first = claim(here, "./script/server at http://127.0.0.1:8123/")
    with pytest.raises(Unavailable, match=rf"8123/ \(process {os.getpid()}\) is already running"):
        claim(here, "./script/server")
    first.close()
    claim(here, "./script/server").close()


def test_a_claim_forgets_the_servers_of_a_killed_predecessor(here):
    claim(here, "first").close()
    here.servers_file.write_text('["postgres://gone", "unix://gone"]')
    claim(here, "second").close()
    assert not here.servers_file.exists()


def test_a_data_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    here = read_installation({"OPSDESK_DATA": str(tmp_path / "file/data")})
    with pytest.raises(Unavailable, match="cannot be made or written .*OPSDESK_DATA"):
        claim(here, "./script/server")


def test_the_secret_key_is_made_once_and_for_us_alone(here):
    claim(here, "./script/server").close()
    first = environment(here, ("postgres://x", "redis://x"), None)["SECRET_KEY"]
    assert environment(here, ("postgres://x", "redis://x"), None)["SECRET_KEY"] == first
    assert (here.data / "secret-key").stat().st_mode & 0o077 == 0
    assert len(first) >= 50


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("postgres://me:secret@db/x refused", "postgres://me:***@db/x refused"),
        ("redis://:secret@cache:6379/0", "redis://:***@cache:6379/0"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
        ("postgres://opsdesk@/opsdesk?host=/run", "postgres://opsdesk@/opsdesk?host=/run"),
    ],
)
def test_messages_hide_the_passwords_of_urls(said, shown):
    assert redact(said) == shown
    assert refuse(Unavailable(said)) == f"OpsDesk cannot start: {shown}."


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    child = Child("web", lambda: start_failing(tmp_path), start_failing(tmp_path))
    pauses = []
    for _ in range(7):
        child.process.wait()
        look_after(child)
        assert child.restart_at is not None
        pauses.append(child.restart_at - now[0])
        now[0] = child.restart_at
        look_after(child)
    child.process.wait()
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]


def test_only_large_logs_are_turned_over(tmp_path):
    (tmp_path / "web.log").write_text("short")
    with (tmp_path / "worker.log").open("wb") as large:
        large.truncate(11 * 1024 * 1024)
    turn_over_logs(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"web.log", "worker.log.1"}


class Server:
    """`./script/server --no-demo` on a free port, in a data folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="opsdesk-try-", dir="/tmp"))
        self.folder.chmod(0o711)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        ours = ("DATABASE_URL", "REDIS_URL", "OPSDESK_ENV", "SECRET_KEY", "BIND")
        self.env = {name: value for name, value in os.environ.items() if name not in ours}
        self.env |= {"PORT": str(self.port), "OPSDESK_DATA": str(self.folder / "data")}

    def start(self) -> psutil.Popen:
        process = psutil.Popen([ROOT / "script/server", "--no-demo"], env=self.env, stdout=subprocess.PIPE)
        said = b""
        while b"OpsDesk is ready" not in said:
            line = process.stdout.readline()
            assert line, f"it ended early, after saying {said.decode()}"
            said += line
        return process

    def answers(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz/live", timeout=120) as answer:
            return answer.status == 200


@pytest.fixture
def server():
    server = Server()
    yield server
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_killed_server_leaves_no_process_and_starts_again_at_once(server):
    first = server.start()
    assert server.answers()
    family = first.children(recursive=True)
    assert len(family) > 8
    first.kill()
    second = server.start()
    try:
        assert server.answers()
        assert psutil.wait_procs(family, timeout=10)[1] == []
        family = second.children(recursive=True)
    finally:
        second.send_signal(signal.SIGINT)
    assert second.wait(timeout=10) == 0
    assert psutil.wait_procs(family, timeout=1)[1] == []
