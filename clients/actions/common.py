"""Who may change what of the archive, and how a change is written down: what every action here shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _

from clients.history import MODELS, told
from clients.models import ArchiveEntry, Client, ClientType, Contact, Contract, Deed, Site, System, Thing
from clients.wishtext import hours_text, periods_text
from staff.models import Group, User
from staff.refused import Refused

THINGS: Mapping[type[Model], Thing] = {model: Thing(thing) for thing, model in MODELS.items()}
REACHED = ("preferred_channel", "language", "preferences", "taboos", "postal_address")
NAMES = ("name", "name_en")
# What of each thing is kept in its history.
TRACKED: Mapping[type[Model], tuple[str, ...]] = {
    Client: ("code", *NAMES, "type", "group", "hours", "address", "fax", *REACHED, "is_active"),
    Contact: (*NAMES, "site", "job_title", "email", *REACHED, "user", "is_active"),
    Site: (*NAMES, "address", "travel", "remarks", "is_active"),
    System: (
        *NAMES,
        "site",
        "kind",
        "version",
        "environment",
        "remote_access",
        "in_service_since",
        "maintainer",
        "backup",
        "is_active",
    ),
    Contract: ("number", "starts_on", "ends_on", "grade_two_round_the_clock", "remarks", "renewal_settled"),
    ClientType: ("code", *NAMES, "description", "is_active"),
}
Facts = dict[str, Any]


def may_edit(by: User, group: Group | None) -> bool:
    """Say whether a person may change what the archive holds of a group's clients."""
    return by.may_administer or (by.may_supervise and group is not None and by.group_id == group.pk)


def may_edit_contacts(by: User, group: Group) -> bool:
    """Say whether a person may write down contacts, sites and systems: all who work in the group."""
    return by.may_work and (by.sees_everything or by.group_id == group.pk)


def may_rule_types(by: User) -> bool:
    """Say whether a person may change client types and when renewals are reminded of."""
    return by.may_supervise


def not_his_group() -> Refused:
    return Refused(_("Only the people of the client's group may change this."), code="forbidden")


def client_of(thing: Any) -> Client | None:
    if isinstance(thing, Client):
        return thing
    return None if isinstance(thing, ClientType) else thing.client


@contextmanager
def changing(thing: Any, *, by: User | None, now: datetime, revision: int | None = None) -> Iterator[None]:
    """Save what happens to `thing` inside, as one entry of its history. Runs in the caller's transaction.

    The row is locked first. `revision` is the one that the editor saw: raises `Refused` with code `changed`
    where somebody else has changed the thing since. Nothing is written where nothing differs.
    """
    before = _locked(thing, revision)
    if before is not None:
        thing.revision = before.pop("revision") + 1
    yield
    after = facts_of(thing)
    changes = diff(before or {}, after)
    if before is not None and not changes:
        type(thing)._default_manager.filter(pk=thing.pk).update(revision=thing.revision - 1)
        thing.revision -= 1
        return
    note(thing, Deed.CREATED if before is None else Deed.CHANGED, changes=changes, by=by, now=now)


def note(
    thing: Any,
    deed: Deed,
    *,
    by: User | None,
    now: datetime,
    changes: list[Facts] | None = None,
    text: str = "",
) -> ArchiveEntry:
    """Write an entry of the archive's history."""
    return ArchiveEntry.objects.create(
        client=client_of(thing),
        thing=THINGS[type(thing)],
        thing_id=thing.pk,
        label=_label(thing)[:200],
        deed=deed,
        at=now,
        by=by,
        changes=changes or [],
        note=text[:300],
    )


def diff(before: Facts, after: Facts) -> list[Facts]:
    """What differs, in the order of the fields; of a new thing, what it has."""
    return [
        {"field": name, "old": before.get(name), "new": value}
        for name, value in after.items()
        if before.get(name) != value and (before or value not in (None, "", [], False))
    ]


def facts_of(thing: Any) -> Facts:
    """What is kept of a thing's state, as plain values; names of others in the language of the house."""
    with translation.override(settings.LANGUAGE_CODE):
        facts = {name: _plain(getattr(thing, name)) for name in TRACKED[type(thing)]}
        if isinstance(thing, Contact):
            facts["roles"] = [str(role) for role in thing.roles.all()]
            facts["phones"] = [f"{phone.number} ({phone.kind})" for phone in thing.phones.all()]
        if isinstance(thing, Contract):
            facts["systems"] = [str(system) for system in thing.systems.all()]
            facts["sites"] = [str(site) for site in thing.sites.all()]
        if isinstance(thing, Client | Contact):
            facts["contact_hours"] = hours_text(thing.contact_hours.all()).splitlines()
            facts["quiet_periods"] = periods_text(thing.quiet_periods.all()).splitlines()
            facts["no_surveys"] = thing.no_surveys_reason if thing.wants_no_surveys else ""
            if thing.wants_no_surveys and not thing.no_surveys_reason:
                facts["no_surveys"] = True
    return facts


def _locked(thing: Any, revision: int | None) -> Facts | None:
    """The state before, with the row locked; None for a new thing."""
    if thing.pk is None:
        return None
    rows = type(thing)._default_manager
    if isinstance(thing, Contact):
        rows = rows.select_related("site", "user")
    stored = rows.select_for_update(of=("self",)).get(pk=thing.pk)
    if revision is not None and stored.revision != revision:
        raise changed(stored)
    return facts_of(stored) | {"revision": stored.revision}


def changed(stored: Any) -> Refused:
    """The refusal of who edits what somebody else has changed meanwhile: it says who, and what."""
    last = (
        ArchiveEntry.objects.filter(thing=THINGS[type(stored)], thing_id=stored.pk, deed=Deed.CHANGED)
        .select_related("by")
        .first()
    )
    what = (
        "; ".join(f"{one.field}: {one.old or '–'} → {one.new or '–'}" for one in told(last)) if last else ""
    )
    message = _(
        "%(who)s has changed this meanwhile (%(what)s). Nothing of yours is lost: check it and save again."
    )
    who = last.by.label if last and last.by else _("Somebody")
    return Refused(message % {"who": who, "what": what or "–"}, code="changed")


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _label(thing: Any) -> str:
    return thing.number if isinstance(thing, Contract) else thing.name
