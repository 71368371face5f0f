"""Canned replies are written, retired and used. Not a record's business: they leave no history."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.lifecycle import Refused
from tickets.models import CannedReply, Scope
from tickets.variables import NAMES, unknown


def may_edit_reply(by: User, reply: CannedReply) -> bool:
    """One's own; a supervisor his group's; an administrator those of every group and everyone's."""
    if not by.may_work:
        return False
    if reply.scope == Scope.OWN:
        return reply.owner_id == by.pk
    own_group = reply.scope == Scope.GROUP and by.may_supervise and reply.group_id == by.group_id
    return by.may_administer or own_group


@transaction.atomic
def save_reply(reply: CannedReply, *, by: User, now: datetime) -> CannedReply:
    """Save a new reply, or one that was edited; whose it is follows from its scope.

    Raises `Refused` at the field: a variable that does not exist, a title that is there already, a scope that
    is not his to write for.
    """
    reply.title, reply.body = require(reply.title, "title"), require(reply.body, "body")
    reply.body_en = reply.body_en.strip()
    for field in ("body", "body_en"):
        if wrong := unknown(getattr(reply, field)):
            words = {"wrong": ", ".join(wrong), "known": ", ".join(f"{{{name}}}" for name in NAMES)}
            message = _("There is no such variable: %(wrong)s. There are %(known)s.") % words
            raise Refused(message, field=field, code="unknown_variable")
    _refuse_foreign(reply, by)
    _settle_owner(reply, by)
    reply.saved_by, reply.saved_at = by, now
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as error:
        if "tickets_reply_title_once" not in str(error):
            raise
        raise Refused(_("There is a reply with this title already."), field="title", code="taken") from error
    return reply


def retire_reply(reply: CannedReply, *, by: User, now: datetime) -> None:
    """Take a reply out of use; what was written with it stays. A second call changes nothing."""
    if not may_edit_reply(by, reply):
        raise Refused(_("This reply is not yours to change."), code="forbidden")
    CannedReply.objects.in_use().filter(pk=reply.pk).update(retired_at=now)


def use_reply(reply: CannedReply) -> None:
    """Count one more use, so that what is used most comes first."""
    CannedReply.objects.filter(pk=reply.pk).update(uses=F("uses") + 1)


def _refuse_foreign(reply: CannedReply, by: User) -> None:
    """Neither as it was nor as it shall be may it be somebody else's."""
    before = CannedReply.objects.select_for_update().get(pk=reply.pk) if reply.pk else None
    if before is not None and not may_edit_reply(by, before):
        raise Refused(_("This reply is not yours to change."), code="forbidden")
    if not by.may_work:
        raise Refused(_("Only who works on records writes replies."), code="forbidden")
    may = {Scope.EVERYONE: by.may_administer, Scope.GROUP: by.may_supervise, Scope.OWN: True}
    if not may[Scope(reply.scope)]:
        raise Refused(_("You may not write replies for others."), field="scope", code="forbidden")


def _settle_owner(reply: CannedReply, by: User) -> None:
    group = reply.group if by.may_administer else by.group
    if reply.scope == Scope.GROUP and group is None:
        raise Refused(_("Say for which group."), field="group", code="required")
    reply.group = group if reply.scope == Scope.GROUP else None
    reply.owner = (reply.owner or by) if reply.scope == Scope.OWN else None
