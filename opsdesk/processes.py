"""Child processes that never outlive us, and locks that outlive nobody."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_prctl = getattr(ctypes.CDLL(None), "prctl", None)  # macOS has none
_PR_SET_PDEATHSIG = 1

Command = Sequence[str | Path]
Process = subprocess.Popen[Any]


class Unavailable(Exception):
    """Something outside the program is missing; the text is one sentence for the person at the terminal."""


def hold(path: Path, patience: float = 20) -> IO[bytes]:
    """Lock the file at `path`, waiting up to `patience` seconds. Every heir has to close it to let go."""
    file = path.open("ab")
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() >= deadline:
                file.close()
                raise Unavailable(f"{path} is still locked by a process of an earlier start") from None
            time.sleep(0.05)


def spawn(
    command: Command,
    *,
    held: IO[bytes],
    log: Path,
    when_orphaned: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> Process:
    """Start a child in its own process group that inherits the lock and gets a signal when we die.

    Call it in the main thread: the kernel sends that signal when the *thread* that forked is gone.
    """
    parent = os.getpid()

    def tie_to_parent() -> None:
        end_with_parent(when_orphaned)
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(1)

    options = {"stdin": subprocess.DEVNULL, "process_group": 0, "umask": 0o077} | options
    with log.open("ab") as out:
        options |= {"stdout": out, "stderr": out, "pass_fds": [held.fileno()]}
        return subprocess.Popen(command, preexec_fn=tie_to_parent, **options)


def end_with_parent(how: signal.Signals) -> None:
    """Ask the kernel to signal this process when the thread that forked it is gone (Linux only)."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, how.value)


def stop(children: Mapping[Process, signal.Signals], patience: float = 5) -> None:
    """Send each child its signal; after `patience` seconds end by force what is left, grandchildren too."""
    for child, how in children.items():
        if child.poll() is None:
            child.send_signal(how)
    deadline = time.monotonic() + patience
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0, deadline - time.monotonic()))
        end_group(child)


def end_group(child: Process) -> None:
    """Kill whatever is left of a child's process group."""
    with suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS says it the second way
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def last_words(log: Path, *, since: int = 0, otherwise: str = "it said nothing") -> str:
    """Quote the last line of a log, of what stands behind the byte `since`."""
    if not log.exists():
        return otherwise
    with log.open("rb") as file:
        file.seek(max(since, size(log) - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else otherwise


def size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0
