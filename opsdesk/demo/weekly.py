"""Six weeks of Monday meetings of the first group, the last one of the others, and those ahead (§6.1.1).

Through the actions, with simulated time: what they decided is done, dropped, open and overdue.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from meetings import actions
from meetings.actions import Decided, Wanted
from meetings.models import Decision, Meeting, MeetingPlan
from opsdesk.demo.people import HOME, Staff, Team
from opsdesk.demo.texts import load
from staff.models import Notice, User

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEKS = 6
DECIDED_EACH = 2
TOLD = ("meeting", "meeting_overdue", "decision", "decision_overdue")


def meet(staff: Staff, *, now: datetime) -> None:
    """Hold the meetings of the last weeks, and write those ahead."""
    words = load("weekly")
    actions.write_ahead(now=now - WEEKS * 7 * DAY)
    actions.write_ahead(now=now)
    for team in staff.teams:
        plan = MeetingPlan.objects.get(group=team.group)
        wanted = Wanted(
            plan.weekday, plan.at, plan.minutes, words["place"], words["link"], team.supervisors[0]
        )
        actions.set_plan(plan, wanted, by=team.supervisors[0], now=now - WEEKS * 7 * DAY)
        past = Meeting.objects.filter(group=team.group, starts_at__lt=now - 3 * HOUR).meeting()
        found = list(past.order_by("starts_at"))
        is_home = team.group.code == HOME
        for number, meeting in enumerate(found if is_home else found[-1:]):
            _hold(team, meeting, number if is_home else WEEKS - 2, words, now)
        upcoming = Meeting.objects.filter(group=team.group, starts_at__gt=now).meeting()
        following = upcoming.order_by("starts_at").first()
        if following is not None and is_home:
            for title, details in words["items"]:
                actions.add_item(following, title=title, details=details, by=team.engineers[0], now=now)
    Meeting.objects.filter(state="scheduled", starts_at__lt=now - DAY).update(told_at=now)
    actions.tend_meetings(now=now)
    Notice.objects.filter(kind__in=TOLD, created_at__lt=now - DAY).delete()  # long read


def _hold(team: Team, meeting: Meeting, number: int, words: dict[str, Any], now: datetime) -> None:
    begin = meeting.starts_at
    by: dict[str, Any] = {"by": team.supervisors[0], "now": begin}
    meeting = actions.start_meeting(meeting, **by)
    notes = words["notes"] if team.group.code == HOME else {}
    for source, note in notes.items():
        actions.write_note(meeting, source, text=note, **by)
    first = number * DECIDED_EACH % len(words["decisions"])
    people = team.engineers
    for place, (source, text, days, *_rest) in enumerate(words["decisions"][first : first + DECIDED_EACH]):
        owner = people[(number + place) % len(people)]
        decided = Decided(text, owner, begin.date() + days * DAY)
        made = actions.decide(meeting, source, decided, **by)
        if (at := begin + days * DAY - HOUR) < now:
            _settle(made, words["decisions"][first + place], team.supervisors[0], at)
    actions.end_meeting(meeting, by=team.supervisors[0], now=begin + HOUR)
    published_at = min(begin + 4 * HOUR, now)
    actions.publish_minutes(meeting, language="zh-hans", by=team.supervisors[0], now=published_at)


def _settle(made: Decision, words: list[Any], supervisor: User, at: datetime) -> None:
    _source, _text, _days, state, result = words
    if state == "done":
        actions.settle_decision(made, result=result, by=made.owner, now=at)
    elif state == "dropped":
        actions.drop_decision(made, reason=result, by=supervisor, now=at)
