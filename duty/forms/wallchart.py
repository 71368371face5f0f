"""What a wall chart is asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from duty.forms.fields import day

MOST_DAYS = 92  # three months


class ChartForm(forms.Form):
    """From which day to which, and on what paper."""

    first_day = day(_("First day"))
    last_day = day(_("Last day"))
    paper = forms.ChoiceField(
        label=_("Paper"), choices=[("a3", _("A3 landscape")), ("a4", _("A4 landscape"))], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean_paper(self) -> str:
        return self.cleaned_data["paper"] or "a3"

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        first, last = typed.get("first_day"), typed.get("last_day")
        if first and last and not 0 <= (last - first).days < MOST_DAYS:
            self.add_error("last_day", _("A chart covers 1 to %(most)s days.") % {"most": MOST_DAYS})
        return typed
