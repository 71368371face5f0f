"""The scheme of assessment is drafted as a copy, edited as a whole, and adopted for a month (§5.2)."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from reports.assessment.actions.common import log
from reports.assessment.actions.drafting import follow_scheme
from reports.assessment.gathering import known_kpis
from reports.assessment.kinds import AssessmentState, EventKind, SchemeState
from reports.assessment.scheme import Content, as_json, faults, read
from reports.assessment.standing import may_write_schemes, month_of
from reports.models import Assessment, SchemeVersion
from staff.models import User
from staff.refused import Refused, refuse_too_long, require
from tickets.lifecycle import Moved

DEFAULTS = Path(__file__).parents[1] / "defaults.json"
LONGEST_TITLE, LONGEST_WHY = 120, 2000


@transaction.atomic
def load_defaults(*, now: datetime) -> None:
    """Adopt the first scheme, from this month on, where there is none. Never changes one."""
    if SchemeVersion.objects.exists():
        return
    defaults = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    version = SchemeVersion.objects.create(
        number=1,
        state=SchemeState.ADOPTED,
        content=as_json(read(defaults["scheme"])),
        source=defaults["source"],
        from_month=month_of(now),
        drafted_at=now,
        adopted_at=now,
    )
    log(version, EventKind.SCHEME_ADOPTED, by=None, now=now, text=defaults["source"])


@transaction.atomic
def begin_scheme(*, by: User, now: datetime) -> SchemeVersion:
    """Return the draft; where there is none, a copy of the last scheme as the next version."""
    _check(by)
    versions = SchemeVersion.objects.select_for_update().order_by("-number")
    versions.first()  # wait for whoever begins one; only a second look sees it
    last = versions.first()
    if last is None:
        raise Refused(_("There is no scheme to begin from: load the defaults first."), code="no_scheme")
    if last.is_draft:
        return last
    made = SchemeVersion.objects.create(
        number=last.number + 1, content=last.content, drafted_by=by, drafted_at=now
    )
    log(made, EventKind.SCHEME_BEGUN, by=by, now=now)
    return made


@transaction.atomic
def save_scheme(
    draft: SchemeVersion, content: Content, *, title: str, why: str, by: User, now: datetime
) -> SchemeVersion:
    """Write the draft as a whole. Refuses the first fault at its field; `faults` names all of them."""
    fresh = _open(draft, by)
    title = require(title, "title", longest=LONGEST_TITLE)
    refuse_too_long(why, "why", longest=LONGEST_WHY)
    _refuse(content)
    was, fresh.content = fresh.content, as_json(content)
    fresh.title, fresh.why = title, why.strip()
    fresh.save()
    changed = sorted(name for name in fresh.content if was.get(name) != fresh.content[name])
    if changed:
        log(fresh, EventKind.SCHEME_SAVED, by=by, now=now, changes={"parts": [None, changed]})
    return fresh


@transaction.atomic
def drop_scheme(draft: SchemeVersion, *, by: User, now: datetime) -> None:
    """Throw the draft away: its content is the last scheme's again, with nothing of what was changed.

    The version keeps its number and its history.
    """
    fresh = _open(draft, by)
    last = SchemeVersion.objects.adopted().order_by("-number").first()
    if last is None:
        raise Refused(_("There is no scheme to begin from: load the defaults first."), code="no_scheme")
    fresh.content, fresh.title, fresh.why = last.content, "", ""
    fresh.save()
    log(fresh, EventKind.SCHEME_DROPPED, by=by, now=now)


@transaction.atomic
def adopt_scheme(draft: SchemeVersion, *, from_month: date, by: User, now: datetime) -> SchemeVersion:
    """Put the draft in force from a month on, this one or a later one: nobody is assessed by rules that were
    made afterwards. What is drafted of that month already is counted by it.
    """
    fresh = _open(draft, by)
    if not fresh.title:
        raise Refused(_("Give it a title first, so that people know what changed."), code="required")
    if from_month.day != 1:
        raise Refused(_("A scheme begins with a month."), field="from_month", code="invalid")
    if from_month < month_of(now):
        message = _("Not for a month that is over: nobody is assessed by rules made afterwards.")
        raise Refused(message, field="from_month", code="past")
    _refuse(fresh.says)
    fresh.state, fresh.from_month = SchemeState.ADOPTED, from_month
    fresh.adopted_by, fresh.adopted_at = by, now
    fresh.save()
    log(fresh, EventKind.SCHEME_ADOPTED, by=by, now=now, text=f"{from_month:%Y-%m}")
    for draft_of in Assessment.objects.filter(state=AssessmentState.DRAFT, month__gte=from_month).order_by(
        "pk"
    ):
        follow_scheme(draft_of, fresh, by=by, now=now)
    return fresh


def _refuse(content: Content) -> None:
    for fault in faults(content, known_kpis()):
        raise Refused(fault.message, field=fault.field, code=fault.code)


def _check(by: User) -> None:
    if not may_write_schemes(by):
        raise Refused(_("Schemes of assessment are written by leaders alone."), code="forbidden")


def _open(draft: SchemeVersion, by: User) -> SchemeVersion:
    """Lock a draft as the person saw it, and let its edition rise."""
    _check(by)
    fresh = SchemeVersion.objects.select_for_update().get(pk=draft.pk)
    if not fresh.is_draft:
        raise Refused(_("This version is adopted: begin the next one."), code="wrong_status")
    if fresh.edition != draft.edition:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    fresh.edition += 1
    return fresh
