"""What a client's contact types in, with no word of the house."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.filefield import FilesField
from staff.models import User
from tickets.callform import CallForm
from tickets.forms import lines
from tickets.models import Kind

KINDS = [
    (Kind.FAULT, _("Something does not work")),
    (Kind.REQUEST, _("I would like something done")),
    (Kind.COMPLAINT, _("I am not satisfied with your service")),
]


class ReportForm(CallForm):
    """A call in the contact's own words: which of his systems, what, and more about it."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        fields = self.fields
        fields["system"].label = _("Which system?")
        fields["system"].choices = [("", _("I do not know")), *list(fields["system"].choices)[1:]]
        fields["title"].label = _("What is wrong, in one line?")
        fields["title"].help_text = _("For example: nobody can sign in since this morning.")
        fields["title"].widget.attrs["autofocus"] = not self.is_bound
        fields["details"].label = _("Anything else we should know?")
        fields["details"].help_text = _("Where, since when, who is affected, what the screen says.")
        fields["details"].widget.attrs["rows"] = 5
        fields["kind"].label = _("What is it about?")
        fields["kind"].widget = forms.RadioSelect(choices=KINDS)


class AddForm(forms.Form):
    """A word, files, or both."""

    text = forms.CharField(
        label=_("What would you like to tell us?"), max_length=10_000, required=False, widget=lines(4)
    )
    files = FilesField()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("text") and not data.get("files") and not self.errors:
            self.add_error("text", forms.Field.default_error_messages["required"])
        return data


class SatisfiedForm(forms.Form):
    text = forms.CharField(
        label=_("A word to those who solved it"), max_length=2000, required=False, widget=lines(2)
    )


class NotSolvedForm(forms.Form):
    reason = forms.CharField(label=_("What is still missing?"), max_length=2000, widget=lines(3))


SAYINGS: dict[str, type[forms.Form]] = {
    "add": AddForm,
    "satisfied": SatisfiedForm,
    "not-solved": NotSolvedForm,
}
