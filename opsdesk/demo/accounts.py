"""The demo's sign-ins: an account a role, one password for all, in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from opsdesk.demo.people import ACCOUNTS
from opsdesk.demo.texts import load

WORDS = 4


def draw_password() -> str:
    """Return a password that can be remembered; it is drawn anew each time and stands in no code."""
    words = [secrets.choice(load("words")) for _n in range(WORDS)]
    return "-".join([*words, str(secrets.randbelow(90) + 10)])


def table(password: str) -> list[str]:
    """Return the sign-ins as lines of a table."""
    rows = [("role", "user", "password"), *((role.value, user, password) for role, user in ACCOUNTS.items())]
    return [f"{role:<15}{user:<13}{word}" for role, user, word in rows]


def write(path: Path, password: str) -> None:
    """Write the table where the house keeps its data, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(table(password)) + "\n")
