"""When a client and his people may be called, for the planner (§4.3). The rule is `clients.quiet`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import Q

from clients.models import Contact, ContactHours, QuietPeriod
from clients.quiet import Hours, Period, Wish, combined, is_allowed
from visits.planning import Quiet


@dataclass(frozen=True, slots=True)
class Wished:
    """Quiet is whatever a wish does not allow, by the clock on the wall of `tz`."""

    wish: Wish
    tz: tzinfo

    def is_quiet(self, at: datetime) -> bool:
        return not is_allowed(self.wish, at, self.tz)


def quiet_of(clients: Collection[int], tz: tzinfo) -> Mapping[tuple[int, int | None], Quiet]:
    """Return when each of these clients and their active contacts do not want to be called; three queries.

    Who is not in it may be called at any time.
    """
    contacts = dict(Contact.objects.filter(client__in=clients, is_active=True).values_list("pk", "client"))
    hours: dict[tuple[str, int], list[Hours]] = defaultdict(list)
    periods: dict[tuple[str, int], list[Period]] = defaultdict(list)
    whose = Q(client__in=clients) | Q(contact__in=contacts)
    for row in ContactHours.objects.filter(whose):
        hours[_whose(row)].append(Hours(row.weekday, row.starts, row.ends))
    for span in QuietPeriod.objects.filter(whose):
        period = Period(span.starts_on, span.ends_on, span.every_year, span.reason)
        periods[_whose(span)].append(period)

    def wish(kind: str, pk: int) -> Wish:
        return Wish(tuple(hours[kind, pk]), tuple(periods[kind, pk]))

    found: dict[tuple[int, int | None], Quiet] = {}
    for client in clients:
        found[client, None] = Wished(wish("client", client), tz)
    for contact, client in contacts.items():
        found[client, contact] = Wished(combined(wish("client", client), wish("contact", contact)), tz)
    return {who: quiet for who, quiet in found.items() if quiet.wish != Wish()}  # type: ignore[attr-defined]


def _whose(row: ContactHours | QuietPeriod) -> tuple[str, int]:
    return ("contact", row.contact_id) if row.contact_id else ("client", row.client_id or 0)
