"""`manage.py guard`: keeps the deadlines without Redis and Celery when no tick has come for 20 s."""

import logging
import time
from datetime import timedelta
from functools import partial

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections
from django.utils import timezone

from duty import actions as roster
from staff.delivery import deliver
from tickets import actions
from tickets.actions.rehearsal import rehearse
from tickets.audit import audit
from tickets.models import Heartbeat
from tickets.post import post
from tickets.tasks import watch

log = logging.getLogger(__name__)
STALE, STINT, LOOK_EVERY = timedelta(seconds=20), timedelta(seconds=2), timedelta(seconds=2)
AUDIT_STALE = timedelta(minutes=2)
# In this order. Of what-if runs a second's worth, so that no deadline waits longer for them.
CHORES = (
    actions.convene_due,
    actions.watch_windows,
    deliver,
    post,
    actions.tend_overruns,
    actions.tend_changes,
    roster.raise_all,
    roster.raise_holiday_alarms,
    roster.tell_news,
    roster.remind,
    partial(rehearse, seconds=1),
)


class Command(BaseCommand):
    help = "Do what may not wait (deadlines, notices, windows, cases) whenever Celery has not for 20 seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="come round once and stop")

    def handle(self, *args: object, once: bool, **options: object) -> None:
        on_guard = False
        while True:
            failed = False
            try:
                on_guard = self.come_round(on_guard)
            except Error as error:
                failed = True
                log.warning("the database does not answer; trying again: %s", str(error).strip())
            except Exception:  # the last line of defence: no single fault may end the watch
                failed = True
                log.exception("a round of the guard failed; trying again")
            if once and failed:
                raise SystemExit(1)
            if once:
                return
            close_old_connections()
            if failed or not on_guard:
                time.sleep(LOOK_EVERY.total_seconds())

    def come_round(self, was_on_guard: bool) -> bool:
        """Do what Celery should have done, where it has not; return whether the guard stands in for it."""
        on_guard = _is_stale("tick", STALE)
        if on_guard != was_on_guard:
            log.warning("no tick came: standing in" if on_guard else "ticks are back")
        if on_guard:
            watch(until=timezone.now() + STINT, name="guard")
            do_chores()
            time.sleep(0.2)
        if _is_stale("audit", AUDIT_STALE):
            audit(now=timezone.now())
        return on_guard


def do_chores() -> None:
    """Do everything else that may not wait for Celery; what fails holds up none of the rest."""
    failure: Exception | None = None
    for chore in CHORES:
        try:
            chore(now=timezone.now())
        except Error:
            raise
        except Exception as error:
            log.exception("a chore of the guard failed")
            failure = failure or error
    if failure is not None:
        raise failure


def _is_stale(name: str, after: timedelta) -> bool:
    """Say whether a loop has not come round. A beat from the future is no proof: a clock was set back."""
    beat = Heartbeat.objects.filter(name=name).first()
    return beat is None or abs(timezone.now() - beat.at) > after
