"""What is typed into the roster and the calendar."""

from duty.forms.calendar import DayForm
from duty.forms.changes import AnswerForm, BlockForm, LeaveForm, OverrideForm, SwapForm, TemporaryForm
from duty.forms.drafts import DraftForm, GiveForm, PublishForm, WishForm
from duty.forms.rotation import AlarmsForm, RotationForm, TermsForm

__all__ = [
    "AlarmsForm",
    "AnswerForm",
    "BlockForm",
    "DayForm",
    "DraftForm",
    "GiveForm",
    "LeaveForm",
    "OverrideForm",
    "PublishForm",
    "RotationForm",
    "SwapForm",
    "TemporaryForm",
    "TermsForm",
    "WishForm",
]
