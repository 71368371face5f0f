"""Pictures, drawn anew: what a camera wrote beside them (place, device) and what was hidden in them is gone.

Pure: a picture in, a picture out. One at a time in a process, since an unpacked picture is large.
"""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
# What of the picture's own notes belongs to its look.
LOOK = ("transparency", "background", "duration", "loop", "disposal", "blend", "icc_profile")
ORIENTATION = 0x0112
SIDEWAYS = range(5, 9)
IN_MEMORY = 2_000_000  # bytes, beyond which the new picture waits on disk
ONE_AT_A_TIME = threading.Lock()
MOST_FRAMES = 1000
# Frames are all kept at once, several times over, while a moving picture is written.
FRAME_WEIGHT = 4
# Our own limit is stricter, and comes before anything is unpacked.
Image.MAX_IMAGE_PIXELS = None


class PictureBroken(Exception):
    """The picture cannot be read to its end."""


class PictureTooLarge(Exception):
    """The picture, unpacked, has more pixels than are allowed."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew, with its size as it is looked at: turned upright."""

    content: BinaryIO
    width: int
    height: int


def redraw(content: BinaryIO, media_type: str, *, most_pixels: int) -> Picture:
    """Return the picture without anything but its look and its orientation; all frames together are counted.

    Raises `PictureTooLarge` before anything is unpacked, `PictureBroken` for one that is cut off or a sham.
    """
    content.seek(0)
    with ONE_AT_A_TIME:
        try:
            with Image.open(content, formats=[FORMATS[media_type]]) as image:
                return _redrawn(image, FORMATS[media_type], most_pixels)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
            raise PictureBroken from error


def _redrawn(image: ImageFile.ImageFile, form: str, most_pixels: int) -> Picture:
    frames = _frames(image, most_pixels)
    turn = image.getexif().get(ORIENTATION, 1)
    turn = turn if turn in range(1, 9) else 1
    image.load()
    image.info = {name: image.info[name] for name in LOOK if name in image.info}
    more: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if turn != 1:
        exif = Image.Exif()
        exif[ORIENTATION] = turn
        more["exif"] = exif.tobytes()
    if form == "JPEG":
        more |= {"quality": "keep"}
    elif frames > 1:
        more |= {"save_all": True}
    new = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    image.save(new, form, **more)
    new.seek(0)
    width, height = image.size
    return Picture(new, *((height, width) if turn in SIDEWAYS else (width, height)))  # type: ignore[arg-type]


def _frames(image: ImageFile.ImageFile, most_pixels: int) -> int:
    """Count the frames one by one, since a file may hold a million of them; stand at the first again."""
    pixels, frames = image.width * image.height, 1
    if pixels > most_pixels:
        raise PictureTooLarge
    while True:
        try:
            image.seek(frames)
        except EOFError:
            break
        frames += 1
        if frames > MOST_FRAMES or pixels * frames * FRAME_WEIGHT > most_pixels:
            raise PictureTooLarge
    image.seek(0)
    return frames
