"""Whom a span of duty suits: everybody of a group, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass

from duty.actions.common import look, reason_of
from duty.models import DutyRole
from duty.resolving import Change, Source
from duty.roster import Span
from duty.suitability import Misfit
from staff.models import Group, User


@dataclass(frozen=True, slots=True)
class Suited:
    """One of the people; `why` says in words what is wrong, and is empty where nothing is."""

    person: User
    misfit: Misfit | None
    why: str


def candidates(group: Group, role: DutyRole, span: Span) -> list[Suited]:
    """Return the group's people as holders of a duty in a span, those whom it suits first, then by name.

    Asked as `place_override` asks it of a change that puts somebody there, instead of whoever has it.
    """
    around = look(group, span)
    found = []
    for person in User.objects.working().in_group(group).order_by("name", "pk"):
        comes = Change(span.starts_at, span.ends_at, role, None, person.pk, Source.OVERRIDE, 0)
        wrong = around.misfit_of(person, span, changes=[comes])
        found.append(Suited(person, wrong, reason_of(wrong, person) if wrong else ""))
    return sorted(found, key=lambda one: one.misfit is not None)
