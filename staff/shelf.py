"""Where files lie: under MEDIA_ROOT, by a random name, out of reach of any address."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

NAME = re.compile(r"[0-9a-f]{32}")
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Put:
    """A file on the shelf: its random name, its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


def put(content: BinaryIO) -> Put:
    """Write the file down and wait until the disk has it: its row may be written only after."""
    name = secrets.token_hex(16)
    path = _path(name)
    Path(settings.MEDIA_ROOT).mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(PIECE):
            digest.update(piece)
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)
    return Put(name, size, digest.hexdigest())


def take(name: str) -> BinaryIO:
    """Open a file for reading. Raises FileNotFoundError."""
    return open(_path(name), "rb")


def remove(name: str) -> None:
    """Delete a file; one that is gone already is no matter."""
    _path(name).unlink(missing_ok=True)


def folders() -> Iterator[set[str]]:
    """Yield the names of all files, those of one folder in 256 at a time."""
    for top in Path(settings.MEDIA_ROOT).glob("[0-9a-f][0-9a-f]"):
        yield {path.name for path in top.glob("*/*") if NAME.fullmatch(path.name)}


def is_older(name: str, instant: datetime) -> bool:
    """Say whether a file was put there before `instant`; one that is gone was not."""
    try:
        return datetime.fromtimestamp(_path(name).stat().st_mtime, UTC) < instant
    except FileNotFoundError:
        return False


def _path(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return Path(settings.MEDIA_ROOT) / name[:2] / name[2:4] / name


def _sync_folder(folder: Path) -> None:
    """A new name in a folder lasts only when the folders above it last too."""
    for place in (folder, folder.parent, folder.parent.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
