"""What may be done to a callback now, beside writing down what the client said."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from staff.models import User
from visits.actions import may_lead
from visits.forms import DecideForm, HandOverForm, MoveForm, NoteForm, ReasonForm
from visits.forms.steps import StepForm
from visits.kinds import State
from visits.models import Callback

FORMS: Mapping[str, type[StepForm]] = {
    "not-reached": NoteForm,
    "refused": NoteForm,
    "move": MoveForm,
    "hand-over": HandOverForm,
    "decide": DecideForm,
    "skip": ReasonForm,
}
LABELS = {
    "not-reached": _("Not reached"),
    "refused": _("Did not want to talk"),
    "move": _("Move"),
    "hand-over": _("Hand over to a colleague"),
    "decide": _("Decide how it goes on"),
    "skip": _("Leave it out"),
}
LEADING = ("decide", "skip")


def possible(callback: Callback, user: User) -> list[str]:
    """The steps that a person who may work on it may take now."""
    if not callback.is_open:
        return []
    stuck = callback.state == State.UNREACHED
    steps = ["refused", "move", "hand-over"] if stuck else ["not-reached", "refused", "move", "hand-over"]
    if may_lead(callback.group_id, user):
        steps += ["decide", "skip"] if stuck else ["skip"]
    return steps


def forms_of(callback: Callback, user: User) -> dict[str, StepForm]:
    return {step: FORMS[step](callback=callback) for step in possible(callback, user)}
