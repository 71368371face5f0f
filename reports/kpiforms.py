"""What is typed in about figures: a target, the calls of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext_lazy as _

from reports.actions.phone import LONGEST_NOTE
from reports.actions.targets import LONGEST_REASON
from reports.models.phone import MOST_CALLS
from reports.periods import parse_period
from staff.models import Group, Role, User


class MonthField(forms.CharField):
    """A month as `2026-11`; its value is the month's first day."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "2026-12"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return text
        try:
            period = parse_period(text.strip())
        except ValueError:
            period = None
        if period is None or period.unit != "month":
            raise forms.ValidationError(_("Write the month as 2026-12."), code="invalid")
        return period.first


class TargetForm(forms.Form):
    since = MonthField(label=_("In force from"), help_text=_("A month, this one or a later one: 2026-12."))
    target = forms.FloatField(
        label=_("Target"), required=False, min_value=0, help_text=_("Empty: nothing is aimed at.")
    )
    minimum_sample = forms.IntegerField(
        label=_("Minimum sample"),
        required=False,
        min_value=0,
        help_text=_("With fewer rows the figure is shown as small. Empty: as the dictionary has it."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )


class CallsForm(forms.Form):
    """The calls of a group's day; a supervisor's group is his own."""

    group = forms.ModelChoiceField(Group.objects.none(), label=_("Group"), to_field_name="code")
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    offered = forms.IntegerField(label=_("Calls that came in"), min_value=0, max_value=MOST_CALLS)
    answered = forms.IntegerField(label=_("Of these answered"), min_value=0, max_value=MOST_CALLS)
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = Group.objects.all()
        mine = groups if by.role == Role.ADMINISTRATOR else groups.filter(pk=by.group_id)
        self.fields["group"].queryset = mine  # type: ignore[attr-defined]
        if by.role != Role.ADMINISTRATOR:
            self.fields["group"].initial = by.group and by.group.code
        self.fields["day"].initial = today()


def today() -> date:
    return localdate(timezone=get_default_timezone())
