"""What people type in about remote access. A password stands in no form that comes back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Contact, System
from staff.filefield import uploads
from staff.files import KINDS, Upload
from tickets.actions.custody import LONGEST_PASSWORD
from tickets.actions.remote import Grant
from tickets.forms import lines
from tickets.models import Attachment, HowGiven, Ticket
from tickets.remote import MOST_SESSIONS

INSTANTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def instant(label: Any, **more: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=INSTANTS[0])
    return forms.DateTimeField(label=label, widget=widget, input_formats=INSTANTS, **more)


def secret(label: Any, autocomplete: str, **more: Any) -> forms.CharField:
    """A password to be typed: never shown again, never stripped, kept by no browser's list of forms."""
    attrs = {"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "none"}
    widget = forms.PasswordInput(attrs=attrs, render_value=False)
    return forms.CharField(label=label, strip=False, widget=widget, **more)


class EvidenceFields(forms.Form):
    """A file of the record, or a new one."""

    attached = forms.ModelChoiceField(
        label=_("Evidence among the record's files"),
        queryset=Attachment.objects.none(),
        required=False,
        empty_label="—",
    )
    file = forms.FileField(
        label=_("Or a new file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(f".{extension}" for extension in KINDS)}),
    )

    def __init__(self, *args: Any, ticket: Ticket, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["attached"].queryset = Attachment.objects.filter(ticket=ticket).present().order_by("-pk")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("attached") and data.get("file"):
            self.add_error("file", _("Choose one of the record's files or a new one, not both."))
        return data

    def evidence(self) -> Attachment | Upload | None:
        """What was chosen, if anything; call after validation."""
        if file := self.cleaned_data.get("file"):
            return uploads([file])[0]
        return self.cleaned_data.get("attached")


class AuthoriseForm(EvidenceFields):
    contact = forms.ModelChoiceField(
        label=_("Who authorises"),
        queryset=Contact.objects.none(),
        required=False,
        empty_label=_("somebody else"),
    )
    given_by = forms.CharField(
        label=_("His name"), max_length=120, required=False, help_text=_("Where he is none of those above.")
    )
    how = forms.ChoiceField(
        label=_("How it was given"),
        choices=[("", "—"), *HowGiven.choices],
        help_text=_("By phone is enough on a grade-1 fault alone, and must follow in writing within 24 h."),
    )
    callback_number = forms.CharField(
        label=_("Called back on"), max_length=40, required=False, help_text=_("Needed when it came by phone.")
    )
    given_at = instant(_("Given at"), required=False, help_text=_("Empty: now."))
    systems = forms.ModelMultipleChoiceField(
        label=_("Systems"),
        queryset=System.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    other_systems = forms.CharField(label=_("Other systems"), max_length=300, required=False)
    purpose = forms.CharField(label=_("Purpose"), max_length=1000, widget=lines(2))
    window_from = instant(_("Allowed from"))
    window_to = instant(_("Allowed to"))
    max_sessions = forms.IntegerField(
        label=_("Sessions allowed"), min_value=1, max_value=MOST_SESSIONS, initial=1
    )

    field_order = [
        "contact",
        "given_by",
        "how",
        "callback_number",
        "given_at",
        "systems",
        "other_systems",
        "purpose",
        "window_from",
        "window_to",
        "max_sessions",
        "attached",
        "file",
    ]

    def __init__(self, *args: Any, ticket: Ticket, **more: Any) -> None:
        super().__init__(*args, ticket=ticket, **more)
        self.fields["contact"].queryset = ticket.client.contacts.filter(is_active=True)
        self.fields["contact"].initial = ticket.contact_id
        self.fields["systems"].queryset = ticket.client.systems.filter(is_active=True)
        self.fields["systems"].initial = [ticket.system_id] if ticket.system_id else []
        if ticket.contact_id is None:
            self.fields["given_by"].initial = ticket.caller_name

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("contact") and not data.get("given_by"):
            self.add_error("given_by", forms.Field.default_error_messages["required"])
        return data

    def grant(self) -> Grant:
        """What the client allows; call after validation."""
        data, contact = self.cleaned_data, self.cleaned_data["contact"]
        return Grant(
            given_by=data["given_by"] or contact.name,
            contact=contact,
            how=HowGiven(data["how"]),
            callback_number=data["callback_number"],
            given_at=data["given_at"],
            systems=list(data["systems"]),
            other_systems=data["other_systems"],
            purpose=data["purpose"],
            window_from=data["window_from"],
            window_to=data["window_to"],
            max_sessions=data["max_sessions"],
            evidence=self.evidence(),
        )


class CloseForm(forms.Form):
    summary = forms.CharField(
        label=_("What was done"),
        max_length=4000,
        widget=lines(3),
        help_text=_("No password belongs here: the history is for ever."),
    )
    witness = forms.CharField(label=_("Who watched"), max_length=120, required=False)


class RevokeForm(forms.Form):
    reason = forms.CharField(label=_("Why is it withdrawn?"), max_length=1000, widget=lines(2))


class DepositForm(forms.Form):
    account = forms.CharField(
        label=_("Account"), max_length=120, help_text=_("For instance “oracle on HIS-DB1”. Not the password.")
    )
    password = secret(_("Password"), "off", max_length=LONGEST_PASSWORD)


class RevealForm(forms.Form):
    reason = forms.CharField(label=_("Why you need it"), max_length=1000, widget=lines(2))
    # Under this very name a wrong one is masked where attempts are counted.
    password = secret(_("Your own OpsDesk password"), "current-password", max_length=200)
