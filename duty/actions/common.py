"""What every change of a roster has in common: who may, what is kept of it, whom it suits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from duty.actions.publishing import lock
from duty.models import RosterEvent, RosterEventKind
from duty.plans import gather, terms_of
from duty.resolving import Change, Claim, Piece, Plan, resolve
from duty.roster import Span
from duty.suitability import Misfit, misfit
from staff.models import Group, User
from staff.refused import Refused

# A stretch of a week and the rest beside it.
WIDEST_LOOK = timedelta(days=9)


def may_roster(group: Group, by: User) -> bool:
    """Say whether a person may change a group's roster: its supervisors, and the administrators."""
    return by.may_supervise and (by.group_id == group.pk or by.may_administer)


def begin(group: Group, by: User) -> None:
    """Open a change of a group's plan: by somebody who may, and nobody else at the same time."""
    if not may_roster(group, by):
        raise Refused(_("Only the group's supervisor may change its roster."), code="forbidden")
    lock(group)


def note(group: Group, kind: RosterEventKind, *, by: User, now: datetime, **facts: Any) -> RosterEvent:
    return RosterEvent.objects.create(group=group, kind=kind, at=now, by=by, **facts)


def check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise Refused(_("The end must come after the start."), field="ends_at")
    if ends_at <= now:
        raise Refused(_("The past does not change: choose a span that ends in the future."), field="ends_at")


def check_works_in(group: Group, person: User, field: str = "user") -> None:
    if person.group_id != group.pk or not person.may_work:
        raise Refused(_("%(name)s does not work in the group.") % {"name": person.label}, field=field)


@dataclass(frozen=True, slots=True)
class Look:
    """A group's plan around a span, read once, to see what a change would make of it."""

    group: Group
    span: Span
    plan: Plan

    def pieces(self) -> list[Piece]:
        """Who has which duty in the span as it is planned."""
        return resolve(self.plan, self.span.starts_at, self.span.ends_at)

    def check_suits(
        self,
        person: User,
        span: Span,
        *,
        changes: Sequence[Change] = (),
        claims: Sequence[Claim] = (),
        field: str = "user",
    ) -> None:
        """Refuse a change that gives a person a duty that he cannot have, saying why."""
        terms = terms_of(self.group)
        plan = replace(
            self.plan,
            claims=[*self.plan.claims, *claims],
            changes=[*self.plan.changes, *changes],
        )
        pieces = resolve(plan, span.starts_at - WIDEST_LOOK, span.ends_at + WIDEST_LOOK)
        wrong = misfit(person.pk, span, pieces, rest=terms.rest, longest=terms.longest)
        if wrong:
            raise Refused(_reason(wrong) % {"name": person.label}, field=field, code=wrong.value)


def look(group: Group, span: Span) -> Look:
    since, until = span.starts_at - WIDEST_LOOK, span.ends_at + WIDEST_LOOK
    return Look(group, span, gather(group, since, until).plan)


def _reason(wrong: Misfit) -> str:
    return {
        Misfit.ABSENT: _("%(name)s is on leave then."),
        Misfit.ELSEWHERE: _("%(name)s already has another duty in that span."),
        Misfit.TOO_LONG: _("%(name)s would be on duty for longer than a stretch may last."),
        Misfit.TOO_LITTLE_REST: _("%(name)s would have too little rest before or after it."),
    }[wrong]
