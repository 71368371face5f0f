"""Last month's reports: of the department, the groups and two clients published, a third's a draft (§5.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from clients.models import Client, Contact
from opsdesk.demo.people import HOME, Staff
from opsdesk.demo.texts import load
from reports.models import MonthlyReport
from reports.monthly import actions
from reports.monthly.kinds import Edition
from reports.monthly.months import drafted_at, last_over
from staff.models import Role

GETTING, PUBLISHED = 3, 2  # clients with an edition, and how many of these are out
AFTER = timedelta(days=2, hours=7)


def report(staff: Staff, *, now: datetime) -> None:
    """Agree with three clients, draft the month that is over, and publish what a visitor finds published."""
    chosen = _agree(staff, now=now)
    month = last_over(now, ZoneInfo(settings.TIME_ZONE))
    then = drafted_at(month, ZoneInfo(settings.TIME_ZONE))
    actions.draft_months(now=then)
    actions.count_due(now=then)
    out = min(then + AFTER, now)
    for one in MonthlyReport.objects.filter(month=month.first).with_names().order_by("pk"):
        if one.edition != Edition.CLIENT or one.client in chosen[:PUBLISHED]:
            _publish(one, staff, now=out)
    actions.tend_monthly(now=now)
    actions.compare_published(now=now)


def _agree(staff: Staff, *, now: datetime) -> list[Client]:
    """Clients of the group that a visitor sees first; of the first his contacts with an account are told."""
    home = next(team for team in staff.teams if team.group.code == HOME)
    with_account = Contact.objects.filter(
        user__isnull=False, client__group=home.group, client__is_active=True
    )
    first = list(Client.objects.filter(pk__in=with_account.values("client")).order_by("pk")[:1])
    rest = Client.objects.active().filter(group=home.group).exclude(pk__in=[one.pk for one in first])
    chosen = [*first, *rest.order_by("pk")[: GETTING - len(first)]]
    for client in chosen:
        told = with_account.filter(client=client)
        by = home.supervisors[0]
        actions.agree_with_client(client, is_wanted=True, told=told, version=0, by=by, now=now)
    return chosen


def _publish(one: MonthlyReport, staff: Staff, *, now: datetime) -> None:
    words = load("monthly")
    editor = next(person for person in staff.everyone if person.role == Role.AUDITOR)
    if one.edition != Edition.DEPARTMENT:
        group = one.group or one.client.group  # type: ignore[union-attr]
        editor = staff.team_of(group).supervisors[0]
    done = actions.publish_report(one, words[one.edition], counted_at=one.counted_at, by=editor, now=now)
    if one.edition == Edition.DEPARTMENT:
        leader = next(person for person in staff.everyone if person.role == Role.LEADER)
        actions.acknowledge_report(done, by=leader, now=now)
        actions.comment_report(done, text=words["comment"], by=leader, now=now)
