"""What is typed about the process: clauses, suggestions and their answers, terms."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import Clause, ProcessTerms
from audits.models.process import LONGEST


def _words(label: object, rows: int = 4, **more: object) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST, widget=area, **more)  # type: ignore[arg-type]


class SuggestionForm(forms.Form):
    text = _words(_("What is wrong or missing"))
    wording = _words(_("Proposed wording"), 3, required=False, help_text=_("If you have one already."))


class AnswerForm(forms.Form):
    answer = _words(_("Answer"), 3, help_text=_("Its author reads this."))


class NothingForm(forms.Form):
    """Nothing to say."""


class ClauseForm(forms.ModelForm):
    class Meta:
        model = Clause
        fields = ["number", "title", "title_en", "text", "text_en"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 6}),
            "text_en": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {"number": _("Clauses stand in the order of their numbers.")}

    def validate_constraints(self) -> None:
        """Leave it to the action, which names the field."""


class PublishForm(forms.Form):
    in_force_on = forms.DateField(label=_("In force from"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("What changes"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class TermsForm(forms.ModelForm):
    class Meta:
        model = ProcessTerms
        fields = ["answer", "department_manager", "general_manager", "again"]
        help_texts = {"answer": _("Default: 10. Ours, not from the process document.")}
