"""The month's assessment, as `reports.monthly.assessing` offers it; without one there is no such section."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.monthly import assessing
from reports.monthly.asked import About
from tickets.documents.structure import Part


def gather(about: About) -> Any:
    return assessing.SOURCE.gather(about) if assessing.SOURCE is not None else None


def parts(found: Any, about: About) -> Iterable[Part]:
    if found is not None and assessing.SOURCE is not None:
        yield from assessing.SOURCE.parts(found, about)
