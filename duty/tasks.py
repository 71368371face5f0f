"""What Celery runs for the calendar and the roster."""

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from duty.actions import publish_all, raise_all, raise_holiday_alarms, remind, tell_news
from duty.calendar import unknown_years
from staff.actions import notify
from staff.models import Role, User


@shared_task(name="duty.tasks.check_calendar")
def check_calendar() -> None:
    """Tell the administrators, once a month, about a year whose official holiday plan is not known (§5.5)."""
    now = timezone.now()
    for year in unknown_years(timezone.localdate(now)):
        notify(
            User.objects.filter(is_active=True, role=Role.ADMINISTRATOR),
            "calendar_unknown",
            {"year": year},
            url=reverse("duty:calendar_year", args=[year]),
            key=f"calendar:{year}:{now:%Y-%m}",
            now=now,
        )


@shared_task(name="duty.tasks.write_rosters")
def write_rosters() -> None:
    """Write out what has come into sight of every group's roster (§5.1)."""
    publish_all(now=timezone.now())


@shared_task(name="duty.tasks.raise_alarms")
def raise_alarms() -> None:
    """Tell of gaps and empty shifts ahead, and of holidays that a roster does not cover (§5.1, §5.5)."""
    now = timezone.now()
    raise_all(now=now)
    raise_holiday_alarms(now=now)


@shared_task(name="duty.tasks.remind_people")
def remind_people() -> None:
    """Tell people whose duties have changed, and remind them of those that begin (§5.1)."""
    now = timezone.now()
    tell_news(now=now)
    remind(now=now)
