"""Quality audits of the home group: some closed, one reported, one being held, one missed (§4.1.1).

All by the actions, as they were at that time.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from audits import actions
from audits.actions import Said
from audits.kinds import OF_SYSTEMS, AuditKind, Result
from audits.models import Finding
from clients.models import Client, System
from duty.calendar import working_days
from opsdesk.demo.people import HOME, Staff, Team
from opsdesk.demo.texts import load
from staff.models import Role, User

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SAMPLE, PERIOD, LONG = 6, 60 * DAY, 600 * DAY
# Kind, how many days ago, how far it came (1 held, 2 reported, 3 stated, 4 closed), which of the findings.
HELD = (
    (AuditKind.DOCUMENTS, 96, 4, (2,)),
    (AuditKind.PROCESS, 61, 4, (1, 2)),
    (AuditKind.SOFTWARE, 26, 3, (0,)),
    (AuditKind.HARDWARE, 9, 2, (3, 2)),
    (AuditKind.PROCESS, 1, 1, (1,)),
)
MISSED, AHEAD = 6, (8, 20, 41)


def audit(staff: Staff, *, now: datetime) -> None:
    """Plan and hold the audits of some months, and leave some ahead."""
    home = next(team for team in staff.teams if team.group.code == HOME)
    auditor = next(person for person in staff.everyone if person.role == Role.AUDITOR)
    actions.load_defaults(now=now - 200 * DAY)
    rows = System.objects.filter(client__group=home.group, is_active=True, client__is_active=True)
    systems = list(rows.select_related("client__group").order_by("pk")[:2])
    for place, (kind, days, steps, chosen) in enumerate(HELD):
        system = systems[place % len(systems)] if kind in OF_SYSTEMS else None
        _hold(home, auditor, kind, system, _workday(now - days * DAY), steps, chosen)
    _plan(home, auditor, AuditKind.DOCUMENTS, None, _workday(now - MISSED * DAY), early=20 * DAY)
    for days in AHEAD:
        _plan(home, auditor, AuditKind.PROCESS, None, _workday(now + days * DAY), early=40 * DAY)
    actions.tend_audits(now=now)


def _hold(
    home: Team,
    auditor: User,
    kind: AuditKind,
    system: System | None,
    then: datetime,
    steps: int,
    chosen: tuple[int, ...],
) -> None:
    words, by = load("audits"), auditor
    planned = _plan(home, auditor, kind, system, then, early=30 * DAY)
    found = actions.begin_audit(planned=planned, by=by, now=then)
    day = timezone.localdate(then)
    for since in (day - PERIOD, day - LONG):  # a young or small house has closed little of late
        if any(True for _row in actions.population_of(found, since, day)):
            facts = {"since": since, "until": day, "size": SAMPLE, "seed": f"{day:%Y%m%d}"}
            found = actions.draw_sample(found, **facts, by=by, now=then)
            break
    else:
        steps = 1
    pks = list(found.checks.order_by("pk").values_list("pk", flat=True))
    bad = pks[1 :: 7 if steps > 1 else 9][: len(chosen) + 1]
    looked = pks if steps > 1 else pks[: len(pks) // 2]
    said = {pk: Said(Result.DEVIATES, words["note"]) if pk in bad else Said(Result.CONFORMS) for pk in looked}
    found = actions.look_at(found, said, by=by, now=then + HOUR)
    deviating = list(
        found.checks.filter(result=Result.DEVIATES)
        .select_related("sampled__ticket__client", "sampled__ticket__system__client")
        .order_by("pk")
    )
    findings = []
    for place, check in enumerate(deviating):
        text = words["findings"][chosen[place % len(chosen)]]
        owner = home.engineers[place % len(home.engineers)]
        client = None if system or check.sampled else _client(home)
        finding = actions.raise_finding(
            found, **text, check=check, client=client, owner=owner, by=by, now=then + 2 * HOUR
        )
        findings.append(finding)
        found.refresh_from_db()
    if steps == 1:
        return
    found = actions.report_audit(found, conclusion=words["conclusion"], by=by, now=then + 3 * HOUR)
    for place, finding in enumerate(findings):
        _follow(home, by, finding, then, is_whole=steps == 4, place=place)
    if steps >= 3:
        found = actions.state_statement(
            found, statement=words["statement"], by=home.supervisors[0], now=then + 2 * DAY
        )
    if steps == 4:
        actions.close_audit(found, by=by, now=then + 20 * DAY)


def _follow(home: Team, by: User, finding: Finding, then: datetime, *, is_whole: bool, place: int) -> None:
    """A suggestion is answered; what is still young has a record or a corrective action; the rest is old."""
    words = load("audits")
    if finding.kind == "suggestion":
        finding = actions.answer_finding(
            finding, answer=words["answer"], by=home.supervisors[0], now=then + 3 * DAY
        )
        if is_whole:
            actions.verify_finding(
                finding, is_effective=True, note=words["verified"], by=by, now=then + 5 * DAY
            )
    elif is_whole:
        actions.withdraw_finding(finding, reason=words["drop"], by=by, now=then + 3 * DAY)
    elif place == 0:
        actions.open_corrective(finding, by=by, now=then + 4 * HOUR)


def _workday(then: datetime) -> datetime:
    """The same time of the working day that this is, or that comes before it; ten o'clock."""
    day = timezone.localdate(then)
    is_working = working_days(since=day - 20 * DAY)
    while not is_working(day):
        day -= DAY
    return datetime.combine(day, time(10), timezone.get_default_timezone())


def _client(home: Team) -> Client:
    found = Client.objects.active().filter(group=home.group).order_by("pk").first()
    assert found is not None
    return found


def _plan(home, auditor, kind, system, day: datetime, *, early: timedelta):  # type: ignore[no-untyped-def]
    return actions.plan_audit(
        kind=kind,
        group=home.group,
        system=system,
        planned_on=timezone.localdate(day),
        auditor=auditor,
        by=auditor,
        now=day - early,
    )
