"""What is typed into a handover, one form a step. Clean values are named as the step takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.handovers import Point
from tickets.models import Handover, HandoverTerms, Ticket

LONGEST = 8000


class HandOverForm(forms.Form):
    note = forms.CharField(
        label=_("What happened on the shift"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Also what the leaders have ordered. Nothing happened? Say so."),
    )
    to_do = forms.CharField(
        label=_("What is still to be done"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    done = forms.MultipleChoiceField(
        label=_("Gone through together"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is not ticked the next one sees as not done."),
    )

    def __init__(self, data: Any = None, *, handover: Handover, points: Sequence[Point]) -> None:
        ticked = [point["key"] or point["text"] for point in handover.points if point["is_done"]]
        initial = {"note": handover.note, "to_do": handover.to_do, "done": ticked}
        super().__init__(data, initial=initial)
        self.fields["done"].choices = [(point.name, point.label) for point in points]  # type: ignore[attr-defined]


class SendBackForm(forms.Form):
    remark = forms.CharField(
        label=_("What is missing"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )


class OverruleForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands on the handover, and the department manager is told."),
    )


class SignForm(forms.Form):
    take = forms.MultipleChoiceField(
        label=_("Records that you take over with the duty"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, records: Iterable[Ticket]) -> None:
        super().__init__(data)
        choices = [(str(record.pk), str(record)) for record in records]
        if choices:
            self.fields["take"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["take"]

    def taken(self) -> Collection[int]:
        return [int(pk) for pk in self.cleaned_data.get("take", [])]


class TermsForm(forms.ModelForm):
    class Meta:
        model = HandoverTerms
        fields = ["opens_before", "sign_within", "points"]
        widgets = {"points": forms.Textarea(attrs={"rows": 6})}
