"""The short forms on a callback: move, hand over, leave out, decide, plan by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Contact
from duty.forms.fields import instant
from staff.models import User
from visits.forms.fields import day, lines, people_of, person
from visits.kinds import Method
from visits.models import Callback


class StepForm(forms.Form):
    """A form of a callback: it may show who works for its group."""

    def __init__(self, data: Any = None, *, callback: Callback) -> None:
        super().__init__(data)
        self.callback = callback


class NoteForm(StepForm):
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=lines(2))


class ReasonForm(StepForm):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=lines(2))


class MoveForm(StepForm):
    due_at = instant(_("To"))
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=lines(2))

    def __init__(self, data: Any = None, *, callback: Callback) -> None:
        super().__init__(data, callback=callback)
        self.initial["due_at"] = callback.due_at


class HandOverForm(StepForm):
    person = person(_("To whom"), User.objects.none())
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=lines(2))

    def __init__(self, data: Any = None, *, callback: Callback) -> None:
        super().__init__(data, callback=callback)
        people = people_of(callback.group_id).exclude(pk=callback.person_id)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class DecideForm(StepForm):
    method = forms.ChoiceField(label=_("How"), choices=Method.choices, widget=forms.RadioSelect)
    on = day(_("From which day on"))
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=lines(2))

    def __init__(self, data: Any = None, *, callback: Callback) -> None:
        super().__init__(data, callback=callback)
        self.initial["method"] = Method.ON_SITE if callback.is_phone else Method.PHONE


class ArrangeForm(forms.Form):
    method = forms.ChoiceField(
        label=_("How"), choices=Method.choices, widget=forms.RadioSelect, initial=Method.PHONE
    )
    on = day(_("On"), _("On a day off: the next working day."))
    note = forms.CharField(label=_("What it is about"), max_length=300)
    contact = forms.ModelChoiceField(
        label=_("Whom"), queryset=Contact.objects.none(), required=False, empty_label=_("anybody there")
    )
    person = person(_("Who calls"), User.objects.none(), required=False, empty=_("whoever has least to do"))

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data)
        fields: Any = self.fields
        fields["contact"].queryset = client.contacts.filter(is_active=True)
        fields["person"].queryset = people_of(client.group_id)
