"""What beat wakes up in reports; each looks in the database for what is due."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from reports import actions
from reports.assessment import actions as assessments
from reports.monthly import actions as monthly

STINT = 35  # seconds that one run counts and compares reports: the next goes on with the rest


@shared_task(name="reports.tasks.keep_counts")
def keep_counts() -> None:
    """Bring the kept counts behind the figures up to date (§3.2)."""
    actions.keep(now=timezone.now())


@shared_task(name="reports.tasks.tend_monthly")
def tend_monthly() -> None:
    """Draft monthly reports, ask for those that are late, count, compare those that are out (§5.2)."""
    monthly.tend_monthly(now=timezone.now())
    until = monotonic() + STINT
    while monotonic() < until and monthly.count_due(now=timezone.now(), most=1):
        pass
    while monthly.compare_next(now=timezone.now()) is not None and monotonic() < until:
        pass


@shared_task(name="reports.tasks.tend_assessments")
def tend_assessments() -> None:
    """Draft the assessments of the month that is over, and make final what nobody appealed against (§5.2)."""
    assessments.tend_assessments(now=timezone.now())
