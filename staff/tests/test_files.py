"""What a file may be and how it may be called (staff/files.py), and what is left of a picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from PIL.PngImagePlugin import PngInfo

from staff import images
from staff.files import KINDS, LONGEST_NAME, clean_name, recognise
from staff.refused import Refused
from staff.tests import hostile

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("报错截图 1.png", "报错截图 1.png"),
        ("../../etc/passwd.log", "passwd.log"),
        ("..\\..\\windows\\a.log", "a.log"),
        ("C:\\Users\\li\\桌面\\日志.txt", "日志.txt"),
        ("/etc/cron.d/x.log", "x.log"),
        ("a\r\nContent-Type: x.png", "aContent-Type_ x.png"),
        ("nul\0l.png", "null.png"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("zero\u200bwidth\ufeff.png", "zerowidth.png"),
        ("  . a.png . ", "a.png"),
        ('a<b>:"|?*.png', "a_b______.png"),
        ("CON.log", "_CON.log"),
        ("lpt1.txt", "_lpt1.txt"),
        ("e\u0301.png", "é.png"),
        ("", "file"),
        ("...", "file"),
        (".png", "png"),
        ("/", "file"),
    ],
)
def test_a_name_loses_its_folders_and_its_tricks(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned


@pytest.mark.parametrize(
    "name", ["x" * 4000 + ".png", "长" * 4000 + ".png", "." * 300 + "png", "a." + "b" * 300]
)
def test_a_name_is_never_longer_than_its_column(name: str) -> None:
    cleaned = clean_name(name)
    assert 0 < len(cleaned) <= LONGEST_NAME
    assert cleaned.endswith(".png") or not name.endswith(".png") or cleaned == "png"


def test_a_name_without_an_extension_gets_that_of_its_claim() -> None:
    assert clean_name("image", "image/png") == "image.png"
    assert clean_name("image", "image/jpeg; charset=x") == "image.jpg"
    assert clean_name("日志", "text/plain") == "日志.txt"
    assert clean_name("setup.exe", "image/png") == "setup.exe"
    assert clean_name("", "application/pdf") == "file.pdf"
    assert clean_name("x", "text/html") == "x"


@pytest.mark.parametrize("name", hostile.HARMLESS)
def test_every_kind_that_is_taken_is_recognised(name: str) -> None:
    kind = recognise(name, io.BytesIO(hostile.HARMLESS[name]))
    assert kind is KINDS[name.rpartition(".")[2].lower()]


def test_every_kind_has_a_harmless_example() -> None:
    assert {name.rpartition(".")[2].lower() for name in hostile.HARMLESS} == set(KINDS)


def test_the_claimed_type_is_not_believed() -> None:
    with pytest.raises(Refused):
        recognise(clean_name("x", "image/png"), io.BytesIO(hostile.SCRIPT))


# Pictures


def redrawn(content: bytes, media_type: str) -> tuple[bytes, images.Picture]:
    picture = images.redraw(io.BytesIO(content), media_type, most_pixels=MILLION)
    return picture.content.read(), picture


def test_the_place_and_the_device_are_gone_and_the_photo_still_stands_upright() -> None:
    before = hostile.photo()
    assert b"SECRET-DEVICE-7" in before and b"SECRET-COMMENT" in before
    after, facts = redrawn(before, "image/jpeg")
    assert b"SECRET" not in after and b"Huawei" not in after
    with Image.open(io.BytesIO(after)) as image, Image.open(io.BytesIO(before)) as original:
        exif = image.getexif()
        assert not exif.get_ifd(0x8825) and dict(exif) == {0x0112: 6}
        assert (facts.width, facts.height) == (40, 60) == ImageOps.exif_transpose(image).size
        assert "comment" not in image.info
        assert max(ImageStat.Stat(ImageChops.difference(image, original)).mean) < 2


def test_words_hidden_in_a_png_are_gone() -> None:
    notes = PngInfo()
    notes.add_text("Comment", "SECRET")
    notes.add_itxt("XML:com.adobe.xmp", "SECRET")
    after, _facts = redrawn(hostile.picture("PNG", pnginfo=notes), "image/png")
    assert b"SECRET" not in after and b"adobe" not in after


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_what_is_hung_on_behind_a_picture_falls_off(form: str, media_type: str) -> None:
    both = hostile.picture(form) + hostile.archive({"A.class": b"SECRET"}, 0)
    after, _facts = redrawn(both, media_type)
    assert b"PK\x03\x04" not in after and b"SECRET" not in after


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_a_moving_picture_goes_on_moving(form: str) -> None:
    content = io.BytesIO()
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "green", "blue")]
    frames[0].save(content, form, save_all=True, append_images=frames[1:], duration=80, loop=0)
    after, facts = redrawn(content.getvalue(), f"image/{form.lower()}")
    with Image.open(io.BytesIO(after)) as image:
        assert image.n_frames == 3 and (facts.width, facts.height) == (30, 20)


def test_all_frames_count_together() -> None:
    content = io.BytesIO()
    frames = [Image.effect_noise((500, 400), 50) for _frame in range(6)]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(images.PictureTooLarge):
        redrawn(content.getvalue(), "image/gif")


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16"])
def test_pictures_of_every_colouring_are_taken(mode: str) -> None:
    content = io.BytesIO()
    form, media_type = ("JPEG", "image/jpeg") if mode == "CMYK" else ("PNG", "image/png")
    Image.new(mode, (20, 10)).save(content, form)
    after, facts = redrawn(content.getvalue(), media_type)
    with Image.open(io.BytesIO(after)) as image:
        assert image.mode == mode and image.size == (20, 10) == (facts.width, facts.height)
