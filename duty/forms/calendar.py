"""What is typed into the calendar."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from duty.models import DayKind


class DayForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of day"), choices=DayKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("For example the holiday's.")
    )
    name_en = forms.CharField(label=_("English name"), max_length=60, required=False)
