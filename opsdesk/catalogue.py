"""The catalogue of messages: gathered from code and templates, and compiled, without the gettext tools.

English ids stand in the sources; `locale/zh_Hans/LC_MESSAGES/django.po` holds the Chinese, and the compiled
`.mo` beside it is committed, so that a fresh machine needs nothing. Needs Babel (a development package).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PO = Path(settings.BASE_DIR, "locale", "zh_Hans", "LC_MESSAGES", "django.po")
MO = PO.with_suffix(".mo")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def gather() -> Catalog:
    """Return a catalogue of every message id in our code and templates, with the files that use it."""
    found = Catalog(domain="django", charset="utf-8")
    for path, lines in _sources():
        name = str(path.relative_to(settings.BASE_DIR))
        for _line, message, _comments, context in extract("python", lines, KEYWORDS):
            found.add(message, locations=[(name, 0)], context=context)
    return found


def stored() -> Catalog:
    """Return the Chinese catalogue as it stands."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def update() -> Catalog:
    """Bring the stored catalogue in step with the sources: new ids untranslated, ids gone removed."""
    catalogue = stored() if PO.exists() else Catalog(locale="zh_Hans", domain="django", charset="utf-8")
    catalogue.update(gather(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    for message in catalogue:
        message.flags.discard("fuzzy")
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(_written(catalogue))
    MO.write_bytes(compiled(catalogue))
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _written(catalogue: Catalog) -> bytes:
    catalogue.creation_date = EPOCH  # a date that moves would make every run a change
    catalogue.revision_date = EPOCH
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, sort_output=True, include_lineno=False, omit_header=False)
    return buffer.getvalue()


def _sources() -> Iterator[tuple[Path, io.BytesIO]]:
    root = Path(settings.BASE_DIR)
    for app in settings.OUR_APPS:
        for path in sorted((root / app).rglob("*.py")):
            if "tests" not in path.parts:
                yield path, io.BytesIO(path.read_bytes())
    for pattern in ("*.html", "*.txt"):
        for path in sorted((root / "templates").rglob(pattern)):
            # Markup becomes lines of X between calls of gettext; without their indent they read as Python.
            lines = templatize(path.read_text(encoding="utf-8")).splitlines()
            yield path, io.BytesIO("\n".join(line.strip() for line in lines).encode())
