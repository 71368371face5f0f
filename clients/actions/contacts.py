"""The people at a client are written down: their numbers, what they are, how and when they may be reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import changing, may_edit_contacts, not_his_group
from clients.models import (
    Client,
    Contact,
    ContactHours,
    ContactRole,
    Phone,
    PhoneKind,
    QuietPeriod,
)
from clients.phones import is_mobile, normalise
from clients.quiet import Hours, Period, faults
from staff.models import User
from staff.refused import Refused


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number as written; of no kind, it is what its digits say."""

    written: str
    kind: PhoneKind | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """When somebody may be called, and when not."""

    hours: Sequence[Hours] = ()
    periods: Sequence[Period] = ()


@dataclass(frozen=True, slots=True)
class WantsNoSurveys:
    """Whether somebody wants no surveys, and why."""

    wanted: bool
    reason: str = ""

    def put(self, whom: Client | Contact, *, by: User | None, now: datetime) -> None:
        if not self.wanted:
            whom.no_surveys_since, whom.no_surveys_by, whom.no_surveys_reason = None, None, ""
            return
        if not whom.wants_no_surveys:
            whom.no_surveys_since, whom.no_surveys_by = now, by
        whom.no_surveys_reason = self.reason.strip()


@transaction.atomic
def save_contact(
    contact: Contact,
    numbers: Iterable[str | Number],
    *,
    by: User | None = None,
    now: datetime | None = None,
    roles: Iterable[ContactRole] | None = None,
    wishes: Wishes | None = None,
    no_surveys: WantsNoSurveys | None = None,
    revision: int | None = None,
) -> Contact:
    """Save a contact with his phone numbers in this order.

    Two spellings of one number are one number: the first spelling stays. `by` and `now` None are the house
    itself, which writes no entry of what it always knew. What is None is left as it is. Raises ValueError on
    what is no number, `Refused` when `by` may not.
    """
    if by is not None and not may_edit_contacts(by, contact.client.group):
        raise not_his_group()
    if contact.site is not None and contact.site.client_id != contact.client_id:
        raise Refused(_("This site belongs to another client."), field="site", code="invalid")
    if contact.merged_into_id:
        raise Refused(_("This contact has been merged into another one."), code="merged")
    phones = phones_of(numbers)

    def write() -> None:
        contact.save()
        if [_row(phone) for phone in phones] != [_row(phone) for phone in contact.phones.all()]:
            contact.phones.all().delete()
            for phone in phones:
                phone.contact = contact
            Phone.objects.bulk_create(phones)
        if roles is not None:
            contact.roles.set(roles)
        keep_wishes(contact, wishes)

    if now is None:
        write()
        return contact
    with changing(contact, by=by, now=now, revision=revision):
        if no_surveys is not None:
            no_surveys.put(contact, by=by, now=now)
        write()
    return contact


@transaction.atomic
def refuse_surveys(
    whom: Client | Contact, *, wanted: bool, reason: str = "", by: User | None, now: datetime
) -> None:
    """Note that somebody wants no surveys, or wants them again. `by` None: he said so himself."""
    group = whom.group if isinstance(whom, Client) else whom.client.group
    if by is not None and not may_edit_contacts(by, group):
        raise not_his_group()
    note_surveys_refused(whom, wanted=wanted, reason=reason, by=by, now=now)


def note_surveys_refused(
    whom: Client | Contact, *, wanted: bool, reason: str = "", by: User | None, now: datetime
) -> None:
    """The same for whoever heard it while asking: who may ask, may write down that he must not."""
    with changing(whom, by=by, now=now):
        WantsNoSurveys(wanted, reason).put(whom, by=by, now=now)
        fields = ["no_surveys_since", "no_surveys_by", "no_surveys_reason", "revision"]
        whom.save(update_fields=fields)


def phones_of(numbers: Iterable[str | Number]) -> list[Phone]:
    """Rows for numbers, each once, in order. Raises ValueError on what is no number."""
    wanted: dict[tuple[str, str], Phone] = {}
    for each in numbers:
        number = each if isinstance(each, Number) else Number(each)
        parsed = normalise(number.written)
        kind = number.kind or (PhoneKind.MOBILE if is_mobile(parsed.digits) else PhoneKind.OFFICE)
        phone = Phone(
            kind=kind, number=number.written.strip(), digits=parsed.digits, extension=parsed.extension
        )
        wanted.setdefault((parsed.digits, parsed.extension), phone)
    return list(wanted.values())


def keep_wishes(whom: Client | Contact, wishes: Wishes | None) -> None:
    """Replace the hours and quiet periods of a client or contact; None leaves them."""
    if wishes is None:
        return
    if faults(wishes.hours):
        raise Refused(
            _("The end must come after the start, and spans must not overlap."),
            field="contact_hours",
            code="invalid",
        )
    whose = {"client": whom} if isinstance(whom, Client) else {"contact": whom}
    ContactHours.objects.filter(**whose).delete()
    QuietPeriod.objects.filter(**whose).delete()
    ContactHours.objects.bulk_create(
        ContactHours(**whose, weekday=span.weekday, starts=span.starts, ends=span.ends)
        for span in wishes.hours
    )
    QuietPeriod.objects.bulk_create(
        QuietPeriod(
            **whose,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            every_year=period.every_year,
            reason=period.reason,
        )
        for period in wishes.periods
    )


def _row(phone: Phone) -> tuple[str, ...]:
    return phone.kind, phone.number, phone.digits, phone.extension
