"""Doubles in the client archive become one, and two again (§5.3).

Whatever has a foreign key to a client or to a contact is found by asking the models, so nothing is forgotten;
`HANDLED` says what becomes of each, and a test fails when a key is there that it does not name. It stands in
the lowest room because it moves rows of all apps; the records go by the action of their own app.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from clients.actions import may_edit
from clients.actions.common import THINGS, note
from clients.models import ArchiveMerge, Client, Contact, Deed, Phone, Site, Thing
from reports.models import ClientEdition
from staff.models import User
from staff.refused import Refused
from tickets.actions.takingover import take_over

UNDO_WITHIN = timedelta(days=30)
AnyDouble = Client | Contact


class How(Enum):
    """What becomes of the rows that point at a double."""

    MOVE = "they belong to the other from now on"
    STAY = "they stay with the double, and are read with the other's"
    RECORDS = "maintenance records: by the action of their app"
    PHONES = "numbers that the other has already stay"
    SITES = "places whose name the other has already get the double's code beside it"
    TOLD = "what the other is told, or somebody is told of him, already stays"
    AGREED = "what was agreed is his from now on; where he has an agreement, whom to tell joins it"


HANDLED: Mapping[str, How] = {
    "clients.Client.merged_into": How.MOVE,
    "clients.Contact.client": How.MOVE,
    "clients.Site.client": How.SITES,
    "clients.System.client": How.MOVE,
    "clients.Contract.client": How.MOVE,
    "clients.ArchiveFile.client": How.MOVE,
    "clients.ArchiveEntry.client": How.STAY,
    # The wishes of whom they were written down for; the other has his own.
    "clients.ContactHours.client": How.STAY,
    "clients.QuietPeriod.client": How.STAY,
    "tickets.Ticket.client": How.RECORDS,
    # Slots are the double's own; what is still open of it the planner sees to.
    "visits.Cadence.client": How.STAY,
    "visits.Callback.client": How.STAY,
    "visits.Need.client": How.MOVE,
    "visits.Opinion.client": How.MOVE,
    "visits.Promise.client": How.MOVE,
    "clients.Contact.merged_into": How.MOVE,
    "clients.Phone.contact": How.PHONES,
    "clients.Contact_roles.contact": How.STAY,
    "clients.ContactHours.contact": How.STAY,
    "clients.QuietPeriod.contact": How.STAY,
    "tickets.Ticket.contact": How.RECORDS,
    "tickets.RemoteAuthorisation.contact": How.MOVE,
    "surveys.Campaign_clients.client": How.STAY,
    "surveys.Invitation.client": How.MOVE,
    "surveys.CorrectiveAction.client": How.MOVE,
    "surveys.CorrectiveAction.contact": How.MOVE,
    "surveys.Exclusion.client": How.MOVE,
    "audits.Finding.client": How.MOVE,
    # What was reported of the double stays what was reported; who is told of the next goes with the contacts.
    "reports.ClientEdition.client": How.AGREED,
    "reports.ClientEdition_told.contact": How.TOLD,
    "reports.MonthlyReport.client": How.STAY,
    "reports.MonthlyEvent.client": How.STAY,
    "reports.MonthlySubscription.client": How.TOLD,
    # Each was asked once in a wave; rest between surveys is counted together with the other's.
    "surveys.Invitation.contact": How.STAY,
    "surveys.Exclusion.contact": How.STAY,
    "visits.Callback.contact": How.MOVE,
    "visits.Attendee.contact": How.MOVE,
}
# Of what somebody is told: what makes two rows of a double and the other one and the same.
ONCE = {"reports.ClientEdition_told.contact": "clientedition", "reports.MonthlySubscription.client": "user"}
TOLD_OF_EDITION = "reports.ClientEdition_told.clientedition"


@dataclass(frozen=True, slots=True)
class Moving:
    """What would move: rows of a model, so many."""

    name: str
    label: str
    count: int


def keys_to(model: type[Model]) -> Iterator[tuple[str, ForeignKey]]:
    """Every foreign key to a model, hidden ones too, by "app.Model.field"."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            field = relation.field  # type: ignore[union-attr]
            yield f"{field.model._meta.app_label}.{field.model.__name__}.{field.name}", field


