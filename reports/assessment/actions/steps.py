"""An assessment is shown to whom it is about, appealed against, ruled on (§5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from reports.assessment.actions.common import count, freeze, log, scored, stepping
from reports.assessment.actions.items import strike
from reports.assessment.actions.telling import tell_appealed, tell_ruled, tell_shown
from reports.assessment.following import Step
from reports.assessment.kinds import AssessmentState, EventKind, Outcome
from reports.assessment.standing import ends_at, level_of
from reports.models import Assessment
from reports.models.assessment import LONGEST
from staff.models import User
from staff.refused import Refused, refuse_too_long, require


def show(assessment: Assessment, *, note: str = "", by: User, now: datetime) -> Assessment:
    """Show a checked draft to whom it is about: as it was counted last, so as the one who checks saw it."""
    refuse_too_long(note, "note", longest=LONGEST)
    with stepping(assessment, Step.SHOW, by=by, now=now) as fresh:
        fresh.state, fresh.note, fresh.shown_at = AssessmentState.SHOWN, note.strip(), now
        fresh.checked_by, fresh.checked_level = by, level_of(by)
        fresh.appeal_until = ends_at(now, fresh.scheme.says.appeal_days)
        fresh.due_at, fresh.is_told = None, False
        log(fresh, EventKind.SHOWN, by=by, now=now, text=fresh.note)
        tell_shown(fresh, by=by, now=now)
    return fresh


@transaction.atomic
def show_all(assessments: Iterable[Assessment], *, by: User, now: datetime) -> int:
    """Show all of these, each as it was seen (`version`), or none; return how many."""
    return len([show(one, by=by, now=now) for one in assessments])


def appeal(assessment: Assessment, *, text: str, by: User, now: datetime) -> Assessment:
    """Appeal, up to the very end of the term. Those who may rule are told."""
    text = require(text, "text", longest=LONGEST)
    with stepping(assessment, Step.APPEAL, by=by, now=now) as fresh:
        fresh.appeal, fresh.appealed_at, fresh.appealed_by = text, now, by
        fresh.state = AssessmentState.APPEALED
        fresh.due_at = ends_at(now, fresh.scheme.says.rule_days)
        log(fresh, EventKind.APPEALED, by=by, now=now, text=text)
        tell_appealed(fresh, by=by, now=now)
    return fresh


def rule(
    assessment: Assessment,
    *,
    outcome: str,
    reason: str,
    items: Sequence[int] = (),
    lines: Sequence[int] = (),
    recounts: bool = False,
    by: User,
    now: datetime,
) -> Assessment:
    """Rule on an appeal, for good. Upheld: items are struck (by id), lines left out (by place), or the
    figures counted anew, because records were corrected. Dismissed: nothing changes. Both sides are told.
    """
    reason = require(reason, "reason", longest=LONGEST)
    if outcome not in Outcome.values:
        raise Refused(_("Choose how the appeal is ruled."), field="outcome", code="required")
    changes = bool(items or lines or recounts)
    if outcome == Outcome.UPHELD and not changes:
        message = _("Say what changes: an item that is struck, a line that is left out, or a new count.")
        raise Refused(message, field="outcome", code="nothing_changes")
    if outcome == Outcome.DISMISSED and changes:
        raise Refused(_("Where the appeal is dismissed, nothing changes."), field="outcome", code="changes")
    with stepping(assessment, Step.RULE, by=by, now=now) as fresh:
        was = scored(fresh)
        if outcome == Outcome.UPHELD:
            _uphold(fresh, items, lines, reason, recounts=recounts, by=by, now=now)
        fresh.outcome, fresh.ruling, fresh.ruled_by = Outcome(outcome), reason, by
        result = {"result": [was, scored(fresh)]} if was != scored(fresh) else {}
        log(fresh, EventKind.RULED, by=by, now=now, text=reason, changes=result)
        log(fresh, EventKind.FINAL, by=None, now=now)
        freeze(fresh, at=now)
        tell_ruled(fresh, by=by, now=now)
    return fresh


def _uphold(
    assessment: Assessment,
    items: Sequence[int],
    lines: Sequence[int],
    reason: str,
    *,
    recounts: bool,
    by: User,
    now: datetime,
) -> None:
    rows = list(assessment.items.counted().filter(pk__in=items))
    if len(rows) != len(set(items)):
        raise Refused(_("One of these does not count any more."), field="items", code="gone")
    if any(not 0 <= place < len(assessment.scheme.says.lines) for place in lines):
        raise Refused(_("There is no such line."), field="lines", code="invalid")
    for row in rows:
        strike(row, "", reason, by=by, now=now)
    assessment.left_out = sorted({*assessment.left_out, *lines})
    count(assessment, now=now, anew=recounts)
