"""What clients hear and say in a random history: callbacks, surveys, corrective actions."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from clients.models import Channel
from reports.tests.recount.histories import DAY, HOUR, History
from reports.tests.recount.world import BEGINS
from surveys import actions as surveys
from surveys.actions import Given, Source, corrective, opening, resurvey
from surveys.correcting import Effect, RootCause
from surveys.models import CorrectiveAction, Invitation
from visits import actions as visits
from visits.actions import Said as Told
from visits.kinds import Method
from visits.models import Callback


def arrange(history: History) -> None:
    client = history.one_of(history.world.clients)
    by = history.anybody(client.group_id)
    on = (history.now + history.one_of([1, 2, 5]) * DAY).date()
    method = history.one_of(list(Method))
    history.attempt(
        "arrange",
        lambda: visits.arrange(client, method=method, on=on, note="x", person=by, by=by, now=history.now),
    )


def call_back(history: History) -> None:
    one = history.any_of(Callback.objects.open().filter(due_at__lt=history.now + 9 * DAY).order_by("due_at"))
    if one is not None and not history.exactly(
        history.one_of([one.limit_at, one.limit_at, one.due_at]), lambda: calls(history, one.pk)
    ):
        calls(history, one.pk)


def calls(history: History, pk: int) -> None:
    one = Callback.objects.select_related("client", "group", "ticket", "person").get(pk=pk)
    by, now = one.person or history.anybody(one.group_id), history.now
    lead = history.world.leads[one.group_id]
    disappointed = history.chance(0.2)
    said = Told(
        "x",
        summary="x",
        is_solved=history.chance(0.8) if one.ticket is not None else None,
        satisfaction=history.one_of(["1", "3", "4", "5"]),
        expectation_not_met=disappointed,
        expectation_words="x" if disappointed else "",
    )
    on = (now + 3 * DAY).date()
    ways = {
        "record_reached": lambda: visits.record_reached(one, said, by=by, now=now),
        "record_not_reached": lambda: visits.record_not_reached(one, by=by, now=now),
        "record_refused": lambda: visits.record_refused(one, by=by, now=now),
        "skip callback": lambda: visits.skip(one, reason="x", by=lead, now=now),
        "move callback": lambda: visits.move(one, now + 2 * DAY, reason="x", by=lead, now=now),
        "decide callback": lambda: visits.decide(
            one, method=Method.PHONE, on=on, reason="x", by=lead, now=now
        ),
    }
    name = history.one_of([*["record_reached", "record_not_reached"] * 3, *ways])
    if name == "record_not_reached":
        for _time in range(4):  # on the half days that follow
            history.later(_time * 13 * HOUR, lambda: not_reached(history, pk))
    else:
        history.attempt(name, ways[name])


def not_reached(history: History, pk: int) -> None:
    one = Callback.objects.select_related("client", "group", "person").get(pk=pk)
    by = one.person or history.anybody(one.group_id)
    history.attempt("record_not_reached", lambda: visits.record_not_reached(one, by=by, now=history.now))


def survey(history: History) -> None:
    """Surveys leave and come back: keyed by phone, good or bad, as a complaint or not at all."""
    if history.chance(0.5):
        surveys.tend_surveys(now=history.now)
    for one in Invitation.objects.filter(state="open").select_related("group")[:3]:
        points = history.one_of([1, 2, 3, 4, 5, 5])
        solved = history.one_of(["yes", "no"])
        whys = {1: "x", 2: "x"}
        given = Given({1: points, 2: solved}, whys, history.chance(0.1), False)
        at = history.now - history.one_of([timedelta(0), timedelta(0), HOUR])
        source = Source(Channel.PHONE, max(at, one.sent_at or at), "x")
        history.attempt(
            "key_answers",
            lambda one=one, given=given, source=source: surveys.key_answers(
                one, given, source, by=history.cast.zhou, now=history.now
            ),
        )


def complain(history: History) -> None:
    """A corrective action by hand, and what is due of answers, complaints and callbacks."""
    opening.open_due(now=history.now)
    client = history.one_of(history.world.clients)
    if history.chance(0.3):
        by = history.world.leads[client.group_id]
        history.attempt(
            "open_by_hand", lambda: opening.open_by_hand(client=client, title="x", by=by, now=history.now)
        )


def correct(history: History) -> None:
    one = history.any_of(CorrectiveAction.objects.open().order_by("-pk"))
    if one is None:
        return
    end = one.due_on and datetime.combine(one.due_on + DAY, time(0), BEGINS.tzinfo)
    if not (end and history.exactly(end, lambda: correct_one(history, one.pk))):
        correct_one(history, one.pk)


def correct_one(history: History, pk: int) -> None:
    one = CorrectiveAction.objects.select_related("group", "client", "owner", "answer").get(pk=pk)
    lead, now = history.world.leads[one.group_id], history.now
    owner = history.one_of(history.world.staff[one.group_id])
    due_on = (now + history.one_of([0, 1, 4]) * DAY).date()
    steps = {
        "analyse": lambda: corrective.analyse(
            one, whys=["x"], root_cause=RootCause.PROCESS, by=lead, now=now
        ),
        "plan_measure": lambda: corrective.plan_measure(
            one, measure="x", owner=owner, due_on=due_on, by=lead, now=now
        ),
        "reply_to_client": lambda: corrective.reply_to_client(
            one, text="x", how=Channel.PHONE, told="x", by=lead, now=now
        ),
        "carry_out": lambda: corrective.carry_out(one, result="x", by=one.owner or owner, now=now),
        "verify": lambda: corrective.verify(one, is_done=history.chance(0.8), note="x", by=lead, now=now),
        "check_effect": lambda: corrective.check_effect(
            one, effect=history.one_of(list(Effect)), note="x", by=lead, now=now
        ),
        "ask_again": lambda: resurvey.ask_again(one, by=lead, now=now),
        "close_corrective": lambda: corrective.close_corrective(one, by=lead, now=now),
    }
    if history.chance(0.12):
        history.attempt(
            "drop_corrective", lambda: corrective.drop_corrective(one, reason="x", by=lead, now=now)
        )
        return
    for name, act in steps.items():
        one.refresh_from_db()
        history.attempt(name, act)
        if history.chance(0.35):
            return
