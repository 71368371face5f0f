"""Files that mean harm, made on the spot, and small harmless ones of every kind that is taken."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

from staff.files import Upload

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
EXE = b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(200)
SCRIPT = b"<html><body><script>alert(document.cookie)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MAIL = "From: sun@hospital.test\r\nSubject: 打印很慢\r\n\r\n三楼的打印机\r\n".encode()
# GPS in a camera's notes: tag 0x8825 points to latitude and longitude.
LATITUDE = (22.0, 32.0, 24.0)


def upload(name: str, content: bytes, claimed_type: str = "") -> Upload:
    return Upload(name, io.BytesIO(content), claimed_type)


def picture(form: str = "PNG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    content = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(content, form, **more)  # type: ignore[arg-type]
    return content.getvalue()


def photo(orientation: int = 6, size: tuple[int, int] = (60, 40)) -> bytes:
    """A JPEG as a phone makes it: lying on its side, with the place and the device written beside it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Huawei", "SECRET-DEVICE-7", orientation
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: (114.0, 3.0, 28.0)})
    return picture("JPEG", size, exif=exif, comment=b"SECRET-COMMENT")


def archive(parts: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as container:
        for name, part in parts.items():
            container.writestr(name, part)
    return content.getvalue()


def office(folder: str = "xl", **more: bytes) -> bytes:
    main = {"xl": "xl/workbook.xml", "word": "word/document.xml", "ppt": "ppt/presentation.xml"}[folder]
    return archive({"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"", main: b"<x/>"} | more)


def png_of(width: int, height: int, rows: int = 0) -> bytes:
    """A PNG whose header promises a size, with so many rows of nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compressobj(9)
    data = b"".join(pixels.compress(bytes(1 + width * 3)) for _row in range(rows)) + pixels.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def webp_of(width: int, height: int) -> bytes:
    """An extended WebP whose header promises a canvas."""
    wide, high = (width - 1).to_bytes(3, "little"), (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + wide + high
    body += b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def zip_bomb(megabytes: int = 200) -> bytes:
    """Some hundred kilobytes that would unpack to so many megabytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as container, container.open("big", "w") as part:
        for _megabyte in range(megabytes):
            part.write(bytes(1_000_000))
    return content.getvalue()


def zip_of_a_million_names() -> bytes:
    """A list of contents that says it is a gigabyte long."""
    whole = archive({"a.txt": b"x"})
    at = whole.rfind(b"PK\x05\x06")
    return whole[: at + 12] + struct.pack("<L", 1_000_000_000) + whole[at + 16 :]


HARMLESS = {
    "a.png": picture("PNG"),
    "a.jpg": picture("JPEG"),
    "a.JPEG": picture("JPEG"),
    "a.gif": picture("GIF"),
    "a.webp": picture("WEBP"),
    "a.pdf": PDF,
    "a.txt": "一切正常\n".encode(),
    "gbk.log": "2026-11-23 数据库连接失败\r\n".encode("gb18030"),
    "wide.csv": "名称,数量\r\n".encode("utf-16"),
    "coloured.log": b"\x1b[31mERROR\x1b[0m down\n",
    "a.json": b'{"a": 1}',
    "a.ini": b"[main]\n",
    "a.conf": b"listen 80;\n",
    "a.docx": office("word"),
    "a.xlsx": office("xl"),
    "a.pptx": office("ppt"),
    "a.doc": OLE,
    "a.xls": OLE,
    "a.zip": archive({"log/a.txt": b"x"}),
    "empty.zip": archive({}),
    "a.eml": MAIL,
    "phone.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100),
    "stream.mp4": b"\0\0\0\x20ftypiso5\0\0\2\0iso5iso6mp41" + bytes(100),
    "recorder.mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(100),
}

# What is refused, by the name under which it is sent, with the code of the refusal.
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a program": ("setup.exe", EXE, "file_kind"),
    "a program that calls itself a picture": ("kitten.png", EXE, "file_content"),
    "a program that calls itself a log": ("app.log", EXE, "file_content"),
    "a double extension": ("photo.jpg.exe", EXE, "file_kind"),
    "a name that reads backwards": ("invoice\u202egpj.exe", EXE, "file_kind"),
    "a web page": ("page.html", SCRIPT, "file_kind"),
    "a web page that calls itself a picture": ("page.png", SCRIPT, "file_content"),
    "a web page that calls itself a document": ("page.pdf", SCRIPT, "file_content"),
    "a drawing with a script": ("logo.svg", SVG, "file_kind"),
    "a drawing that calls itself a picture": ("logo.png", SVG, "file_content"),
    "a picture that calls itself a document": ("scan.pdf", picture(), "file_content"),
    "a JPEG that calls itself a PNG": ("photo.png", picture("JPEG"), "file_content"),
    "a shell script": ("fix.sh", b"#!/bin/sh\nrm -rf /\n", "file_kind"),
    "a shortcut": ("report.pdf.lnk", b"L\0\0\0" + bytes(80), "file_kind"),
    "a document with macros": ("plan.docm", office("word"), "file_macros"),
    "a document with macros under another name": (
        "plan.docx",
        office("word", **{"word/vbaProject.bin": OLE}),
        "file_macros",
    ),
    "a sheet with old macros": ("a.xlsx", office("xl", **{"xl/macrosheets/sheet1.xml": b""}), "file_macros"),
    "an old document with macros": (
        "a.doc",
        OLE + "_VBA_PROJECT".encode("utf-16-le") + bytes(400),
        "file_macros",
    ),
    "a zip that calls itself a sheet": ("a.xlsx", archive({"a.txt": b"x"}), "file_content"),
    "a sheet that calls itself a text": ("a.docx", office("xl"), "file_content"),
    "a zip cut off": ("a.zip", archive({"a.txt": b"x" * 500})[:80], "file_damaged"),
    "a zip with a list beyond all measure": ("a.zip", zip_of_a_million_names(), "file_damaged"),
    "nothing": ("nothing.log", b"", "empty_file"),
    "a JPEG cut off": ("photo.jpg", picture("JPEG", (400, 400))[:3000], "file_damaged"),
    "a PNG cut off": ("shot.png", picture("PNG", (400, 400))[:3000], "file_damaged"),
    "fifty thousand pixels square": ("huge.png", png_of(50_000, 50_000), "too_many_pixels"),
    "a bomb of a picture": ("bomb.png", png_of(12_000, 9_000, rows=9_000), "too_many_pixels"),
    "a canvas beyond all measure": ("huge.webp", webp_of(16_383, 16_383), ""),
    "a mail that is none": ("mail.eml", b"just words\n", "file_content"),
    "a video that is none": ("video.mp4", b"just words, and not even moving ones", "file_content"),
    "a still in the box of a video": ("a.mp4", b"\0\0\0\x18ftypheic" + bytes(100), "file_content"),
    "no extension": ("README", b"x", "file_kind"),
    "a dot file": (".htaccess", b"Options +ExecCGI", "file_kind"),
}
