"""Closed records are looked at, each solution once: asked about, or left out with the reason (§4.1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from staff.models import Role, User
from staff.refused import Refused
from surveys.actions.common import check_may_run, log
from surveys.models import (
    Campaign,
    CampaignKind,
    CampaignState,
    Exclusion,
    Invitation,
    SurveyEventKind,
)
from surveys.reaching import candidate, last_sent, ways_to, with_open
from surveys.sampling import Candidate, Share, excluded, is_drawn, percent_of
from tickets.models import Entry, EntryKind, Status, Ticket

BATCH = 100
# Who closes a record reads the clock before he writes: what was closed is seen a little later.
OVERLAP = timedelta(minutes=10)


def draw_closed(*, now: datetime) -> int:
    """Decide on all records that were closed since the last look; return on how many."""
    decided = 0
    for campaign in Campaign.objects.running().filter(kind=CampaignKind.AFTER_TICKET):
        while found := _draw(campaign, now):
            decided += found
    return decided


@transaction.atomic
def _draw(campaign: Campaign, now: datetime) -> int:
    rows = Campaign.objects.running().select_for_update(of=("self",), skip_locked=True)
    locked = rows.select_related("version").filter(pk=campaign.pk).first()
    if locked is None:
        return 0
    tickets = list(undecided(locked, now)[:BATCH])
    if tickets:
        _decide(locked, tickets, now)
    if len(tickets) < BATCH:
        Campaign.objects.filter(pk=locked.pk).update(sampled_until=now)
        return 0 if not tickets else len(tickets)
    return len(tickets)


def undecided(campaign: Campaign, now: datetime) -> QuerySet[Ticket]:
    """Closed or merged records on which this campaign has not decided; a reopened one comes again."""
    assert campaign.sampled_until is not None and campaign.started_at is not None
    since = max(campaign.sampled_until - OVERLAP, campaign.started_at)
    this = {"campaign": campaign, "ticket": OuterRef("pk"), "round": OuterRef("reopened_count")}
    closed = Q(status=Status.CLOSED, closed_at__gte=since, closed_at__lte=now)
    merged = Q(status=Status.MERGED, reported_at__gte=campaign.started_at)
    found = Ticket.objects.filter(closed | merged)
    if campaign.group_id is not None:
        found = found.filter(group=campaign.group_id)
    else:  # a group with a campaign of its own is asked by that one
        own = Campaign.objects.running().filter(kind=CampaignKind.AFTER_TICKET, group=OuterRef("group"))
        found = found.exclude(Exists(own))
    return (
        found.filter(~Exists(Invitation.objects.filter(**this)), ~Exists(Exclusion.objects.filter(**this)))
        .select_related("client__type", "contact__client", "contact__user", "owner")
        .prefetch_related("contact__phones")
        .order_by("closed_at", "pk")
    )


def _decide(campaign: Campaign, tickets: Sequence[Ticket], now: datetime) -> None:
    rules: dict[Share, int] = {(one.grade, one.type_id): one.percent for one in campaign.rules.all()}
    people = {ticket.contact_id for ticket in tickets if ticket.contact_id is not None}
    rest, busy = last_sent(people), with_open(people)
    staff = _names_of_staff(tickets)
    solvers = solvers_of(tickets)
    cooldown = timedelta(days=campaign.cooldown_days)
    invitations, left_out = [], []
    for ticket in tickets:
        drawn = is_drawn(
            campaign.seed,
            ticket.pk,
            ticket.reopened_count,
            percent_of(rules, ticket.grade, ticket.client.type_id),
        )
        reason = excluded(_candidate(campaign, ticket, rest, busy, staff, drawn), cooldown=cooldown, now=now)
        if reason is not None:
            left_out.append(
                Exclusion(
                    campaign=campaign,
                    client=ticket.client,
                    contact=ticket.contact,
                    ticket=ticket,
                    round=ticket.reopened_count,
                    reason=reason,
                    at=now,
                )
            )
            continue
        assert ticket.contact_id is not None
        busy.add(ticket.contact_id)
        invitations.append(_planned(campaign, ticket, solvers.get(ticket.pk), now))
    Invitation.objects.bulk_create(invitations)
    Exclusion.objects.bulk_create(left_out)


def _candidate(
    campaign: Campaign,
    ticket: Ticket,
    rest: dict[int, datetime],
    busy: set[int],
    staff: set[str],
    drawn: bool,
) -> Candidate:
    facts: dict[str, Any] = {"is_merged": ticket.status == Status.MERGED, "is_drawn": drawn}
    if ticket.contact is None:
        is_staff = bool({ticket.caller_name, ticket.callback_number} & staff)
        return Candidate(has_contact=False, is_staff=is_staff, **facts)
    return candidate(ticket.contact, campaign.channels, rest, busy, **facts)


def _names_of_staff(tickets: Iterable[Ticket]) -> set[str]:
    """Names and numbers of people of the house among the callers of records without a contact."""
    said = {ticket.caller_name for ticket in tickets if ticket.contact_id is None}
    numbers = {ticket.callback_number for ticket in tickets if ticket.contact_id is None} - {""}
    found = User.objects.exclude(role=Role.CONTACT).filter(Q(name__in=said) | Q(phone__in=numbers))
    return {text for pair in found.values_list("name", "phone") for text in pair if text}


def solvers_of(tickets: Iterable[Ticket]) -> dict[int, int]:
    """Who solved each record last, else its owner: the engineer whom the answers are about."""
    tickets = list(tickets)
    found = {ticket.pk: ticket.owner_id for ticket in tickets if ticket.owner_id is not None}
    solved = Entry.objects.filter(ticket__in=tickets, kind=EntryKind.RESOLVED, by__isnull=False)
    return found | dict(solved.order_by("at", "id").values_list("ticket", "by"))


def _planned(
    campaign: Campaign, ticket: Ticket, engineer: int | None, now: datetime, *, is_exception: bool = False
) -> Invitation:
    assert ticket.contact is not None
    closed_at = ticket.closed_at or now
    return Invitation(
        campaign=campaign,
        version_id=campaign.version_id,
        client=ticket.client,
        contact=ticket.contact,
        ticket=ticket,
        round=ticket.reopened_count,
        engineer_id=engineer,
        group_id=ticket.group_id,
        grade=ticket.grade,
        system_id=ticket.system_id,
        client_type_id=ticket.client.type_id,
        channel=ways_to(ticket.contact, campaign.channels)[0],
        is_exception=is_exception,
        created_at=now,
        next_at=max(now, closed_at + timedelta(hours=campaign.delay_hours)),
    )


@transaction.atomic
def approve_exception(exclusion: Exclusion, *, reason: str, by: User, now: datetime) -> Invitation:
    """Ask of a grade-1 fault although the contact rests, or has another survey. Raises `Refused` otherwise.

    Not by whoever works on records: a supervisor, QA, or an administrator, with the reason.
    """
    exclusion = (
        Exclusion.objects.select_for_update(of=("self",))
        .select_related("campaign", "ticket__client", "ticket__contact__client")
        .get(pk=exclusion.pk)
    )
    ticket = exclusion.ticket
    check_may_run(ticket.group_id if ticket else None, by)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    if not exclusion.may_be_lifted or ticket is None or ticket.contact is None:
        raise Refused(
            _("Only a grade-1 fault may be asked about in spite of the rest, once."), code="refused"
        )
    is_same = ticket.status == Status.CLOSED and ticket.reopened_count == exclusion.round
    if not is_same or exclusion.campaign.state != CampaignState.RUNNING:
        raise Refused(_("The record or the campaign has changed since."), code="wrong_status")
    if ticket.contact.wants_no_surveys or not ways_to(ticket.contact, exclusion.campaign.channels):
        raise Refused(_("This contact wants no surveys, or cannot be reached."), code="refused")
    engineer = solvers_of([ticket]).get(ticket.pk)
    invitation = _planned(exclusion.campaign, ticket, engineer, now, is_exception=True)
    of: dict[str, Any] = {"campaign": exclusion.campaign, "ticket": ticket, "round": exclusion.round}
    # It may have been planned and left out only when its turn came: then that one is taken up again.
    invitation.pk = Invitation.objects.filter(**of).values_list("pk", flat=True).first()
    invitation.save()
    exclusion.lifted_at, exclusion.lifted_by, exclusion.lifted_because = now, by, reason.strip()[:300]
    exclusion.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])
    log(invitation, SurveyEventKind.APPROVED, by=by, now=now, note=reason.strip())
    return invitation


def reopened() -> QuerySet[Invitation]:
    """Invitations about a record that was reopened since: nobody is asked how it was solved."""
    return Invitation.objects.filter(ticket__isnull=False).exclude(
        ticket__reopened_count=F("round"), ticket__status=Status.CLOSED
    )
