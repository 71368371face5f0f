"""Every page of quality audits in a state that shows all of it, for the tests in a browser."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from audits import actions
from audits.kinds import AuditKind
from audits.tests.auditing import DAY, HOUR, closed_records, looked_at, raised
from duty.calendar import working_days
from opsdesk.testing import Cast
from staff.tests.hostile import PDF, upload

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 4


def audit_pages(cast: Cast) -> list[tuple[str, str]]:
    """A plan with all its states, an audit reported and one being held, findings in four states."""
    now, by = timezone.now(), cast.zhou
    today = timezone.localdate(now)
    actions.load_defaults(now=now - DAY)
    closed_records(cast, now)
    before = now - 10 * DAY
    first = timezone.localdate(before)
    is_working = working_days(since=first - DAY)
    old = next(day for number in range(9) if is_working(day := first + number * DAY))
    missed = actions.plan_audit(
        kind="hardware",
        group=cast.south,
        system=cast.his,
        planned_on=old,
        auditor=by,
        note=LONG,
        by=by,
        now=before,
    )
    actions.propose_plan(today.year + 1, actions.USUAL_TIMES, by=by, now=now)
    dropped = actions.plan_audit(
        kind="documents", group=cast.south, system=None, planned_on=old, by=by, now=before
    )
    actions.drop_planned(dropped, reason=LONG, by=by, now=before)
    whole, running = (
        actions.begin_audit(kind="process", group=cast.south, by=by, now=now) for _n in range(2)
    )
    for audit in (whole, running):
        actions.draw_sample(audit, since=today, until=today, size=3, by=by, now=now)
        audit.refresh_from_db()
    whole = looked_at(cast, whole, now, bad=2)
    bad = list(
        whole.checks.filter(result="deviates").select_related(
            "sampled__ticket__client", "sampled__ticket__system__client"
        )
    )
    first = raised(cast, whole, now, check=bad[0], title=LONG[:200], details=LONG)
    second = raised(cast, whole, now, check=bad[1], kind="problem")
    idea = raised(cast, whole, now, kind="suggestion", client=None, owner=None)
    loose = raised(cast, whole, now, client=None)
    whole.refresh_from_db()
    whole = actions.file_evidence(whole, [upload("report.pdf", PDF)], check=bad[0], by=by, now=now)
    whole = actions.report_audit(whole, conclusion=LONG, by=by, now=now)
    actions.open_record(first, by=by, now=now)
    actions.open_corrective(second, by=by, now=now)
    idea = actions.answer_finding(idea, answer=LONG, by=cast.wang, now=now)
    actions.tend_audits(now=now + 20 * DAY + HOUR)
    draft = actions.draft_checklist(AuditKind.SOFTWARE, by=by)
    published = whole.checklist_id
    sampled = running.sampled.earliest("place").pk
    return [
        ("zhou", reverse("audits:findings")),
        ("wang", reverse("audits:findings") + "?state=all"),
        ("chen", reverse("audits:findings")),
        ("li", reverse("audits:findings")),
        ("zhou", reverse("audits:finding", args=[first.pk])),
        ("chen", reverse("audits:finding", args=[first.pk])),
        ("wang", reverse("audits:finding", args=[second.pk])),
        ("zhou", reverse("audits:finding", args=[idea.pk])),
        ("zhou", reverse("audits:finding", args=[loose.pk])),
        ("zhou", reverse("audits:plan") + f"?year={old.year}"),
        ("zhou", reverse("audits:plan") + f"?year={today.year + 1}"),
        ("wang", reverse("audits:plan")),
        ("zhou", reverse("audits:planned", args=[missed.pk])),
        ("wang", reverse("audits:planned", args=[dropped.pk])),
        ("zhou", reverse("audits:propose")),
        ("zhou", reverse("audits:plan_create")),
        ("zhou", reverse("audits:audits")),
        ("wang", reverse("audits:audits")),
        ("zhou", reverse("audits:begin")),
        ("zhou", reverse("audits:audit", args=[whole.pk])),
        ("wang", reverse("audits:audit", args=[whole.pk])),
        ("zhou", reverse("audits:audit", args=[running.pk])),
        ("zhou", reverse("audits:checks", args=[running.pk])),
        ("zhou", reverse("audits:record_checks", args=[running.pk, sampled])),
        ("wang", reverse("audits:checks", args=[whole.pk])),
        ("zhou", reverse("audits:raise", args=[running.pk])),
        ("zhou", reverse("audits:paper", args=[whole.pk])),
        ("li", reverse("audits:checklists")),
        ("zhou", reverse("audits:checklists")),
        ("li", reverse("audits:checklist", args=[published])),
        ("zhou", reverse("audits:checklist", args=[draft.pk])),
        ("zhou", reverse("audits:item", args=[draft.pk, 1])),
        ("zhou", reverse("audits:item_create", args=[draft.pk])),
        ("zhou", reverse("audits:terms")),
        ("zhao", reverse("audits:trend")),
        ("wang", reverse("audits:trend")),
    ]
