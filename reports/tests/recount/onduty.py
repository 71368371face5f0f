"""Duties of a random history: inspections, changes of duty, leave, the telephone's numbers."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from duty import actions as duty
from duty.actions import Said as Read
from duty.models import Inspection, Shift
from reports.actions.phone import file_calls as file_numbers
from reports.tests.recount.histories import DAY, HOUR, MINUTE, History
from reports.tests.recount.onrecords import goes_on
from tickets import actions as tickets
from tickets.models import Handover, InspectionRecord


def inspect(history: History) -> None:
    if history.chance(0.2):
        duty.tend_inspections(now=history.now)
    one = history.any_of(Inspection.objects.filter(finished_at=None).order_by("-day"))
    if one is not None and not history.exactly(
        history.one_of([one.due_at, one.closes_at]), lambda: go_through(history, one.pk)
    ):
        go_through(history, one.pk)


def go_through(history: History, pk: int) -> None:
    one = Inspection.objects.select_related("version__sheet__system__client").get(pk=pk)
    by, now = history.anybody(one.group_id), history.now
    values = {"CPU load": history.one_of(["20", "85", "97"]), "Backup done": "yes", "Alarm lamp": "绿"}
    items = {item.name_en: item for item in one.version.items.all()}
    said = {items[name].pk: Read(value=value, note="x", reason="x") for name, value in values.items()}
    history.attempt("answer_items", lambda: duty.answer_items(one, said, by=by, now=now))
    if history.chance(0.8):
        history.attempt("finish_inspection", lambda: duty.finish_inspection(one, by=by, now=now))
    related = one.answers.select_related("item", "inspection__version__sheet__system__client")
    for answer in related.filter(result="abnormal"):
        if history.chance(0.7) and not InspectionRecord.objects.filter(answer=answer).exists():
            opened = history.attempt(
                "open_record_of", lambda answer=answer: tickets.open_record_of(answer, by=by, now=now)
            )
            if opened is not None:
                goes_on(history, opened.pk)


def hand_over(history: History) -> None:
    """The next step of the change of duty that comes next, or of one that is still open."""
    waiting = history.any_of(Handover.objects.exclude(state="signed").order_by("-changes_at"))
    if waiting is None or history.chance(0.5):
        group = history.one_of(history.world.groups)
        after = Shift.objects.filter(group=group, starts_at__gt=history.now).order_by("starts_at").first()
        if after is None:
            return
        before = after.starts_at - history.one_of([10, 25, 40]) * MINUTE
        history.plan(before, lambda: step_of_handover(history, group.pk, after.starts_at))
    else:
        step_of_handover(history, waiting.group_id, waiting.changes_at)


def step_of_handover(history: History, group: int, at: datetime) -> None:
    shift = Shift.objects.select_related("group").filter(group=group, starts_at=at).first()
    if shift is None:
        return
    lead, now = history.world.leads[group], history.now
    handover = history.attempt(
        "open_handover", lambda: tickets.open_handover(shift.group, at, by=lead, now=now)
    )
    if handover is None or handover.state == "signed":
        return
    if handover.state != "waiting":
        done = [point["key"] if isinstance(point, dict) else point for point in handover.points]
        history.attempt(
            "hand_over",
            lambda: tickets.hand_over(handover, note="x", to_do="", done=done, by=handover.outgoing, now=now),
        )
    elif history.chance(0.15):
        history.attempt(
            "send_back", lambda: tickets.send_back(handover, remark="x", by=handover.incoming, now=now)
        )
    elif history.attempt("sign", lambda: tickets.sign(handover, by=handover.incoming, now=now)) is None:
        history.attempt("overrule", lambda: tickets.overrule(handover, reason="x", by=lead, now=now))
    signs_by = history.one_of([at, at + 30 * MINUTE, at + HOUR])
    if signs_by > now:
        history.plan(history.near(signs_by), lambda: step_of_handover(history, group, at))


def take_leave(history: History) -> None:
    """Somebody takes leave over a duty of his that nobody takes on."""
    group = history.one_of(history.world.groups)
    person, lead = history.one_of(history.world.staff[group.pk]), history.world.leads[group.pk]
    since = history.now + history.one_of([1, 3]) * DAY
    leave = history.attempt(
        "ask_leave", lambda: duty.ask_leave(person, since, since + 4 * DAY, by=lead, now=history.now)
    )
    if leave is not None:
        history.attempt("approve_leave", lambda: duty.approve_leave(leave, by=lead, now=history.now))


def file_calls(history: History) -> None:
    """The numbers of the telephone exchange are filed for some days, and some of them anew."""
    group = history.one_of(history.world.groups)
    by, now = history.world.leads[group.pk], history.now
    for days in range(1, 6):
        offered, day = history.dice.randrange(30), timezone.localdate(now) - days * DAY
        numbers = {"offered": offered, "answered": offered - min(offered, 3)}
        history.attempt(
            "file_calls", lambda day=day, numbers=numbers: file_numbers(group, day, **numbers, by=by, now=now)
        )
