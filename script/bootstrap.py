"""Make .venv beside the code and install what a requirements file lists, unless that is done already.

OPSDESK_VENV names another place than .venv.

This runs on the machine's own Python before anything is installed: the standard library only.
"""
# ruff: noqa: T201

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / os.environ.get("OPSDESK_VENV", ".venv")
PYTHON = VENV / "bin" / "python"
LOG = VENV / "pip.log"
NO_INDEX = re.compile(
    r"Retrying|ConnectionError|ConnectTimeout|ProxyError|SSLError|name resolution|timed out"
)


def main(name: str) -> None:
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # somebody else may be installing right now
    wanted = "".join(read(ROOT / name))
    stamp = VENV / f"{name}.installed"
    if works() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not os.access(ROOT, os.W_OK):
        sys.exit(f"OpsDesk cannot start: {ROOT} is read-only, and the packages have to be installed into it.")
    if not works():
        begun = time.monotonic()
        print(f"Python {sys.version.split()[0]}: making .venv", end="", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"\nOpsDesk cannot start: .venv cannot be made: {last_line(made.stdout + made.stderr)}")
        print(f"{time.monotonic() - begun:11.1f} s")
    install(name)
    stamp.write_text(wanted)


def read(path: Path) -> Iterator[str]:
    """Yield the lines of a requirements file and of the files it includes, without comments."""
    for line in path.read_text().splitlines(keepends=True):
        if line.startswith("-r "):
            yield from read(path.parent / line[3:].strip())
        elif line.strip() and not line.startswith("#"):
            yield line


def works() -> bool:
    """Tell whether .venv still fits the Python it was made with, which may have been upgraded since."""
    return (
        PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0
    )


def install(name: str) -> None:
    count, begun = sum(1 for _ in read(ROOT / name)), time.monotonic()
    command = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
    ]
    command += ["--retries", "2", "--timeout", "20", "-r", ROOT / name]
    pip = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    seen = 0
    with LOG.open("w") as log:
        for line in pip.stdout or ():
            log.write(line)
            if match := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
                seen += 1
                show(f"Packages: {min(seen, count)} of {count}, {match[1]}", rarely=seen % 20 == 1)
            elif line.startswith("Installing"):
                show("Packages: unpacking", rarely=True)
    if pip.wait():
        sys.exit(f"\nOpsDesk cannot start: {why_not(LOG.read_text())} (all of it in {LOG}).")
    show(f"Packages: {count} installed", rarely=True)
    print(f"{time.monotonic() - begun:8.1f} s")


def why_not(text: str) -> str:
    """Say in a few words why pip failed, by what it printed."""
    if NO_INDEX.search(text):
        return "the package index cannot be reached; PIP_INDEX_URL can name another one"
    if match := re.search(r"requirement (\S+) .*from versions: none", text):
        return f"the package index cannot be reached or has no {match[1]} for this platform"
    errors = [line for line in text.splitlines() if line.startswith("ERROR: ")]
    return f"pip says {(errors or [text])[-1].removeprefix('ERROR: ').strip()!r}"


def show(text: str, *, rarely: bool) -> None:
    """Rewrite one line on a terminal; elsewhere print a line now and then."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
    elif rarely:
        print(text, flush=True)


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"OpsDesk cannot start: {error.filename or 'the system says'}: {error.strerror}.")
