"""What is typed on the pages of callbacks. Clean values are named as the verbs take them."""

from visits.forms.collected import CloseForm, NeedForm, NewNeedForm
from visits.forms.plans import PlanForm, ScriptForm
from visits.forms.reached import ReachedForm
from visits.forms.site import AttendanceForm, FilesForm
from visits.forms.steps import (
    ArrangeForm,
    DecideForm,
    HandOverForm,
    MoveForm,
    NoteForm,
    ReasonForm,
)

__all__ = [
    "ArrangeForm",
    "AttendanceForm",
    "CloseForm",
    "DecideForm",
    "FilesForm",
    "HandOverForm",
    "MoveForm",
    "NeedForm",
    "NewNeedForm",
    "NoteForm",
    "PlanForm",
    "ReachedForm",
    "ReasonForm",
    "ScriptForm",
]
