"""Fields that the forms of callbacks have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from staff.models import Role, User


def lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label, help_text=help_text, widget=widget, input_formats=["%Y-%m-%d"], required=required
    )


def people_of(group: int) -> QuerySet[User]:
    """To whom a callback, a need or a promise of a group may be given."""
    return User.objects.working().filter(Q(group=group) | Q(role=Role.SPECIALIST)).order_by("name", "pk")


def person(label: Any, people: Any, *, required: bool = True, empty: Any = None) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=label, queryset=people, required=required, empty_label=empty or _("Choose somebody")
    )
