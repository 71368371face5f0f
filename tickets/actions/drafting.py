"""The policy is changed by way of a draft: copied from what is in force, edited, and adopted as a whole.

Nothing here touches a record: clocks that run keep their deadlines and their planned report-ups (§5.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from staff.models import ManagementLevel, User
from staff.refused import require
from tickets.actions import draftchecks
from tickets.actions.policy import required_limits
from tickets.histories import terms_of
from tickets.lifecycle import Refused
from tickets.models import EscalationRule, PolicyState, PolicyVersion, TimeLimit
from tickets.policychanges import remarks


def may_rule(user: User) -> bool:
    """Say whether a person may draft and adopt: an administrator, or who manages the department or more."""
    manages = user.management_level >= ManagementLevel.DEPARTMENT_MANAGER
    return user.is_active and not user.is_contact and (user.may_administer or manages)


def refuse_others(by: User | None) -> None:
    """Raise `Refused` for who may not change the policy; None is the house's own command."""
    if by is not None and not may_rule(by):
        raise Refused(
            _("Only a department manager, a general manager or an administrator may do this."),
            code="forbidden",
        )


@transaction.atomic
def draft_policy(*, title: str, why: str, by: User, now: datetime) -> PolicyVersion:
    """Begin a draft: a copy of the version in force. There is one draft at a time."""
    refuse_others(by)
    adopted = PolicyVersion.objects.adopted().select_for_update().get()
    if PolicyVersion.objects.draft().exists():
        raise Refused(_("There is a draft already: adopt it or discard it first."), code="taken")
    newest = PolicyVersion.objects.aggregate(newest=Max("number"))["newest"]
    version = PolicyVersion.objects.create(
        number=newest + 1,
        title=require(title, "title"),
        why=require(why, "why"),
        drafted_by=by,
        drafted_at=now,
    )
    limits, rules = adopted.limits.order_by("id"), adopted.rules.filter(is_active=True).order_by("id")
    for limit in limits:
        limit.pk, limit.version = None, version
    for rule in rules:
        rule.pk, rule.version = None, version
    TimeLimit.objects.bulk_create(limits)
    EscalationRule.objects.bulk_create(rules)
    return version


def describe_draft(version: PolicyVersion, *, title: str, why: str, by: User) -> PolicyVersion:
    """Say anew what a draft is called and why it is made."""
    with _editing(version, by) as fresh:
        fresh.title, fresh.why = require(title, "title"), require(why, "why")
        fresh.save(update_fields=["title", "why"])
    return fresh


def save_limit(limit: TimeLimit, *, by: User) -> TimeLimit:
    """Save a new or changed limit of a draft. Raises `Refused` at the field at fault."""
    with _editing(limit.version, by):
        draftchecks.check_limit(limit)
        limit.source = ""
        _save(limit, "tickets_limit_once", _("There is such a limit already."))
    return limit


def save_rule(rule: EscalationRule, *, by: User) -> EscalationRule:
    """Save a new or changed report-up rule of a draft. Raises `Refused` at the field at fault."""
    with _editing(rule.version, by):
        draftchecks.check_rule(rule)
        rule.source = ""
        _save(rule, "tickets_rule_once", _("There is such a rule already."))
    return rule


def remove_row(row: TimeLimit | EscalationRule, *, by: User) -> None:
    """Take a limit or a rule out of a draft."""
    with _editing(row.version, by):
        row.delete()


def adopt_policy(version: PolicyVersion, *, note: str = "", by: User, now: datetime) -> PolicyVersion:
    """Put a draft in force: clocks that start from now on follow it. Refused while a limit is missing."""
    with _editing(version, by) as fresh:
        if missing := [each for each in remarks(terms_of(fresh), required_limits()) if each.is_error]:
            raise Refused(
                _("%(count)s clocks would have no limit: see what is missing.") % {"count": len(missing)},
                code="incomplete",
            )
        PolicyVersion.objects.adopted().update(state=PolicyState.RETIRED, retired_at=now)
        fresh.state, fresh.note = PolicyState.ADOPTED, note.strip()
        fresh.adopted_by, fresh.adopted_at = by, now
        fresh.save()
    return fresh


def discard_draft_policy(version: PolicyVersion, *, by: User) -> None:
    """Throw a draft away, and the what-if runs over it. Nothing ever followed it."""
    with _editing(version, by) as fresh:
        fresh.delete()


@contextmanager
def _editing(version: PolicyVersion, by: User) -> Iterator[PolicyVersion]:
    """Lock a draft, so that it is not adopted while it is being edited; what was adopted is not edited."""
    refuse_others(by)
    with transaction.atomic():
        fresh = PolicyVersion.objects.select_for_update(of=("self",)).filter(pk=version.pk).first()
        if fresh is None or not fresh.is_draft:
            raise Refused(
                _("This version is no draft any more. What was adopted is not changed."), code="moved"
            )
        yield fresh


def _save(row: TimeLimit | EscalationRule, once: str, message: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if once not in str(error):
            raise
        raise Refused(message, field="clock", code="taken") from error
