"""The editor of a draft: one form for a limit, one for a rule, and what it is called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Contract
from staff.models import ALL_SEEING_ROLES, WAYS, User
from tickets.escalation import MOST_REPEATS, Needs, While
from tickets.forms import lines
from tickets.models import ClockKind, EscalationRule, Grade, Kind, Target, TimeLimit
from tickets.timespent import parse_minutes

MINUTE = timedelta(minutes=1)
MOST_MINUTES = 366 * 24 * 60


class SpanField(forms.CharField):
    """A span of time as people write it, in hours and minutes; cleaned to a timedelta."""

    def __init__(self, *, least: int = 1, **options: Any) -> None:
        self.least = least
        widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "45 · 4h · 1h30"})
        super().__init__(widget=widget, max_length=20, **options)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, timedelta):
            return value
        hours, minutes = divmod(round(value / MINUTE), 60)
        return f"{hours}h{minutes:02}" if hours and minutes else f"{hours}h" if hours else f"{minutes}min"

    def clean(self, value: object) -> timedelta | None:
        if not (text := super().clean(value)):
            return None
        try:
            return parse_minutes(text, least=self.least, longest=MOST_MINUTES) * MINUTE
        except ValueError:
            raise forms.ValidationError(
                _("Write it like 45, 4h or 1h30, longer than nothing; a year at most.")
                if self.least
                else _("Write it like 0, 45, 4h or 1h30; a year at most.")
            ) from None


class ClockField(forms.ChoiceField):
    """A clock and a grade in one: only what there is together is offered."""

    def __init__(self, pairs: set[tuple[str, int | None]], **options: Any) -> None:
        order = {kind: place for place, kind in enumerate(ClockKind.values)}
        choices = [
            (f"{kind}:{grade or ''}", _pair_label(kind, grade))
            for kind, grade in sorted(pairs, key=lambda pair: (order[pair[0]], pair[1] or 0))
        ]
        super().__init__(choices=[("", "—"), *choices], **options)

    def clean(self, value: Any) -> tuple[str, int | None]:
        kind, _colon, grade = super().clean(value).partition(":")
        return kind, int(grade) if grade else None


def _pair_label(kind: str, grade: int | None) -> str:
    return f"{ClockKind(kind).label} · {Grade(grade).label if grade else _('any, or none yet')}"


class DraftForm(forms.Form):
    title = forms.CharField(label=_("What is it called?"), max_length=120)
    why = forms.CharField(label=_("Why is it made?"), max_length=2000, widget=lines(3))


class AdoptForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        required=False,
        widget=lines(2),
        help_text=_("Who decided it, and where that stands."),
    )


class WhatIfForm(forms.Form):
    months = forms.IntegerField(label=_("Months back"), min_value=1, max_value=60, initial=18)


class LimitForm(forms.Form):
    limit = SpanField(label=_("Limit"), help_text=_("In hours and minutes. A working day has 8 hours."))
    round_the_clock = forms.BooleanField(
        label=_("Round the clock"), required=False, help_text=_("Otherwise in the client's service hours.")
    )
    near_percent = forms.IntegerField(
        label=_("Near at % of the limit"), min_value=1, max_value=99, initial=80
    )
    work = forms.ChoiceField(
        label=_("Only for this kind of work"), choices=[("", _("any")), *Kind.choices], required=False
    )
    contract = forms.ModelChoiceField(
        label=_("Only for this contract"),
        queryset=Contract.objects.none(),
        required=False,
        empty_label=_("every client"),
    )
    field_order = ["clock", "limit", "round_the_clock", "near_percent", "work", "contract"]

    def __init__(self, *args: Any, row: TimeLimit, pairs: set[tuple[str, int | None]], **kwargs: Any) -> None:
        facts = (
            {name: getattr(row, name) for name in self.base_fields if name != "contract"} if row.pk else {}
        )
        initial = facts | {"clock": f"{row.kind}:{row.grade or ''}", "contract": row.contract_id}
        super().__init__(*args, initial=initial if row.pk or row.kind else None, **kwargs)
        self.row = row
        self.fields["clock"] = ClockField(pairs, label=_("Clock and grade"))
        contracts = Contract.objects.select_related("client").order_by("client__name", "number")
        self.fields["contract"].queryset = contracts
        self.fields["contract"].label_from_instance = lambda one: f"{one.client.label} · {one.number}"
        self.order_fields(self.field_order)

    def fill(self) -> TimeLimit:
        """Put what was typed into the row."""
        data = dict(self.cleaned_data)
        self.row.kind, self.row.grade = data.pop("clock")
        for name, value in data.items():
            setattr(self.row, name, value)
        return self.row


class RuleForm(forms.Form):
    after = SpanField(
        label=_("After so much time"),
        least=0,
        required=False,
        help_text=_("0 is at once. Or give a percentage."),
    )
    percent = forms.IntegerField(label=_("Or at % of the limit"), min_value=0, max_value=1000, required=False)
    target = forms.ChoiceField(
        label=_("Who is told"),
        choices=Target.choices,
        help_text=_("Whoever it is when it fires; where nobody is there, the next level up."),
    )
    person = forms.ModelChoiceField(
        label=_("Which person"), queryset=User.objects.none(), required=False, empty_label="—"
    )
    only_while = forms.ChoiceField(label=_("Only while it is"), choices=While.choices, required=False)
    repeat_every = SpanField(label=_("Again every"), required=False)
    repeat_times = forms.IntegerField(
        label=_("How many times more"), min_value=0, max_value=MOST_REPEATS, initial=0, required=False
    )
    needs_ack = forms.ChoiceField(
        label=_("To be acknowledged by"),
        choices=Needs.choices,
        help_text=_("That ends the repeats. The clock runs on, and the other rules with it."),
    )
    convenes = forms.BooleanField(
        label=_("Convenes the coordination meeting"),
        required=False,
        help_text=_("Where the fault has none yet. Only grades 1 and 2 have such a meeting (§5.4.1.2)."),
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("E-mail and the like wait until the end; the inbox does not. Never for grade 1."),
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    channels = forms.MultipleChoiceField(
        label=_("Only by"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: as each person has chosen. The inbox always has it."),
    )
    field_order = ["clock", "after", "percent", "target", "person", "only_while"]

    def __init__(
        self, *args: Any, row: EscalationRule, pairs: set[tuple[str, int | None]], **kwargs: Any
    ) -> None:
        facts = {name: getattr(row, name) for name in self.base_fields if name != "person"} if row.pk else {}
        initial = facts | {"clock": f"{row.kind}:{row.grade or ''}", "person": row.person_id}
        super().__init__(*args, initial=initial if row.pk or row.kind else None, **kwargs)
        self.row = row
        self.fields["clock"] = ClockField(pairs, label=_("Clock and grade"))
        people = User.objects.filter(is_active=True, role__in=ALL_SEEING_ROLES).order_by("name")
        self.fields["person"].queryset = people
        self.fields["channels"].choices = WAYS
        self.order_fields(self.field_order)

    def fill(self) -> EscalationRule:
        """Put what was typed into the row."""
        data = dict(self.cleaned_data)
        self.row.kind, self.row.grade = data.pop("clock")
        for name, value in data.items():
            setattr(self.row, name, value)
        self.row.repeat_times = data["repeat_times"] or 0
        return self.row
