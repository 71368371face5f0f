"""What lies in a zip, read from its list alone. Pure; nothing is unpacked, so a bomb stays inert."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Collection
from typing import BinaryIO

LONGEST_LIST = 2_000_000  # bytes: some 20,000 names; a list is kept in memory as a whole
END, END_64 = b"PK\x05\x06", b"PK\x06\x06"
END_SIZE, LOCATOR_SIZE, END_64_SIZE = 22, 20, 56
LONGEST_COMMENT = 0xFFFF


class ContainerBroken(Exception):
    """The list of contents is missing, damaged, or beyond all measure."""


def members(content: BinaryIO) -> frozenset[str]:
    """Return the names in a zip's list of contents. Raises `ContainerBroken`."""
    if _list_size(content) > LONGEST_LIST:
        raise ContainerBroken
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as container:
            return frozenset(container.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
        raise ContainerBroken from error


def has_macros(names: Collection[str]) -> bool:
    """Say whether an Office document carries a program, by the parts that hold one."""
    lower = [name.lower().replace("\\", "/") for name in names]
    return any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in lower)


def _list_size(content: BinaryIO) -> int:
    """How long the list says that it is, before any of it is read; zip64 says so in its own record."""
    size = content.seek(0, 2)
    tail_at = max(0, size - END_SIZE - LONGEST_COMMENT - LOCATOR_SIZE - END_64_SIZE)
    content.seek(tail_at)
    tail = content.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        raise ContainerBroken
    (listed,) = struct.unpack_from("<L", tail, at + 12)
    wide_at = at - LOCATOR_SIZE - END_64_SIZE
    if wide_at >= 0 and tail.startswith(END_64, wide_at):
        (listed,) = struct.unpack_from("<Q", tail, wide_at + 40)
    return int(listed)
