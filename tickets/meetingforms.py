"""What people type in about a coordination meeting: who joined, who else is called, what is to be done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from staff.models import Role, User
from tickets.coordination import FollowUpKind, FollowUpState, Joined
from tickets.forms import VerbForm, lines
from tickets.models import CoordinationMeeting, Ticket

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def _instant(label: Any, **more: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=FORMATS, **more)


def _somebody(label: Any, **more: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(label=label, queryset=User.objects.none(), **more)


class OfRecordForm(VerbForm):
    """A form on a record's people: its group, the specialists, who is invited; those invited first."""

    def __init__(self, *args: Any, ticket: Ticket, **more: Any) -> None:
        super().__init__(*args, **more)
        last = CoordinationMeeting.objects.filter(ticket=ticket).order_by("-pk")[:1]
        invited = CoordinationMeeting.invited.through.objects.filter(
            coordinationmeeting__in=last.values("pk")
        )
        its_own = Q(group=ticket.group_id) | Q(role=Role.SPECIALIST) | Q(pk__in=invited.values("user"))
        first = Case(
            When(pk__in=invited.values("user"), then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        people = User.objects.working().filter(its_own).order_by(first, "name", "pk")
        for name in ("person", "owner"):
            if name in self.fields:
                self.fields[name].queryset = people  # type: ignore[attr-defined]


class JoinForm(OfRecordForm):
    person = _somebody(_("Who has joined"), required=False, empty_label=_("somebody from outside"))
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        help_text=_("Of somebody from outside, such as a vendor."),
    )
    how = forms.TypedChoiceField(
        label=_("How"), coerce=Joined, choices=Joined.choices, initial=Joined.ROOM, widget=forms.RadioSelect
    )
    at = _instant(_("At"), required=False, help_text=_("Empty: now."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("person") is None and not data.get("name", "").strip() and not self.errors:
            self.add_error("person", forms.ValidationError(_("Say who."), code="required"))
        return data


class CallInForm(OfRecordForm):
    person = _somebody(_("Who is called"), required=False, empty_label=_("somebody from outside"))
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        help_text=_("Of somebody from outside, such as a vendor."),
    )


class FollowUpForm(OfRecordForm):
    kind = forms.TypedChoiceField(
        label=_("Kind"),
        coerce=FollowUpKind,
        choices=FollowUpKind.choices,
        initial=FollowUpKind.MEASURE,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("What"), max_length=300, widget=lines(2))
    owner = _somebody(_("Who sees to it"))
    due_at = _instant(_("Until"))


class SettleForm(forms.Form):
    state = forms.TypedChoiceField(
        label=_("State"),
        coerce=FollowUpState,
        choices=[(one.value, one.label) for one in (FollowUpState.DONE, FollowUpState.DROPPED)],
        widget=forms.RadioSelect,
        initial=FollowUpState.DONE,
    )
    result = forms.CharField(
        label=_("What came of it, or why it is dropped"), max_length=500, widget=lines(2)
    )


MEETING_FORMS: dict[str, type[forms.Form]] = {
    "join_meeting": JoinForm,
    "call_in": CallInForm,
    "follow_up": FollowUpForm,
}
