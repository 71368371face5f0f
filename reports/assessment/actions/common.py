"""What all that happens to assessments has in common: who may, what is locked, counted and kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from reports.assessment.following import STATES, Step
from reports.assessment.gathering import found, readings, scope_of
from reports.assessment.kinds import EventKind
from reports.assessment.once import counted_once, items_of, taken
from reports.assessment.paper import described
from reports.assessment.scoring import Reading, score
from reports.assessment.standing import standing_of
from reports.models import Assessment, AssessmentEvent, AssessmentItem, SchemeVersion
from staff.models import User
from staff.refused import Refused
from tickets.lifecycle import Moved

RELATED = ("group", "person", "scheme", "checked_by", "ruled_by")
FORBIDDEN = ("forbidden", "own", "own_check")


@contextmanager
def stepping(assessment: Assessment, step: Step, *, by: User, now: datetime) -> Iterator[Assessment]:
    """Lock it, yield it fresh where this person may take the step, and save it with the next version.

    Raises `Moved` where somebody was faster, else `Refused`.
    """
    with transaction.atomic():
        fresh = locked(assessment)
        if reason := standing_of(fresh, by, now).refusal(step):
            if reason == "wrong_status" and assessment.state == STATES[step]:
                raise Moved(_("Somebody was faster: look at it as it is now."))
            raise Refused(_why_not(reason, fresh), code="forbidden" if reason in FORBIDDEN else reason)
        if fresh.version != assessment.version:
            raise Moved(_("Somebody was faster: look at it as it is now."))
        fresh.version += 1
        yield fresh
        fresh.save()
        assessment.version = fresh.version


def locked(assessment: Assessment) -> Assessment:
    rows = Assessment.objects.select_for_update(of=("self",), no_key=True).select_related(*RELATED)
    return rows.get(pk=assessment.pk)


def count(assessment: Assessment, *, now: datetime, anew: bool = True) -> None:
    """Set what it comes to: from the figures and rows as they are now, or as they were counted last."""
    content = assessment.scheme.says
    if anew:
        month = assessment.period
        scope = scope_of(assessment.group, assessment.person)
        read = readings(content.kpis(), scope, [month], now=now)[month]
        _sync(assessment, now)
        assessment.counted_at = now
    else:
        read = readings_kept(assessment)
    codes = list(assessment.items.counted().values_list("code", flat=True))
    result = score(content, read, codes, left_out=assessment.left_out)
    assessment.result = result.as_json()
    assessment.score, assessment.grade, assessment.factor = result.score, result.grade, result.factor


def readings_kept(assessment: Assessment) -> Mapping[str, Reading]:
    """Return the readings of which its result was made."""
    return {
        one["kpi"]: Reading(_decimal(one["value"]), one["n"])
        for line in assessment.result.get("lines", ())
        for one in line["measures"]
        if one["why"] != "not_measured"
    }


def freeze(assessment: Assessment, *, at: datetime) -> None:
    """Make it final, with all that it says. Nothing changes it any more: the database refuses."""
    assessment.state, assessment.final_at, assessment.due_at = "final", at, None
    assessment.snapshot = described(assessment)


def log(
    thing: Assessment | SchemeVersion,
    kind: EventKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> AssessmentEvent:
    """Append one entry to the history."""
    name = "scheme" if isinstance(thing, SchemeVersion) else "assessment"
    return AssessmentEvent.objects.create(
        kind=kind, at=now, by=by, text=text, changes=dict(changes or {}), **{name: thing}
    )


def scored(assessment: Assessment) -> list[str]:
    """What a history entry says of the result: score and grade."""
    return ["–" if assessment.score is None else str(assessment.score), assessment.grade or "–"]


def _sync(assessment: Assessment, now: datetime) -> None:
    """Have the items that rules find, each under its code of today, and no others of theirs; what was
    excused stays excused.
    """
    group, person = assessment.group, assessment.person
    rows = found(group, person, assessment.period)
    ever = items_of(None if person else group, [person] if person else [], rows)
    wanted = counted_once(assessment.scheme.says, rows, taken(ever, assessment.month))
    by_rule = assessment.items.filter(by=None)
    by_rule.filter(out_at=None).exclude(key__in=wanted).delete()
    known = {row.key: row for row in by_rule}
    moved = [row for key, row in known.items() if key in wanted and row.code != wanted[key][0].code]
    for row in moved:
        row.code = wanted[row.key][0].code
    AssessmentItem.objects.bulk_update(moved, ["code"])
    AssessmentItem.objects.bulk_create(
        AssessmentItem(
            assessment=assessment,
            code=item.code,
            source=one.source,
            key=key,
            thing=one.thing,
            thing_id=one.thing_id,
            label=one.label,
            label_en=one.label_en,
            at=now,
        )
        for key, (item, one) in wanted.items()
        if key not in known
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _why_not(reason: str, assessment: Assessment) -> str:
    words = {
        "forbidden": _("This is not yours to do with this assessment."),
        "own": _("Nobody checks or rules on his own assessment."),
        "own_check": _("Whoever checked it does not rule on the appeal."),
        "wrong_status": _("Not possible while the assessment is “%(state)s”.")
        % {"state": assessment.get_state_display()},
        "appeal_over": _("The time for an appeal is over; the assessment is final."),
        "not_whole": _("It was counted before the month was over: count it anew when it is."),
        "nobody_above": _("Nobody stands above you who could rule on an appeal: leave it to somebody else."),
    }
    return words[reason]
