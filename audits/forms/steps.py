"""What is typed into plans, audits, findings and checklists. Values are named as the verbs take them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audits.actions import USUAL_TIMES
from audits.following import Step
from audits.kinds import AuditKind, FindingKind
from audits.models import Audit, AuditTerms, Check, ChecklistItem, Finding
from audits.models.audit import LONGEST
from clients.models import Client, System
from staff.filefield import FilesField
from staff.models import Group, Role, User

EMPTY = ("", "—")
EFFECTIVE_OR_NOT = [("yes", _("Closed effectively")), ("no", _("Not effective: back to the owner"))]


def _words(label: object, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


def _day(label: object, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


def auditors() -> Any:
    return User.objects.filter(is_active=True, role__in=[Role.AUDITOR, Role.ADMINISTRATOR]).order_by("pk")


class ProposeForm(forms.Form):
    """How often a year; the days follow."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, usual in USUAL_TIMES.items():
            of = (
                _("times a year, each system")
                if kind in ("software", "hardware")
                else _("times a year, each group")
            )
            self.fields[kind.value] = forms.IntegerField(
                label=kind.label, min_value=0, max_value=12, initial=usual, help_text=of
            )

    def times(self) -> dict[AuditKind, int]:
        return {kind: self.cleaned_data[kind.value] for kind in AuditKind}


class SubjectForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=[EMPTY, *AuditKind.choices])
    group = forms.ModelChoiceField(
        Group.objects.all(), label=_("Group"), required=False, help_text=_("For process and documents.")
    )
    system = forms.ModelChoiceField(
        System.objects.filter(is_active=True).select_related("client").order_by("client__name", "pk"),
        label=_("System"),
        required=False,
        help_text=_("For software and hardware; whose group it is follows."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].label_from_instance = lambda one: f"{one.client.label} · {one.label}"  # type: ignore[attr-defined]


class PlanForm(SubjectForm):
    planned_on = _day(_("Day"))
    auditor = forms.ModelChoiceField(User.objects.none(), label=_("Auditor"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["auditor"].queryset = auditors()  # type: ignore[attr-defined]


class ChangePlannedForm(forms.Form):
    planned_on = _day(_("Day"))
    auditor = forms.ModelChoiceField(User.objects.none(), label=_("Auditor"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["auditor"].queryset = auditors()  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = _words(_("Reason"), 2)


class DrawForm(forms.Form):
    since = _day(_("Closed from"))
    until = _day(_("Closed until"))
    size = forms.IntegerField(label=_("How many records"), min_value=1, max_value=100, initial=10)
    seed = forms.CharField(
        label=_("Seed"), max_length=32, required=False, help_text=_("Empty: drawn by chance, and kept.")
    )


class ReportForm(forms.Form):
    conclusion = _words(_("What it comes to"), 4)


class StatementForm(forms.Form):
    statement = _words(_("Statement of the group"), 4)


class NothingForm(forms.Form):
    """Nothing to type."""


class FilesForm(forms.Form):
    files = FilesField()


class FindingForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("How grave"), choices=FindingKind.choices, widget=forms.RadioSelect, initial="problem"
    )
    title = forms.CharField(label=pgettext_lazy("audit", "What was found"), max_length=200)
    details = _words(_("Details"), required=False)
    client = forms.ModelChoiceField(
        Client.objects.none(), label=_("Client"), required=False, help_text=_("Where it concerns one.")
    )
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False)
    due_on = _day(
        _("To be remedied by"), required=False, help_text=_("Empty: as many working days as its kind has.")
    )

    def __init__(self, *args: Any, audit: Audit, check: Check | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners_for(audit.group)  # type: ignore[attr-defined]
        if audit.system_id or (check is not None and check.sampled_id):
            del self.fields["client"]
        else:
            self.fields["client"].queryset = clients_of(audit.group)  # type: ignore[attr-defined]


def owners_for(group: Group) -> Any:
    return User.objects.working().filter(group=group).order_by("name", "pk")


def clients_of(group: Group) -> Any:
    return Client.objects.active().filter(group=group).order_by("name", "pk")


class OrderForm(forms.Form):
    client = forms.ModelChoiceField(Client.objects.none(), label=_("Whose matter it is"), required=False)

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if finding.client_id:
            del self.fields["client"]
        else:
            self.fields["client"].queryset = clients_of(finding.group)  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    answer = _words(pgettext_lazy("audit", "What was done"))


class VerifyForm(forms.Form):
    is_effective = forms.ChoiceField(
        label=_("The remedy is"), choices=EFFECTIVE_OR_NOT, widget=forms.RadioSelect, initial="yes"
    )
    note = _words(_("What the verification showed"))

    def clean_is_effective(self) -> bool:
        return self.cleaned_data["is_effective"] == "yes"


def form_of(step: Step, finding: Finding, data: Any = None) -> forms.Form:
    """The form of a step; its prefix keeps ids apart where several stand on one page."""
    match step:
        case Step.OPEN_RECORD | Step.OPEN_CORRECTIVE:
            return OrderForm(data, finding=finding, auto_id=f"id_{step.value}_%s")
        case Step.ANSWER:
            return AnswerForm(data, auto_id="id_answer_%s")
        case Step.VERIFY:
            return VerifyForm(data, auto_id="id_verify_%s")
    return ReasonForm(data, auto_id="id_withdraw_%s")


class ItemForm(forms.ModelForm):
    edition = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = ChecklistItem
        fields = ["text", "text_en", "hint", "hint_en", "clause", "per_record"]


class TermsForm(forms.ModelForm):
    class Meta:
        model = AuditTerms
        fields = [
            "danger",
            "problem",
            "suggestion",
            "verify",
            "statement",
            "supervisor",
            "technical_lead",
            "department_manager",
        ]
