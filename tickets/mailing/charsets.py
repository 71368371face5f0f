"""Bytes into text, whatever their sender says of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.errors import HeaderParseError
from email.header import decode_header

# GB2312 and GBK are parts of GB18030, and senders that name one of them mean any.
WIDER = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "utf8": "utf-8",
}
# What a program names that does not know: every byte is a letter of these.
VAGUE = {"", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "unknown-8bit", "x-unknown"}
HIGH = re.compile(rb"[\x80-\xff]+")
MOSTLY = 0.7
LAST_FREQUENT = 0xC6  # first byte of Big5: the frequent characters come before the rare ones
CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


def decode(content: bytes, charset: str = "") -> str:
    """Return the text of these bytes, in the character set named where they fit it, else in one they fit.

    Never raises. What cannot be read becomes U+FFFD.
    """
    named = charset.strip().strip("\"'").lower()
    named = WIDER.get(named, named)
    guesses = _guesses(content) if HIGH.search(content) else ["ascii"]
    is_misnamed = named in VAGUE or (named not in ("utf-8", "ascii") and _is_chinese_utf8(content))
    for name in guesses if is_misnamed else [named, *guesses]:
        try:
            return content.decode(name)
        except (UnicodeError, LookupError):
            continue
    for name in (named, "utf-8"):
        try:
            return content.decode(name, "replace")
        except (UnicodeError, LookupError):
            continue
    return content.decode("latin-1")


def header_text(raw: str) -> str:
    """Return a header's value as it is to be read: on one line, its encoded words decoded. Never raises.

    `raw` holds bytes that are not ASCII as surrogates, as the parser of the standard library leaves them.
    """
    text = " ".join(decode(raw.encode("ascii", "surrogateescape")).split()) if _is_raw(raw) else raw
    text = re.sub(r"[\r\n]+[ \t]*", " ", text)
    if "=?" in text:
        try:
            parts = decode_header(text)
        except (HeaderParseError, ValueError):
            parts = [(text, None)]
        text = "".join(part if isinstance(part, str) else decode(part, name or "") for part, name in parts)
    return clean(" ".join(text.split()))


def clean(text: str) -> str:
    """Return the text without NUL and other control characters, and with LF alone at the ends of lines."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(CONTROL)


def _is_raw(raw: str) -> bool:
    return any("\udc80" <= sign <= "\udcff" for sign in raw)


def _is_chinese_utf8(content: bytes) -> bool:
    """Whether bytes are so plainly Chinese in UTF-8 that another name for them must be wrong."""
    try:
        foreign = [sign for sign in content.decode() if ord(sign) > 127]
    except UnicodeDecodeError:
        return False
    return len(foreign) > 2 and all("\u3000" <= sign <= "\u9fff" or sign >= "\uff00" for sign in foreign)


def _guesses(content: bytes) -> list[str]:
    """Return the character sets that bytes in none that is known may be in, the likeliest first."""
    # Chinese bytes come in pairs; one by itself among ASCII is an accented letter of the West.
    in_pairs = all(len(run) % 2 == 0 for run in HIGH.findall(content)[:200])
    if in_pairs and _mostly(content, "gb18030", lambda sign: _is_in(sign, "gb2312")):
        return ["utf-8", "gb18030"]
    if _mostly(content, "big5hkscs", lambda sign: _lead(sign) <= LAST_FREQUENT):
        return ["utf-8", "big5hkscs"]
    return ["utf-8", "gb18030", "latin-1"] if in_pairs else ["utf-8", "latin-1"]


def _mostly(content: bytes, charset: str, is_usual: Callable[[str], bool]) -> bool:
    """Whether bytes are a text in this character set that is made of its everyday characters for the most."""
    try:
        foreign = [sign for sign in content.decode(charset) if ord(sign) > 127]
    except UnicodeDecodeError:
        return False
    usual = sum(_is_mark(sign) or ("\u4e00" <= sign <= "\u9fff" and is_usual(sign)) for sign in foreign)
    return usual >= MOSTLY * len(foreign)


def _is_mark(sign: str) -> bool:
    return "\u3000" <= sign <= "\u303f" or sign >= "\uff00"


def _lead(sign: str) -> int:
    return sign.encode("big5hkscs")[0]


def _is_in(sign: str, charset: str) -> bool:
    try:
        sign.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
