"""How somebody is reached, gathered from the contact and his client for whoever is about to do it (§4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

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
    phones: list[Phone]
    fax: str

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
    """Gather how somebody is reached; two queries, three with a contact."""
    ours = Q(client=client) if contact is None else Q(client=client) | Q(contact=contact)
    hours, periods = ContactHours.objects.filter(ours), QuietPeriod.objects.filter(ours)
    wish = combined(
        _wish([each for each in hours if each.client_id], [each for each in periods if each.client_id]),
        _wish([each for each in hours if each.contact_id], [each for each in periods if each.contact_id])
        if contact
        else None,
    )
    zone = ZoneInfo(settings.TIME_ZONE)
    both: list[Client | Contact] = [contact, client] if contact else [client]
    phones = list(contact.phones.all()) if contact else []
    may_now = is_allowed(wish, now, zone)
    faxes = [phone.number for phone in phones if phone.kind == PhoneKind.FAX]
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
        phones=phones,
        fax=faxes[0] if faxes else client.fax,
    )


def wish_of(client: Client, contact: Contact | None) -> Wish:
    """When somebody may be disturbed: for whoever plans to call him (`clients.quiet.next_allowed`)."""
    ours = Q(client=client) if contact is None else Q(client=client) | Q(contact=contact)
    hours, periods = list(ContactHours.objects.filter(ours)), list(QuietPeriod.objects.filter(ours))
    his = _wish([one for one in hours if one.contact_id], [one for one in periods if one.contact_id])
    return combined(
        _wish([one for one in hours if one.client_id], [one for one in periods if one.client_id]),
        his if contact else None,
    )


def _wish(hours: list[ContactHours], periods: list[QuietPeriod]) -> Wish:
    return Wish(
        [Hours(one.weekday, one.starts, one.ends) for one in hours],
        [Period(one.starts_on, one.ends_on, one.every_year, one.reason) for one in periods],
    )
