"""Plans and guides: our defaults, and how they are changed (§5.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import ClientType
from staff.models import User
from staff.refused import Refused
from tickets.lifecycle import Moved
from visits.actions.common import log
from visits.kinds import EventKind
from visits.models import CallbackPlan, CallbackScript

DEFAULTS = Path(__file__).parents[1] / "defaults.json"
PLAN_FIELDS = (
    "phone_every",
    "phone_unit",
    "phone_within",
    "site_every",
    "site_unit",
    "site_within",
    "share_one",
    "limit_one",
    "share_two",
    "limit_two",
    "share_three",
    "limit_three",
    "gap_days",
    "close_days",
    "tries",
    "phase_months",
)
SCRIPT_FIELDS = ("opening", "opening_en", "questions", "questions_en", "closing", "closing_en")


def may_plan(by: User) -> bool:
    """Say whether a person may change the company's callback plans: its supervisors and administrators."""
    return by.may_supervise


@transaction.atomic
def load_defaults(*, now: datetime) -> None:
    """Create the default plans and guides where they are missing. Never changes a row.

    A plan draws faults that are solved from now on.
    """
    defaults = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    types = {each.code: each for each in ClientType.objects.all()}
    for row in defaults["plans"]:
        code = row.pop("type")
        if code is None:
            CallbackPlan.objects.get_or_create(is_phase=True, defaults=row | {"runs_since": now})
        elif code in types:
            CallbackPlan.objects.get_or_create(type=types[code], defaults=row | {"runs_since": now})
    for row in defaults["scripts"]:
        CallbackScript.objects.get_or_create(kind=row.pop("kind"), defaults=row)


@transaction.atomic
def make_plan(type_: ClientType, facts: Mapping[str, Any], *, by: User, now: datetime) -> CallbackPlan:
    """Plan the callbacks of a type of client that has no plan yet."""
    _check_may(by)
    if CallbackPlan.objects.filter(type=type_).exists():
        raise Refused(_("This type has a plan already."), field="type", code="taken")
    plan = CallbackPlan(type=type_, runs_since=now, is_default=False, **_known(facts, PLAN_FIELDS))
    _check(plan)
    plan.save()
    log(plan, EventKind.PLANNED, by=by, now=now)
    return plan


@transaction.atomic
def change_plan(plan: CallbackPlan, facts: Mapping[str, Any], *, by: User, now: datetime) -> CallbackPlan:
    """Change a plan: what is written already stays; the next slots follow the new rhythm.

    Raises `Moved` where somebody else has changed it since, `Refused` naming the field.
    """
    _check_may(by)
    seen, plan = plan.version, CallbackPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if seen != plan.version:
        raise Moved(_("Somebody has changed this plan meanwhile. Look at it as it is now."))
    changes = {
        name: [getattr(plan, name), value]
        for name, value in _known(facts, PLAN_FIELDS).items()
        if getattr(plan, name) != value
    }
    if not changes:
        return plan
    for name, (_old, new) in changes.items():
        setattr(plan, name, new)
    _check(plan)
    plan.version += 1
    plan.is_default = False
    plan.save()
    log(plan, EventKind.PLAN_CHANGED, by=by, now=now, changes=changes)
    return plan


@transaction.atomic
def change_script(
    script: CallbackScript, facts: Mapping[str, str], *, by: User, now: datetime
) -> CallbackScript:
    """Change what is said and asked in callbacks of one kind."""
    _check_may(by)
    script = CallbackScript.objects.select_for_update().get(pk=script.pk)
    texts = {name: text.strip().replace("\r\n", "\n") for name, text in _known(facts, SCRIPT_FIELDS).items()}
    changes = {
        name: [getattr(script, name), text] for name, text in texts.items() if getattr(script, name) != text
    }
    if not changes:
        return script
    for name, (_old, new) in changes.items():
        setattr(script, name, new)
    if not script.questions:
        raise Refused(_("Write at least one question."), field="questions", code="required")
    script.is_default = False
    script.save()
    log(script, EventKind.SCRIPT_CHANGED, by=by, now=now, changes=changes)
    return script


def _known(facts: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name in fields and value is not None}


def _check(plan: CallbackPlan) -> None:
    for name in ("share_one", "share_two", "share_three"):
        if not 0 <= getattr(plan, name) <= 100:
            raise Refused(_("A share is between 0 and 100 percent."), field=name, code="invalid")


def _check_may(by: User) -> None:
    if not may_plan(by):
        raise Refused(_("Only supervisors may change how clients are called back."), code="forbidden")
