"""A believable house to try things out in: people, clients, rosters, 18 months of records, and today's work.

Everything is drawn from one random source, so that the same seed and the same instant give the same house.
Closed history is written in bulk by `history`, with rows equal to what the actions write (a test compares
them field by field); today's work goes through the actions themselves with simulated time.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile

from django.db import transaction
from django.utils import translation

from clients.actions import load_defaults as load_client_defaults
from duty.actions import load_year
from duty.models import CalendarYear
from duty.official import plan_of
from opsdesk.demo import (
    archive,
    assessment,
    audits,
    callbacks,
    calls,
    changes,
    channels,
    current,
    documents,
    handovers,
    history,
    inspections,
    mail,
    meetingwork,
    monthly,
    policy,
    process,
    remote,
    road,
    roster,
    satisfaction,
    surveys,
    telephone,
    weekly,
    weeklyreports,
    working,
)
from opsdesk.demo.clients import sign_up
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.people import Staff, hire
from opsdesk.demo.rulings import Rulings
from opsdesk.demo.story import Story
from reports import actions as figures
from staff.models import Notice, User
from tickets.actions import forget_stale, load_work_types
from tickets.actions.policy import load_defaults as load_policy

HISTORY = timedelta(days=548)  # 18 months
RECORDS = 6000
READ_AFTER = timedelta(hours=20)
# Nobody leaves what he has read in his inbox for longer, but what was planned for him.
KEPT, PLANNED = timedelta(days=2), ("roster_changed", "swap", "cover_wanted", "leave")

Say = Callable[[str], None]


@transaction.atomic
def seed(
    *,
    now: datetime,
    present: Callable[[], datetime],
    password: str,
    number: int = 1,
    records: int = RECORDS,
    say: Say = lambda line: None,
) -> Staff:
    """Create the demo house in an empty database; return its staff.

    History ends at `now`. `present` is asked once, when history is written: today's work hangs on that, so
    that what is about to happen has not happened while history was being written. `number` seeds all chance.
    """
    rng = random.Random(number)
    with translation.override("zh-hans"):
        _load_reference_rows(now)
        staff = hire(rng, password=password, now=now)
        say(f"{len(staff.everyone)} people in {len(staff.teams)} groups")
        served = sign_up(rng, staff, password=password, now=now)
        say(f"{len(served)} clients with {sum(len(client.systems) for client in served)} systems")
        say(f"{roster.publish(staff, now=now)} shifts")
        lookup = Lookup(since=now - HISTORY)
        stories = list(
            calls.stories(rng, lookup, staff, served, count=records, since=now - HISTORY, until=now)
        )
        over = sum(1 for _story in takewhile(lambda story: _is_past(story, now), stories))
        rulings = Rulings(random.Random(number), staff, now=now)
        history.write(
            stories[:over],
            lookup,
            judge=rulings.judge,
            say=lambda done: say(f"{done} of about {len(stories)} records"),
        )
        today = present()
        count = current.write(stories[over:], rng, lookup, staff, served, now=today)
        say(f"{count} open records")
        mail.write(now=today)
        rulings.take_up(now=today)
        working.furnish(rng, staff, now=today)
        road.send(rng, staff, now=today)
        remote.arrange(rng, now=today)
        inspections.inspect(random.Random(number), staff, now=today)
        policy.draft(staff, now=today)
        callbacks.call_back(random.Random(number), staff, now=today)
        documents.issue(now=today)
        handovers.hand_over(staff, now=today)
        surveys.ask(random.Random(number), staff, now=today)
        archive.furnish(random.Random(number), staff, now=today)
        satisfaction.satisfy(staff, now=today)
        weekly.meet(staff, now=today)
        weeklyreports.report(staff, now=today)
        meetingwork.meet(staff, now=today)
        audits.audit(staff, now=today)
        changes.change(staff, now=today)
        process.improve(staff, now=today)
        telephone.ring(random.Random(number), staff, now=today)
        figures.count_anew(now=today)  # all that was noted so far at once: what follows asks for many figures
        assessment.assess(staff, now=today)
        monthly.report(staff, now=today)
        channels.open_channels(staff, now=today)
        _settle(today)
    return staff


def _is_past(story: Story, now: datetime) -> bool:
    """Whether a story is over and older than all of today's work, so that ids keep the order of calls."""
    return story.is_over(now) and story.reported_at < now - current.OLDEST


def _load_reference_rows(now: datetime) -> None:
    load_client_defaults()
    load_policy()
    load_work_types()
    years = set(range((now - HISTORY).year - 1, now.year + 2))
    for year in years - set(CalendarYear.objects.values_list("year", flat=True)):
        load_year(plan_of(year))


def _settle(now: datetime) -> None:
    """Yesterday's notices are read, notices go out by e-mail from now on, and every name is known."""
    Notice.objects.filter(created_at__lt=now - KEPT).exclude(kind__in=PLANNED).delete()
    Notice.objects.filter(created_at__lt=now - READ_AFTER).update(read_at=now - READ_AFTER)
    User.objects.exclude(email="").update(email_notices=True)
    forget_stale()
