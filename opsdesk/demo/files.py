"""Files that lie with some of today's records: what a screen showed, what a log says, the scan of a letter.

All of it is drawn on the spot, the same for the same seed.
"""

from __future__ import annotations

import io
import math
import random
from dataclasses import replace
from datetime import datetime, timedelta

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from clients.models import Channel
from opsdesk.demo.story import Step, Story
from opsdesk.demo.texts import load
from staff.files import Upload
from staff.models import User
from tickets.models import Kind

SHORTLY = timedelta(seconds=95)
FAULTS = [
    "ORA-00257: archiver error. Connect internal only, until freed.",
    "HTTP 503 Service Unavailable (upstream connect timeout)",
    "Socket error 10060: connection timed out",
    "Deadlock found when trying to get lock; try restarting transaction",
    "java.lang.OutOfMemoryError: Java heap space",
]
INK, PAPER, STAMP = (52, 58, 64), (250, 248, 242), (190, 40, 48)


def with_files(story: Story, number: int, *, before: datetime) -> Story:
    """Return the story with files in it, after it was taken up or, where nobody has yet, after the call."""
    after = max(
        (step for step in story.steps if step.verb in ("grade", "acknowledge")), key=_at, default=None
    )
    since, by = (after.at, after.by) if after else (story.at, story.by)
    at = since + SHORTLY
    following = [step.at for step in story.steps if step.at > since]
    if at >= min([before, *following]):
        return story
    return _with(story, Step(at, "attach", by, _files(story, random.Random(number))))


def with_screen(story: Story, number: int, *, by: User) -> Story:
    """Return the story with the screen that the client himself sends, soon after he has reported."""
    rng = random.Random(number)
    words = load("other")["files"]["client"]
    facts = {"uploads": [_upload(words["name"], _screen(rng))], "text": rng.choice(words["texts"])}
    return _with(story, Step(story.at + timedelta(seconds=15), "attach", by, facts))


def _with(story: Story, step: Step) -> Story:
    return replace(story, steps=tuple(sorted([*story.steps, step], key=_at)))


def _at(step: Step) -> datetime:
    return step.at


def _files(story: Story, rng: random.Random) -> dict[str, object]:
    """What is attached, and what is said with it."""
    words = load("other")["files"]
    if story.call.channel in (Channel.LETTER, Channel.FAX):
        kind, made = "scan", [_upload(words["scan"]["name"], scan(rng))]
    elif story.call.kind == Kind.FAULT and rng.random() < 0.5:
        kind, made = "log", [_upload(words["log"]["name"], _log(rng, story.at))]
    else:
        kind, made = "screenshot", [_upload(words["screenshot"]["name"], _screen(rng))]
    return {"uploads": made, "text": rng.choice(words[kind]["texts"])}


def _upload(name: str, content: bytes) -> Upload:
    return Upload(name, io.BytesIO(content))


def _screen(rng: random.Random) -> bytes:
    """A window of an application, with a list behind and a message in front that says what is wrong."""
    accent = rng.choice([(31, 95, 153), (24, 105, 60), (98, 74, 140), (38, 70, 83)])
    image = Image.new("RGB", (1280, 800), (236, 240, 243))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1280, 44), fill=accent)
    draw.rectangle((0, 44, 200, 800), fill=(247, 249, 250))
    for row in range(9):
        top = 76 + row * 44
        draw.rounded_rectangle((24, top, 24 + rng.randrange(80, 150), top + 14), 4, fill=(198, 206, 213))
    for row in range(15):
        top = 84 + row * 44
        draw.line((224, top + 28, 1256, top + 28), fill=(220, 226, 230))
        for column in range(5):
            left = 236 + column * 204
            draw.rounded_rectangle(
                (left, top, left + rng.randrange(50, 170), top + 12), 3, fill=(206, 213, 219)
            )
    draw.rounded_rectangle((340, 270, 980, 530), 8, fill="white", outline=(150, 158, 166), width=2)
    draw.ellipse((372, 310, 420, 358), fill=STAMP)
    draw.line((384, 322, 408, 346), fill="white", width=5)
    draw.line((408, 322, 384, 346), fill="white", width=5)
    draw.text((444, 312), "Error", fill=INK, font=ImageFont.load_default(26))
    draw.multiline_text((444, 362), _wrapped(rng.choice(FAULTS)), fill=INK, font=ImageFont.load_default(18))
    draw.rounded_rectangle((850, 474, 950, 508), 5, fill=accent)
    draw.text((884, 480), "OK", fill="white", font=ImageFont.load_default(18))
    return _png(image)


def scan(rng: random.Random) -> bytes:
    """A letter on paper: a heading, lines, a signature and a red stamp, laid a little askew on the glass."""
    image = Image.new("L", (1240, 1754), 248)
    draw = ImageDraw.Draw(image)
    draw.rectangle((420, 170, 820, 206), fill=60)
    for row in range(rng.randrange(12, 20)):
        top, left = 320 + row * 56, 200 if row else 260
        for start in range(left, rng.randrange(860, 1040), 30):
            draw.rectangle((start, top, start + 22, top + 20), fill=rng.randrange(70, 130))
    paper = Image.merge("RGB", [image, image, image.point(lambda light: light * 0.97)])
    stamp = ImageDraw.Draw(paper)
    stamp.ellipse((800, 1330, 1020, 1550), outline=STAMP, width=8)
    turns = [(turn * math.tau / 10, 24 if turn % 2 else 60) for turn in range(10)]
    stamp.polygon([(910 + far * math.sin(turn), 1440 - far * math.cos(turn)) for turn, far in turns], STAMP)
    grain = Image.new("RGB", paper.size, PAPER)
    askew = paper.rotate(rng.uniform(-1.2, 1.2), fillcolor=PAPER, resample=Image.Resampling.BICUBIC)
    return _png(Image.blend(askew, grain, 0.12).filter(ImageFilter.GaussianBlur(0.6)).quantize(48))


def _log(rng: random.Random, at: datetime) -> bytes:
    """The last minutes before it was reported: all well, then the fault, again and again."""
    fault, since, lines = rng.choice(FAULTS), at - timedelta(minutes=9), []
    for number in range(240):
        since += timedelta(seconds=rng.randrange(1, 4))
        if number < 180:
            level, says = "INFO ", f"request {4000 + number} served in {rng.randrange(12, 90)} ms"
        else:
            level, says = rng.choice([("ERROR", fault), ("WARN ", f"retry {number - 179} of 60 in 3 s")])
        lines.append(f"{since:%Y-%m-%d %H:%M:%S} {level} [worker-{rng.randrange(1, 9)}] {says}")
    return "\n".join([*lines, ""]).encode()


def _wrapped(text: str) -> str:
    first, _blank, rest = text[44:].partition(" ")
    return f"{text[:44]}{first}\n{rest}" if len(text) > 44 else text


def _png(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
