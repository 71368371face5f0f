"""What is typed into the roster, the calendar and inspections."""

from duty.forms.calendar import DayForm
from duty.forms.changes import AnswerForm, BlockForm, LeaveForm, OverrideForm, SwapForm, TemporaryForm
from duty.forms.drafts import TIMES, DraftForm, GiveForm, PublishForm, WishForm
from duty.forms.importing import ConfirmForm, ImportForm
from duty.forms.inspecting import InspectionForm
from duty.forms.rotation import AlarmsForm, RotationForm, TermsForm
from duty.forms.sheets import ItemForm, PlanForm, SheetForm
from duty.forms.wallchart import ChartForm

__all__ = [
    "TIMES",
    "AlarmsForm",
    "AnswerForm",
    "BlockForm",
    "ChartForm",
    "ConfirmForm",
    "DayForm",
    "DraftForm",
    "GiveForm",
    "InspectionForm",
    "ItemForm",
    "ImportForm",
    "LeaveForm",
    "OverrideForm",
    "PlanForm",
    "PublishForm",
    "RotationForm",
    "SheetForm",
    "SwapForm",
    "TemporaryForm",
    "TermsForm",
    "WishForm",
]
