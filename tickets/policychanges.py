"""Two policies side by side, and what is wrong or odd with one (§5.4). Pure: terms in, findings out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tickets.grading import Grade
from tickets.terms import Limit, Rule, Terms, offsets

# The one limit that the process document states: an engineer at the client's (§5.4.1.2).
ON_SITE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs: `old` is None where it is new, `new` where it is gone."""

    old: Limit | Rule | None
    new: Limit | Rule | None

    @property
    def about(self) -> Limit | Rule:
        found = self.new or self.old
        assert found is not None
        return found


def changes(old: Terms, new: Terms) -> list[Change]:
    """Return what differs, row by row, in the order of clock and grade; limits before rules."""
    limits = _limit_changes(old.limits, new.limits)
    rules = _rule_changes(old.rules, new.rules)
    return sorted(limits, key=_place) + sorted(rules, key=_place)


def _limit_changes(old: Iterable[Limit], new: Iterable[Limit]) -> list[Change]:
    was, becomes = (
        {(row.kind, row.grade, row.work, row.contract_id): row for row in rows} for rows in (old, new)
    )
    return [
        Change(was.get(key), becomes.get(key))
        for key in was.keys() | becomes.keys()
        if was.get(key) != becomes.get(key)
    ]


def _rule_changes(old: Iterable[Rule], new: Iterable[Rule]) -> list[Change]:
    """Rules have no name: of one clock and grade, those for the same people are taken for the same rule."""
    gone, come = list(old), []
    for rule in new:
        if rule in gone:
            gone.remove(rule)
        else:
            come.append(rule)
    found = []
    for rule in come:
        like = next((other for other in gone if _who(other) == _who(rule)), None)
        if like is not None:
            gone.remove(like)
        found.append(Change(like, rule))
    return found + [Change(rule, None) for rule in gone]


def _who(rule: Rule) -> tuple[object, ...]:
    return rule.kind, rule.grade, rule.target, rule.person_id


def _place(change: Change) -> tuple[str, int, str]:
    about = change.about
    return about.kind, about.grade or 0, str(about)


class Finding(TextChoices):
    """What is to be said about a policy; only what is missing stands in the way of its adoption."""

    MISSING = "missing", _("There is no limit that holds for every client and kind of work.")
    GRADE_ONE_LONG = (
        "grade_one_long",
        _("Longer than the 24 hours in which an engineer is at the client's (§5.4.1.2)."),
    )
    GRADE_ONE_HOURS = "grade_one_hours", _("A severe fault has support round the clock (§2.3).")
    AFTER_LIMIT = "after_limit", _("It is first reported up after the limit has passed.")
    CHAIN_LONG = "chain_long", _("Its repeats go on after the limit has passed.")
    NOBODY_TOLD = "nobody_told", _("Nobody is told when the limit passes.")


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about a clock of a grade, and the rule that it is about, where it is one."""

    finding: Finding
    kind: str
    grade: int | None
    rule: Rule | None = None

    @property
    def is_error(self) -> bool:
        return self.finding == Finding.MISSING


def remarks(terms: Terms, required: Collection[tuple[str, int | None]]) -> list[Remark]:
    """Return what is missing in a policy and what is odd; `required` is what must have a limit."""
    general = {(row.kind, row.grade): row for row in terms.limits if not row.work and row.contract_id is None}
    found = [Remark(Finding.MISSING, *key) for key in sorted(required - general.keys(), key=_by_grade)]
    for limit in terms.limits:
        if limit.grade == Grade.ONE and limit.limit > ON_SITE:
            found.append(Remark(Finding.GRADE_ONE_LONG, limit.kind, limit.grade))
        if limit.grade == Grade.ONE and not limit.round_the_clock:
            found.append(Remark(Finding.GRADE_ONE_HOURS, limit.kind, limit.grade))
    for key, limit in general.items():
        rules = [rule for rule in terms.rules if (rule.kind, rule.grade) == key]
        is_told_in_time = any(offsets(rule, limit.limit)[0] <= limit.limit for rule in rules)
        found += filter(None, (_about_instants(rule, limit, is_told_in_time) for rule in rules))
        if not any(each >= limit.limit for rule in rules for each in offsets(rule, limit.limit)):
            found.append(Remark(Finding.NOBODY_TOLD, *key))
    return found


def _about_instants(rule: Rule, limit: Limit, is_told_in_time: bool) -> Remark | None:
    instants = offsets(rule, limit.limit)
    if instants[0] > limit.limit:
        return None if is_told_in_time else Remark(Finding.AFTER_LIMIT, rule.kind, rule.grade, rule)
    if instants[-1] > limit.limit:
        return Remark(Finding.CHAIN_LONG, rule.kind, rule.grade, rule)
    return None


def _by_grade(key: tuple[str, int | None]) -> tuple[str, int]:
    return key[0], key[1] or 0
