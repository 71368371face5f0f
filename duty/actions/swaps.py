"""Swaps and cover: asked for, taken, declined, withdrawn, undone. Only a taken one changes who is on duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.common import begin, check_span, check_works_in, look, note
from duty.actions.publishing import lock, publish
from duty.actions.telling import colleagues_of, tell_of_swap
from duty.models import DutyRole, RosterEventKind, SwapRequest, SwapState
from duty.plans import changes_of, pieces_of
from duty.roster import Span, gaps
from staff.models import Group, User
from staff.refused import Refused


@dataclass(frozen=True, slots=True)
class Duty:
    """A span of one role, a whole shift or a part of it."""

    role: DutyRole
    starts_at: datetime
    ends_at: datetime

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


@transaction.atomic
def ask_swap(
    duty: Duty,
    *,
    asked: User | None = None,
    back: Duty | None = None,
    reason: str = "",
    by: User,
    now: datetime,
) -> SwapRequest:
    """Ask to be relieved of a duty of one's own: by anybody, by one colleague, or for a duty of his."""
    group = by.group
    if group is None:
        raise Refused(_("Only people of a group are on a roster."))
    lock(group)
    check_span(duty.starts_at, duty.ends_at, now)
    _check_ahead(duty, now, "starts_at")
    _check_has(group, by, duty, "starts_at")
    if asked is not None:
        check_works_in(group, asked, field="asked")
    if asked == by:
        raise Refused(_("Ask somebody else."), field="asked")
    if back is not None:
        if asked is None:
            raise Refused(_("A swap is asked of one person."), field="asked", code="required")
        _check_ahead(back, now, "back")
        _check_has(group, asked, back, "back")
    waiting = SwapRequest.objects.open_at(now).filter(group=group, user=by, role=duty.role)
    if waiting.filter(starts_at__lt=duty.ends_at, ends_at__gt=duty.starts_at).exists():
        raise Refused(_("You have asked for that already."), field="starts_at")
    request = SwapRequest.objects.create(
        group=group,
        user=by,
        role=duty.role,
        starts_at=duty.starts_at,
        ends_at=duty.ends_at,
        asked=asked,
        back_role=back.role if back else "",
        back_starts_at=back.starts_at if back else None,
        back_ends_at=back.ends_at if back else None,
        reason=reason.strip(),
    )
    _log(request, RosterEventKind.SWAP_ASKED, by, now)
    tell_of_swap(request, "asked", [asked] if asked else colleagues_of(by, group), by=by, now=now)
    return request


@transaction.atomic
def take_swap(request: SwapRequest, *, by: User, now: datetime) -> SwapRequest:
    """Take what a colleague asks for. Refused to somebody it does not suit, with the reason."""
    request = _open(request, now)
    group = request.group
    check_works_in(group, by)
    if by == request.user or request.asked not in (None, by):
        raise Refused(_("This was not asked of you."), code="forbidden")
    given = Duty(DutyRole(request.role), request.starts_at, request.ends_at)
    _check_has(group, request.user, given)
    changes = list(changes_of(request, by.pk))
    if request.gives_back:
        back = changes[1]
        duty = Duty(DutyRole(back.role), back.starts_at, back.ends_at)
        _check_ahead(duty, now)
        _check_has(group, by, duty)
        look(group, duty.span).check_suits(request.user, duty.span, changes=changes)
    look(group, given.span).check_suits(by, given.span, changes=changes)
    request.state, request.taker, request.taken_at = SwapState.TAKEN, by, now
    request.save(update_fields=["state", "taker", "taken_at"])
    _log(request, RosterEventKind.SWAP_TAKEN, by, now)
    publish(group, now=now, is_news=False)
    tell_of_swap(request, "taken", [request.user], by=by, now=now)
    return request


@transaction.atomic
def decline_swap(request: SwapRequest, *, by: User, now: datetime) -> SwapRequest:
    """Say no to what was asked of oneself alone; the duty stays where it is."""
    request = _open(request, now)
    if by != request.asked:
        raise Refused(_("This was not asked of you."), code="forbidden")
    request.state = SwapState.DECLINED
    request.save(update_fields=["state"])
    _log(request, RosterEventKind.SWAP_DECLINED, by, now)
    tell_of_swap(request, "declined", [request.user], by=by, now=now)
    return request


@transaction.atomic
def withdraw_swap(request: SwapRequest, *, by: User, now: datetime) -> SwapRequest:
    """Ask no longer. It may be past due: then nobody came, and the duty stayed where it was."""
    if by != request.user:
        begin(request.group, by)
    request = _locked(request)
    if request.state != SwapState.OPEN:
        raise Refused(_("It is not open any more."))
    request.state = SwapState.WITHDRAWN
    request.save(update_fields=["state"])
    _log(request, RosterEventKind.SWAP_WITHDRAWN, by, now)
    tell_of_swap(request, "withdrawn", [request.user, request.asked], by=by, now=now)
    return request


@transaction.atomic
def undo_swap(request: SwapRequest, *, by: User, now: datetime) -> SwapRequest:
    """Undo a taken swap: from now on everybody has his own duty again."""
    begin(request.group, by)
    request = _locked(request)
    if request.state != SwapState.TAKEN:
        raise Refused(_("Only what was taken can be undone."))
    if max(request.ends_at, request.back_ends_at or request.ends_at) <= now:
        raise Refused(_("The past does not change."))
    request.state = SwapState.UNDONE
    request.save(update_fields=["state"])
    _log(request, RosterEventKind.SWAP_UNDONE, by, now)
    publish(request.group, now=now, is_news=False)
    tell_of_swap(request, "undone", [request.user, request.taker], by=by, now=now)
    return request


def _locked(request: SwapRequest) -> SwapRequest:
    lock(request.group)
    related = SwapRequest.objects.select_related("group", "user", "asked", "taker")
    return related.select_for_update(of=("self",)).get(pk=request.pk)


def _open(request: SwapRequest, now: datetime) -> SwapRequest:
    request = _locked(request)
    if request.state != SwapState.OPEN:
        raise Refused(_("It is not open any more."), code="conflict")
    if request.is_past_due(now):
        raise Refused(_("It is past due: the shift has begun."), code="conflict")
    return request


def _check_ahead(duty: Duty, now: datetime, field: str | None = None) -> None:
    if duty.starts_at <= now:
        raise Refused(_("What has begun cannot be swapped: choose a later start."), field=field)


def _check_has(group: Group, person: User, duty: Duty, field: str | None = None) -> None:
    """The duty must be the person's for the whole span, though he may be on leave from it."""
    own = [
        Span(piece.starts_at, piece.ends_at)
        for piece in pieces_of(group, duty.starts_at, duty.ends_at)
        if piece.role == duty.role and piece.planned == person.pk
    ]
    if gaps(own, duty.starts_at, duty.ends_at):
        raise Refused(
            _("%(name)s does not have this duty for the whole span.") % {"name": person.label}, field=field
        )


def _log(request: SwapRequest, kind: RosterEventKind, by: User, now: datetime) -> None:
    note(
        request.group,
        kind,
        by=by,
        now=now,
        person=request.user,
        role=request.role,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        note=request.reason,
    )
