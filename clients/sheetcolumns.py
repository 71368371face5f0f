"""The archive as an Excel file: which sheets and columns there are, and how a cell is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clients.models import Channel, Language

YES = {"yes", "y", "true", "1", "x", "\u662f", "\u2713"}
NO = {"no", "n", "false", "0", "\u5426", "\u2717"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field that it fills, what it is called, and how its cell is read.

    `read` gets the text or the date and what is known (`clients.importing.Known`); raises ValueError with a
    message for people. Without `read` it is a plain text of at most `longest` characters.
    """

    name: str
    label: str | Promise
    width: int = 16
    longest: int = 200
    required: bool = False
    read: Callable[[Any, Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of row. `key` are the columns by which a row is known again."""

    name: str
    label: str | Promise
    columns: Sequence[Column]
    key: Sequence[str] = field(default_factory=tuple)


def slug(value: Any, known: Any) -> str:
    text = str(value).strip()
    try:
        validate_slug(text)
    except ValidationError:
        raise ValueError(_("Letters, digits, dashes and underscores only.")) from None
    if len(text) > 50:
        raise ValueError(_("At most %(most)s characters.") % {"most": 50})
    return text


def email(value: Any, known: Any) -> str:
    try:
        validate_email(str(value).strip())
    except ValidationError:
        raise ValueError(_("This is no e-mail address.")) from None
    return str(value).strip()


def day(value: Any, known: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip().replace("/", "-"))
    except ValueError:
        raise ValueError(_("Write a day like 2026-11-23.")) from None


def yes_no(value: Any, known: Any) -> bool:
    text = str(value).strip().lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(_("Write yes or no."))


def one_of(choices: Any) -> Callable[[Any, Any], str]:
    def read(value: Any, known: Any) -> str:
        text = str(value).strip().casefold()
        for choice in choices:
            if text in {choice.value, *spoken(choice.label)}:
                return str(choice.value)
        raise ValueError(_("Choose one of: %(names)s.") % {"names": ", ".join(map(str, choices.labels))})

    return read


def looked_up(what: str) -> Callable[[Any, Any], Any]:
    """A thing of the house by its code, its name or its English name."""

    def read(value: Any, known: Any) -> Any:
        found = known.look_up(what, str(value).strip())
        if found is None:
            raise ValueError(_("There is no “%(name)s”.") % {"name": str(value).strip()})
        return found

    return read


def spoken(label: Any) -> set[str]:
    """What a thing is called in each language, for comparing."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(label).casefold())
    return found


NAME = Column("name", gettext_lazy("Name"), 28, 120, required=True)
NAME_EN = Column("name_en", gettext_lazy("English name"), 24, 120)
ACTIVE = Column("is_active", gettext_lazy("Active"), 8, read=yes_no)
CLIENT = Column("client", gettext_lazy("Client code"), 18, required=True, read=looked_up("client"))
WISHES = (
    Column("preferred_channel", gettext_lazy("Preferred channel"), 14, read=one_of(Channel)),
    Column("language", gettext_lazy("Language"), 10, read=one_of(Language)),
    Column("taboos", gettext_lazy("Taboos"), 24, 1000),
    Column("preferences", gettext_lazy("Habits and preferences"), 30, 2000),
    Column("postal_address", gettext_lazy("Postal address"), 30, 300),
)
SHEETS: Sequence[Sheet] = (
    Sheet(
        "clients",
        gettext_lazy("Clients"),
        (
            Column("code", gettext_lazy("Code"), 18, 50, required=True, read=slug),
            NAME,
            NAME_EN,
            Column("type", gettext_lazy("Client type"), 16, required=True, read=looked_up("type")),
            Column("group", gettext_lazy("O&M group"), 16, required=True, read=looked_up("group")),
            Column("hours", gettext_lazy("Service hours"), 16, required=True, read=looked_up("hours")),
            Column("address", gettext_lazy("Address"), 30),
            Column("fax", gettext_lazy("Fax"), 16, 40),
            *WISHES,
            ACTIVE,
        ),
        ("code",),
    ),
    Sheet(
        "sites",
        gettext_lazy("Sites"),
        (
            CLIENT,
            NAME,
            NAME_EN,
            Column("address", gettext_lazy("Address"), 30),
            Column("travel", gettext_lazy("How to get there"), 30, 1000),
            Column("remarks", gettext_lazy("Remarks"), 30, 1000),
            ACTIVE,
        ),
        ("client", "name"),
    ),
    Sheet(
        "contacts",
        gettext_lazy("Contacts"),
        (
            CLIENT,
            Column("name", pgettext_lazy("of a person", "Name"), 16, 120, required=True),
            NAME_EN,
            Column("job_title", gettext_lazy("Position"), 18, 80),
            Column(
                "phones",
                gettext_lazy("Phone numbers"),
                30,
                400,
                read=lambda value, known: known.phones(value),
            ),
            Column("email", gettext_lazy("E-mail"), 26, read=email),
            *WISHES,
            ACTIVE,
        ),
        ("client", "name"),
    ),
    Sheet(
        "systems",
        gettext_lazy("Systems in use"),
        (
            CLIENT,
            NAME,
            NAME_EN,
            Column("kind", gettext_lazy("Kind"), 14, 60),
            Column("version", gettext_lazy("Version"), 14, 60),
            Column("environment", gettext_lazy("Environment"), 24),
            Column("remote_access", gettext_lazy("Way of remote access"), 24),
            Column("in_service_since", gettext_lazy("In service since"), 14, read=day),
            Column("maintainer", gettext_lazy("Dedicated maintainer"), 16, read=looked_up("person")),
            Column("backup", gettext_lazy("Backup"), 16, read=looked_up("person")),
            ACTIVE,
        ),
        ("client", "name"),
    ),
    Sheet(
        "contracts",
        gettext_lazy("Contracts"),
        (
            Column("number", gettext_lazy("Contract number"), 18, 40, required=True),
            CLIENT,
            Column("starts_on", gettext_lazy("From"), 12, required=True, read=day),
            Column("ends_on", gettext_lazy("To"), 12, required=True, read=day),
            Column("remarks", gettext_lazy("Remarks"), 30, 1000),
        ),
        ("number",),
    ),
)
BY_NAME: Mapping[str, Sheet] = {sheet.name: sheet for sheet in SHEETS}
