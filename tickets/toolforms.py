"""What is typed into the editors of canned replies and checklist templates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from staff.models import Group, User
from tickets.models import CannedReply, ChecklistTemplate, Scope
from tickets.variables import NAMES

MANDATORY = "*"


class ReplyForm(forms.ModelForm):
    """`by` is who fills it in: a supervisor writes for his group too, an administrator for everyone."""

    class Meta:
        model = CannedReply
        fields = ["title", "body", "body_en", "kind", "scope", "group"]
        widgets = {
            "body": forms.Textarea(attrs={"rows": 6}),
            "body_en": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "body": format_lazy(
                "{} {}", _("Filled in from the record:"), " ".join(f"{{{name}}}" for name in NAMES)
            ),
            "body_en": _("Offered beside the Chinese text; may stay empty."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = [Scope.OWN]
        if by.may_supervise and (by.group_id or by.may_administer):
            scopes.append(Scope.GROUP)
        if by.may_administer:
            scopes.append(Scope.EVERYONE)
        self.fields["scope"].choices = [(scope.value, scope.label) for scope in scopes]
        if by.may_administer:
            self.fields["group"].queryset = Group.objects.all()
            self.fields["group"].help_text = _("Where it is for a group.")
        else:
            del self.fields["group"]

    def _get_validation_exclusions(self) -> set[str]:
        # The action says in words what the constraints would say by their names.
        return super()._get_validation_exclusions() | {"scope", "group", "owner"}


class TemplateForm(forms.ModelForm):
    """A checklist template, its items one a line; `by` is who fills it in."""

    items = forms.CharField(
        label=_("Items"),
        max_length=12_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("One a line, in their order. A line that begins with * is mandatory."),
    )
    items_en = forms.CharField(
        label=_("Items in English"),
        max_length=12_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("As many lines in the same order, or none at all."),
    )

    class Meta:
        model = ChecklistTemplate
        fields = ["name", "name_en", "kind", "grade", "system_kind", "is_automatic", "group"]
        help_texts = {
            "kind": _("Empty: any."),
            "grade": _("Empty: any."),
            "system_kind": _("Such as HIS or PACS, as the client archive has it. Empty: any."),
            "is_automatic": _(
                "On every new record of this kind; on faults when they are graded. Without it, by hand."
            ),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.order_fields(["name", "name_en", "items", "items_en", *self.Meta.fields[2:]])
        rows = self.instance.items or []
        self.fields["items"].initial = "\n".join(_line(row) for row in rows)
        if any(row["text_en"] for row in rows):
            self.fields["items_en"].initial = "\n".join(row["text_en"] for row in rows)
        if by.may_administer:
            self.fields["group"].empty_label = _("all groups")
        else:
            del self.fields["group"]
            self.instance.group = by.group

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        lines = _lines(data.get("items", ""))
        english = _lines(data.get("items_en", ""))
        if english and lines and len(english) != len(lines):
            message = _("There are %(english)s lines here and %(chinese)s above.")
            self.add_error("items_en", message % {"english": len(english), "chinese": len(lines)})
        return data

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The items as the template keeps them; call after validation."""
        lines, english = _lines(self.cleaned_data["items"]), _lines(self.cleaned_data["items_en"])
        english = english or [""] * len(lines)
        return [
            {
                "text": line.removeprefix(MANDATORY).strip(),
                "text_en": beside.removeprefix(MANDATORY).strip(),
                "is_mandatory": line.startswith(MANDATORY),
            }
            for line, beside in zip(lines, english, strict=True)
        ]

    def _get_validation_exclusions(self) -> set[str]:
        # Of the constraints only that of the grade speaks in words that a person can use.
        return super()._get_validation_exclusions() | {"name", "items"}


def _line(row: dict[str, Any]) -> str:
    return f"{MANDATORY} {row['text']}" if row["is_mandatory"] else row["text"]


def _lines(text: str) -> list[str]:
    found = (line.strip().replace("\uff0a", MANDATORY) for line in text.splitlines())
    return [line for line in found if line.removeprefix(MANDATORY).strip()]
