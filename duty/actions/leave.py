"""Leave: asked for, approved or declined, withdrawn. Approved leave empties shifts and asks for cover."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.common import check_span, may_roster, note
from duty.actions.publishing import lock, publish
from duty.actions.telling import supervisors_of, tell_of_cover, tell_of_leave
from duty.models import Leave, LeaveState, RosterEventKind, SwapRequest, SwapState
from duty.plans import pieces_of
from duty.resolving import Piece
from staff.models import Group, User
from staff.refused import Refused


@transaction.atomic
def ask_leave(
    person: User, starts_at: datetime, ends_at: datetime, *, reason: str = "", by: User, now: datetime
) -> Leave:
    """Ask for leave, for oneself or, as the group's supervisor, for somebody who cannot."""
    group = _group_of(person)
    if by != person and not may_roster(group, by):
        raise Refused(_("Leave is asked for by oneself or by the group's supervisor."), code="forbidden")
    check_span(starts_at, ends_at, now)
    lock(group)
    asked = Leave.objects.filter(user=person, state__in=[LeaveState.ASKED, LeaveState.APPROVED])
    if asked.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise Refused(_("There is leave in that span already."), field="starts_at")
    leave = Leave.objects.create(user=person, starts_at=starts_at, ends_at=ends_at, reason=reason.strip())
    _log(leave, group, RosterEventKind.LEAVE_ASKED, by, now)
    tell_of_leave(leave, "asked", [one for one in supervisors_of(group) if one != person], by=by, now=now)
    return leave


def left_empty(leave: Leave, *, now: datetime) -> list[Piece]:
    """The duties that a leave takes its person out of: what approving it leaves empty, or has left."""
    since = max(leave.starts_at, now)
    if leave.user.group is None or since >= leave.ends_at:
        return []
    pieces = pieces_of(leave.user.group, since, leave.ends_at)
    return [
        piece
        for piece in pieces
        if piece.planned == leave.user_id and (piece.person is not None or piece.leave == leave.pk)
    ]


@transaction.atomic
def approve_leave(leave: Leave, *, answer: str = "", by: User, now: datetime) -> list[SwapRequest]:
    """Approve a leave. Each duty ahead that it empties is put up for cover; returns these requests."""
    leave, group = _decide(leave, LeaveState.APPROVED, answer, by, now)
    _log(leave, group, RosterEventKind.LEAVE_APPROVED, by, now)
    publish(group, now=now, is_news=False)
    tell_of_leave(leave, "approved", [leave.user], by=by, now=now)
    wanted = [
        SwapRequest(
            group=group,
            user=leave.user,
            role=piece.role,
            starts_at=piece.starts_at,
            ends_at=piece.ends_at,
            leave=leave,
        )
        for piece in left_empty(leave, now=now)
        if piece.starts_at > now
    ]
    SwapRequest.objects.bulk_create(wanted)
    if wanted:
        tell_of_cover(leave, wanted, group, now=now)
    return wanted


@transaction.atomic
def decline_leave(leave: Leave, *, answer: str, by: User, now: datetime) -> Leave:
    """Decline a leave; the person is owed a reason."""
    if not answer.strip():
        raise Refused(_("Say why."), field="answer", code="required")
    leave, group = _decide(leave, LeaveState.DECLINED, answer, by, now)
    _log(leave, group, RosterEventKind.LEAVE_DECLINED, by, now)
    tell_of_leave(leave, "declined", [leave.user], by=by, now=now)
    return leave


@transaction.atomic
def withdraw_leave(leave: Leave, *, by: User, now: datetime) -> Leave:
    """Take a leave back: from now on the person has his duties again, but for those that others took."""
    group = _group_of(leave.user)
    if by != leave.user and not may_roster(group, by):
        raise Refused(_("Leave is withdrawn by oneself or by the group's supervisor."), code="forbidden")
    lock(group)
    leave = Leave.objects.select_for_update(of=("self",)).select_related("user").get(pk=leave.pk)
    if leave.state not in (LeaveState.ASKED, LeaveState.APPROVED) or leave.ends_at <= now:
        raise Refused(_("This leave is over or was never granted."))
    leave.state = LeaveState.WITHDRAWN
    leave.save(update_fields=["state"])
    leave.cover.filter(state=SwapState.OPEN).update(state=SwapState.WITHDRAWN)
    _log(leave, group, RosterEventKind.LEAVE_WITHDRAWN, by, now)
    publish(group, now=now, is_news=False)
    tell_of_leave(leave, "withdrawn", [leave.user, *supervisors_of(group)], by=by, now=now)
    return leave


def _decide(leave: Leave, state: LeaveState, answer: str, by: User, now: datetime) -> tuple[Leave, Group]:
    group = _group_of(leave.user)
    if not may_roster(group, by):
        raise Refused(_("Only the group's supervisor decides on leave."), code="forbidden")
    if by == leave.user:
        raise Refused(_("Nobody decides on his own leave: ask an administrator."), code="forbidden")
    lock(group)
    leave = Leave.objects.select_for_update(of=("self",)).select_related("user__group").get(pk=leave.pk)
    if leave.state != LeaveState.ASKED:
        raise Refused(_("This leave has been decided on already."))
    if leave.ends_at <= now:
        raise Refused(_("The past does not change."))
    leave.state, leave.answer = state, answer.strip()
    leave.save(update_fields=["state", "answer"])
    return leave, group


def _group_of(person: User) -> Group:
    if person.group is None:
        raise Refused(_("Only people of a group are on a roster."), field="user")
    return person.group


def _log(leave: Leave, group: Group, kind: RosterEventKind, by: User, now: datetime) -> None:
    note(
        group,
        kind,
        by=by,
        now=now,
        person=leave.user,
        starts_at=leave.starts_at,
        ends_at=leave.ends_at,
        note=leave.answer or leave.reason,
    )
