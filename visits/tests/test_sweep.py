"""Callbacks are written ahead by the task: once, evenly, by the plan of the client's type, late or twice."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Client, ClientType, Contact, ContactHours, QuietPeriod, System
from duty.calendar import working_days
from duty.models import CalendarDay, DayKind, Leave, LeaveState
from opsdesk.testing import MONDAY, Cast, at, build_cast
from staff.models import Role, User
from tickets.models import Grade
from visits import actions
from visits.kinds import EventKind, Kind, Method, State
from visits.models import Cadence, Callback, CallbackPlan
from visits.planning import Every, Unit, following
from visits.tests.callbacks import DAY, HOUR, LONG_BEFORE, arranged, planned, solved

WEEKS = 12


def clients(cast: Cast, number: int) -> list[Client]:
    """So many clients of the three types, each with a contact; some with habits."""
    types = list(ClientType.objects.filter(code__in="ABC").order_by("code"))
    made = []
    for n in range(number):
        facts = {"hours": cast.hospital.hours, "group": cast.south, "type": types[n % 3]}
        client = Client.objects.create(code=f"c{n}", name=f"客户{n}", **facts)
        contact = Contact.objects.create(client=client, name=f"主任{n}")
        if n % 5 == 0:
            for weekday in (1, 3):
                ContactHours.objects.create(
                    contact=contact, weekday=weekday, starts=time(14), ends=time(16, 30)
                )
        if n % 7 == 0:
            QuietPeriod.objects.create(client=client, starts_on="2026-12-20", ends_on="2027-01-05")
        made.append(client)
    return made


def engineers(cast: Cast, number: int) -> list[User]:
    return [
        User.objects.create_user(f"e{n}", name=f"工程师{n}", role=Role.ENGINEER, group=cast.south)
        for n in range(number)
    ]


def weeks(number: int) -> list[datetime]:
    return [MONDAY + 7 * n * DAY for n in range(number)]


def test_twelve_weeks_of_forty_clients(cast: Cast) -> None:
    planned()
    clients(cast, 40)
    engineers(cast, 3)
    for now in weeks(WEEKS):
        actions.tend_callbacks(now=now)
    rows = list(Callback.objects.exclude(slot_on=None).select_related("client__type", "contact"))
    assert len(rows) > 60
    until = (weeks(WEEKS)[-1] + 28 * DAY).date()
    plans = {plan.type_id: plan for plan in CallbackPlan.objects.all()}
    for client in Client.objects.all():
        for method in Method:
            slots = sorted(row.slot_on for row in rows if row.client_id == client.pk and row.method == method)
            rhythm = plans[client.type_id].rhythm(method)
            # Each follows the one before, and the next is out of sight: none is missing, none there twice.
            assert slots[1:] == [following(one, rhythm.every) for one in slots[:-1]]
            assert not slots or following(slots[-1], rhythm.every) > until
    is_working = working_days(since=date(2026, 11, 1))
    assert all(is_working(row.due_on) for row in rows)
    tz = timezone.get_default_timezone()
    for row in rows:
        local = row.due_at.astimezone(tz)
        number = int(row.client.code[1:]) if row.client.code != "hospital" else 1
        if number % 5 == 0:
            assert local.weekday() in (1, 3)
            assert local.hour >= 14
        if number % 7 == 0:
            assert not date(2026, 12, 20) <= local.date() <= date(2027, 1, 5)
    loads = Counter(row.person_id for row in rows)
    even = len(rows) / 5  # 陈工, 李敏 and the three engineers
    assert len(loads) == 5
    assert all(abs(load - even) <= max(even / 10, 2) for load in loads.values()), loads


def test_a_second_run_writes_none(cast: Cast) -> None:
    planned()
    clients(cast, 10)
    first = actions.plan_callbacks(now=MONDAY)
    assert first
    assert actions.plan_callbacks(now=MONDAY) == 0
    assert actions.plan_callbacks(now=MONDAY + HOUR) == 0
    assert Callback.objects.count() == first


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_each_slot_once() -> None:
    cast = build_cast()
    planned()
    clients(cast, 20)
    solved(cast, MONDAY)

    def work() -> None:
        try:
            for _n in range(3):
                actions.tend_callbacks(now=MONDAY + HOUR)
        finally:
            connection.close()

    threads = [Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = Callback.objects.values_list("client", "method", "slot_on", "ticket")
    assert len(rows) == len(set(rows))
    before = Callback.objects.count()
    actions.tend_callbacks(now=MONDAY + HOUR)
    assert Callback.objects.count() == before


def test_what_was_written_stays_when_the_plan_changes_and_the_next_slot_follows_it(cast: Cast) -> None:
    planned()
    for now in weeks(10):
        actions.plan_callbacks(now=now)
    phone = Callback.objects.filter(method=Method.PHONE).order_by("slot_on")
    before = list(phone.values_list("slot_on", "due_at", "limit_at", "person"))
    now = weeks(10)[-1] + HOUR
    plan = CallbackPlan.objects.get(type__code="A")
    actions.change_plan(plan, {"phone_every": 6}, by=cast.wang, now=now)
    assert actions.plan_callbacks(now=now) == 0
    assert list(phone.values_list("slot_on", "due_at", "limit_at", "person")) == before
    cadence = Cadence.objects.get(client=cast.hospital, method=Method.PHONE)
    assert cadence.next_on == following(before[-1][0], Every(6, Unit.MONTH))
    assert not CallbackPlan.objects.get(pk=plan.pk).is_default


def test_a_client_of_another_type_is_called_back_by_its_plan(cast: Cast) -> None:
    planned()
    actions.plan_callbacks(now=MONDAY)
    cast.hospital.type = ClientType.objects.get(code="C")
    cast.hospital.save()
    actions.plan_callbacks(now=MONDAY + DAY)
    plans = {cadence.plan.type.code for cadence in Cadence.objects.filter(client=cast.hospital)}
    assert plans == {"C"}


def test_a_new_system_is_called_about_every_two_weeks_for_three_months(cast: Cast) -> None:
    planned()
    System.objects.filter(pk=cast.his.pk).update(in_service_since="2026-11-16")
    for now in weeks(20):
        actions.plan_callbacks(now=now)
    rows = Callback.objects.filter(kind=Kind.NEW_SYSTEM)
    calls = list(rows.filter(method=Method.PHONE).values_list("slot_on", flat=True).order_by("slot_on"))
    assert calls == [date(2026, 11, 30) + 14 * n * DAY for n in range(6)]
    assert rows.filter(method=Method.ON_SITE).count() == 3
    # Meanwhile there is no other, and afterwards they go on.
    others = Callback.objects.filter(kind=Kind.PERIODIC)
    assert not others.filter(slot_on__range=("2026-11-16", "2027-02-16")).exists()
    assert others.filter(slot_on__gt="2027-02-16").exists()


def test_every_fault_of_a_new_system_is_called_back(cast: Cast) -> None:
    planned()
    System.objects.filter(pk=cast.his.pk).update(in_service_since="2026-11-16")
    tickets = [solved(cast, to=Grade.THREE) for _n in range(8)]
    actions.draw_faults(now=MONDAY)
    assert Callback.objects.filter(ticket__in=tickets).count() == 8


def test_a_day_that_is_declared_a_holiday_later_is_left(cast: Cast) -> None:
    planned()
    clients(cast, 12)
    actions.tend_callbacks(now=MONDAY)
    row = Callback.objects.filter(state=State.PLANNED).order_by("due_at")[3]
    day = CalendarDay.objects.get(date=row.due_on)
    day.kind = DayKind.STATUTORY
    day.save()
    actions.tend_callbacks(now=MONDAY + HOUR)
    row.refresh_from_db()
    assert row.due_on != day.date
    assert row.events.get(kind=EventKind.MOVED).by is None
    assert not Callback.objects.open().filter(due_at__date=day.date).exists()


def test_what_a_person_has_moved_is_his_word(cast: Cast) -> None:
    planned()
    solved(cast)
    actions.draw_faults(now=MONDAY)
    row = Callback.objects.get()
    row = actions.move(row, at("2026-11-24 16:30"), reason="客户要求", by=cast.li, now=MONDAY)
    ContactHours.objects.create(contact=cast.contact, weekday=1, starts=time(9), ends=time(10))
    actions.tend_callbacks(now=MONDAY + HOUR)
    row.refresh_from_db()
    assert row.due_at == at("2026-11-24 16:30")


def test_new_habits_are_respected(cast: Cast) -> None:
    planned()
    solved(cast)
    actions.draw_faults(now=MONDAY)
    ContactHours.objects.create(contact=cast.contact, weekday=1, starts=time(15), ends=time(17))
    actions.tend_callbacks(now=MONDAY + HOUR)
    assert timezone.localtime(Callback.objects.get(kind=Kind.AFTER_FAULT).due_at).time() == time(15)


def test_who_has_left_calls_nobody(cast: Cast) -> None:
    planned()
    solved(cast)
    actions.draw_faults(now=MONDAY)
    cast.li.is_active = False
    cast.li.save()
    actions.tend_callbacks(now=MONDAY + HOUR)
    assert Callback.objects.get(kind=Kind.AFTER_FAULT).person == cast.chen


def test_who_is_on_leave_calls_nobody(cast: Cast) -> None:
    planned()
    Leave.objects.create(
        user=cast.li,
        starts_at=at("2026-11-24 00:00"),
        ends_at=at("2026-11-25 00:00"),
        state=LeaveState.APPROVED,
    )
    solved(cast)
    actions.draw_faults(now=MONDAY)
    assert Callback.objects.get().person == cast.chen


def test_an_after_fault_callback_counts_as_the_periodic_one_close_by_until_it_falls_away(cast: Cast) -> None:
    planned()
    cadence = Cadence(client=cast.hospital, method=Method.PHONE, next_on=date(2026, 11, 26))
    cadence.plan = CallbackPlan.objects.get(type__code="A")
    cadence.plan_version = cadence.plan.version
    cadence.save()
    actions.plan_callbacks(now=MONDAY)
    periodic = Callback.objects.get(slot_on="2026-11-26")
    assert periodic.state == State.PLANNED
    solved(cast)
    actions.draw_faults(now=MONDAY)
    after = Callback.objects.get(kind=Kind.AFTER_FAULT)
    periodic.refresh_from_db()
    assert (periodic.state, periodic.covered_by) == (State.COVERED, after)
    after = actions.record_refused(after, by=cast.li, now=MONDAY + DAY)
    periodic.refresh_from_db()
    assert (periodic.state, periodic.covered_by) == (State.PLANNED, None)
    assert periodic.due_at > MONDAY + DAY


def test_callbacks_of_former_clients_fall_away(cast: Cast) -> None:
    planned()
    row = arranged(cast)
    cast.hospital.is_active = False
    cast.hospital.save()
    actions.tend_callbacks(now=MONDAY + HOUR)
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN


def test_a_group_without_anybody_has_its_callbacks_all_the_same(cast: Cast) -> None:
    planned(LONG_BEFORE)
    User.objects.filter(group=cast.south).update(is_active=False)
    actions.tend_callbacks(now=MONDAY)
    for now in weeks(6):
        actions.tend_callbacks(now=now)
    assert Callback.objects.filter(person=None).exists()


def test_nothing_is_asked_when_there_is_nothing_to_do(cast: Cast, django_assert_max_num_queries) -> None:
    planned()
    clients(cast, 10)
    actions.tend_callbacks(now=MONDAY)
    with django_assert_max_num_queries(36):
        actions.tend_callbacks(now=MONDAY + timedelta(minutes=1))
