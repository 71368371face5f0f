"""Limits, rules and report-ups in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from staff.models import WAYS, User
from tickets.actions import drafting
from tickets.escalation import Needs, While
from tickets.models import ClockKind, Escalation, Grade, Kind
from tickets.preview import target_label
from tickets.terms import Limit, Rule
from tickets.whatif import BREACH, Sum, Thing

register = template.Library()


@register.simple_tag
def awaited_by(user: User) -> set[int]:
    """The ids of the report-ups that this person is to acknowledge, whichever turn of a chain."""
    return set(Escalation.objects.awaiting(user).values_list("pk", flat=True))


@register.filter
def span(value: timedelta | None) -> str:
    """A span of time in hours and minutes, as limits are written: 1 h 30 min."""
    if value is None:
        return ""
    hours, minutes = divmod(round(value / timedelta(minutes=1)), 60)
    parts = [_("%(n)s h") % {"n": hours}] if hours else []
    if minutes or not hours:
        parts.append(_("%(n)s min") % {"n": minutes})
    return " ".join(parts)


@register.filter
def clock_label(kind: str) -> str:
    return str(ClockKind(kind).label)


@register.filter
def work_label(work: str) -> str:
    return str(Kind(work).label) if work else _("any")


@register.filter
def grade_label(grade: int | None) -> str:
    return str(Grade(grade).label) if grade else _("any, or none yet")


@register.simple_tag
def limit_words(limit: Limit) -> str:
    """A limit in one sentence."""
    runs = _("round the clock") if limit.round_the_clock else _("in the client's service hours")
    return _("%(span)s %(runs)s, near at %(percent)s %%") % {
        "span": span(limit.limit),
        "runs": runs,
        "percent": limit.near_percent,
    }


@register.simple_tag(takes_context=True)
def rule_words(context: template.Context, rule: Rule) -> str:
    """A report-up rule in one sentence; `people` of the context has the names of those whom rules name."""
    who = context.get("people", {}).get(rule.person_id) or target_label(rule.target)
    words = [_pair(_instant(rule), who)]
    if rule.only_while:
        words.append(_("only while it is %(state)s") % {"state": While(rule.only_while).label})
    if rule.repeat_times:
        words.append(
            ngettext("%(n)s time more, after %(span)s", "%(n)s times more, every %(span)s", rule.repeat_times)
            % {"n": rule.repeat_times, "span": span(rule.repeat_every)}
        )
    if rule.needs_ack != Needs.NONE:
        words.append(_("to be acknowledged by %(who)s") % {"who": Needs(rule.needs_ack).label})
    if rule.quiet_from and rule.quiet_until:
        words.append(
            _("copies held back %(since)s–%(until)s")
            % {"since": _time(rule.quiet_from), "until": _time(rule.quiet_until)}
        )
    if rule.channels:
        known = dict(WAYS)
        words.append(
            _("by %(channels)s only")
            % {"channels": _(", ").join(str(known.get(each, each)) for each in rule.channels)}
        )
    if rule.convenes:
        words.append(_("convenes the coordination meeting"))
    return " · ".join(words)


@register.simple_tag(takes_context=True)
def term_words(context: template.Context, term: Limit | Rule, names: Mapping[str, Mapping[int, str]]) -> str:
    """A limit or a rule in one sentence, with the names that `tickets.views.policy.named` has looked up."""
    if isinstance(term, Limit):
        return limit_words(term)
    with context.push(people=names["people"]):
        return rule_words(context, term)


@register.simple_tag
def change_place(term: Limit | Rule, names: Mapping[str, Mapping[int, str]]) -> str:
    """For whom a limit holds, where it is not for everybody."""
    if not isinstance(term, Limit):
        return ""
    words = [work_label(term.work)] if term.work else []
    if term.contract_id is not None:
        words.append(names["contracts"].get(term.contract_id, "?"))
    return "".join(f" · {word}" for word in words)


@register.filter
def signed(total: Sum) -> str:
    """A difference with its sign; ±0 where as much was lost as was gained."""
    return f"{total.difference:+d}" if total.difference else "±0"


@register.filter
def may_rule(user: User) -> bool:
    """Whether this person may change the policy."""
    return drafting.may_rule(user)


@register.simple_tag(takes_context=True)
def thing_words(context: template.Context, thing: Thing) -> str:
    """What is counted by a what-if run."""
    if thing.what == BREACH:
        return _("limit exceeded")
    kind, _colon, number = thing.target.partition(":")
    who = context.get("people", {}).get(int(number)) if number else None
    return _("report-up to %(who)s") % {"who": who or target_label(kind)}


def _instant(rule: Rule) -> str:
    if rule.percent is not None:
        return _("at %(percent)s %%") % {"percent": rule.percent}
    return _("after %(span)s") % {"span": span(rule.after)} if rule.after else _("at once")


def _pair(when: str, who: str) -> str:
    return _("%(when)s: %(who)s") % {"when": when, "who": who}


def _time(at: time) -> str:
    return f"{at:%H:%M}"