def preview(loser: AnyDouble, winner: AnyDouble, *, by: User) -> list[Moving]:
    """What a merge would move. Raises `Refused` where it may not be."""
    _check(loser, winner, by)
    found = []
    for name, field in keys_to(type(loser)):
        if HANDLED.get(name, How.MOVE) is How.STAY:
            continue
        count = field.model._default_manager.filter(**{field.name: loser}).count()
        if count:
            found.append(Moving(name, str(field.model._meta.verbose_name_plural), count))
    return found


@transaction.atomic
def merge(loser: AnyDouble, winner: AnyDouble, *, by: User, now: datetime) -> ArchiveMerge:
    """Let one be part of another: all that points at it moves, and its page and code lead to the other.

    The double stays, without being active, and keeps its history. Can be undone within thirty days. Raises
    `Refused`.
    """
    loser, winner = _locked(loser, winner)
    _check(loser, winner, by)
    moved: dict[str, list[int]] = {}
    for name, field in keys_to(type(loser)):
        if ids := _move(name, field, loser, winner):
            moved[name] = ids
    if isinstance(loser, Client) and (ids := _join_told(loser.pk, winner.pk)):
        moved[TOLD_OF_EDITION] = ids
    was_active = loser.is_active
    if isinstance(loser, Contact) and isinstance(winner, Contact) and loser.user and not winner.user:
        account, loser.user = loser.user, None
        loser.save(update_fields=["user"])
        winner.user = account
        winner.save(update_fields=["user"])
        moved["clients.Contact.user"] = [winner.pk]
    loser.is_active, loser.merged_into = False, winner  # type: ignore[assignment]
    loser.revision += 1
    loser.save()
    row = ArchiveMerge.objects.create(
        thing=THINGS[type(loser)],
        loser_id=loser.pk,
        winner_id=winner.pk,
        was_active=was_active,
        moved=moved,
        at=now,
        by=by,
    )
    note(loser, Deed.MERGED_AWAY, by=by, now=now, text=_named(winner))
    note(winner, Deed.MERGED, by=by, now=now, text=_named(loser))
    return row


@transaction.atomic
def unmerge(row: ArchiveMerge, *, by: User, now: datetime) -> AnyDouble:
    """Take a merge back: what was moved and still belongs to the other moves back. Return the double.

    What has come since stays with the other. Raises `Refused` after thirty days.
    """
    row = ArchiveMerge.objects.select_for_update().get(pk=row.pk)
    model: type[AnyDouble] = Client if row.thing == Thing.CLIENT else Contact
    loser, winner = _locked(model(pk=row.loser_id), model(pk=row.winner_id))
    if not (may_edit(by, _client(loser).group) and may_edit(by, _client(winner).group)):
        raise _forbidden()
    if row.undone_at is not None:
        raise Refused(_("This merge has been undone already."), code="over")
    if now - row.at > UNDO_WITHIN or winner.merged_into_id is not None:
        raise Refused(_("This merge can no longer be undone."), code="over")
    for name, field in keys_to(model):
        if name in row.moved:
            _move_back(name, field, row.moved[name], loser, winner)
    if TOLD_OF_EDITION in row.moved:
        _part_told(row.moved[TOLD_OF_EDITION], loser.pk, winner.pk)
    if "clients.Contact.user" in row.moved and isinstance(winner, Contact) and isinstance(loser, Contact):
        account, winner.user = winner.user, None
        winner.save(update_fields=["user"])
        loser.user = account
    loser.is_active, loser.merged_into = row.was_active, None
    loser.revision += 1
    loser.save()
    row.undone_at, row.undone_by = now, by
    row.save()
    note(loser, Deed.UNMERGED, by=by, now=now, text=_named(winner))
    note(winner, Deed.UNMERGED, by=by, now=now, text=_named(loser))
    return loser


