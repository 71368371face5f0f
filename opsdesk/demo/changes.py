"""Changes in every state, by the actions, as they were at that time (tail §7.2)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

from clients.models import Channel, Client
from opsdesk.demo.people import HOME, Staff
from opsdesk.demo.story import sweep_until
from opsdesk.demo.texts import load
from staff.files import Upload
from tickets import actions
from tickets.actions import Draft, PlanText
from tickets.changestanding import papers_of
from tickets.models import Change, WorkType

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# type, planned how many days ago, window in how many days, and how far it has come.
WAYS = (
    ("cutover", 30, -14, 8),
    ("optimisation", 20, -9, 8),
    ("ha-switch", 12, -4, 7),
    ("requirement", 9, -2, 6),
    ("cutover", 6, 1, 4),
    ("ha-switch", 5, 1, 4),
    ("optimisation", 4, 3, 3),
    ("requirement", 2, 6, 2),
    ("requirement", 1, 9, 1),
)
SUBMITTED, APPROVED, PAPERS, SCHEDULED, STARTED, DONE, REVIEWED, CLOSED = range(1, 9)


def change(staff: Staff, *, now: datetime) -> None:
    """Plan, approve and carry out for a month, and leave some to be done."""
    home = next(team for team in staff.teams if team.group.code == HOME)
    clients = list(Client.objects.active().filter(group=home.group).order_by("pk")[: len(WAYS)])
    words = load("changes")
    for number, (code, ago, ahead, steps) in enumerate(WAYS):
        # Two of them want the same system in the same night.
        client = clients[4 if number == 5 and len(clients) > 4 else number % len(clients)]
        _carry(home, client, code, words[code][number % len(words[code])], now, ago, ahead, steps)
        sweep_until(Change.objects.latest("pk").ticket, now)
    actions.tend_overruns(now=now)


def _carry(
    team: Any,
    client: Client,
    code: str,
    said: dict[str, str],
    now: datetime,
    ago: int,
    ahead: int,
    steps: int,
) -> None:
    planner, supervisor = team.engineers[0], team.supervisors[0]
    owner = team.engineers[1 % len(team.engineers)]
    then = now - ago * DAY
    plan = PlanText(said["plan"], said["impact"], said["rollback"], said["checks"], said["risk"])
    found = actions.draft_change(
        Draft(
            type=WorkType.objects.get(code=code),
            client=client,
            title=said["title"],
            system=client.systems.filter(is_active=True).order_by("pk").first(),
            contact=client.contacts.filter(is_active=True).order_by("pk").first(),
            owner=owner,
            text=plan,
        ),
        by=planner,
        now=then,
    )
    if steps < SUBMITTED:
        return
    found = actions.submit_change(found, by=planner, now=then + HOUR)
    if steps < APPROVED:
        return
    found = actions.approve_change(found, note=said["note"], by=supervisor, now=then + 5 * HOUR)
    if steps < PAPERS:
        return
    wanted = ("plan", "approval", "window", "rollback") if steps < DONE else ()
    _file(found, planner, wanted, then + 6 * HOUR)
    if found.needs_client:
        contact = found.ticket.contact.name if found.ticket.contact else client.name
        letter = found.ticket.attachments.first()
        found = actions.confirm_for_client(
            found, client_by=contact, client_how=Channel.LETTER, file=letter, by=planner, now=then + 7 * HOUR
        )
    if steps < SCHEDULED:
        return
    night = datetime.combine(timezone.localdate(now) + ahead * DAY, time(22), timezone.get_default_timezone())
    found = actions.schedule_change(
        found, window_from=night, window_to=night + 4 * HOUR, by=planner, now=then + 8 * HOUR
    )
    if steps < STARTED or night + 3 * HOUR > now:
        return
    found = actions.start_change(found, by=owner, now=night + HOUR / 4)
    if steps < DONE:
        return
    outcome = said.get("outcome", "succeeded")
    found = actions.finish_change(
        found, outcome=outcome, result=said["result"], by=owner, now=night + 3 * HOUR
    )
    if steps < REVIEWED:
        return
    found = actions.review_change(found, review=said["review"], by=supervisor, now=night + 11 * HOUR)
    if steps < CLOSED:
        return
    who = found.ticket.caller_name
    actions.confirm(found.ticket, confirmed_by=who, channel=Channel.PHONE, by=planner, now=night + 13 * HOUR)


def _file(found: Change, by: Any, steps: tuple[str, ...], now: datetime) -> None:
    """One file in the place of each document: what matters here is that it is there."""
    file: Any = _paper()
    for paper in papers_of(found):
        if not steps or paper.step in steps:
            actions.file_for_change(found, paper=paper.pk, file=file, by=by, now=now)
            file = found.ticket.attachments.first()


def _paper() -> Upload:
    paper = load("changes")["paper"]
    return Upload(paper["name"], BytesIO(paper["text"].encode()), "text/plain")
