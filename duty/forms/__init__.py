"""What is typed into the roster and the calendar."""

from duty.forms.calendar import DayForm
from duty.forms.changes import AnswerForm, BlockForm, LeaveForm, OverrideForm, SwapForm, TemporaryForm
from duty.forms.drafts import DraftForm, GiveForm, PublishForm, WishForm
from duty.forms.importing import ConfirmForm, ImportForm
from duty.forms.rotation import RotationForm, TermsForm
from duty.forms.wallchart import ChartForm

__all__ = [
    "AnswerForm",
    "BlockForm",
    "ChartForm",
    "ConfirmForm",
    "DayForm",
    "DraftForm",
    "GiveForm",
    "ImportForm",
    "LeaveForm",
    "OverrideForm",
    "PublishForm",
    "RotationForm",
    "SwapForm",
    "TemporaryForm",
    "TermsForm",
    "WishForm",
]
