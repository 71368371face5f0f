"""Every file that means harm is refused or lies there inert, and none of them takes the machine's memory."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from opsdesk.testing import MONDAY, Cast
from staff import shelf
from staff.files import FilesRefused, Upload
from staff.tests import hostile
from tickets import actions
from tickets.models import Attachment

MEGABYTES = 200
XXE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
JAVASCRIPT = b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
NAMES = [
    "../../../../tmp/evil.log",
    "..\\evil.log",
    "/etc/evil.log",
    "evil\0.log",
    "evil\r\nX-Evil: 1.log",
    "长" * 5000 + ".log",
]


@pytest.fixture(autouse=True)
def shelf_of_its_own(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def kept(cast: Cast, upload: Upload) -> tuple[Attachment, bytes]:
    actions.attach(cast.ticket(), [upload], by=cast.li, now=MONDAY)
    file = Attachment.objects.get()
    with shelf.take(file.stored) as content:
        return file, content.read()


@pytest.mark.parametrize("what", hostile.REFUSED)
def test_it_is_refused_and_leaves_nothing_behind(cast: Cast, shelf_of_its_own: Path, what: str) -> None:
    name, content, code = hostile.REFUSED[what]
    with pytest.raises(FilesRefused) as refused:
        actions.attach(cast.ticket(), [hostile.upload(name, content)], by=cast.li, now=MONDAY)
    assert refused.value.faults[0][1].code == code or not code
    assert not Attachment.objects.exists()
    assert not [path for path in shelf_of_its_own.rglob("*") if path.is_file()]


def test_a_picture_that_is_an_archive_too_is_a_picture_alone(cast: Cast) -> None:
    both = hostile.picture("GIF") + hostile.archive({"Evil.class": b"SECRET"}, 0)
    file, content = kept(cast, hostile.upload("gifar.gif", both))
    assert file.media_type == "image/gif" and b"SECRET" not in content


def test_a_picture_that_is_a_web_page_too_is_a_picture_alone(cast: Cast) -> None:
    _file, content = kept(cast, hostile.upload("a.png", hostile.picture() + hostile.SCRIPT))
    assert b"<script" not in content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.zip", hostile.zip_bomb(20)),
        ("nested.zip", hostile.archive({"inner.zip": hostile.zip_bomb(20)})),
        ("slip.zip", hostile.archive({"../../../etc/cron.d/evil": b"x"})),
        ("xxe.xlsx", hostile.office("xl", **{"xl/sharedStrings.xml": XXE})),
        ("script.pdf", hostile.PDF.replace(b"/Catalog", b"/Catalog" + JAVASCRIPT)),
        ("page.txt", hostile.SCRIPT),
        ("formula.csv", b"=cmd|' /C calc'!A0\n"),
        ("log4j.log", b"${jndi:ldap://127.0.0.1/x} {{7*7}} ' OR 1=1 --\n"),
    ],
)
def test_it_lies_there_as_it_came_and_nobody_unpacks_it(cast: Cast, name: str, content: bytes) -> None:
    file, on_disk = kept(cast, hostile.upload(name, content))
    assert on_disk == content and not file.is_image


@pytest.mark.parametrize("name", NAMES)
def test_a_name_reaches_neither_the_disk_nor_a_header(cast: Cast, shelf_of_its_own: Path, name: str) -> None:
    file, _content = kept(cast, hostile.upload(name, b"x\n"))
    assert not set(file.name) & set("\0\r\n/\\") and len(file.name) <= 120
    (only,) = [path for path in shelf_of_its_own.rglob("*") if path.is_file()]
    assert only.name == file.stored and only.stat().st_mode & 0o777 == 0o600


ALL_AT_ONCE = f"""
import io, os, resource, sys
os.environ["OPSDESK_ENV"] = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsdesk.settings")
import django
django.setup()
from staff import images
from staff.files import clean_name, recognise
from staff.tests import hostile
from staff.refused import Refused

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

files = [(name, content) for name, content, _code in hostile.REFUSED.values()]
files += [("bomb.zip", hostile.zip_bomb({MEGABYTES}))]
files += [("largest.png", hostile.png_of(8_000, 5_000, rows=5_000))]
before, largest = most(), 0
for name, content in files:
    try:
        name = clean_name(name)
        kind = recognise(name, io.BytesIO(content))
        if kind.family == "image":
            with images.redraw(io.BytesIO(content), kind.media_type, most_pixels=40_000_000).content:
                largest += 1
    except (Refused, images.PictureTooLarge, images.PictureBroken):
        pass
print(most() - before, largest)
"""


def test_all_of_them_together_take_less_than_200_megabytes() -> None:
    """Measured by the kernel in a process of its own; the largest picture that is allowed is among them."""
    ran = subprocess.run(
        [sys.executable, "-c", ALL_AT_ONCE],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    megabytes, redrawn = map(int, ran.stdout.split())
    assert redrawn == 1
    assert megabytes < MEGABYTES


def test_a_file_of_the_largest_size_is_read_in_pieces(cast: Cast, settings: object) -> None:
    class Endless(io.RawIOBase):
        """Twenty-five megabytes of log that are never in memory; the longest piece asked for is noted."""

        longest, at, size = 0, 0, settings.ATTACHMENT_MAX_BYTES  # type: ignore[attr-defined]

        def seek(self, offset: int, whence: int = 0) -> int:
            self.at = {0: 0, 1: self.at, 2: self.size}[whence] + offset
            return self.at

        def read(self, length: int = -1) -> bytes:
            assert length > 0
            self.longest = max(self.longest, length)
            piece = b"x" * min(length, self.size - self.at)
            self.at += len(piece)
            return piece

    content = Endless()
    actions.attach(cast.ticket(), [Upload("big.log", content)], by=cast.li, now=MONDAY)  # type: ignore[arg-type]
    assert Attachment.objects.get().size == content.size and content.longest <= 64 * 1024
