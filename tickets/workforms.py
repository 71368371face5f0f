"""A work type as it is typed in: its documents one a line, `step: name | English name`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.actions import Needed
from tickets.changes import OPTIONAL, WorkStep
from tickets.forms import lines
from tickets.models import WorkType


class WorkTypeForm(forms.ModelForm):
    optional_steps = forms.MultipleChoiceField(
        label=_("Steps besides plan, approval, rollback and result"),
        choices=[(step.value, step.label) for step in OPTIONAL],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    documents = forms.CharField(
        label=_("Required documents"),
        required=False,
        widget=lines(8),
        help_text=_("One a line: step, colon, name, and after a bar its English name. Steps: %(steps)s."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = WorkType
        fields = [
            "code",
            "name",
            "name_en",
            "description",
            "optional_steps",
            "needs_client",
            "lead_days",
            "hours",
            "is_active",
        ]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        steps = gettext(", ").join(str(step.label) for step in WorkStep)
        field = self.fields["documents"]
        field.help_text = str(field.help_text) % {"steps": steps}
        if self.instance.pk:
            field.initial = written(self.instance)
            self.fields["version"].initial = self.instance.version
            self.fields["code"].disabled = True
        else:
            self.fields["optional_steps"].initial = list(OPTIONAL)

    def clean_documents(self) -> list[Needed]:
        found = []
        for number, line in enumerate(self.cleaned_data["documents"].splitlines(), start=1):
            if not line.strip():
                continue
            step, colon, name = line.replace("：", ":").partition(":")
            code = _step(step.strip())
            name, _bar, name_en = name.replace("｜", "|").partition("|")
            if not colon or code is None or not name.strip():
                message = gettext("Line %(number)s is not “step: name”.") % {"number": number}
                raise forms.ValidationError(message, code="invalid")
            found.append(Needed(code, name.strip(), name_en.strip()))
        return found


def written(work_type: WorkType) -> str:
    """The documents of a type as its form shows them."""
    return "\n".join(
        f"{one.get_step_display()}: {one.name}" + (f" | {one.name_en}" if one.name_en else "")
        for one in work_type.documents.all()
    )


def _step(word: str) -> str | None:
    """The step of a word: its stable code, or its name in the language spoken."""
    folded = word.casefold()
    names = {str(step.label).casefold(): step.value for step in WorkStep}
    return names.get(folded) or (folded if folded in WorkStep.values else None)
