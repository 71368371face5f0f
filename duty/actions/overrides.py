"""A supervisor's word on a span: somebody put on duty, replaced, or taken off it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.common import Look, begin, check_span, check_works_in, look, note
from duty.actions.publishing import publish
from duty.models import DutyRole, Override, OverrideKind, RosterEventKind, Shift, ShiftSource
from duty.plans import change_of
from duty.roster import Span
from staff.models import Group, User
from staff.refused import Refused


@transaction.atomic
def place_override(
    group: Group,
    kind: OverrideKind,
    role: DutyRole,
    starts_at: datetime,
    ends_at: datetime,
    *,
    user: User | None = None,
    instead_of: User | None = None,
    reason: str = "",
    by: User,
    now: datetime,
) -> Override:
    """Change who has a duty in a half-open span, from now on at the earliest (§5.1).

    Nobody is put where somebody is on duty already: he is replaced. Raises `Refused` naming the field.
    """
    begin(group, by)
    check_span(starts_at, ends_at, now)
    user = None if kind == OverrideKind.REMOVE else user
    instead_of = None if kind == OverrideKind.ADD else instead_of
    override = Override(
        group=group,
        kind=kind,
        role=role,
        user=user,
        instead_of=instead_of,
        starts_at=max(starts_at, now),
        ends_at=ends_at,
        reason=reason.strip(),
    )
    span = Span(override.starts_at, override.ends_at)
    around = look(group, span)
    _check_meets(override, around)
    if kind != OverrideKind.REMOVE:
        if user is None:
            raise Refused(_("Who is it to be?"), field="user", code="required")
        check_works_in(group, user)
        around.check_suits(user, span, changes=[change_of(override)])
    override.save()
    _log(override, RosterEventKind.OVERRIDE_PLACED, by, now)
    publish(group, now=now)
    return override


@transaction.atomic
def end_override(override: Override, *, by: User, now: datetime) -> None:
    """Take a change back: from now on the plan below it holds again."""
    begin(override.group, by)
    override = Override.objects.select_for_update(of=("self",)).get(pk=override.pk)
    if override.ended_at is not None:
        raise Refused(_("It has been taken back already."), code="moved")
    if override.ends_at <= now:
        raise Refused(_("The past does not change."))
    override.ended_at = now
    override.save(update_fields=["ended_at"])
    _log(override, RosterEventKind.OVERRIDE_ENDED, by, now)
    publish(override.group, now=now)


@transaction.atomic
def remove_shift(shift: Shift, *, by: User, now: datetime) -> None:
    """Take a shift back that has not begun; one that has begun ends now, so that the past stays.

    A change that put the person there is taken back; from a plan he is taken off, and a gap is left.
    """
    begin(shift.group, by)
    if shift.ends_at <= now:
        raise Refused(_("The past does not change."))
    if shift.source == ShiftSource.OVERRIDE and shift.source_id is not None:
        end_override(Override.objects.get(pk=shift.source_id), by=by, now=now)
        return
    place_override(
        shift.group,
        OverrideKind.REMOVE,
        DutyRole(shift.role),
        shift.starts_at,
        shift.ends_at,
        instead_of=shift.user,
        by=by,
        now=now,
    )


def _check_meets(override: Override, around: Look) -> None:
    """Refuse to put somebody beside another, and to relieve nobody."""
    there = [piece for piece in around.pieces() if piece.role == override.role]
    if override.kind == OverrideKind.ADD:
        if any(piece.person is not None for piece in there):
            raise Refused(_("Somebody else already has this duty in that span."), field="starts_at")
        return
    whom = override.instead_of_id
    if not any(whom in (None, piece.planned) for piece in there):
        raise Refused(_("Nobody has this duty then who could be relieved of it."), field="instead_of")


def _log(override: Override, kind: RosterEventKind, by: User, now: datetime) -> None:
    note(
        override.group,
        kind,
        by=by,
        now=now,
        person=override.user or override.instead_of,
        role=override.role,
        starts_at=override.starts_at,
        ends_at=override.ends_at,
        note=override.reason,
    )
