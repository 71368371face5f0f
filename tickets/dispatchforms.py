"""What is typed in when an engineer is sent, reports, or is called off; and what his phone sends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from clients.models import Phone
from staff.filefield import FilesField, uploads
from staff.files import Upload
from staff.models import User
from tickets.dispatching import refuse_order
from tickets.forms import VerbForm, is_technical, lines, working_people
from tickets.lifecycle import Refused
from tickets.linkforms import TyingForm
from tickets.models import Dispatch, OnSiteOutcome, OnSiteStep, Ticket

LOCAL = {"attrs": {"type": "datetime-local"}, "format": "%Y-%m-%dT%H:%M"}
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


class WrittenReportForm(VerbForm):
    written_by = forms.CharField(label=_("From whom"), max_length=120)
    text = forms.CharField(
        label=_("What he writes"),
        max_length=10_000,
        required=False,
        widget=lines(3),
        help_text=_("Key it in, or attach the letter, fax or scan."),
    )
    files = FilesField()
    received_at = forms.DateTimeField(
        label=_("Received at"),
        required=False,
        widget=forms.DateTimeInput(**LOCAL),
        input_formats=FORMATS,
        help_text=_("Empty: now."),
    )

    def __init__(self, *args: Any, initial: dict[str, Any] | None = None, **more: Any) -> None:
        initial = {"written_by": (initial or {}).get("caller_name", "")} | (initial or {})
        super().__init__(*args, initial=initial, **more)


class DispatchForm(TyingForm):
    """Filled in from what is known: the client's address, who called, on which number.

    `held_up_by` says before anything is typed why nobody may be sent yet; nothing where somebody may.
    """

    engineer = forms.ModelChoiceField(label=_("Who goes"), queryset=User.objects.none())
    address = forms.CharField(label=_("Address"), max_length=300)
    contact_name = forms.CharField(label=_("Contact on site"), max_length=120)
    contact_phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    bring = forms.CharField(
        label=_("To bring along"),
        max_length=4000,
        required=False,
        widget=lines(3),
        help_text=_("Parts and documents, one a line; he ticks them off before he departs."),
    )
    note = forms.CharField(label=_("Word to the engineer"), max_length=2000, required=False, widget=lines(2))

    def __init__(
        self, *args: Any, ticket: Ticket, initial: dict[str, Any] | None = None, **more: Any
    ) -> None:
        known = {
            "address": ticket.client.address,
            "contact_name": ticket.caller_name,
            "contact_phone": ticket.callback_number or _number_of(ticket),
        }
        super().__init__(*args, ticket=ticket, initial=(initial or {}) | known, **more)
        self.held_up_by = _refusal(ticket)
        near = [
            person
            for person in working_people()
            if ticket.group_id == person.group_id or is_technical(person)
        ]
        field = self.fields["engineer"]
        field.queryset = User.objects.filter(pk__in=[person.pk for person in near])
        field.choices = [("", "—"), *((person.pk, person.label) for person in near)]

    def verb_arguments(self) -> dict[str, object]:
        return self.cleaned_data | {"bring": self.cleaned_data["bring"].splitlines()}


STANDS = {
    OnSiteStep.DEPART: _("not departed yet"),
    OnSiteStep.ARRIVE: _("on the way"),
    OnSiteStep.LEAVE: _("on site"),
    None: _("back"),
}


class OrderChoice(forms.ModelChoiceField):
    """Which of the record's open dispatches; chosen already where there is one."""

    def label_from_instance(self, order: Dispatch) -> str:
        return f"{order.engineer.label} · {STANDS[order.next_step]}"


class OnOrderForm(TyingForm):
    """A form about one of the record's open dispatches."""

    order = OrderChoice(label=_("Engineer"), queryset=Dispatch.objects.none(), empty_label=None)

    def __init__(self, *args: Any, ticket: Ticket, **more: Any) -> None:
        super().__init__(*args, ticket=ticket, **more)
        there = Dispatch.objects.filter(ticket=ticket).open().select_related("engineer")
        self.fields["order"].queryset = there


class CallOffForm(OnOrderForm):
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=lines(2))


SAID = [
    (OnSiteStep.DEPART.value, _("He has departed")),
    (OnSiteStep.ARRIVE.value, _("He has arrived")),
    (OnSiteOutcome.SOLVED.value, _("He has left; solved on site")),
    (OnSiteOutcome.NOT_SOLVED.value, _("He has left; not solved")),
]


class PhonedInForm(OnOrderForm):
    """What an engineer says who phones in instead of using his own page."""

    said = forms.ChoiceField(label=_("What he says"), choices=SAID)
    happened_at = forms.DateTimeField(
        label=_("When it happened"),
        required=False,
        widget=forms.DateTimeInput(**LOCAL),
        input_formats=FORMATS,
        help_text=_("Empty: now."),
    )
    reason = forms.CharField(
        label=_("Why it is not solved"), max_length=2000, required=False, widget=lines(2)
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if orders := list(self.fields["order"].queryset[:1]):
            step = orders[0].next_step
            self.fields["said"].initial = OnSiteOutcome.SOLVED if step == OnSiteStep.LEAVE else step


class PhoneForm(forms.Form):
    """What every report of an engineer's phone has: its own key, and when it happened."""

    key = forms.UUIDField(required=False)
    happened_at = forms.CharField(required=False, max_length=40)

    def clean_happened_at(self) -> object:
        return forms.DateTimeField(required=False).clean(self.cleaned_data["happened_at"] or None)

    def verb_arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in self.fields}


class DepartForm(PhoneForm):
    packed = forms.TypedMultipleChoiceField(
        required=False, coerce=int, choices=[(place, str(place)) for place in range(100)]
    )


class ArriveForm(PhoneForm):
    photos = FilesField()


class LeaveForm(PhoneForm):
    outcome = forms.ChoiceField(
        choices=OnSiteOutcome.choices, error_messages={"required": _("Solved or not?")}
    )
    reason = forms.CharField(max_length=2000, required=False)
    signed_by = forms.CharField(max_length=120, required=False)
    signature = forms.FileField(required=False)

    def clean_signature(self) -> Upload | None:
        file: UploadedFile | None = self.cleaned_data.get("signature")
        return uploads([file])[0] if file else None


STEP_FORMS: dict[OnSiteStep, type[PhoneForm]] = {
    OnSiteStep.DEPART: DepartForm,
    OnSiteStep.ARRIVE: ArriveForm,
    OnSiteStep.LEAVE: LeaveForm,
}
DISPATCH_FORMS: dict[str, type[forms.Form]] = {
    "file_written_report": WrittenReportForm,
    "dispatch": DispatchForm,
    "phoned_in": PhonedInForm,
    "call_off": CallOffForm,
}


def _refusal(ticket: Ticket) -> str:
    """What the rule says against sending somebody now; `ticket` is annotated (`on_site_facts`)."""
    has_report = ticket.has_written_report
    try:
        refuse_order(is_fault=ticket.is_fault, grade=ticket.grade, has_written_report=has_report)
    except Refused as refused:
        return str(refused)
    return ""


def _number_of(ticket: Ticket) -> str:
    """The contact's first number, where the record has none of its own; the page has asked for it already."""
    known = getattr(ticket, "phones", None)
    if known is None and ticket.contact_id is not None:
        known = list(Phone.objects.filter(contact=ticket.contact_id).values_list("number", flat=True)[:1])
    return known[0] if known else ""
