"""What comes in is looked at and put on the shelf, before any row says that it is there.

So no row ever points to nothing; what is left on the disk when a row was not written is swept up later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from staff import images, shelf
from staff.files import Family, FilesRefused, Upload, clean_name, recognise, refuse
from staff.refused import Refused


@dataclass(frozen=True, slots=True)
class Shelved:
    """A file that is on the disk, and what its row (`StoredFile`) is to say of it."""

    name: str
    media_type: str
    width: int | None
    height: int | None
    size: int
    sha256: str
    stored: str

    @property
    def facts(self) -> dict[str, Any]:
        return asdict(self)


def shelve_all(uploads: Sequence[Upload]) -> list[Shelved]:
    """Put files on the shelf, all or none. Raises `FilesRefused` with every one that cannot be taken."""
    if len(uploads) > settings.ATTACHMENTS_AT_ONCE:
        raise Refused(
            _("At most %(most)s files at once.") % {"most": settings.ATTACHMENTS_AT_ONCE},
            field="files",
            code="too_many_files",
        )
    shelved, faults = [], []
    for place, upload in enumerate(uploads):
        try:
            shelved.append(shelve(upload))
        except Refused as fault:
            faults.append((place, fault))
    if faults:
        unshelve(shelved)
        raise FilesRefused(faults)
    return shelved


def unshelve(shelved: Sequence[Shelved]) -> None:
    """Take files down again whose rows are not written after all."""
    for file in shelved:
        shelf.remove(file.stored)


def shelve(upload: Upload) -> Shelved:
    """Put one file on the shelf; a picture is drawn anew. Raises `Refused` naming the file."""
    name = clean_name(upload.name, upload.claimed_type)
    size, most = upload.content.seek(0, 2), settings.ATTACHMENT_MAX_BYTES
    if size > most:
        raise refuse(
            name, _("The file is larger than %(most)s.") % {"most": filesizeformat(most)}, "file_too_large"
        )
    kind = recognise(name, upload.content)
    if kind.family != Family.IMAGE:
        return _shelved(name, kind.media_type, shelf.put(upload.content))
    picture = _redraw(name, upload.content, kind.media_type)
    with picture.content:
        put = shelf.put(picture.content)
    return _shelved(name, kind.media_type, put, picture.width, picture.height)


def _shelved(
    name: str, media_type: str, put: shelf.Put, width: int | None = None, height: int | None = None
) -> Shelved:
    return Shelved(name, media_type, width, height, put.size, put.sha256, put.name)


def _redraw(name: str, content: BinaryIO, media_type: str) -> images.Picture:
    most = settings.ATTACHMENT_MAX_PIXELS
    try:
        return images.redraw(content, media_type, most_pixels=most)
    except images.PictureTooLarge as error:
        why = _("The picture has more than %(most)s million pixels.") % {"most": most // 1_000_000}
        raise refuse(name, why, "too_many_pixels") from error
    except images.PictureBroken as error:
        raise refuse(name, _("The file is damaged or cut off."), "file_damaged") from error
