"""What a record's page asks of the database each time it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from clients.models import Phone
from staff.models import User
from staff.prepared import prepared
from tickets.models import (
    Attachment,
    Checklist,
    Clock,
    CoordinationMeeting,
    Entry,
    Escalation,
    FollowUp,
    IssuedDocument,
    Joined,
    Link,
    MeetingGuest,
    Overrun,
    RemoteAuthorisation,
    Ticket,
    Verdict,
    on_site_facts,
    with_ladder,
)
from tickets.names import with_people


def record_of(pk: int, user: User) -> Ticket | None:
    """The record with what its page shows; None where it is not the person's to see.

    Its people come by a second query: nine tables at once take longer to plan than both to answer.
    """
    ticket = _record.first(user, pk)
    return None if ticket is None else with_people(ticket, user)


@prepared
def _record(user: User, pk: int) -> QuerySet[Ticket]:
    related = ("client__hours", "system", "contact", "group")
    phones = Phone.objects.filter(contact=OuterRef("contact")).order_by("pk").values("number")
    rows = Ticket.objects.visible_to(user).filter(pk=pk).select_related(*related)
    newer, older = Link.objects.filter(record=OuterRef("pk")), Link.objects.filter(other=OuterRef("pk"))
    return with_ladder(rows).annotate(
        phones=ArraySubquery(phones),
        has_files=Exists(Attachment.objects.filter(ticket=OuterRef("pk"))),
        has_lists=Exists(Checklist.objects.filter(ticket=OuterRef("pk"))),
        has_documents=Exists(IssuedDocument.objects.filter(ticket=OuterRef("pk"))),
        has_remote=Exists(RemoteAuthorisation.objects.filter(ticket=OuterRef("pk"))),
        has_ties=Exists(newer) | Exists(older),
        has_overruns=Exists(Overrun.objects.filter(ticket=OuterRef("pk"))),
        awaits_you=Exists(Escalation.objects.awaiting(user).filter(ticket=OuterRef("pk"))),
        **on_site_facts(),
    )


@dataclass(frozen=True, slots=True)
class Guest:
    """One who was called to a meeting beside those invited, or has joined it; `name` of one from outside."""

    username: str | None
    label: str
    called_at: datetime
    joined_at: datetime | None
    how: str

    @property
    def way(self) -> str:
        return str(Joined(self.how).label) if self.how else ""


@dataclass(frozen=True, slots=True)
class Met:
    """A coordination meeting with whom it invited, and with its verdicts, the one that holds last."""

    meeting: CoordinationMeeting
    invited: list[User]
    verdicts: list[Verdict]
    guests: list[Guest]
    follow_ups: list[FollowUp]

    @property
    def absent(self) -> list[User]:
        """Whoever was invited at once and has not joined."""
        there = {guest.username for guest in self.guests}
        return [person for person in self.invited if person.username not in there]


def meetings_of(pk: int) -> list[Met]:
    """The coordination meetings of a record, newest first, in one query."""
    return [
        Met(
            meeting,
            [User(**facts) for facts in meeting.called],
            [_verdict(**facts) for facts in meeting.given],
            [_guest(**facts) for facts in meeting.came],
            [_follow_up(**facts) for facts in meeting.left],
        )
        for meeting in _meetings(pk)
    ]


@prepared
def _meetings(pk: int) -> QuerySet[CoordinationMeeting]:
    """With `called`, `given`, `came` and `left`: of people what their labels are made of."""
    came = MeetingGuest.objects.filter(meeting=OuterRef("pk")).order_by(
        F("joined_at").asc(nulls_last=True), "pk"
    )
    person = JSONObject(
        stranger="name", called_at="called_at", joined_at="joined_at", how="how", **_of("person")
    )
    left = FollowUp.objects.filter(meeting=OuterRef("pk")).order_by("due_at", "pk")
    owed = JSONObject(
        pk="pk", text="text", kind="kind", state="state", due_at="due_at", result="result", **_of("owner")
    )
    guests = CoordinationMeeting.invited.through.objects.filter(coordinationmeeting=OuterRef("pk"))
    given = Verdict.objects.filter(meeting=OuterRef("pk")).order_by("pk")
    said = JSONObject(outcome="outcome", reason="reason", at="at", **_of("by"))
    return (
        CoordinationMeeting.objects.filter(ticket=pk)
        .select_related("convened_by", "escalation__clock")
        .annotate(
            came=ArraySubquery(came.values(facts=person)),
            left=ArraySubquery(left.values(facts=owed)),
            called=ArraySubquery(guests.order_by("user__username").values(facts=JSONObject(**_of("user")))),
            given=ArraySubquery(given.values(facts=said)),
        )
        .order_by("-pk")
    )


def _of(person: str) -> dict[str, str]:
    return {name: f"{person}__{name}" for name in ("username", "name", "name_en")}


def _guest(
    stranger: str, called_at: str, joined_at: str | None, how: str, username: str | None, **names: str
) -> Guest:
    label = User(username=username, **names).label if username else stranger
    joined = datetime.fromisoformat(joined_at) if joined_at else None
    return Guest(username, label, datetime.fromisoformat(called_at), joined, how)


def _follow_up(pk: int, text: str, kind: str, state: str, due_at: str, result: str, **owner: str) -> FollowUp:
    facts = {"pk": pk, "text": text, "kind": kind, "state": state, "result": result}
    return FollowUp(**facts, due_at=datetime.fromisoformat(due_at), owner=User(**owner))


def _verdict(outcome: str, reason: str, at: str, **by: str) -> Verdict:
    return Verdict(outcome=outcome, reason=reason, at=datetime.fromisoformat(at), by=User(**by))


@prepared
def history_of(user: User, pk: int) -> QuerySet[Entry]:
    """The entries of a record that the person may read, oldest first."""
    history = Entry.objects.visible_to(user).filter(ticket=pk)
    return history.select_related("by", "outgoing_mail", "time_spent")


@prepared
def clocks_of(pk: int) -> QuerySet[Clock]:
    """The clocks of a record that count, with what each has still to report up."""
    return Clock.objects.filter(ticket=pk).current().with_planned()
