"""Too few or too many of those who look: beat away for minutes, two of everything, one record that fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from opsdesk.tests.faults.conftest import DRILL, SECOND, House, counted, lateness
from staff.models import Notice
from tickets.models import Clock, Entry, EntryKind, Escalation

RESPONSE = {"clock__kind": "response"}


@pytest.mark.drill("beat")
def test_beat_comes_back_after_ten_minutes_and_everything_is_made_good(
    house: House, figures: Callable[..., None]
) -> None:
    count, away = (2000, 600) if DRILL else (300, 600)
    house.many(count, over=away, start=timezone.now() - away * SECOND)
    house.start_valkey()
    house.start_worker("worker0")
    time.sleep(8)
    assert not Escalation.objects.fired().exists()  # the control: without beat nobody wakes the worker
    back = timezone.now()
    house.start_beat("beat0")
    house.wait("all report-ups", house.nothing_left, 60)
    steps = Escalation.objects.filter(**RESPONSE)
    took = (max(steps.values_list("fired_at", flat=True)) - back).total_seconds()
    figures(**counted(steps, due=3 * count), away_s=away, made_good_s=round(took, 2))
    assert took <= 30
    late = steps.filter(due_at__lt=back - 10 * SECOND)
    assert late.count() == late.filter(is_late=True).count() > count
    in_order = list(
        Entry.objects.filter(kind=EntryKind.REPORTED_UP).order_by("pk").values("ticket", "changes")
    )
    by_record: dict[int, list[str]] = {}
    for entry in in_order:
        by_record.setdefault(entry["ticket"], []).append(entry["changes"]["due_at"])
    assert all(instants == sorted(instants) for instants in by_record.values())


@pytest.mark.drill("doubles")
def test_two_beats_two_workers_and_two_guards_write_everything_once(
    house: House, figures: Callable[..., None]
) -> None:
    count, over = (2000, 60) if DRILL else (150, 6)
    house.start_celery(workers=2, beats=2)
    for number in range(2):
        house.start(f"guard{number}", "manage", "guard")
    house.many(count, over=over, start=timezone.now() + 3 * SECOND)
    house.wait("all report-ups", house.nothing_left, over + 60)
    time.sleep(3)  # for whoever would do it again
    steps = Escalation.objects.filter(**RESPONSE)
    figures(**counted(steps, due=3 * count))
    assert Entry.objects.filter(kind=EntryKind.REPORTED_UP).count() == 3 * count == steps.fired().count()
    assert Entry.objects.filter(kind=EntryKind.BREACHED).count() == count
    assert Notice.objects.filter(kind="report_up").count() == 3 * count
    assert lateness(steps)[-1] <= 5


@pytest.mark.drill("poison")
def test_one_record_that_fails_holds_up_no_other(house: House, figures: Callable[..., None]) -> None:
    count = 1000 if DRILL else 200
    house.many(count, over=1, start=timezone.now() - 2 * SECOND)
    poison = Clock.objects.order_by("due_at")[count // 2].ticket_id
    with connection.cursor() as cursor:  # the database itself refuses what the record's history would say
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF NEW.ticket_id = {poison} THEN RAISE 'poison'; END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER poison BEFORE INSERT ON tickets_entry FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    house.start_celery()
    others = Escalation.objects.filter(**RESPONSE).exclude(ticket=poison)
    begun = timezone.now()
    house.wait("the others", lambda: not others.filter(fired_at=None).exists(), 30)
    took = (timezone.now() - begun).total_seconds()
    alarm = Notice.objects.filter(kind="audit", recipient=house.cast.admin)
    house.wait("the alarm", alarm.exists, 60)  # after the third failure
    figures(**counted(others, due=3 * (count - 1)), took_s=round(took, 2), alarms=alarm.count())
    assert took <= (5 if DRILL else 20)  # beside other tests
    assert alarm.count() == 1
    assert not Escalation.objects.fired().filter(ticket=poison).exists()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER poison ON tickets_entry")
    patience = 5 + 2**5  # its next attempt is put off by 5, 10, 20 seconds
    house.wait(
        "the poisoned one, mended", lambda: not Clock.objects.filter(failures__gt=0).exists(), patience
    )
    house.wait("its report-ups", house.nothing_left, 10)


@pytest.mark.drill("clock")
@pytest.mark.parametrize("shift", [1, -1], ids=["an hour ahead", "an hour behind"])
def test_the_clock_of_the_database_moves_no_deadline(
    house: House, shift: int, figures: Callable[..., None]
) -> None:
    """Whoever asked Postgres for the time would be an hour early, or an hour late."""
    count = 500 if DRILL else 60
    with connection.cursor() as cursor:
        name = connection.settings_dict["NAME"]
        cursor.execute("CREATE SCHEMA shifted")
        for function in ("now", "clock_timestamp", "transaction_timestamp", "statement_timestamp"):
            cursor.execute(
                f"CREATE FUNCTION shifted.{function}() RETURNS timestamptz LANGUAGE sql AS"
                f" $$ SELECT pg_catalog.{function}() + interval '{shift} hour' $$"
            )
        cursor.execute(f'ALTER DATABASE "{name}" SET search_path = shifted, public, pg_catalog')
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        shown = cursor.fetchone()[0]
    assert abs(shown - timezone.now() - timedelta(hours=shift)) < timedelta(minutes=1)  # the control
    house.start_celery(workers=2)
    house.many(count, over=4, start=timezone.now() + 3 * SECOND)
    house.wait("all report-ups", house.nothing_left, 60)
    steps = Escalation.objects.filter(**RESPONSE)
    figures(**counted(steps, due=3 * count), shift_h=shift)
    late = lateness(steps)
    assert late[0] >= 0
    assert late[-1] <= 5
    assert Entry.objects.filter(kind=EntryKind.REPORTED_UP).count() == 3 * count
