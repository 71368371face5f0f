"""What a person sets about himself and asks for, and how a refusal gets back to its field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.models import User
from staff.refused import Refused


def show_refusal(form: forms.BaseForm, refused: Refused) -> None:
    """Put an action's refusal where the person sees it: at the field at fault, else above the form."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.message)


class SettingsForm(forms.ModelForm):
    """A person's own settings; a client's contact has no lists to walk through and is sent no notices."""

    class Meta:
        model = User
        fields = ["language", "time_format", "theme", "density", "phone", "email_notices", "single_keys"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_contact:
            for name in ("density", "phone", "email_notices", "single_keys"):
                del self.fields[name]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("The program that will use it, so that you know later which one to revoke."),
    )
    days = forms.IntegerField(
        label=_("Valid for (days)"), min_value=1, max_value=366, initial=90, help_text=_("1 to 366.")
    )
    may_write = forms.BooleanField(label=_("may change records"), required=False, initial=True)
