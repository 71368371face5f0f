"""What is typed into a corrective action, one form a step. Clean values are named as the step takes them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from staff.models import User
from surveys.correcting import MOST_WHYS, Effect, RootCause, Step, Terms
from surveys.models import CorrectiveAction, CorrectiveTerms, Verdict
from surveys.models.corrective import LONGEST

WHYS = [_("Why did it happen?"), *[_("Why that?")] * (MOST_WHYS - 1)]
EMPTY = ("", "—")
DONE_OR_NOT = [("yes", _("Carried out as planned")), ("no", _("Not carried out: back to the owner"))]


def _words(label: object, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


class WhysWidget(forms.MultiWidget):
    """Up to five lines under one label."""

    template_name = "surveys/_whys.html"

    def __init__(self) -> None:
        super().__init__([forms.TextInput(attrs={"maxlength": 500}) for _number in range(MOST_WHYS)])

    def decompress(self, value: Any) -> list[str]:
        return [*(value or []), *[""] * MOST_WHYS][:MOST_WHYS]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for number, (each, label) in enumerate(zip(context["widget"]["subwidgets"], WHYS, strict=True), 1):
            each["attrs"]["aria-label"] = f"{number}. {label}"
            each["words"] = f"{number}. {label}"
        return context


class WhysField(forms.MultiValueField):
    widget = WhysWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.CharField(required=False, max_length=500) for _number in range(MOST_WHYS)]
        super().__init__(fields, require_all_fields=False, required=False, **kwargs)

    def compress(self, data_list: list[str]) -> list[str]:
        return [why for why in data_list if why]


class AnalyseForm(forms.Form):
    whys = WhysField(
        label=_("Why"),
        help_text=_("Ask on until something can be done about the cause; five times at the most."),
    )
    root_cause = forms.ChoiceField(label=_("Root cause"), choices=[EMPTY, *RootCause.choices])


class PlanForm(forms.Form):
    measure = _words(_("What is done against it"))
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"))
    due_on = forms.DateField(label=_("To be carried out by"), widget=forms.DateInput(attrs={"type": "date"}))


class CarryOutForm(forms.Form):
    result = _words(_("What was done"))


class ReplyForm(forms.Form):
    reply = _words(_("Answer to the client"), 4)
    reply_how = forms.ChoiceField(
        label=_("How"),
        choices=[EMPTY, *[each for each in Channel.choices if each[0] not in ("web", "api")]],
        help_text=_("An e-mail is sent from here. What was said otherwise is written down."),
    )
    reply_to = forms.CharField(
        label=_("Who was told"), max_length=120, required=False, help_text=_("Not needed for an e-mail.")
    )
    replied_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: now."),
    )

    def step(self) -> dict[str, Any]:
        clean = self.cleaned_data
        return {
            "text": clean["reply"],
            "how": clean["reply_how"],
            "told": clean["reply_to"],
            "told_at": clean["replied_at"],
        }


class VerifyForm(forms.Form):
    is_done = forms.ChoiceField(
        label=_("The measure is"), choices=DONE_OR_NOT, widget=forms.RadioSelect, initial="yes"
    )
    verification = _words(_("What the verification showed"))

    def step(self) -> dict[str, Any]:
        return {"is_done": self.cleaned_data["is_done"] == "yes", "note": self.cleaned_data["verification"]}


class CheckEffectForm(forms.Form):
    effect = forms.ChoiceField(label=_("Effect"), choices=Effect.choices, widget=forms.RadioSelect)
    effect_note = _words(
        _("What shows it"), help_text=_("Where it did not help, cause, measure and reply are owed anew.")
    )

    def step(self) -> dict[str, Any]:
        return {"effect": self.cleaned_data["effect"], "note": self.cleaned_data["effect_note"]}


class CloseForm(forms.Form):
    """Nothing to type: what is missing is said at its part of the page."""


class DropForm(forms.Form):
    reason = _words(_("Why no measure is needed"))


class AskAgainForm(forms.Form):
    """Nothing to type: the same contact is asked again."""


class OpenForm(forms.Form):
    title = forms.CharField(label=_("What was not met"), max_length=200)
    words = _words(_("In the client's words"), required=False)


class RulingForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("The complaint is"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    reason = _words(_("Reason"))


class TermsForm(forms.ModelForm):
    class Meta:
        model = CorrectiveTerms
        fields = [
            "analyse",
            "act",
            "reply",
            "verify",
            "effect",
            "supervisor",
            "technical_lead",
            "department_manager",
        ]


FORMS: dict[Step, type[forms.Form]] = {
    Step.ANALYSE: AnalyseForm,
    Step.PLAN: PlanForm,
    Step.CARRY_OUT: CarryOutForm,
    Step.REPLY: ReplyForm,
    Step.VERIFY: VerifyForm,
    Step.ASK_AGAIN: AskAgainForm,
    Step.CHECK_EFFECT: CheckEffectForm,
    Step.CLOSE: CloseForm,
    Step.DROP: DropForm,
}


def form_of(step: Step, action: CorrectiveAction, terms: Terms, data: Any = None) -> forms.Form:
    """The form of a step, with what is known already or proposed."""
    now = timezone.now()
    initial: dict[str, Any] = {
        "whys": action.whys,
        "root_cause": action.root_cause,
        "measure": action.measure,
        "owner": action.owner,
        "due_on": action.due_on or terms.workday_after(now, terms.days.act),
        "reply_to": action.contact.label if action.contact else "",
    }
    form = FORMS[step](data, initial=initial, prefix=step.value)
    if isinstance(form, PlanForm):
        people = User.objects.working().order_by("name", "pk")
        all_groups = people.filter(group=None)
        form.fields["owner"].queryset = people.filter(group=action.group_id) | all_groups  # type: ignore[attr-defined]
        form.fields["due_on"].widget.attrs["min"] = timezone.localdate(now).isoformat()
    return form
