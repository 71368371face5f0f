"""What time does to callbacks: planned, placed anew where a day is none, reminded of, reported up.

Pulls what is due: as late as it comes, and as often; each row says what was done about it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from duty.calendar import working_days
from staff.actions import notify
from staff.models import Group, ManagementLevel, User
from visits.actions.board import Desk
from visits.actions.collected import tell_of_need, tell_of_promise
from visits.actions.common import leaders, log, tell, tz
from visits.actions.faults import draw_faults, withdraw_reopened
from visits.actions.planning import each_group, plan_callbacks, set_place
from visits.kinds import OPEN, EventKind, Method, State
from visits.models import Callback, CallbackEvent, Need, Promise
from visits.placing import Want
from visits.planning import workday
from visits.reaching import quiet_of

BATCH = 100
REMINDED_FROM = time(8, 30)
# So many working days after its limit a callback that is still owed is reported to the next level.
REPORTED_AGAIN_AFTER = 2


def tend_callbacks(*, now: datetime) -> None:
    """Do all that is due; a second run changes nothing."""
    while withdraw_reopened(now=now):
        pass
    while draw_faults(now=now):
        pass
    plan_callbacks(now=now)
    _withdraw_former(now)
    _place_anew(now)
    _remind(now)
    while _report_up(now) or _report_higher(now):
        pass
    while _tell_promises(now) or _tell_needs(now):
        pass


@transaction.atomic
def _withdraw_former(now: datetime) -> None:
    """Nobody calls a client back who is no longer served; what is owed to a double is owed to the other."""
    rows = Callback.objects.open().filter(client__is_active=False).select_related("client__merged_into")
    for callback in rows.select_for_update(of=("self",), skip_locked=True):
        other = callback.client.merged_into
        if other is not None and callback.slot_on is None:
            callback.client, callback.group_id = other, other.group_id
            callback.version += 1
            callback.save(update_fields=["client", "group", "version"])
            log(callback, EventKind.MOVED, by=None, now=now, text=other.name)
            continue
        callback.state = State.WITHDRAWN
        callback.version += 1
        callback.save(update_fields=["state", "version"])
        log(callback, EventKind.WITHDRAWN, by=None, now=now)


def _place_anew(now: datetime) -> None:
    """Move what nobody has begun off days that are none any more, out of quiet hours, to who is there.

    The official calendar comes late, clients change their habits, people leave.
    """
    ahead = _untouched(now)
    rows = list(
        ahead.values_list("pk", "group", "client", "contact", "due_at", "person__is_active", "person")
    )
    if not rows:
        return
    is_working = working_days(since=now.astimezone(tz()).date())
    quiet = quiet_of({client for _pk, _group, client, *_rest in rows}, tz())
    wrong: dict[int, list[int]] = defaultdict(list)
    for pk, group, client, contact, due_at, is_active, person in rows:
        hours = quiet.get((client, contact))
        is_quiet = hours is not None and hours.is_quiet(due_at)
        gone = person is not None and not is_active
        if not is_working(due_at.astimezone(tz()).date()) or is_quiet or gone:
            wrong[group].append(pk)
    each_group(wrong, lambda group: _move_all(group, wrong[group.pk], now))


def _untouched(now: datetime) -> QuerySet[Callback]:
    """Planned by the planner, ahead, and left as it was: what a person has moved is his word."""
    moved = CallbackEvent.objects.filter(
        callback=OuterRef("pk"), kind__in=[EventKind.MOVED, EventKind.DECIDED], by__isnull=False
    )
    return Callback.objects.filter(
        ~Exists(moved), state=State.PLANNED, tried_at=None, created_by=None, due_at__gt=now
    )


def _move_all(group: Group, pks: list[int], now: datetime) -> int:
    rows = list(
        _untouched(now)
        .filter(pk__in=pks, group=group)
        .select_for_update(of=("self",))
        .select_related("client", "contact", "person", "ticket")
        .order_by("due_at", "pk")
    )
    desk = Desk(group, {row.client_id for row in rows}, now)
    moved = 0
    for row in rows:
        before = (row.due_at, row.person_id, row.contact_id)
        limit_on = (row.limit_at - timedelta(seconds=1)).astimezone(desk.tz).date()
        want = Want(
            client=row.client_id,
            earliest=row.due_at.astimezone(desk.tz).date(),
            latest=max(limit_on, workday(row.due_at.astimezone(desk.tz).date(), 0, desk.is_working)),
            is_on_site=row.method == Method.ON_SITE,
            among=_whose(row, desk),
            contacts=desk.whom(row.client, row.contact),
        )
        set_place(row, desk.board.place(want, now=now), want.latest, desk)
        if (row.due_at, row.person_id, row.contact_id) == before:
            continue  # nothing better there is
        moved += 1
        row.version += 1
        row.reminded_at = None
        row.save()
        changes = {"due_at": [before[0].isoformat(), row.due_at.isoformat()]}
        log(row, EventKind.MOVED, by=None, now=now, changes=changes)
    return moved


def _whose(row: Callback, desk: Desk) -> list[int]:
    able = desk.who(Method(row.method))
    return [row.person_id] if row.person_id in able else able


@transaction.atomic
def _remind(now: datetime) -> None:
    """Tell each person in the morning how many callbacks wait for him today: one notice a day."""
    local = now.astimezone(tz())
    if local.time() < REMINDED_FROM:
        return
    until = datetime.combine(local.date() + timedelta(days=1), time.min, tz())
    due = (
        Callback.objects.due(until)
        .filter(state=State.PLANNED, reminded_at=None, person__isnull=False, person__is_active=True)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("person", "client")
    )
    by_person: dict[User, list[Callback]] = defaultdict(list)
    for callback in due.order_by("due_at", "pk"):
        if callback.person is not None:
            by_person[callback.person].append(callback)
    for person, rows in by_person.items():
        notify(
            [person],
            "callbacks_today",
            {
                "count": len(rows),
                "client": rows[0].client.name,
                "client_en": rows[0].client.name_en,
                "due_at": rows[0].due_at.isoformat(),
            },
            url=f"{reverse('visits:today')}?whose=mine",
            key=f"callbacks:{local.date()}",
            now=now,
        )
    pks = [row.pk for rows in by_person.values() for row in rows]
    Callback.objects.filter(pk__in=pks).update(reminded_at=now)


@transaction.atomic
def _report_up(now: datetime) -> int:
    """Past the limit the supervisor is told, once; and whoever has it."""
    rows = _late(0).filter(limit_at__lte=now)[:BATCH]
    for callback in rows:
        mine = [callback.person] if callback.person else []
        _tell_overdue(callback, [*leaders(callback.group), *mine], 1, now)
    return len(rows)


@transaction.atomic
def _report_higher(now: datetime) -> int:
    """Still owed two working days later: the department's manager."""
    rows = _late(1).filter(limit_at__lte=now - timedelta(days=REPORTED_AGAIN_AFTER))
    is_working = working_days(since=(now - timedelta(days=60)).astimezone(tz()).date())
    late = [row for row in rows[: BATCH * 4] if _again_on(row, is_working) <= now]
    for callback in late:
        managers = User.objects.at_level(ManagementLevel.DEPARTMENT_MANAGER, callback.group)
        _tell_overdue(callback, list(managers.order_by("pk")), 2, now)
    return len(late)


