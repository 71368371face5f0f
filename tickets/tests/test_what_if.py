"""What a draft would have meant: the same as happened, where it says the same (§5.4)."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client as Browser
from django.urls import reverse

from opsdesk.testing import MONDAY, Cast
from tickets import actions
from tickets.actions import drafting, rehearsal
from tickets.actions.rehearsal import ask_what_if, rehearse
from tickets.histories import Archive, terms_of
from tickets.lifecycle import Refused
from tickets.models import (
    LIMITED_BY_GRADE,
    Clock,
    ClockKind,
    Escalation,
    EscalationRule,
    Grade,
    Kind,
    PolicyVersion,
    Status,
    Target,
    Ticket,
    WhatIf,
)
from tickets.verbs import possible_verbs
from tickets.whatif import BREACH, REPORT_UP, Policy, Sums, Thing, replay

MIN, HOUR, DAY, SEC = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
END = MONDAY + 30 * DAY


LIVES = {"grade", "acknowledge", "diagnose", "pause", "resume", "resolve", "reopen"}


def live(cast: Cast, rng: random.Random, start) -> Ticket:
    """Let a record live through whatever may happen to one, without a sweep but at odd times."""
    kind = rng.choice([Kind.FAULT, Kind.FAULT, Kind.FAULT, Kind.REQUEST, Kind.COMPLAINT])
    ticket, now = cast.ticket(start, kind=kind, reported_at=start - rng.randrange(90) * MIN), start
    who = {"by": cast.wang}
    for _step in range(rng.randrange(9)):
        now += rng.choice([0, 1, 7, 15, 30, 60, 240, 1000, 3000]) * MIN + rng.choice([0, 1]) * SEC
        if rng.random() < 0.3:
            actions.enforce_deadlines(now=now)
        ticket.refresh_from_db()
        verb = rng.choice(sorted(LIVES & {*possible_verbs(ticket, cast.wang)}))
        try:
            match verb:
                case "grade":
                    ticket = actions.grade(ticket, rng.choice(list(Grade)), reason=str(now), now=now, **who)
                case "pause":
                    until = now + rng.randrange(1, 100) * HOUR
                    ticket = actions.pause(ticket, reason="parts", text="x", until=until, now=now, **who)
                case "diagnose":
                    ticket = actions.diagnose(ticket, diagnosis="x", cause="software", now=now, **who)
                case "resolve":
                    ticket = actions.resolve(ticket, solution="x", cause="software", now=now, **who)
                case "reopen":
                    ticket = actions.reopen(ticket, reason="x", now=now, **who)
                case _:
                    ticket = getattr(actions, verb)(ticket, now=now, **who)
        except Refused:
            continue
    return ticket


def recorded(ticket: Ticket) -> Counter[Thing]:
    """What the history of a record says that happened."""

    def about(clock: Clock) -> tuple[str, int | None]:
        return clock.kind, clock.grade if clock.kind in LIMITED_BY_GRADE else None

    found = Counter(
        Thing(BREACH, *about(clock)) for clock in ticket.clocks.filter(breached_marked_at__isnull=False)
    )
    for step in Escalation.objects.fired().filter(ticket=ticket).select_related("clock", "rule"):
        target = f"person:{step.rule.person_id}" if step.rule.person_id else step.target
        found[Thing(REPORT_UP, *about(step.clock), target)] += 1
    return found


def test_the_replay_says_what_was_recorded(cast: Cast) -> None:
    """Records that went every way there is, under rules that use everything there is."""
    version, rng = PolicyVersion.objects.adopted().get(), random.Random(54)
    more = {"version": version, "kind": ClockKind.RESOLUTION}
    for grade, only_while in ((1, "unacknowledged"), (2, "undiagnosed"), (3, "unacknowledged"), (3, "")):
        EscalationRule.objects.create(
            **more,
            grade=grade,
            after=HOUR,
            target=Target.PERSON,
            person=cast.liu,
            only_while=only_while,
            repeat_every=2 * HOUR,
            repeat_times=4,
        )
    cast.hospital.contracts.update(grade_two_round_the_clock=False)
    tickets = [live(cast, rng, MONDAY + rng.randrange(5000) * MIN) for _number in range(25)]
    duplicate, other = cast.ticket(), cast.ticket()
    duplicate = actions.merge(duplicate, into=other, by=cast.wang, now=MONDAY + HOUR)
    actions.unmerge(duplicate, reason="x", by=cast.wang, now=MONDAY + 2 * HOUR)
    actions.enforce_deadlines(now=END)
    rows = list(Ticket.objects.select_related("client").order_by("pk"))
    policy = Policy(terms_of(version))
    histories = Archive(since=MONDAY - DAY).histories(rows)
    wrong = {
        record.number: (said, was)
        for record, ticket in zip(histories, rows, strict=True)
        if (said := replay(record, policy, until=END)) != (was := recorded(ticket))
    }
    assert not wrong
    everything = sum((recorded(ticket) for ticket in rows), Counter())
    assert {thing.grade for thing in everything} == {None, 1, 2, 3}
    assert any(":" in thing.target for thing in everything)
    assert {ticket.status for ticket in tickets} >= {Status.WAITING, Status.RESOLVED, Status.IN_PROGRESS}


@pytest.fixture
def draft(cast: Cast) -> PolicyVersion:
    for number in range(7):
        ticket = actions.grade(
            cast.ticket(MONDAY - number * DAY), Grade.TWO, reason="x", by=cast.li, now=MONDAY
        )
        ticket = actions.acknowledge(ticket, by=cast.chen, now=MONDAY + number * HOUR)
        actions.resolve(ticket, solution="x", cause="software", by=cast.chen, now=MONDAY + 5 * HOUR)
    return drafting.draft_policy(title="2027", why="x", by=cast.zhao, now=MONDAY + DAY)


def ask(draft: PolicyVersion, cast: Cast, **more: int) -> WhatIf:
    return ask_what_if(draft, **({"months": 18} | more), by=cast.zhao, now=END)


def worked_off(run: WhatIf) -> Sums:
    assert not rehearse(now=END, seconds=60)
    run.refresh_from_db()
    assert (run.finished_at, run.done) == (END, run.total)
    return Sums.from_json(run.result)


def test_a_draft_that_changes_nothing_makes_no_difference(cast: Cast, draft: PolicyVersion) -> None:
    sums = worked_off(ask(draft, cast))
    assert sums.by_thing and sums.changed == 0
    assert all(total.old == total.new and not total.samples for total in sums.by_thing.values())


def test_a_shorter_limit_is_exceeded_more_often(cast: Cast, draft: PolicyVersion) -> None:
    resolution = draft.limits.get(kind=ClockKind.RESOLUTION, grade=2)
    resolution.limit = 4 * HOUR
    drafting.save_limit(resolution, by=cast.zhao)
    sums = worked_off(ask(draft, cast))
    total = sums.by_thing[Thing(BREACH, ClockKind.RESOLUTION, 2)]
    assert (total.old, total.new) == (6, 7)  # reported 0 to 6 days before, each solved 5 h later
    assert sums.changed == len(Ticket.objects.filter(pk__in=total.samples)) == 1


def test_a_run_goes_on_where_it_stopped_and_counts_once(
    cast: Cast, draft: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = worked_off(ask(draft, cast)).as_json()
    monkeypatch.setattr("tickets.actions.rehearsal.PORTION", 2)
    run = ask(draft, cast)
    real, calls = Sums.add, []

    def dies(*args: object) -> None:
        calls.append(args)
        if len(calls) == 4:
            raise SystemExit("in the middle of a portion")
        real(*args)

    monkeypatch.setattr(Sums, "add", dies)
    with pytest.raises(SystemExit):
        rehearse(now=END, seconds=60)
    run.refresh_from_db()
    assert (run.done, run.finished_at, run.failed_at) == (2, None, None)
    draft.limits.update(limit=MIN)  # meanwhile: the run goes by what it was asked
    assert worked_off(run).as_json() == whole
    assert rehearse(now=END, seconds=0) is False


def test_a_run_that_raises_has_failed_for_good_and_says_why(
    cast: Cast, draft: PolicyVersion, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.actions.rehearsal.PORTION", 2)
    run, behind = ask(draft, cast), ask(draft, cast)
    run.terms["new"]["rules"][0]["offset"] = "2"  # of a version of the product that is no more
    run.save()
    calls, real = [], rehearsal.compare

    def counted(*args: object, **more: object) -> None:
        calls.append(args)
        real(*args, **more)

    monkeypatch.setattr(rehearsal, "compare", counted)
    assert not rehearse(now=END, seconds=60)
    run.refresh_from_db()
    assert (run.failed_at, run.finished_at, run.done, run.result) == (END, None, 0, {})
    assert run.error.startswith("TypeError: ") and "offset" in run.error
    behind.refresh_from_db()
    assert behind.finished_at == END  # it holds up no other
    assert len(calls) == behind.total // 2 + 1
    assert not rehearse(now=END, seconds=60) and len(calls) == behind.total // 2 + 1
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(cast.zhao)
    shown = client.get(reverse("tickets:what_if_progress", args=[run.pk])).content.decode()
    assert "It could not be worked out" in shown and "TypeError" in shown and "hx-get" not in shown
    with pytest.raises(IntegrityError), transaction.atomic():
        WhatIf.objects.filter(pk=run.pk).update(error="")


def test_trouble_of_the_database_is_not_the_run_s(cast: Cast, draft: PolicyVersion, monkeypatch) -> None:
    """A deadlock or a restart in the middle of it: the next second carries on."""
    run = ask(draft, cast)

    def locked(*args: object, **more: object) -> None:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as patched:
        patched.setattr(rehearsal, "compare", locked)
        with pytest.raises(OperationalError):
            rehearse(now=END, seconds=60)
    run.refresh_from_db()
    assert run.failed_at is None
    worked_off(run)


@pytest.mark.parametrize("months", [0, 61])
def test_how_far_back_is_bounded(cast: Cast, draft: PolicyVersion, months: int) -> None:
    with pytest.raises(Refused) as refused:
        ask(draft, cast, months=months)
    assert refused.value.field == "months"


def test_a_manager_asks_watches_and_looks_into_it(cast: Cast, draft: PolicyVersion, client: Browser) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = reverse("tickets:what_if", args=[draft.number])
    asking = reverse("tickets:ask_what_if", args=[draft.number])
    client.force_login(cast.wang)
    assert asking not in client.get(page).content.decode()
    assert client.post(asking, {"months": 18}).status_code == 403
    client.force_login(cast.zhao)
    assert client.post(asking, {"months": 99}).status_code == 422
    assert client.post(asking, {"months": 18}).url == page
    draft.rules.filter(kind=ClockKind.RESOLUTION, grade=2).delete()
    assert "The draft has been changed since" in client.get(page).content.decode()
    client.post(asking, {"months": 18})
    run = WhatIf.objects.first()
    progress = reverse("tickets:what_if_progress", args=[run.pk])
    assert progress in client.get(page).content.decode()
    worked_off(run)
    found = client.get(progress).content.decode()
    assert "hx-get" not in found and "records would have gone otherwise" in found
    samples = [line for line in found.split('"') if "/samples/" in line]
    assert "T-" in client.get(samples[0]).content.decode()
    client.force_login(cast.outsider)
    hidden = client.get(samples[0]).content.decode()
    assert "other groups" in hidden and "HIS" not in hidden and "市一医院" not in hidden
    client.force_login(cast.sun)
    assert client.get(samples[0]).status_code == 403


def test_by_the_command_without_celery(cast: Cast, draft: PolicyVersion, capsys) -> None:
    Ticket.objects.update(reported_at=MONDAY - 7 * DAY)
    call_command("what_if", of=draft.number, months=60)
    assert "7 records, 0 would have gone otherwise" in capsys.readouterr().out