def _move(name: str, field: ForeignKey, loser: AnyDouble, winner: AnyDouble) -> list[int]:
    how = HANDLED.get(name, How.MOVE)
    if how is How.STAY:
        return []
    if how is How.RECORDS:
        return take_over(loser, winner)
    rows = field.model._default_manager.filter(**{field.name: loser})
    if how is How.PHONES:
        known = set(Phone.objects.filter(contact=winner).values_list("digits", "extension"))
        kept = [phone.pk for phone in rows if (phone.digits, phone.extension) in known]
        rows = rows.exclude(pk__in=kept)
    if how is How.TOLD:
        once = ONCE[name]
        kept_ones = field.model._default_manager.filter(**{field.name: winner}).values(once)
        rows = rows.exclude(**{f"{once}__in": kept_ones})
    if how is How.AGREED and field.model._default_manager.filter(**{field.name: winner}).exists():
        return []  # his own holds; whom the double's named is told by it (`_join_told`)
    if how is How.SITES:
        taken = Site.objects.filter(client=winner).values("name")
        for site in rows.filter(name__in=taken, is_active=True):
            site.name = f"{site.name} ({_client(loser).code})"[:120]
            site.save(update_fields=["name"])
    ids = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    field.model._default_manager.filter(pk__in=ids).update(**{field.name: winner})
    return ids


def _move_back(name: str, field: ForeignKey, ids: list[int], loser: AnyDouble, winner: AnyDouble) -> None:
    if HANDLED.get(name, How.MOVE) is How.RECORDS:
        take_over(winner, loser, ids)
        return
    field.model._default_manager.filter(pk__in=ids, **{field.name: winner}).update(**{field.name: loser})


def _join_told(loser: int, winner: int) -> list[int]:
    """Let the contacts that the double's agreement named be told by the other's; return the rows."""
    told = ClientEdition.told.through.objects
    theirs = told.filter(clientedition__client=winner).values("contact")
    rows = told.filter(clientedition__client=loser).exclude(contact__in=theirs)
    ids = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    if ids:
        told.filter(pk__in=ids).update(clientedition=ClientEdition.objects.get(client=winner))
    return ids


def _part_told(ids: list[int], loser: int, winner: int) -> None:
    rows = ClientEdition.told.through.objects.filter(pk__in=ids, clientedition__client=winner)
    rows.update(clientedition=ClientEdition.objects.get(client=loser))


def _locked(loser: AnyDouble, winner: AnyDouble) -> tuple[AnyDouble, AnyDouble]:
    """Both rows, locked in the order of their ids, so that two merges never wait for each other."""
    model = type(loser)
    rows = model._default_manager.filter(pk__in=[loser.pk, winner.pk]).order_by("pk")
    found = {row.pk: row for row in rows.select_for_update(of=("self",))}
    if len(found) < 2:
        raise Refused(_("Choose two different ones."), field="winner", code="invalid")
    return found[loser.pk], found[winner.pk]


def _check(loser: AnyDouble, winner: AnyDouble, by: User) -> None:
    if not (may_edit(by, _client(loser).group) and may_edit(by, _client(winner).group)):
        raise _forbidden()
    if type(loser) is not type(winner) or loser.pk == winner.pk:
        raise Refused(_("Choose two different ones."), field="winner", code="invalid")
    if loser.merged_into_id or winner.merged_into_id:
        raise Refused(_("One of them has been merged into another already."), field="winner", code="merged")
    if isinstance(loser, Contact) and isinstance(winner, Contact) and loser.client_id != winner.client_id:
        raise Refused(
            _("They are contacts of different clients: merge the clients first."),
            field="winner",
            code="invalid",
        )
    if isinstance(loser, Contact) and isinstance(winner, Contact) and loser.user and winner.user:
        raise Refused(
            _("Both have a sign-in account: an administrator must take one away first."),
            field="winner",
            code="invalid",
        )


def _client(thing: AnyDouble) -> Client:
    return thing if isinstance(thing, Client) else thing.client


def _named(thing: AnyDouble) -> str:
    return f"{thing.name} ({thing.code})" if isinstance(thing, Client) else thing.name


def _forbidden() -> Refused:
    return Refused(_("Only a supervisor of both groups or an administrator may merge."), code="forbidden")
