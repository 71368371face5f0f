"""Plans and guides, edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from visits.actions.plans import PLAN_FIELDS, SCRIPT_FIELDS
from visits.models import CallbackPlan, CallbackScript


class PlanForm(forms.ModelForm):
    """A plan; the months after it came into use are asked only of new systems."""

    class Meta:
        model = CallbackPlan
        fields = PLAN_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.is_phase:
            del self.fields["phase_months"]
        for name in ("phone_every", "site_every"):
            self.fields[name].help_text = _("0: not at all.")


class ScriptForm(forms.ModelForm):
    class Meta:
        model = CallbackScript
        fields = SCRIPT_FIELDS
        widgets = {
            name: forms.Textarea(attrs={"rows": 7 if name.startswith("questions") else 2})
            for name in SCRIPT_FIELDS
        }
