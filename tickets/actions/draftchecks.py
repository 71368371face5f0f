"""What a limit or a rule of a draft must be; each raises `Refused` at the field at fault."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from tickets.actions.policy import limited, ruled
from tickets.escalation import MOST_REPEATS
from tickets.lifecycle import Refused
from tickets.models import EscalationRule, Grade, Kind, Target, TimeLimit

NOTHING, YEAR = timedelta(0), timedelta(days=366)
MOST_PERCENT = 1000


def check_limit(limit: TimeLimit) -> None:
    if (limit.kind, limit.grade) not in limited():
        raise Refused(_("This clock has no limit of its own for this grade."), field="clock", code="invalid")
    if limit.grade is not None and limit.work not in ("", Kind.FAULT):
        raise Refused(_("Only faults are graded."), field="work", code="not_a_fault")
    if not NOTHING < limit.limit <= YEAR:
        raise Refused(_("A limit is longer than nothing and no longer than a year."), field="limit")
    if not 1 <= limit.near_percent <= 99:
        raise Refused(_("Choose 1 to 99."), field="near_percent", code="invalid")


def check_rule(rule: EscalationRule) -> None:
    if (rule.kind, rule.grade) not in ruled():
        raise Refused(_("This clock never runs for this grade."), field="clock", code="invalid")
    _check_instant(rule)
    _check_person(rule)
    _check_repeats(rule)
    _check_quiet(rule)


def _check_instant(rule: EscalationRule) -> None:
    if (rule.after is None) == (rule.percent is None):
        raise Refused(_("Give either a time or a percentage of the limit."), field="after", code="invalid")
    if rule.after is not None and not NOTHING <= rule.after <= YEAR:
        raise Refused(_("Choose a time of no more than a year."), field="after", code="invalid")
    if rule.percent is not None and not 0 <= rule.percent <= MOST_PERCENT:
        raise Refused(_("Choose 0 to 1000 %."), field="percent", code="invalid")


def _check_person(rule: EscalationRule) -> None:
    if rule.target != Target.PERSON:
        if rule.person is not None:
            raise Refused(
                _("Choose “A named person” to tell this one, or leave it empty."),
                field="person",
                code="invalid",
            )
        return
    if rule.person is None:
        raise Refused(_("Who is it?"), field="person", code="required")
    if not rule.person.is_active or not rule.person.sees_everything:
        raise Refused(
            _("A rule holds for every group: choose somebody who reads all records."),
            field="person",
            code="invalid",
        )


def _check_repeats(rule: EscalationRule) -> None:
    if not 0 <= rule.repeat_times <= MOST_REPEATS:
        raise Refused(_("At most 5 times more."), field="repeat_times", code="invalid")
    if rule.repeat_times and (rule.repeat_every is None or not NOTHING < rule.repeat_every <= YEAR):
        raise Refused(_("Say after how long it is told again."), field="repeat_every", code="required")
    if not rule.repeat_times and rule.repeat_every is not None:
        raise Refused(_("Say how many times more."), field="repeat_times", code="required")


def _check_quiet(rule: EscalationRule) -> None:
    if (rule.quiet_from is None) != (rule.quiet_until is None):
        empty = "quiet_from" if rule.quiet_from is None else "quiet_until"
        raise Refused(_("Quiet hours have a beginning and an end."), field=empty, code="required")
    if rule.quiet_from is None:
        return
    if rule.grade == Grade.ONE:
        raise Refused(
            _("A grade-1 fault is told of at any hour (§2.3)."), field="quiet_from", code="grade_one"
        )
    if rule.quiet_from == rule.quiet_until:
        raise Refused(_("These are no hours: they begin when they end."), field="quiet_until", code="invalid")
