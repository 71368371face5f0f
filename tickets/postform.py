"""What is decided on an e-mail that waits: added to which record, discarded for which reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.forms import lines
from tickets.models import Ticket


class AddMailForm(forms.Form):
    """A record by its number; it has to be one that the person may see."""

    number = forms.CharField(
        label=_("Record"),
        max_length=24,
        widget=forms.TextInput(attrs={"list": "record-options", "autocomplete": "off", "placeholder": "T-"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_number(self) -> Ticket:
        digits = self.cleaned_data["number"].strip().upper().removeprefix("T-")
        ticket = None
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            ticket = Ticket.objects.visible_to(self.user).filter(pk=int(digits)).first()
        if ticket is None:
            raise forms.ValidationError(_("There is no such record among those that you may see."))
        return ticket


class DiscardMailForm(forms.Form):
    reason = forms.CharField(label=_("Why nobody needs it"), max_length=500, widget=lines(2))
