"""The words by which mail programs of both languages mark what they repeat."""

import json
import re
from pathlib import Path

WORDS: dict[str, list[str]] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))


def any_of(kind: str) -> str:
    """Return a pattern, in brackets, that any of these words fits."""
    return f"({'|'.join(map(re.escape, WORDS[kind]))})"
