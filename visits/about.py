"""What one has before him when he calls a client back: the guide, the last contacts, what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import get_language

from clients.models import Contact
from staff.models import User
from tickets.models import Ticket
from visits.kinds import HEARD
from visits.models import Callback, CallbackEvent, CallbackProblem, CallbackScript, Need, Promise

MOST = 5
MOST_RECORDS = 10


@dataclass(frozen=True, slots=True)
class Script:
    """The guide in the reader's language; Chinese where there is no other."""

    opening: str
    questions: Sequence[str]
    closing: str


@dataclass(frozen=True, slots=True)
class About:
    script: Script | None
    contacts: Sequence[Contact]
    last: Sequence[Callback]
    records: Sequence[Ticket]
    since: datetime | None
    needs: Sequence[Need]
    promises: Sequence[Promise]
    problems: Sequence[CallbackProblem]
    events: Sequence[CallbackEvent]


def about(callback: Callback, user: User, now: datetime) -> About:
    """Gather it for the page, as far as the reader may see each."""
    of_client = {"client": callback.client_id}
    last = list(
        Callback.objects.visible_to(user)
        .filter(**of_client, state__in=HEARD)
        .exclude(pk=callback.pk)
        .select_related("done_by")
        .order_by("-done_at")[:MOST]
    )
    since = last[0].done_at if last else None
    records = Ticket.objects.visible_to(user).filter(**of_client)
    if since is not None:
        records = records.filter(reported_at__gte=since)
    return About(
        script=script_of(callback),
        contacts=list(callback.client.contacts.filter(is_active=True).prefetch_related("phones")),
        last=last,
        records=list(records.without_texts().order_by("-pk")[:MOST_RECORDS]),
        since=since,
        needs=_rest(callback, callback.needs, Need.objects.visible_to(user).open().filter(**of_client)),
        promises=_rest(
            callback, callback.promises, Promise.objects.visible_to(user).open().filter(**of_client)
        ),
        problems=list(callback.problems.visible_to(user).select_related("ticket")),
        events=list(callback.events.select_related("by").order_by("pk")),
    )


def script_of(callback: Callback) -> Script | None:
    """What is said and asked in a callback of this kind."""
    found = CallbackScript.objects.filter(kind=callback.kind).first()
    if found is None:
        return None
    english = (get_language() or "").startswith("en")
    texts = [
        (english and getattr(found, f"{name}_en")) or getattr(found, name)
        for name in ("opening", "questions", "closing")
    ]
    return Script(texts[0], [line for line in texts[1].splitlines() if line.strip()], texts[2])


def _rest(callback: Callback, own: object, open_ones: QuerySet) -> list:  # type: ignore[type-arg]
    """What came of this callback once it is made; until then what is open of the client."""
    rows = open_ones if callback.is_open else own.all()  # type: ignore[attr-defined]
    return list(rows.with_names()[:MOST_RECORDS])
