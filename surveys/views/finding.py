"""Invitations found for a reader: with all that their pages say, and for whoever may key them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from staff.models import User
from surveys import actions
from surveys.models import Invitation


def rows_for(user: User) -> QuerySet[Invitation]:
    related = (
        "campaign",
        "version__questionnaire",
        "client",
        "contact__client",
        "contact__user",
        "ticket",
        "engineer",
        "group",
        "system",
        "client_type",
    )
    return Invitation.objects.visible_to(user).select_related(*related)


def invitation_for(user: User, pk: int) -> Invitation:
    return get_object_or_404(rows_for(user), pk=pk)


def keyed_by(user: User, pk: int) -> Invitation:
    """An invitation for somebody who may key its answers; a 403 for whoever is judged by them."""
    found = invitation_for(user, pk)
    if not actions.may_key(found, user):
        raise PermissionDenied
    return found
