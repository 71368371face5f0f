"""Two records of one matter become one, and two again (docs/decisions/0008)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clients.models import Client
from opsdesk.testing import MONDAY, SHANGHAI, Cast, build_cast, sunk
from opsdesk.tests.rest import at_once
from reports.kpis.counting import counted
from reports.kpis.definition import Share
from reports.kpis.records import DIAGNOSIS, RESOLUTION, RESPONSE
from reports.periods import parse_period
from reports.scope import DEPARTMENT
from staff.models import Notice
from tickets import actions
from tickets.callers import know
from tickets.lifecycle import Moved, Refused, stands_at
from tickets.models import (
    Cause,
    Clock,
    ClockKind,
    Entry,
    EntryKind,
    Escalation,
    Grade,
    Link,
    LinkKind,
    PauseReason,
    Status,
    Ticket,
)
from tickets.queues import counted_queues
from tickets.search import find

MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
T1, T2 = MONDAY + HOUR, MONDAY + 2 * HOUR


def stage(cast: Cast, status: str, now=MONDAY, **more) -> Ticket:
    """A grade-3 record in that status, taken at `now`."""
    ticket = actions.grade(cast.ticket(now, **more), Grade.THREE, reason="clause", by=cast.li, now=now)
    if status == Status.LOGGED:
        return ticket
    ticket = actions.acknowledge(ticket, by=cast.chen, now=now)
    if status == Status.WAITING:
        until = now + 5 * HOUR
        return actions.pause(
            ticket, reason=PauseReason.PARTS, text="等备件", until=until, by=cast.chen, now=now
        )
    if status == Status.RESOLVED:
        return actions.resolve(ticket, solution="x", cause=Cause.SOFTWARE, by=cast.chen, now=now)
    return ticket


def merge(ticket: Ticket, into: Ticket, cast: Cast, now=T1) -> Ticket:
    return actions.merge(ticket, into=into, text="同一件事", by=cast.li, now=now)


def unmerge(ticket: Ticket, cast: Cast, now=T2) -> Ticket:
    return actions.unmerge(ticket, reason="其实是两件事", by=cast.wang, now=now)


def facts(ticket: Ticket) -> dict[str, object]:
    """A record with its clocks and report-ups, without versions and ids."""
    ticket = Ticket.objects.get(pk=ticket.pk)
    names = (
        "status",
        "owner_id",
        "next_due_at",
        "resolved_at",
        "acknowledged_at",
        "confirmed_by",
        "closed_at",
    )
    clock = (
        "kind",
        "cycle",
        "grade",
        "started_at",
        "near_at",
        "due_at",
        "stopped_at",
        "superseded_at",
        "next_at",
    )
    steps = Escalation.objects.filter(ticket=ticket).order_by("clock", "rule")
    return {
        "ticket": [getattr(ticket, name) for name in names],
        "clocks": list(ticket.clocks.order_by("pk").values_list(*clock)),
        "steps": list(steps.values_list("clock__kind", "rule", "due_at", "fired_at")),
    }


@pytest.mark.parametrize(
    ("acknowledged", "waiting", "resolved", "expected"),
    [
        (False, False, False, Status.LOGGED),
        (True, False, False, Status.IN_PROGRESS),
        (True, True, False, Status.WAITING),
        (True, False, True, Status.RESOLVED),
    ],
)
def test_an_open_record_stands_where_its_dated_facts_say(acknowledged, waiting, resolved, expected) -> None:
    found = stands_at(is_acknowledged=acknowledged, is_waiting=waiting, is_resolved=resolved)
    assert found == expected


OPEN = [Status.LOGGED, Status.IN_PROGRESS, Status.WAITING, Status.RESOLVED]


def test_a_duplicate_is_merged_and_nobody_has_confirmed_anything(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED, caller_name="护士长")
    merged = merge(duplicate, target, cast)
    assert (merged.status, merged.closed_at, merged.confirmed_by) == (Status.MERGED, None, "")
    assert not merged.is_open and merged.next_due_at is None
    tie = Link.objects.get()
    assert (tie.record, tie.other, tie.kind, tie.by) == (merged, target, LinkKind.DUPLICATE, cast.li)
    entry = merged.entries.get(kind=EntryKind.MERGED)
    assert entry.changes == {"status": ["logged", "merged"], "merged_into": [None, target.number]}
    assert entry.text == "同一件事"
    said = target.entries.get(kind=EntryKind.ABSORBED)
    assert said.text == duplicate.title
    assert said.changes["duplicate"] == [None, duplicate.number]
    assert said.changes["caller_name"] == [None, "护士长"]
    assert Notice.objects.filter(recipient=cast.chen, kind="repeat_contact").exists()
    assert sunk(T1) == []


def test_it_counts_as_a_further_call_of_the_client_while_it_stands(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    merge(duplicate, target, cast)
    assert [entry.kind for entry in target.entries.repeat_contacts()] == [EntryKind.ABSORBED]
    unmerge(duplicate, cast)
    assert not Entry.objects.repeat_contacts().exists()


@pytest.mark.parametrize("status", OPEN)
def test_nothing_falls_due_on_a_merged_record(cast: Cast, status: Status) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, status)
    merge(duplicate, target, cast)
    before = duplicate.entries.count()
    for days in (1, 10, 60):
        actions.enforce_deadlines(now=MONDAY + days * DAY)
    assert duplicate.entries.count() == before
    assert not Clock.objects.filter(ticket=duplicate, next_at__isnull=False).exists()
    assert not Escalation.objects.planned().filter(ticket=duplicate).exists()
    assert sunk(MONDAY + 60 * DAY) == []


@pytest.mark.parametrize("status", OPEN)
def test_undone_at_once_everything_is_as_it_was(cast: Cast, status: Status) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, status)
    before = facts(duplicate)
    merge(duplicate, target, cast, MONDAY + MIN)
    assert facts(duplicate) != before
    again = unmerge(duplicate, cast, MONDAY + 2 * MIN)
    assert again.status == status
    assert facts(duplicate) == before
    assert not Link.objects.exists()
    kinds = [EntryKind.MERGED, EntryKind.UNMERGED]
    assert list(duplicate.entries.filter(kind__in=kinds).values_list("kind", flat=True)) == kinds
    assert target.entries.get(kind=EntryKind.UNMERGED).changes == {"duplicate": [duplicate.number, None]}
    assert sunk(MONDAY + 2 * MIN) == []


def test_the_time_meanwhile_counts_and_what_came_due_is_reported_up(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    due = duplicate.clocks.current().get(kind=ClockKind.RESPONSE).due_at
    merge(duplicate, target, cast, MONDAY + MIN)
    unmerge(duplicate, cast, due + HOUR)
    breached = duplicate.entries.get(kind=EntryKind.BREACHED)
    assert (breached.changes["clock"], breached.changes["late"]) == ("response", True)
    assert duplicate.clocks.current().get(kind=ClockKind.RESPONSE).due_at == due
    assert duplicate.entries.filter(kind=EntryKind.REPORTED_UP).exists()
    assert sunk(due + HOUR) == []


def test_a_regrade_at_the_instant_of_the_merge_is_not_undone_with_it(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.IN_PROGRESS)
    duplicate = actions.grade(duplicate, Grade.TWO, reason="worse", by=cast.li, now=T1)
    before = facts(duplicate)
    merge(duplicate, target, cast, T1)
    unmerge(duplicate, cast, T1)
    assert facts(duplicate) == before


def test_it_can_be_merged_again_after_it_was_undone(cast: Cast) -> None:
    target, other, duplicate = (stage(cast, Status.IN_PROGRESS) for _ in range(3))
    for into, now in ((target, T1), (other, T1 + HOUR)):
        merge(duplicate, into, cast, now)
        unmerge(duplicate, cast, now + MIN)
    merge(duplicate, other, cast, T1 + 3 * HOUR)
    assert Link.objects.answering_for(duplicate) == other


def test_a_second_merge_is_refused_and_changes_nothing(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    merged = merge(duplicate, target, cast)
    before = (Entry.objects.count(), facts(duplicate))
    with pytest.raises(Moved):
        merge(duplicate, target, cast)  # as it was seen before
    with pytest.raises(Refused):
        merge(merged, target, cast)
    assert (Entry.objects.count(), facts(duplicate)) == before


def test_a_second_undoing_is_refused(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    merged = merge(duplicate, target, cast)
    unmerge(merged, cast)
    with pytest.raises(Refused):
        unmerge(merged, cast)


def test_it_is_undone_only_while_the_other_record_is_open(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.RESOLVED), stage(cast, Status.LOGGED)
    merge(duplicate, target, cast)
    who = {"by": cast.chen, "now": T1 + MIN}
    actions.confirm(target, confirmed_by="孙主任", channel="phone", **who)
    with pytest.raises(Refused):
        unmerge(duplicate, cast)
    actions.reopen(target, reason="又坏了", by=cast.li, now=T1 + 2 * MIN)
    assert unmerge(duplicate, cast).is_open


def test_an_undoing_without_a_reason_is_refused_at_its_field(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    merge(duplicate, target, cast)
    with pytest.raises(Refused) as refused:
        actions.unmerge(duplicate, reason=" ", by=cast.li, now=T2)
    assert refused.value.field == "reason"


@pytest.mark.parametrize("status", [Status.CLOSED, Status.MERGED])
def test_what_is_over_neither_merges_nor_answers(cast: Cast, status: Status) -> None:
    over, open_one = stage(cast, Status.RESOLVED), stage(cast, Status.IN_PROGRESS)
    if status == Status.CLOSED:
        over = actions.confirm(over, confirmed_by="x", channel="phone", by=cast.chen, now=T1)
    else:
        over = merge(over, stage(cast, Status.IN_PROGRESS), cast)
    for record, into in ((over, open_one), (open_one, over)):
        with pytest.raises(Refused):
            merge(record, into, cast)


def test_another_clients_call_is_no_duplicate(cast: Cast) -> None:
    school = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.south, hours=cast.hospital.hours
    )
    other = cast.ticket(MONDAY, client=school, system=None, contact=None)
    with pytest.raises(Refused) as refused:
        merge(other, stage(cast, Status.IN_PROGRESS), cast)
    assert (refused.value.field, refused.value.code) == ("into", "another_client")


def test_a_record_with_parts_does_not_vanish_under_another(cast: Cast) -> None:
    whole, part, other = (stage(cast, Status.IN_PROGRESS) for _ in range(3))
    actions.adopt(whole, child=part, by=cast.li, now=T1)
    with pytest.raises(Refused):
        merge(whole, other, cast)


def test_a_chain_of_merges_leads_to_the_one_that_answers(cast: Cast) -> None:
    first, second, third = (stage(cast, Status.IN_PROGRESS) for _ in range(3))
    merge(first, second, cast)
    merge(second, third, cast, T2)
    assert Link.objects.answering_for(first) == third
    with pytest.raises(Refused):  # the one it hangs on does not stand by itself
        unmerge(first, cast, T2 + HOUR)


def test_a_waiting_record_waits_no_more_when_its_client_calls_anew(cast: Cast) -> None:
    target = stage(cast, Status.IN_PROGRESS)
    until = MONDAY + 5 * HOUR
    actions.pause(
        target, reason=PauseReason.CLIENT, text="等回电", until=until, by=cast.chen, now=MONDAY + MIN
    )
    merge(stage(cast, Status.LOGGED), target, cast)
    target.refresh_from_db()
    assert target.status == Status.IN_PROGRESS


def test_what_the_client_writes_on_a_merged_record_reaches_the_one_that_answers(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS, contact=None), stage(cast, Status.LOGGED)
    merge(duplicate, target, cast)
    actions.add_note(duplicate, text="还是没有画面", by=cast.sun, now=T2)
    note = target.entries.get(kind=EntryKind.NOTE)
    assert (note.text, note.by, note.changes) == (
        "还是没有画面",
        cast.sun,
        {"duplicate": [None, duplicate.number]},
    )
    assert duplicate.entries.get(kind=EntryKind.NOTE).text == "还是没有画面"
    assert Notice.objects.filter(recipient=cast.chen, kind="client_note").count() == 1


def test_the_record_that_answers_is_found_by_the_duplicates_words_and_number(cast: Cast) -> None:
    target = stage(cast, Status.IN_PROGRESS)
    duplicate = stage(cast, Status.LOGGED, title="血库冰箱告警", details="四楼走廊")
    merge(duplicate, target, cast)
    for words in ("血库冰箱", "走廊", duplicate.number):
        assert target in find(Ticket.objects.all(), words, cast.li).rows


def test_it_is_in_no_queue_and_not_offered_as_already_open(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    merge(duplicate, target, cast)
    assert {queue.key: queue.count for queue in counted_queues(cast.chen, T1)}["open"] == 1
    caller = know(cast.hospital, cast.contact, cast.li, T1)
    assert [row.ticket for row in caller.open] == [target]
    assert caller.closed == []


@pytest.mark.parametrize("kpi", (RESPONSE, DIAGNOSIS, RESOLUTION), ids=lambda kpi: kpi.key)
def test_no_rate_counts_a_merged_record(cast: Cast, kpi: Share) -> None:
    """One matter, one result: neither its failures nor what was done in time."""
    target = stage(cast, Status.RESOLVED)
    year, later = parse_period("2026"), MONDAY + 50 * DAY

    def measured() -> tuple[float, int | None]:
        rate = counted([kpi], DEPARTMENT, [year], tz=SHANGHAI, now=later)[kpi.key, year]
        return rate.numerator, rate.denominator

    alone = measured()
    assert alone == (1, 1)
    failing, quick = stage(cast, Status.LOGGED), stage(cast, Status.RESOLVED)
    assert measured()[1] == 3
    for duplicate in (failing, quick):
        merge(duplicate, target, cast)
    assert measured() == alone
    unmerge(failing, cast)
    assert measured()[1] == 2


def test_the_auditor_finds_a_merge_that_is_half_done(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    merge(duplicate, target, cast)
    Link.objects.update(kind=LinkKind.RELATED, record=max(target, duplicate, key=lambda t: t.pk))
    assert [problem.code for problem in sunk(T1)] == ["merged_into_nothing"]
    Link.objects.update(kind=LinkKind.DUPLICATE, record=target, other=duplicate)
    assert {problem.code for problem in sunk(T1)} == {"merged_into_nothing", "merged_but_not_so"}


def test_the_database_refuses_a_merged_record_with_a_deadline(cast: Cast) -> None:
    target, duplicate = stage(cast, Status.IN_PROGRESS), stage(cast, Status.LOGGED)
    merge(duplicate, target, cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=duplicate.pk).update(next_due_at=T1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=duplicate.pk).update(closed_at=T1)


@pytest.mark.django_db(transaction=True)
def test_two_merges_into_each_other_at_once_end_with_one(transactional_db) -> None:
    cast = build_cast()
    for _round in range(8):
        one, two = cast.ticket(MONDAY), cast.ticket(MONDAY)

        def attempt(ticket: Ticket, into: Ticket):
            def deed() -> object:
                try:
                    return merge(ticket, into, cast)
                except Refused as refused:
                    return refused

            return deed

        results = at_once(attempt(one, two), attempt(two, one))
        assert sorted(type(result).__name__ for result in results) == ["Moved", "Ticket"]
        statuses = sorted(Ticket.objects.filter(pk__in=[one.pk, two.pk]).values_list("status", flat=True))
        assert statuses == ["logged", "merged"]
        assert Link.objects.touching(one).count() == 1
    assert sunk(T1) == []


def test_the_record_repeated_lookup_and_the_open_lists_use_their_indexes(cast: Cast) -> None:
    resolved = stage(cast, Status.RESOLVED)
    facts = Ticket.objects.filter(pk=resolved.pk).values().get()
    facts |= {"id": None, "system_id": None, "status": Status.CLOSED, "closed_at": T1, "next_due_at": None}
    # So many that Postgres, which knows how they lie, has a reason to choose.
    Ticket.objects.bulk_create(Ticket(**facts | {"confirmed_by": "孙主任"}) for _number in range(2000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticket")
    plans = {
        "tickets_solved_faults": Ticket.objects.filter(
            kind="fault", system=cast.his, cause="software", resolved_at__range=(MONDAY - DAY, T1)
        ).order_by("-resolved_at", "-pk"),
        "tickets_open_": Ticket.objects.open().order_by("next_due_at", "pk"),
        "tickets_merged": Ticket.objects.filter(status=Status.MERGED).order_by("pk"),
    }
    for index, rows in plans.items():
        assert index in rows.explain(), index
