"""What is typed into the client archive."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Contact, Contract, System
from clients.phones import InvalidPhone, normalise
from staff.models import Group, Role, User


class ClientForm(forms.ModelForm):
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
            "preferred_channel",
            "preferences",
            "is_active",
        ]
        widgets = {"preferences": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "code": _("Letters, digits, dashes: short, and never used for another client."),
            "hours": _("Working-time limits run inside these hours (§2.3)."),
            "is_active": _("Without it the client no longer appears in lists and choices; its records stay."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by.may_administer:
            self.fields["group"].queryset = Group.objects.filter(pk=by.group_id)
            self.fields["group"].initial = by.group_id
            self.fields["group"].empty_label = None


class ContactForm(forms.ModelForm):
    """`by` is who fills it in: only an administrator ties a contact to a sign-in account."""

    phones = forms.CharField(
        label=_("Phone numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "inputmode": "tel"}),
        help_text=format_lazy(
            "{} {}",
            _("One a line, as people write them; the most used first."),
            _("Extensions like 0755-8888 8877 ext. 12 are understood."),
        ),
    )

    class Meta:
        model = Contact
        fields = [
            "name",
            "name_en",
            "job_title",
            "phones",
            "email",
            "preferred_channel",
            "preferences",
            "user",
            "is_active",
        ]
        widgets = {"preferences": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"preferences": _("Shown wherever somebody is about to contact this person (§4.3).")}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.Meta.fields)
        if self.instance.pk:
            numbers = self.instance.phones.values_list("number", flat=True)
            self.fields["phones"].initial = "\n".join(numbers)
        if by.may_administer:
            free = Q(contact__isnull=True) | Q(contact=self.instance.pk)
            self.fields["user"].queryset = User.objects.filter(free, role=Role.CONTACT, is_active=True)
        else:
            del self.fields["user"]

    def clean_phones(self) -> list[str]:
        numbers = [line.strip() for line in self.cleaned_data["phones"].splitlines() if line.strip()]
        wrong = []
        for number in numbers:
            try:
                normalise(number)
            except InvalidPhone as error:
                wrong.append(forms.ValidationError(f"{number}: {error.message}"))
        if wrong:
            raise forms.ValidationError(wrong)
        return numbers


class SystemForm(forms.ModelForm):
    """The system of `instance.client`; its people are chosen among those who work for the client."""

    class Meta:
        model = System
        fields = ["name", "name_en", "kind", "version", "environment", "maintainer", "backup", "is_active"]
        help_texts = {
            "maintainer": _("Becomes the owner of new records of this system (§5.1)."),
            "backup": _("Takes over when the maintainer is away."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_reach = Q(group=self.instance.client.group) | Q(role=Role.SPECIALIST)
        chosen = Q(pk__in=[pk for pk in (self.instance.maintainer_id, self.instance.backup_id) if pk])
        working = User.objects.working().filter(in_reach)
        people = User.objects.filter(Q(pk__in=working) | chosen)
        for field in ("maintainer", "backup"):
            self.fields[field].queryset = people.order_by("name")


class ContractForm(forms.ModelForm):
    """The contract of `instance.client`."""

    class Meta:
        model = Contract
        fields = ["number", "starts_on", "ends_on", "systems", "grade_two_round_the_clock"]
        widgets = {
            "starts_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "ends_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "systems": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["systems"].queryset = self.instance.client.systems.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The contract must end on or after the day it starts."))
        return cleaned
