"""What is typed into the client archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clients.actions import Number, WantsNoSurveys, Wishes
from clients.models import Client, ClientType, Contact, Contract, RenewalTerm, Site, System
from clients.phonetext import PhonesUnreadable, phones_text, read_phones
from clients.wishtext import Unreadable, hours_text, periods_text, read_hours, read_periods
from staff.filefield import FilesField
from staff.models import Group, Role, User

WISHES = (
    "preferred_channel",
    "language",
    "taboos",
    "preferences",
    "contact_hours",
    "quiet_periods",
    "no_surveys",
    "no_surveys_reason",
)
CLIENT_ORDER = (
    "code", "name", "name_en", "type", "group", "hours", "address", "postal_address", "fax",
    *WISHES, "is_active",
)  # fmt: skip
CONTACT_ORDER = (
    "name", "name_en", "site", "job_title", "roles", "phones", "email", "postal_address",
    *WISHES, "user", "is_active",
)  # fmt: skip


class Guarded(forms.ModelForm):
    """A form that knows which state of its thing was edited, so that nobody overwrites another unseen."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["revision"].initial = self.instance.revision

    def seen_anew(self, revision: int) -> None:
        """After a refusal for another's change: what is sent next time has seen it."""
        self.data = self.data.copy()
        self.data[self.add_prefix("revision")] = str(revision)


