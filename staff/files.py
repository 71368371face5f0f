"""Which files are taken, by what they are, not by what they say. Pure: no database, no disk."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PureWindowsPath
from typing import BinaryIO

import puremagic
from django.utils.translation import gettext as _

from staff.containers import ContainerBroken, has_macros, members
from staff.refused import Refused

LONGEST_NAME = 120
HEAD = 4096
PIECE = 64 * 1024


class Family(StrEnum):
    """Files that are checked in the same way."""

    IMAGE = "image"
    TEXT = "text"
    PDF = "pdf"
    OFFICE = "office"
    OLD_OFFICE = "old_office"
    ARCHIVE = "archive"
    MAIL = "mail"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is: its media type, what is checked of it, and for Office the folder of its main part."""

    media_type: str
    family: Family
    folder: str = ""


OPEN_XML = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "png": FileKind("image/png", Family.IMAGE),
    "jpg": FileKind("image/jpeg", Family.IMAGE),
    "jpeg": FileKind("image/jpeg", Family.IMAGE),
    "gif": FileKind("image/gif", Family.IMAGE),
    "webp": FileKind("image/webp", Family.IMAGE),
    "pdf": FileKind("application/pdf", Family.PDF),
    "txt": FileKind("text/plain", Family.TEXT),
    "log": FileKind("text/plain", Family.TEXT),
    "conf": FileKind("text/plain", Family.TEXT),
    "ini": FileKind("text/plain", Family.TEXT),
    "json": FileKind("text/plain", Family.TEXT),
    "csv": FileKind("text/csv", Family.TEXT),
    "docx": FileKind(OPEN_XML + "wordprocessingml.document", Family.OFFICE, "word/"),
    "xlsx": FileKind(OPEN_XML + "spreadsheetml.sheet", Family.OFFICE, "xl/"),
    "pptx": FileKind(OPEN_XML + "presentationml.presentation", Family.OFFICE, "ppt/"),
    "doc": FileKind("application/msword", Family.OLD_OFFICE),
    "xls": FileKind("application/vnd.ms-excel", Family.OLD_OFFICE),
    "zip": FileKind("application/zip", Family.ARCHIVE),
    "eml": FileKind("message/rfc822", Family.MAIL),
    "mp4": FileKind("video/mp4", Family.VIDEO),
}
IMAGE_TYPES = frozenset(kind.media_type for kind in KINDS.values() if kind.family == Family.IMAGE)
# A file without an extension is taken for what its sender says, and then checked as such.
BY_CLAIM = {kind.media_type: extension for extension, kind in reversed(KINDS.items())}

