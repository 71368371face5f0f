"""Whose figures in words, and whose else the reader may choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reports.board.asked import Board
from reports.chosen import Chosen
from staff.models import Group, Role, User


def whose_words(chosen: Chosen) -> str:
    """Say whose figures they are."""
    if chosen.person:
        return chosen.person.label
    named = [each.label for each in (chosen.client, chosen.group) if each]
    return " · ".join(named) or _("All groups")


def people_of(reader: User) -> QuerySet[User]:
    """Return the people whose figures somebody reads: a supervisor his group's, a leader everybody's."""
    people = User.objects.filter(is_active=True).exclude(role=Role.CONTACT).order_by("name", "pk")
    if reader.role == Role.LEADER:
        return people
    if reader.role == Role.SUPERVISOR and reader.group_id is not None:
        return people.filter(group=reader.group_id)
    return people.none()


def ways(board: Board) -> dict[str, Any]:
    """Return the ways to others from here: all groups, each group, no single client or person."""
    chosen, reader = board.chosen, board.chosen.reader
    groups: Sequence[Group] = list(Group.objects.all()) if reader.sees_everything and not board.is_own else []

    def address(group: Group | None = None) -> str:
        client = None if chosen.person else chosen.client
        return Chosen(reader, group, None, client).query(period=board.period)

    return {
        "groups": [(group, address(group)) for group in groups],
        "of_all": address(),
        "without": Chosen(reader, chosen.group).query(period=board.period),
    }
