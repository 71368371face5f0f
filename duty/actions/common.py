"""What every change of a roster has in common: who may, what is kept of it, whom it suits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from duty.actions.publishing import lock
from duty.models import RosterEvent, RosterEventKind, RosterTerms
from duty.plans import gather, terms_of
from duty.resolving import Change, Claim, Piece, Plan, resolve
from duty.roster import Span
from duty.suitability import Misfit, misfit
from staff.models import Group, User
from staff.refused import Refused

# A stretch of a week and the rest beside it.
WIDEST_LOOK = timedelta(days=9)
# Farther ahead nobody plans, and longer spans take long to reckon.
FARTHEST = timedelta(days=731)


def may_roster(group: Group, by: User) -> bool:
    """Say whether a person may change a group's roster: its supervisors, and the administrators."""
    return by.may_supervise and (by.group_id == group.pk or by.may_administer)


def check_may_roster(group: Group, by: User) -> None:
    if not may_roster(group, by):
        raise Refused(_("Only the group's supervisor may change its roster."), code="forbidden")


def begin(group: Group, by: User) -> None:
    """Open a change of a group's plan: by somebody who may, and nobody else at the same time."""
    check_may_roster(group, by)
    lock(group)


def note(group: Group, kind: RosterEventKind, *, by: User, now: datetime, **facts: Any) -> RosterEvent:
    return RosterEvent.objects.create(group=group, kind=kind, at=now, by=by, **facts)


def check_span(starts_at: datetime, ends_at: datetime, now: datetime, *, field: str | None = None) -> None:
    """Refuse a span that is none, is over, or is far away, at `field` where it was typed in one piece."""
    if ends_at <= starts_at:
        raise Refused(_("The end must come after the start."), field=field or "ends_at")
    if ends_at <= now:
        message = _("The past does not change: choose a span that ends in the future.")
        raise Refused(message, field=field or "ends_at")
    check_near(starts_at, now, field or "starts_at")
    check_near(ends_at, now, field or "ends_at")


def check_near(instant: datetime, now: datetime, field: str) -> None:
    if abs(instant - now) > FARTHEST:
        raise Refused(_("Choose a time within two years from now."), field=field, code="too_far")


def check_near_day(day: date, now: datetime, field: str) -> None:
    if abs(day - timezone.localdate(now)) > FARTHEST:
        raise Refused(_("Choose a day within two years from now."), field=field, code="too_far")


def check_between(value: int, least: int, most: int, field: str) -> None:
    if not least <= value <= most:
        message = _("Between %(least)s and %(most)s.") % {"least": least, "most": most}
        raise Refused(message, field=field, code="out_of_range")


def check_works_in(group: Group, person: User, field: str = "user") -> None:
    if person.group_id != group.pk or not person.may_work:
        raise Refused(_("%(name)s does not work in the group.") % {"name": person.label}, field=field)


@dataclass(frozen=True, slots=True)
class Look:
    """A group's plan around a span, read once, to see what a change would make of it."""

    span: Span
    plan: Plan
    terms: RosterTerms

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
        if wrong := self.misfit_of(person, span, changes=changes, claims=claims):
            raise Refused(reason_of(wrong, person), field=field, code=wrong.value)

    def misfit_of(
        self, person: User, span: Span, *, changes: Sequence[Change] = (), claims: Sequence[Claim] = ()
    ) -> Misfit | None:
        """Say what is wrong with a person's duty in a span, as the roster would be with the change."""
        plan = replace(
            self.plan,
            claims=[*self.plan.claims, *claims],
            changes=[*self.plan.changes, *changes],
        )
        pieces = resolve(plan, span.starts_at - WIDEST_LOOK, span.ends_at + WIDEST_LOOK)
        return misfit(person.pk, span, pieces, rest=self.terms.rest, longest=self.terms.longest)


def look(group: Group, span: Span) -> Look:
    since, until = span.starts_at - WIDEST_LOOK, span.ends_at + WIDEST_LOOK
    return Look(span, gather(group, since, until).plan, terms_of(group))


def reason_of(wrong: Misfit, person: User) -> str:
    """One line about a misfit, with the person's name."""
    return {
        Misfit.ABSENT: _("%(name)s is on leave then."),
        Misfit.ELSEWHERE: _("%(name)s already has another duty in that span."),
        Misfit.TOO_LONG: _("%(name)s would be on duty for longer than a stretch may last."),
        Misfit.TOO_LITTLE_REST: _("%(name)s would have too little rest before or after it."),
    }[wrong] % {"name": person.label}
