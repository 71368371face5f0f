"""How somebody is reached, gathered from the contact and his client for whoever is about to do it (§4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    BooleanField,
    DateField,
    ExpressionWrapper,
    Field,
    Q,
    SmallIntegerField,
    TextField,
    TimeField,
    Value,
)
from django.db.models.functions import Cast

from clients.models import (
    Channel,
    Client,
    Contact,
    ContactHours,
    Language,
    Phone,
    PhoneKind,
    QuietPeriod,
)
from clients.quiet import Hours, Period, Wish, combined, is_allowed, next_allowed, quiet_on
from clients.wishtext import hours_text, periods_text


@dataclass(frozen=True, slots=True)
class Reach:
    """What to know before somebody is contacted. Where the contact has no wish, the client's stands here.

    `taboos` and `preferences` are the contact's, then the client's. `may_now` says whether he may be called
    at this instant, `next_at` when he may be where not (None: not in sight), `quiet` the period that is why.
    """

    client: Client
    contact: Contact | None
    taboos: list[str]
    preferences: list[str]
    channel: Channel | None
    language: Language | None
    wish: Wish
    quiet: Period | None
    may_now: bool
    next_at: datetime | None
    wants_no_surveys: bool
    no_surveys_reason: str
    postal_address: str

    @property
    def phones(self) -> list[Phone]:
        """Every number of the contact: asked for only where they are shown."""
        return list(self.contact.phones.all()) if self.contact else []

    @property
    def fax(self) -> str:
        faxes = [phone.number for phone in self.phones if phone.kind == PhoneKind.FAX]
        return faxes[0] if faxes else self.client.fax

    @property
    def hours(self) -> list[str]:
        """The hours in which he may be called, a line for days with the same times."""
        return hours_text(self.wish.hours).splitlines()

    @property
    def periods(self) -> list[str]:
        return periods_text(self.wish.periods).splitlines()

    @property
    def has_wishes(self) -> bool:
        """Whether there is anything to be said at all."""
        return bool(
            self.taboos
            or self.preferences
            or self.channel
            or self.language
            or self.wish.hours
            or self.wish.periods
            or self.wants_no_surveys
        )


def how_to_reach(client: Client, contact: Contact | None, now: datetime) -> Reach:
    """Gather how somebody is reached; one query."""
    wish = wish_of(client, contact)
    zone = ZoneInfo(settings.TIME_ZONE)
    both: list[Client | Contact] = [contact, client] if contact else [client]
    may_now = is_allowed(wish, now, zone)
    refused = next((one for one in both if one.wants_no_surveys), None)
    return Reach(
        client=client,
        contact=contact,
        taboos=[one.taboos for one in both if one.taboos],
        preferences=[one.preferences for one in both if one.preferences],
        channel=next((Channel(one.preferred_channel) for one in both if one.preferred_channel), None),
        language=next((Language(one.language) for one in both if one.language), None),
        wish=wish,
        quiet=quiet_on(wish, now.astimezone(zone).date()),
        may_now=may_now,
        next_at=None if may_now else next_allowed(wish, now, zone),
        wants_no_surveys=refused is not None,
        no_surveys_reason=refused.no_surveys_reason if refused else "",
        postal_address=next((one.postal_address for one in both if one.postal_address), client.address),
    )


def wish_of(client: Client, contact: Contact | None) -> Wish:
    """When somebody may be disturbed, for whoever plans to call him (`clients.quiet.next_allowed`).

    One query. Hours and periods come in their order.
    """
    ours = Q(client=client) if contact is None else Q(client=client) | Q(contact=contact)
    hours: dict[bool, list[Hours]] = {True: [], False: []}
    periods: dict[bool, list[Period]] = {True: [], False: []}
    rows = _HOURS.filter(ours).union(_PERIODS.filter(ours), all=True)
    for is_contacts, weekday, starts, ends, starts_on, ends_on, every_year, reason in rows:
        if weekday is None:
            periods[is_contacts].append(Period(starts_on, ends_on, every_year, reason))
        else:
            hours[is_contacts].append(Hours(weekday, starts, ends))
    his, theirs = (
        Wish(
            sorted(hours[which], key=lambda one: (one.weekday, one.starts)),
            sorted(periods[which], key=lambda one: one.starts_on),
        )
        for which in (True, False)
    )
    return combined(theirs, his if contact else None)


def _nothing(field: Field[Any, Any]) -> Cast:
    return Cast(Value(None), field)


# Both kinds of row with the same columns, so that one question brings them.
_IS_CONTACTS = ExpressionWrapper(Q(contact__isnull=False), BooleanField())
_HOURS = ContactHours.objects.order_by().values_list(
    _IS_CONTACTS,
    *("weekday", "starts", "ends"),
    *(_nothing(DateField()), _nothing(DateField()), _nothing(BooleanField()), _nothing(TextField())),
)
_PERIODS = QuietPeriod.objects.order_by().values_list(
    _IS_CONTACTS,
    *(_nothing(SmallIntegerField()), _nothing(TimeField()), _nothing(TimeField())),
    *("starts_on", "ends_on", "every_year", "reason"),
)
