"""What is typed into the roster and the calendar."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from duty.models import DayKind, DutyRole
from staff.models import Group, User

INSTANT = "%Y-%m-%dT%H:%M"


def _instant(label: Any, help_text: Any = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(format=INSTANT, attrs={"type": "datetime-local", "step": 60})
    return forms.DateTimeField(label=label, help_text=help_text, widget=widget, input_formats=[INSTANT])


class ShiftForm(forms.Form):
    """A shift in one group: its people alone can be chosen."""

    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    role = forms.ChoiceField(label=_("Duty"), choices=DutyRole.choices)
    starts_at = _instant(_("From"))
    ends_at = _instant(_("To"), _("The shift does not hold at its end: the next one may begin then."))

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.working().in_group(group).order_by("name")


class DayForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of day"), choices=DayKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("For example the holiday's.")
    )
    name_en = forms.CharField(label=_("English name"), max_length=60, required=False)
