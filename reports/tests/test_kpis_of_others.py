"""KPIs beside the records as vectors: duty, clients, quality, works, systems, telephone."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random

import pytest
from django.utils import timezone

from clients.models import System
from opsdesk.testing import at
from reports.kpis.outages import Uptime, uptime
from reports.kpis.systems import AVAILABILITY
from reports.scope import Scope
from reports.tests import making_others as make
from reports.tests.making import clock, closed, entry, figure, measured, record
from tickets.models import Attachment, ClockKind, EntryKind, HandoverTerms, InspectionRecord, Ticket

HOUR = timedelta(hours=1)


def test_inspections_count_when_their_window_closes(cast):
    make.inspection(cast, "2026-11-05 09:00", "2026-11-05 11:00")  # as it closes
    make.inspection(cast, "2026-11-06 09:00", "2026-11-06 11:01")
    make.inspection(cast, "2026-11-07 09:00")
    make.inspection(cast, "2026-11-23 11:00")  # closes after now
    make.inspection(cast, "2026-10-31 23:00", "2026-10-31 23:30")  # closes in November
    make.inspection(cast, "2026-10-31 21:59", "2026-10-31 23:30")
    assert measured("inspections") == (2, 4)
    assert measured("inspections", scope=Scope(client=cast.hospital.pk)) == (2, 4)
    assert measured("inspections", scope=Scope(person=cast.li.pk)) == (0, 0)


def test_what_inspections_found_is_removed_by_its_limit(cast):
    seen = make.inspection(cast, "2026-11-05 09:00", "2026-11-05 09:30")
    for stopped in ("2026-11-06 09:00", "2026-11-09 09:00"):
        ticket = record(cast)
        clock(ticket, "2026-11-07 09:00", stopped, kind=ClockKind.RESOLUTION)
        answer = make.abnormal(cast, seen, recorded="2026-11-05 09:20")
        InspectionRecord.objects.create(ticket=ticket, answer=answer)
    make.abnormal(cast, seen)
    clock(record(cast), "2026-11-07 09:00", kind=ClockKind.RESOLUTION)  # no inspection found it
    assert measured("dangers_closed") == (1, 2)
    assert measured("abnormal_without_record") == (1, None)


def test_a_shift_is_taken_up_by_signing_for_it(cast):
    make.shift(cast, cast.li, "2026-11-02 08:00")
    make.shift(cast, cast.chen, "2026-11-02 20:00")  # signed in time
    make.handover(cast, "2026-11-02 20:00", "2026-11-02 20:15")
    make.shift(cast, cast.chen, "2026-11-03 08:00")  # his own again
    make.shift(cast, cast.li, "2026-11-03 20:00")  # signed too late
    make.handover(cast, "2026-11-03 20:00", "2026-11-03 20:16")
    make.shift(cast, cast.chen, "2026-11-04 08:00")  # never signed
    make.shift(cast, cast.li, "2026-11-04 08:00", role="backup")
    make.empty_shift(cast, "2026-11-05 08:00")
    assert measured("shifts") == (1, 3)
    assert measured("handovers") == (2, 3)
    assert measured("empty_shifts") == (1, None)
    HandoverTerms.objects.create(group=cast.south, sign_within=20)
    assert measured("shifts") == (2, 3)
    assert measured("shifts", scope=Scope(person=cast.chen.pk)) == (1, 2)
    assert measured("handovers", now=at("2026-11-04 09:00")) == (2, 2)  # the last shift is not over


def test_callbacks_belong_to_their_last_day(cast):
    make.callback(cast, "2026-11-30")  # still to come
    make.callback(cast, "2026-10-31", "2026-11-01 00:00")  # October's, at its very end
    make.callback(cast, "2026-11-01", "2026-11-01 17:00")
    make.callback(cast, "2026-11-02", "2026-11-03 09:00")
    make.callback(cast, "2026-11-22", state="unreached", tried_at=at("2026-11-22 09:00"))
    make.callback(cast, "2026-11-09")
    make.callback(cast, "2026-11-10", state="withdrawn")
    assert measured("callbacks") == (1, 4)
    assert measured("reached") == (2, 3)
    assert measured("callbacks_moot") == (1, None)
    assert measured("callbacks", period="2026-10") == (1, 1)
    assert measured("callbacks", now=at("2026-11-23 00:00")) == (1, 4)
    assert measured("callbacks", now=at("2026-11-22 23:59")) == (1, 3)


def test_satisfaction_and_what_is_said_of_one_person(cast):
    for points in (5, 4, 3, 1):
        make.sheet(cast, points, "2026-11-05 09:00")
    make.sheet(cast, 5, "2026-10-31 23:59")
    assert measured("satisfied") == (2, 4) and measured("satisfaction") == (260, 4)
    assert figure("satisfaction").interval() is not None
    assert measured("satisfied", scope=Scope(group=cast.south.pk)) == (2, 4)
    assert measured("satisfied", scope=Scope(person=cast.chen.pk)) == (0, 0)
    make.sheet(cast, 2, "2026-11-06 09:00")
    assert measured("satisfied", scope=Scope(person=cast.chen.pk)) == (2, 5)


@pytest.mark.parametrize(("key", "make_one"), [("findings", make.finding), ("decisions", make.decision)])
def test_what_is_due_on_a_day_has_until_its_midnight(cast, key, make_one):
    make_one(cast, "2026-11-10", "2026-11-10 23:59")
    make_one(cast, "2026-11-11", "2026-11-12 00:00")
    make_one(cast, "2026-11-22")
    make_one(cast, "2026-11-23", "2026-11-20 09:00")  # its day is not over
    make_one(cast, "2026-10-31", "2026-10-30 09:00")
    assert measured(key) == (1, 3)
    assert measured(key, period="2026-10") == (1, 1)
    assert measured(key, now=at("2026-11-24 00:00")) == (2, 4)


def test_what_was_taken_out_is_counted_beside(cast):
    over = {"due_at": None, "over_at": at("2026-11-09 09:00")}
    make.finding(cast, "2026-11-10", state="withdrawn", withdrawn_because="误判", **over)
    make.decision(cast, "2026-11-10", "2026-11-09 09:00", state="dropped")
    make.corrective(cast, "2026-11-10", state="dropped", dropped_because="误会", **over)
    for key in ("findings", "decisions", "corrective"):
        assert measured(key) == (0, 0)
    for key in ("findings_withdrawn", "decisions_dropped", "corrective_dropped"):
        assert measured(key) == (1, None)


def test_corrective_actions_are_carried_out_by_their_day_and_verified(cast):
    done = {
        "carried_out_at": at("2026-11-09 09:00"),
        "verification": "看过",
        "verified_at": at("2026-11-12 09:00"),
        "verified_by": cast.wang,
    }
    make.corrective(cast, "2026-11-10", **done)
    make.corrective(cast, "2026-11-10", **done, was_late=True)
    make.corrective(cast, "2026-11-22")
    make.corrective(cast, "2026-11-23")
    assert measured("corrective") == (1, 3)


def test_dangers_and_documents_of_audits(cast):
    held = make.audit(cast)
    make.finding(cast, "2026-11-30", audit=held, kind="danger")
    make.finding(cast, "2026-11-30", audit=held, kind="danger", raised_at=at("2026-10-31 09:00"))
    for result in ("conforms", "deviates", "conforms", "n_a"):
        make.check(cast, result, "2026-11-05 09:00", held)
    assert measured("dangers_found") == (1, None)
    assert measured("dangers_found", scope=Scope(person=cast.zhou.pk)) == (1, None)
    assert measured("documents") == (2, 3)
    assert measured("documents", scope=Scope(person=cast.chen.pk)) == (2, 3)


def test_weekly_reports_on_time(cast):
    make.weekly_report(cast, "2026-10-26", "2026-11-02 14:00", "2026-11-02 14:00")
    make.weekly_report(cast, "2026-11-02", "2026-11-09 14:00", "2026-11-09 14:01")
    make.weekly_report(cast, "2026-11-09", "2026-11-16 14:00")
    make.weekly_report(cast, "2026-11-16", "2026-11-23 14:00")
    assert measured("weekly_reports") == (1, 3)


def test_remote_sessions_have_a_paper_and_an_end(cast):
    make.session(cast, "2026-11-05 12:00", ended="2026-11-05 12:00")
    make.session(cast, "2026-11-05 12:00", ended="2026-11-05 12:01")
    make.session(cast, "2026-11-05 12:00")
    make.session(cast, "2026-11-05 12:00", ended="2026-11-05 11:00", has_paper=False)
    make.session(cast, "2026-11-05 12:00", ended="2026-11-05 11:00", how="phone")
    make.session(cast, "2026-11-05 12:00", ended="2026-11-05 11:00", how="phone", has_paper=False)
    make.session(cast, "2026-11-23 11:00", ended="2026-11-23 10:30", how="phone")  # the paper has time
    assert measured("remote") == (2, 6)
    Attachment.objects.update(withdrawn_at=at("2026-11-06 09:00"), withdrawn_by=cast.chen, stored="")
    assert measured("remote") == (0, 6)


def test_changes_succeed_or_not(cast):
    make.change(cast, "2026-11-05 12:00")
    make.change(cast, "2026-11-06 12:00", "rolled_back")
    make.change(cast, "2026-11-07 12:00", "failed")
    assert measured("changes") == (1, 3)
    assert measured("reported") == (0, None) and measured("backlog") == (3, None)


def test_availability_of_a_system(cast):
    cast.his.in_service_since = make.day("2026-11-21")
    cast.his.save()
    make.outage(cast, "2026-11-20 09:00", "2026-11-21 06:00")  # six hours since it is in service
    make.outage(cast, "2026-11-22 00:00", "2026-11-22 02:00")
    make.outage(cast, "2026-11-22 01:00", "2026-11-22 03:00")  # at the same time, for an hour
    make.outage(cast, "2026-11-23 11:00")
    make.change(cast, "2026-11-22 03:00")  # its window covers the last of these hours
    record(cast, reported="2026-11-22 12:00", grade=2)
    # 60 hours until now, one of them planned; down 6 + 2 + 1 hours.
    assert measured("availability") == (50 * 3600, 59 * 3600)
    assert figure("availability").interval() is None
    assert measured("mtbf") == (50, 4)
    assert measured("availability", period="2026-10") == (0, 0)
    assert measured("availability", scope=Scope(group=cast.north.pk)) == (0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_systems_are_added_up_as_each_by_itself(cast, seed):
    dice, begin, now = Random(seed), at("2026-11-02 00:00"), at("2026-11-12 12:00")
    days = (None, date(2026, 10, 1), date(2026, 11, 5), date(2026, 12, 1))
    of = {"client": cast.hospital, "maintainer": cast.chen, "backup": None}
    systems = [
        System.objects.create(name=f"S{number}", in_service_since=dice.choice(days), **of)
        for number in range(8)
    ]
    System.objects.filter(pk=systems[0].pk).update(is_active=False)
    outages, windows = defaultdict(list), defaultdict(list)
    for _outage in range(24):
        system, start = dice.choice(systems), begin + dice.randrange(-40, 240) * HOUR
        end = min(now, start + dice.choice((1, 7, 60, 1000)) * HOUR)
        make.outage(cast, said(start), said(end) if end < now else "", system=system)
        outages[system].append((start, end))
    for system in dice.sample(systems, 3):
        work = make.change(cast, f"2026-11-{dice.randrange(2, 12):02} 10:00")
        Ticket.objects.filter(pk=work.ticket_id).update(system=system)
        windows[system].append((work.window_from, work.window_to))
    each_day = [(begin + day * 24 * HOUR, begin + (day + 1) * 24 * HOUR) for day in range(11)]
    for spans in ([(begin, now)], each_day, each_day[-2:], [(now - 50 * HOUR, now)]):
        found = AVAILABILITY.totals(Scope(client=cast.hospital.pk), spans, now=now)
        for span, total in zip(spans, found, strict=True):
            span = (span[0], min(span[1], now))
            each = [
                uptime(span, midnight(one.in_service_since), outages[one], windows[one])
                for one in System.objects.filter(is_active=True, client=cast.hospital)
            ]
            starts = [start for one in systems[1:] for start, _end in outages[one]]
            assert total.agreed == sum((one.agreed for one in each), timedelta())
            assert total.up == sum((one.up for one in each), timedelta())
            assert total.failed == sum(span[0] <= start < span[1] for start in starts)


def midnight(day):
    return day and at(f"{day} 00:00")


def said(instant):
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}"


def test_uptime_without_a_database():
    hour = timedelta(hours=1)
    noon = at("2026-11-02 12:00")
    period = (noon, noon + 10 * hour)
    assert uptime(period, None, [], []) == Uptime(10 * hour, 0 * hour)
    assert uptime(period, noon + 20 * hour, [period], []) == Uptime(0 * hour, 0 * hour)
    wide = (noon - hour, noon + 20 * hour)
    assert uptime(period, None, [wide], []) == Uptime(10 * hour, 10 * hour)
    assert uptime(period, None, [wide], [(noon, noon + 3 * hour)]) == Uptime(7 * hour, 7 * hour)


def test_the_telephone(cast):
    make.phone(cast, "2026-11-02", 10, 9)
    make.phone(cast, "2026-11-03", 10, 10)
    make.phone(cast, "2026-10-31", 10, 1)
    make.phone(cast, "2026-11-02", 5, 1, group=cast.north)
    for reported in ("2026-11-02 00:00", "2026-11-02 23:59", "2026-11-04 09:00"):  # the last: no numbers
        record(cast, reported=reported)
    record(cast, reported="2026-11-02 09:00", channel="email")
    record(cast, reported="2026-11-02 09:00", kind="change")
    again = closed(cast)
    entry(again, EntryKind.REPEAT_CONTACT, "2026-11-03 09:00", channel=[None, "phone"])
    entry(again, EntryKind.REPEAT_CONTACT, "2026-11-03 09:00", channel=[None, "fax"])
    assert measured("answered") == (20, 25)
    assert measured("answered", scope=Scope(group=cast.south.pk)) == (19, 20)
    assert measured("recorded", scope=Scope(group=cast.south.pk)) == (4, 19)  # with that of `again`
