"""Variables in a canned reply: `{client}` becomes the client's name. Pure, and no template engine.

One pass over the text that somebody of the house wrote: nothing is looked up but these names, and what stands
in a value is never looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = ("client", "caller", "number", "title", "system", "owner", "due", "me", "today")
GAP = "____"  # to be seen, and filled in by hand

_VARIABLE = re.compile(r"\{ *([^{}\s]{1,40}) *\}")


def unknown(text: str) -> list[str]:
    """Return the variables in the text that do not exist, as they are written, each once."""
    found = dict.fromkeys(match.group() for match in _VARIABLE.finditer(text) if match.group(1) not in NAMES)
    return list(found)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every variable replaced; what has no value becomes a visible gap."""
    return _VARIABLE.sub(lambda match: _value(match, values), text)


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    name = match.group(1)
    return values.get(name, "").strip() or GAP if name in NAMES else match.group()
