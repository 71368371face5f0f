"""What is typed into assessments. Values are named as the verbs take them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reports.assessment.kinds import Excuse, Outcome
from reports.models import Assessment
from reports.models.assessment import LONGEST
from staff.bilingual import as_read
from staff.filefield import FilesField
from tickets.models import Ticket

EMPTY = ("", "—")


def _words(label: object, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


class NothingForm(forms.Form):
    """Nothing to type."""


class ShowForm(forms.Form):
    note = _words(_("Word to the person"), required=False)


class AppealForm(forms.Form):
    text = _words(
        _("What you appeal against, and why"),
        4,
        help_text=_("Name the line or the item, and what shows that it is wrong."),
    )


class RulingForm(forms.Form):
    """What is said of an appeal, without a word of the assessment."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("assessment", "Ruling"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    reason = _words(_("Reason"), 4)


class RuleForm(RulingForm):
    field_order = ("outcome", "items", "lines", "recounts", "reason")
    items = forms.TypedMultipleChoiceField(
        label=_("Struck"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    lines = forms.TypedMultipleChoiceField(
        label=_("Lines left out"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their weight goes to the other lines."),
    )
    recounts = forms.BooleanField(
        label=_("Count the figures anew"), required=False, help_text=_("Where records were corrected.")
    )

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        content = assessment.scheme.says
        names = {item.code: as_read(item.name, item.name_en) for item in content.items}
        self.fields["items"].choices = [  # type: ignore[attr-defined]
            (
                row.pk,
                f"{names.get(row.code, row.code)} · {as_read(row.label, row.label_en) or row.reason[:80]}",
            )
            for row in assessment.items.counted()
        ]
        self.fields["lines"].choices = [  # type: ignore[attr-defined]
            (place, as_read(line.name, line.name_en)) for place, line in enumerate(content.lines)
        ]


class ItemForm(forms.Form):
    code = forms.ChoiceField(label=_("What it is"))
    reason = _words(_("Reason"), help_text=_("The person reads it."))
    record = forms.CharField(
        label=_("Record that shows it"), max_length=20, required=False, help_text=_("Its number: T-20931.")
    )
    files = FilesField(label=_("or files that show it"))

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = assessment.scheme.says.items
        self.fields["code"].choices = [EMPTY] + [  # type: ignore[attr-defined]
            (item.code, f"{as_read(item.name, item.name_en)} ({item.effect.label})") for item in items
        ]


class TakeOutForm(forms.Form):
    cause = forms.ChoiceField(label=_("Cause"), choices=[EMPTY, *Excuse.choices], required=False)
    reason = _words(_("Reason"), 2)


def record_named(text: str, rows: Any) -> Ticket | None:
    """The record that a number names, among the rows; None where there is none."""
    digits = text.strip().upper().removeprefix("T-")
    return rows.filter(pk=int(digits)).first() if digits.isdecimal() and len(digits) < 18 else None


def typed_in(form: forms.Form) -> list[tuple[str, str]]:
    """What somebody typed or chose, by the labels of the fields, for where the form itself is not shown."""
    return [
        (str(bound.label), words)
        for bound in form
        if not bound.is_hidden and not isinstance(bound.field, forms.FileField) and (words := _said(bound))
    ]


def _said(bound: forms.BoundField) -> str:
    value = bound.value()
    if isinstance(bound.field, forms.BooleanField):
        return "✓" if value else ""
    if isinstance(bound.field, forms.ChoiceField):
        chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
        labels = [str(label) for key, label in bound.field.choices if str(key) in chosen - {""}]
        return "; ".join(labels)
    return str(value or "").strip()
