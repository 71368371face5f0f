"""Fields that the roster's forms have in common."""

from __future__ import annotations

from typing import Any

from django import forms

INSTANT = "%Y-%m-%dT%H:%M"
CLOCK = "%H:%M"


def instant(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format=INSTANT, attrs={"type": "datetime-local", "step": 60})
    return forms.DateTimeField(
        label=label, help_text=help_text, widget=widget, input_formats=[INSTANT], required=required
    )


def clock(label: Any, help_text: Any = "", *, required: bool = True) -> forms.TimeField:
    widget = forms.TimeInput(format=CLOCK, attrs={"type": "time", "step": 60})
    return forms.TimeField(label=label, help_text=help_text, widget=widget, required=required)


def day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, help_text=help_text, widget=widget, input_formats=["%Y-%m-%d"])
