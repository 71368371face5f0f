"""Needs and promises, carried on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, System
from staff.models import User
from visits.forms.fields import day, lines, people_of, person
from visits.kinds import NEED_MOVES, NeedState, PromiseState
from visits.models import LONGEST, Need


class NewNeedForm(forms.Form):
    """Of a client that is chosen: his systems, and the people of his group."""

    title = forms.CharField(label=_("What the client needs"), max_length=200)
    details = forms.CharField(label=_("Details"), max_length=LONGEST, required=False, widget=lines(3))
    system = forms.ModelChoiceField(
        label=_("System"), queryset=System.objects.none(), required=False, empty_label=_("none of them")
    )
    owner = person(_("Who sees to it"), User.objects.none(), required=False, empty=_("decided later"))
    due_on = day(_("Until"), required=False)

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data)
        fields: Any = self.fields
        fields["system"].queryset = client.systems.filter(is_active=True)
        fields["owner"].queryset = people_of(client.group_id)


class NeedForm(forms.Form):
    """How a need goes on. Done and declined ask for the answer to the client."""

    state = forms.ChoiceField(label=_("State"), choices=[])
    owner = person(_("Who sees to it"), User.objects.none(), required=False)
    due_on = day(_("Until"), required=False)
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=lines(2))
    answer = forms.CharField(
        label=_("Answer to the client"),
        max_length=LONGEST,
        required=False,
        widget=lines(3),
        help_text=_("Needed to close it: what the client was told."),
    )
    answer_channel = forms.ChoiceField(
        label=_("Answered how"), choices=[("", "–"), *Channel.choices], required=False
    )

    def __init__(self, data: Any = None, *, need: Need) -> None:
        state = NeedState(need.state)
        initial = {"state": state, "owner": need.owner, "due_on": need.due_on}
        super().__init__(data, initial=initial)
        fields: Any = self.fields
        fields["state"].choices = [(one.value, one.label) for one in (state, *NEED_MOVES[state])]
        fields["owner"].queryset = people_of(need.group_id)


class CloseForm(forms.Form):
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            (PromiseState.KEPT, PromiseState.KEPT.label),
            (PromiseState.DROPPED, PromiseState.DROPPED.label),
        ],
        widget=forms.RadioSelect,
        initial=PromiseState.KEPT,
    )
    note = forms.CharField(label=_("What was done, or why not"), max_length=300, widget=lines(2))