class WishesForm(Guarded):
    """How and when somebody wants to be reached; common to a client and to a contact."""

    contact_hours = forms.CharField(
        label=_("Hours for contact"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One line each, like Mon-Fri 09:00-11:30, 14:00-17:00. Empty: at any time."),
    )
    quiet_periods = forms.CharField(
        label=_("Quiet periods"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One line each: 2026-12-25..2027-01-05 closing, or 12-25..01-05 for every year."),
    )
    no_surveys = forms.BooleanField(label=_("wants no surveys"), required=False)
    no_surveys_reason = forms.CharField(label=_("Why no surveys"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whom = self.instance
        if whom.pk:
            self.fields["contact_hours"].initial = hours_text(whom.contact_hours.all())
            self.fields["quiet_periods"].initial = periods_text(whom.quiet_periods.all())
            self.fields["no_surveys"].initial = whom.wants_no_surveys
            self.fields["no_surveys_reason"].initial = whom.no_surveys_reason

    def clean_contact_hours(self) -> Any:
        return _read(read_hours, self.cleaned_data["contact_hours"])

    def clean_quiet_periods(self) -> Any:
        return _read(read_periods, self.cleaned_data["quiet_periods"])

    @property
    def wishes(self) -> Wishes:
        return Wishes(self.cleaned_data["contact_hours"], self.cleaned_data["quiet_periods"])

    @property
    def said_of_surveys(self) -> WantsNoSurveys:
        return WantsNoSurveys(self.cleaned_data["no_surveys"], self.cleaned_data["no_surveys_reason"])


def _read(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except Unreadable as error:
        raise forms.ValidationError(error.message) from error


class ClientForm(WishesForm):
    """`by` is who fills it in: a supervisor's clients belong to his own group."""

    class Meta:
        model = Client
        fields = [
            "code",
            "name",
            "name_en",
            "type",
            "group",
            "hours",
            "address",
            "postal_address",
            "fax",
            "preferred_channel",
            "language",
            "taboos",
            "preferences",
            "is_active",
        ]
        widgets = {
            "preferences": forms.Textarea(attrs={"rows": 3}),
            "taboos": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "code": _("Letters, digits, dashes: short, and never used for another client."),
            "hours": _("Working-time limits run inside these hours (§2.3)."),
            "is_active": _("Without it the client no longer appears in lists and choices; its records stay."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(CLIENT_ORDER)
        own = self.instance.type_id
        self.fields["type"].queryset = ClientType.objects.filter(Q(is_active=True) | Q(pk=own))
        if not by.may_administer:
            self.fields["group"].queryset = Group.objects.filter(pk=by.group_id)
            self.fields["group"].initial = by.group_id
            self.fields["group"].empty_label = None


class ContactForm(WishesForm):
    """`by` is who fills it in: only an administrator ties a contact to a sign-in account."""

    phones = forms.CharField(
        label=_("Phone numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "inputmode": "tel"}),
        help_text=format_lazy(
            "{} {}",
            _("One a line, as people write them; the most used first."),
            _("Write “fax:” before a fax. Extensions like 0755-8888 8877 ext. 12 are understood."),
        ),
    )

    class Meta:
        model = Contact
        fields = [
            "name",
            "name_en",
            "site",
            "job_title",
            "roles",
            "email",
            "postal_address",
            "preferred_channel",
            "language",
            "taboos",
            "preferences",
            "user",
            "is_active",
        ]
        widgets = {
            "preferences": forms.Textarea(attrs={"rows": 3}),
            "taboos": forms.Textarea(attrs={"rows": 2}),
            "roles": forms.CheckboxSelectMultiple,
        }
        help_texts = {"preferences": _("Shown wherever somebody is about to contact this person (§4.3).")}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(CONTACT_ORDER)
        self.fields["site"].queryset = sites_of(self.instance)
        if self.instance.pk:
            self.fields["phones"].initial = phones_text(self.instance.phones.all())
        if by.may_administer:
            free = Q(contact__isnull=True) | Q(contact=self.instance.pk)
            self.fields["user"].queryset = User.objects.filter(free, role=Role.CONTACT, is_active=True)
        else:
            del self.fields["user"]

    def clean_phones(self) -> list[Number]:
        try:
            return read_phones(self.cleaned_data["phones"])
        except PhonesUnreadable as error:
            raise forms.ValidationError([forms.ValidationError(each) for each in error.messages]) from error


def sites_of(thing: Contact | System) -> Any:
    """The sites that a contact or a system may belong to: those in use, and the one that it has."""
    return Site.objects.filter(Q(is_active=True) | Q(pk=thing.site_id), client=thing.client_id)


class SiteForm(Guarded):
    """A place of `instance.client`."""

    class Meta:
        model = Site
        fields = ["name", "name_en", "address", "travel", "remarks", "is_active"]
        widgets = {
            "travel": forms.Textarea(attrs={"rows": 3}),
            "remarks": forms.Textarea(attrs={"rows": 3}),
        }


class SystemForm(Guarded):
    """The system of `instance.client`; its people are chosen among those who work for the client."""

    class Meta:
        model = System
        fields = [
            "name",
            "name_en",
            "site",
            "kind",
            "version",
            "environment",
            "remote_access",
            "in_service_since",
            "maintainer",
            "backup",
            "is_active",
        ]
        widgets = {"in_service_since": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}
        help_texts = {
            "maintainer": _("Becomes the owner of new records of this system (§5.1)."),
            "backup": _("Takes over when the maintainer is away."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites_of(self.instance)
        in_reach = Q(group=self.instance.client.group) | Q(role=Role.SPECIALIST)
        chosen = Q(pk__in=[pk for pk in (self.instance.maintainer_id, self.instance.backup_id) if pk])
        working = User.objects.working().filter(in_reach)
        people = User.objects.filter(Q(pk__in=working) | chosen)
        for field in ("maintainer", "backup"):
            self.fields[field].queryset = people.order_by("name")


class ContractForm(Guarded):
    """The contract of `instance.client`."""

    class Meta:
        model = Contract
        fields = [
            "number",
            "starts_on",
            "ends_on",
            "systems",
            "sites",
            "grade_two_round_the_clock",
            "remarks",
            "renewal_settled",
        ]
        widgets = {
            "starts_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "ends_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "systems": forms.CheckboxSelectMultiple,
            "sites": forms.CheckboxSelectMultiple,
            "remarks": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["systems"].queryset = self.instance.client.systems.all()
        self.fields["sites"].queryset = self.instance.client.sites.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The contract must end on or after the day it starts."))
        return cleaned


class TypeForm(Guarded):
    class Meta:
        model = ClientType
        fields = ["code", "name", "name_en", "description", "is_active"]


class TermsForm(forms.Form):
    """How many days before its end a contract's people are reminded."""

    days = forms.CharField(
        label=_("Days before the end"), help_text=_("Numbers from 1 to 365, like 60, 30, 7.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].initial = ", ".join(str(term) for term in RenewalTerm.objects.all())

    def clean_days(self) -> list[int]:
        parts = re.split(r"[\s,;\uff0c\u3001]+", self.cleaned_data["days"].strip())
        if not all(part.isdecimal() and len(part) < 5 for part in parts):
            raise forms.ValidationError(_("Numbers from 1 to 365, like 60, 30, 7."))
        return [int(part) for part in parts]


class DocumentsForm(forms.Form):
    files = FilesField(label=_("Documents"), required=True)
