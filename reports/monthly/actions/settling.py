"""The terms of monthly reports, and what is agreed with a client about his."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Client, ClientType, Contact
from reports.kpis import KPIS
from reports.models import ClientEdition, MonthlyEvent, MonthlyTerms
from reports.monthly.kinds import ReportEventKind
from reports.monthly.reading import leads, may_agree
from staff.models import User
from staff.refused import Refused
from tickets.lifecycle import Moved

HEADLINES = 5  # figures that the leader's page holds


@transaction.atomic
def set_terms(
    *,
    editors: Iterable[User],
    readers: Iterable[User],
    client_types: Iterable[ClientType],
    headlines: Sequence[str],
    due_working_day: int,
    version: int,
    by: User,
    now: datetime,
) -> MonthlyTerms:
    """Set the terms, from the next draft on. Raises `Moved` where their version is another meanwhile."""
    if not leads(by):
        raise Refused(_("Only leaders and administrators set these terms."), code="forbidden")
    if not 1 <= len(headlines) <= HEADLINES or len({*headlines}) != len(headlines):
        raise Refused(_("Choose one to %(n)s figures.") % {"n": HEADLINES}, field="headlines", code="invalid")
    if unknown := [key for key in headlines if key not in KPIS]:
        raise Refused(
            _("There is no such figure: %(keys)s.") % {"keys": ", ".join(unknown)},
            field="headlines",
            code="invalid",
        )
    if not 1 <= due_working_day <= 20:
        raise Refused(_("From 1 to 20."), field="due_working_day", code="invalid")
    MonthlyTerms.objects.get_or_create(pk=1)
    found = MonthlyTerms.objects.select_for_update().get(pk=1)
    if found.version != version:
        raise Moved(_("It was changed elsewhere meanwhile: look at it as it is now."))
    before = _said(found)
    found.headlines, found.due_working_day = list(headlines), due_working_day
    found.version += 1
    found.save()
    found.editors.set(editors)
    found.readers.set(readers)
    found.client_types.set(client_types)
    if changes := _changes(before, _said(found)):
        MonthlyEvent.objects.create(kind=ReportEventKind.TERMS, by=by, at=now, changes=changes)
    return found


def _said(terms: MonthlyTerms) -> dict[str, Any]:
    """The terms as their history tells them: people by their sign-in name, types by their code."""
    return {
        "editors": sorted(terms.editors.values_list("username", flat=True)),
        "readers": sorted(terms.readers.values_list("username", flat=True)),
        "client_types": sorted(terms.client_types.values_list("code", flat=True)),
        "headlines": list(terms.headlines),
        "due_working_day": terms.due_working_day,
    }


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: [before.get(name), new] for name, new in after.items() if before.get(name) != new}


@transaction.atomic
def agree_with_client(
    client: Client, *, is_wanted: bool, told: Iterable[Contact], version: int, by: User, now: datetime
) -> ClientEdition:
    """Note whether a client gets a report whatever its type, and who there is told when one is published.

    Raises `Moved` where its version is another meanwhile; 0 where nothing was agreed yet.
    """
    if not may_agree(by, client):
        raise Refused(_("Only the group's supervisor may do this."), code="forbidden")
    people = list(told)
    if any(contact.client_id != client.pk or contact.user_id is None for contact in people):
        raise Refused(_("Choose contacts of this client who have an account."), field="told", code="invalid")
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)  # two at once would both find none
    found = ClientEdition.objects.filter(client=client).first() or ClientEdition(client=client, version=0)
    if found.version != version:
        raise Moved(_("It was changed elsewhere meanwhile: look at it as it is now."))
    before = _agreed(found) if version else {}
    found.is_wanted, found.version = is_wanted, version + 1
    found.save()
    found.told.set(people)
    if changes := _changes(before, _agreed(found)):
        MonthlyEvent.objects.create(
            kind=ReportEventKind.AGREED, client=client, by=by, at=now, changes=changes
        )
    return found


def _agreed(edition: ClientEdition) -> dict[str, Any]:
    return {
        "is_wanted": edition.is_wanted,
        "told": sorted(edition.told.values_list("name", flat=True)),
    }