def _again_on(callback: Callback, is_working) -> datetime:  # type: ignore[no-untyped-def]
    limit_on = (callback.limit_at - timedelta(seconds=1)).astimezone(tz()).date()
    day: date = workday(limit_on, REPORTED_AGAIN_AFTER, is_working)
    return datetime.combine(day + timedelta(days=1), time.min, tz())


def _late(told: int) -> QuerySet[Callback]:
    rows = Callback.objects.filter(state__in=OPEN, told=told).select_related(
        "client", "group", "person", "ticket"
    )
    return rows.select_for_update(of=("self",), skip_locked=True).order_by("limit_at", "pk")


def _tell_overdue(callback: Callback, people: list[User], level: int, now: datetime) -> None:
    limit = int(callback.limit_at.timestamp())
    tell(callback, people, "callback_overdue", "overdue", now=now, key=f"overdue:{level}:{limit}")
    log(callback, EventKind.OVERDUE, by=None, now=now, changes={"level": [level - 1, level]})
    # Not a change of the callback itself: who has its page open loses nothing by it.
    Callback.objects.filter(pk=callback.pk).update(told=level)


@transaction.atomic
def _tell_promises(now: datetime) -> int:
    today = now.astimezone(tz()).date()
    found = (
        Promise.objects.overdue(today)
        .filter(told_at=None)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("client", "person", "group")
        .order_by("due_on", "pk")[:BATCH]
    )
    rows = list(found)
    for promise in rows:
        people = list({person.pk: person for person in [promise.person, *leaders(promise.group)]}.values())
        tell_of_promise(promise, people, "promise_overdue", "overdue", now=now)
    Promise.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    return len(rows)


@transaction.atomic
def _tell_needs(now: datetime) -> int:
    today = now.astimezone(tz()).date()
    found = (
        Need.objects.overdue(today)
        .filter(told_at=None)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("client", "owner", "group")
        .order_by("due_on", "pk")[:BATCH]
    )
    rows = list(found)
    for need in rows:
        people = [need.owner] if need.owner and need.owner.is_active else leaders(need.group)
        tell_of_need(need, people, "need", "overdue", now=now, turn=need.version)
    Need.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    return len(rows)
