"""What is typed into a case of an overrun, one form a step. Clean values are named as the step takes them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.accountability import OverrunCause, Step
from tickets.models import Overrun

CAUSES = [("", "—"), *OverrunCause.choices]


def _words(label: object, rows: int = 3) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": rows}))


class ExplainForm(forms.Form):
    cause = forms.ChoiceField(label=_("What the cause was, as you see it"), choices=CAUSES)
    text = _words(_("How it came to this"))


class RuleForm(forms.Form):
    cause = forms.ChoiceField(label=_("Cause"), choices=CAUSES)
    is_excused = forms.BooleanField(
        label=_("Excused: it does not count against anybody"),
        required=False,
        help_text=_("Never with our own cause."),
    )
    reason = _words(_("Grounds"))


class AppealForm(forms.Form):
    text = _words(_("Why the ruling is not right"))


FORMS: dict[Step, type[forms.Form]] = {
    Step.EXPLAIN: ExplainForm,
    Step.RULE: RuleForm,
    Step.APPEAL: AppealForm,
    Step.DECIDE: RuleForm,
}


def form_of(step: Step, overrun: Overrun, data: Any = None) -> forms.Form:
    """The form of a step; whoever judges begins with the cause that stands."""
    initial = {"cause": overrun.cause or overrun.proposed_cause, "is_excused": overrun.is_excused}
    return FORMS[step](data, initial=initial, prefix=step.value)