# Names that Windows reserves, and characters that it refuses in a name.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
REFUSED_SIGNS = re.compile(r'[<>:"|?*]')
# What no text holds: control characters but tab, line ends, form feed, backspace and ANSI colours.
BINARY = bytes(set(range(32)) - set(b"\b\t\n\v\f\r\x1b")) + b"\x7f"
MAIL_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:|From ")
# Every camera has a mark of its own for a video; pictures in the same box have one of these.
STILLS = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif", b"avis")
OLD_MACROS = "_VBA_PROJECT".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in, by whatever way. `content` can be sought; the claimed type is not believed."""

    name: str
    content: BinaryIO
    claimed_type: str = ""


class FilesRefused(Refused):
    """Some of several files cannot be taken: each with its place among them and the reason."""

    def __init__(self, faults: Sequence[tuple[int, Refused]]) -> None:
        super().__init__(
            "\n".join(str(fault) for _place, fault in faults), field="files", code=faults[0][1].code
        )
        self.faults = tuple(faults)


def refuse(name: str, why: str, code: str) -> Refused:
    """Return the refusal of a file, which names it: several are sent together."""
    return Refused(_("“%(name)s”: %(why)s") % {"name": name, "why": why}, field="files", code=code)


def clean_name(name: str, claimed_type: str = "") -> str:
    """Return the name without folders, control and direction characters, at most 120 characters long.

    Chinese stays as it is. A name without an extension gets that of the claimed type.
    """
    visible = (sign for sign in unicodedata.normalize("NFC", name) if _is_visible(sign))
    base = PureWindowsPath("".join(visible).replace("/", "\\")).name
    base = REFUSED_SIGNS.sub("_", " ".join(base.split())).strip(". ")
    stem, dot, extension = base.rpartition(".")
    if not dot or extension.lower() not in KINDS:
        extra = BY_CLAIM.get(claimed_type.partition(";")[0].strip().lower(), "") if not dot else ""
        stem, extension = (base, extra) if not dot else (stem, extension)
    extension = extension[:20]
    room = LONGEST_NAME - len(extension) - 1
    stem = stem[:room].rstrip(". ") or "file"
    cleaned = f"{stem}.{extension}" if extension else stem
    return f"_{cleaned}"[:LONGEST_NAME] if DEVICES.match(cleaned) else cleaned


def recognise(name: str, content: BinaryIO) -> FileKind:
    """Say what a file is, by its extension and its content, which must agree.

    Images are looked at closer by `staff.images`. Nothing is ever unpacked. Raises `Refused` with one of
    the codes empty_file, file_kind, file_content, file_damaged and file_macros.
    """
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    content.seek(0)
    head = content.read(HEAD)
    if not head:
        raise refuse(name, _("The file is empty."), "empty_file")
    if extension in ("docm", "xlsm", "pptm", "dotm", "xltm", "xlsb"):
        raise _macros(name)
    kind = KINDS.get(extension)
    if kind is None:
        raise refuse(
            name,
            _("This kind of file is not taken. Taken are images, PDF, text and logs, Office, zip, eml, mp4."),
            "file_kind",
        )
    if not _agrees(kind, extension, head, content):
        raise refuse(
            name,
            _("What is inside is not what “.%(extension)s” says.") % {"extension": extension},
            "file_content",
        )
    if kind.family in (Family.OFFICE, Family.ARCHIVE):
        _look_into(name, kind, content)
    if kind.family == Family.OLD_OFFICE and _holds(content, OLD_MACROS):
        raise _macros(name)
    content.seek(0)
    return kind


def _is_visible(sign: str) -> bool:
    """Blanks and all signs but the control, format (direction), surrogate and unassigned ones."""
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or sign in "\t"


def _agrees(kind: FileKind, extension: str, head: bytes, content: BinaryIO) -> bool:
    match kind.family:
        case Family.TEXT:
            return _is_text(content)
        case Family.MAIL:
            return MAIL_HEADER.match(head) is not None and _is_text(content)
        case Family.OFFICE | Family.ARCHIVE:
            return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))
        case Family.VIDEO:
            return head[4:8] == b"ftyp" and head[8:12] not in STILLS
        case Family.OLD_OFFICE:
            extension = "doc"  # both are the same container
    return extension in _known(head)


def _known(head: bytes) -> set[str]:
    """The extensions whose signature the beginning bears."""
    try:
        found = {match.extension.lstrip(".").lower() for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()
    return found | {"jpg", "jpeg"} if found & {"jpg", "jpeg"} else found


def _is_text(content: BinaryIO) -> bool:
    """Whether it is text in any encoding that a log may have; UTF-16 only with its mark."""
    content.seek(0)
    is_wide = content.read(2) in (b"\xff\xfe", b"\xfe\xff")
    wide = codecs.getincrementaldecoder("utf-16")()
    content.seek(0)
    while piece := content.read(PIECE):
        if not is_wide and len(piece.translate(None, BINARY)) != len(piece):
            return False
        try:
            if is_wide and "\0" in wide.decode(piece):
                return False
        except UnicodeDecodeError:
            return False
    return True


def _holds(content: BinaryIO, wanted: bytes) -> bool:
    content.seek(0)
    tail = b""
    while piece := content.read(PIECE):
        if wanted in tail + piece:
            return True
        tail = piece[-len(wanted) :]
    return False


def _look_into(name: str, kind: FileKind, content: BinaryIO) -> None:
    """Read a zip's list of contents, and no more of it."""
    try:
        inside = members(content)
    except ContainerBroken as error:
        raise refuse(name, _("The file is damaged or cut off."), "file_damaged") from error
    if kind.family != Family.OFFICE:
        return
    if has_macros(inside):
        raise _macros(name)
    if "[Content_Types].xml" not in inside or not any(part.startswith(kind.folder) for part in inside):
        raise refuse(name, _("This is no Office document of that kind."), "file_content")


def _macros(name: str) -> Refused:
    return refuse(name, _("Documents with macros are not taken. Save it without macros."), "file_macros")
