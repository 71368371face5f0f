"""What is typed into schemes of assessment: a version as one page of forms, its adoption, its trial."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from reports.assessment.forms import EMPTY
from reports.assessment.kinds import Effect, Source
from reports.assessment.scheme import (
    LONGEST_NAME,
    MOST_ITEMS,
    MOST_LINES,
    MOST_MEASURES,
    Content,
    Grade,
    Item,
    Line,
    Measure,
)
from reports.kpis import SUBJECTS
from reports.periods import Period, period_of
from staff.models import Group

SELECT = forms.Select(attrs={"class": "form-select"})


class HeadForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("What people will call it."))
    why = forms.CharField(
        label=_("Why it is changed"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    minimum_sample = forms.IntegerField(
        label=_("Minimum sample"),
        help_text=_("A KPI with fewer rows is not rated, and its weight shared out."),
    )
    bonus_cap = forms.DecimalField(label=_("Bonus at most"), max_digits=5, decimal_places=2)
    penalty_cap = forms.DecimalField(label=_("Penalty at most"), max_digits=5, decimal_places=2)
    check_days = forms.IntegerField(label=_("Working days to check a draft"))
    appeal_days = forms.IntegerField(label=_("Working days to appeal"))
    rule_days = forms.IntegerField(label=_("Working days to rule on an appeal"))


class LineForm(forms.Form):
    """A line with its KPIs: the first so many that are filled in count."""

    name = forms.CharField(label=_("Line"), max_length=LONGEST_NAME)
    name_en = forms.CharField(label=_("in English"), max_length=LONGEST_NAME, required=False)
    weight = forms.DecimalField(label=_("Weight"), max_digits=5, decimal_places=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [EMPTY] + [
            (str(subject.name), [(kpi.key, str(kpi.name)) for kpi in subject.kpis]) for subject in SUBJECTS
        ]
        for number in range(MOST_MEASURES):
            self.fields[f"kpi_{number}"] = forms.ChoiceField(
                label=_("KPI"), choices=choices, required=number == 0
            )
            for name, label in (("floor", _("Floor")), ("target", _("Target"))):
                self.fields[f"{name}_{number}"] = forms.DecimalField(
                    label=label, max_digits=10, decimal_places=3, required=False
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(MOST_MEASURES):
            if not data.get(f"kpi_{number}"):
                continue
            for name in ("floor", "target"):
                if data.get(f"{name}_{number}") is None and f"{name}_{number}" not in self.errors:
                    self.add_error(f"{name}_{number}", _("This field is required."))
        return data

    def measures(self) -> list[tuple[Any, Any, Any]]:
        """The fields of each KPI, for the template."""
        return [(self[f"kpi_{n}"], self[f"floor_{n}"], self[f"target_{n}"]) for n in range(MOST_MEASURES)]

    def filled(self) -> list[int]:
        return [n for n in range(MOST_MEASURES) if self.cleaned_data.get(f"kpi_{n}")]

    def line(self) -> Line:
        data = self.cleaned_data
        measures = tuple(
            Measure(data[f"kpi_{n}"], data[f"floor_{n}"], data[f"target_{n}"]) for n in self.filled()
        )
        return Line(data["name"], data["name_en"], data["weight"], measures)


class SchemeItemForm(forms.Form):
    code = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    name_en = forms.CharField(label=_("in English"), max_length=LONGEST_NAME, required=False)
    effect = forms.ChoiceField(label=_("Effect"), choices=Effect.choices, initial=Effect.BONUS.value)
    source = forms.ChoiceField(label=_("Found"), choices=Source.choices, initial=Source.HAND.value)
    points = forms.DecimalField(label=_("Points"), max_digits=5, decimal_places=2, min_value=0)

    def item(self, code: str) -> Item:
        data = self.cleaned_data
        return Item(
            code,
            data["name"],
            data["name_en"],
            Effect(data["effect"]),
            Source(data["source"]),
            data["points"],
        )


class GradeForm(forms.Form):
    letter = forms.CharField(label=_("Grade"), max_length=2)
    at_least = forms.DecimalField(label=_("From a score of"), max_digits=5, decimal_places=1, min_value=0)
    factor = forms.DecimalField(label=_("Factor"), max_digits=4, decimal_places=2, min_value=0)

    def grade(self) -> Grade:
        return Grade(**self.cleaned_data)


Lines = formset_factory(LineForm, extra=1, can_delete=True, max_num=MOST_LINES, absolute_max=MOST_LINES + 5)
Items = formset_factory(
    SchemeItemForm, extra=1, can_delete=True, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS + 5
)
Grades = formset_factory(GradeForm, extra=0, max_num=8, absolute_max=8)


class SchemeForms:
    """The forms of a whole scheme: its head, lines, items and grades, as one page."""

    def __init__(self, content: Content, *, number: int, title: str, why: str, data: Any = None) -> None:
        self.number = number
        head = {name: getattr(content, name) for name in HeadForm.base_fields if hasattr(content, name)}
        self.head = HeadForm(data, initial=head | {"title": title, "why": why})
        self.lines = Lines(data, prefix="lines", initial=[_line(line) for line in content.lines])
        self.items = Items(data, prefix="items", initial=[_item(item) for item in content.items])
        self.grades = Grades(data, prefix="grades", initial=[_grade(grade) for grade in content.grades])

    def is_valid(self) -> bool:
        parts = (self.head, self.lines, self.items, self.grades)
        return not [part for part in parts if not part.is_valid()]  # each is looked at

    def content(self) -> Content:
        """What was typed, where it is valid so far. New items get a code that no item has had."""
        head = {name: value for name, value in self.head.cleaned_data.items() if name not in ("title", "why")}
        return Content(
            lines=tuple(form.line() for form in self.kept(self.lines)),
            items=tuple(self._items()),
            grades=tuple(form.grade() for form in self.grades.forms),
            **head,
        )

    def _items(self) -> Iterator[Item]:
        forms_kept = self.kept(self.items)
        taken = {form.cleaned_data["code"] for form in forms_kept}
        free = (code for n in count(1) if (code := f"v{self.number}-{n}") not in taken)
        for form in forms_kept:
            yield form.item(form.cleaned_data["code"] or next(free))

    def kept(self, formset: BaseFormSet) -> Sequence[Any]:
        """The forms that are filled in and not to be taken out."""
        return [
            form
            for form in formset.forms
            if form not in formset.deleted_forms and (form.has_changed() or form.initial)
        ]

    def show(self, field: str, message: str) -> None:
        """Put what is wrong at its field: `lines/0/measures/1/target`."""
        part, _slash, rest = field.partition("/")
        formset = {"lines": self.lines, "items": self.items, "grades": self.grades}.get(part)
        if formset is None:
            self.head.add_error(part if part in self.head.fields else None, message)
            return
        if not rest:
            self.head.add_error(None, message)
            return
        place, *names = rest.split("/")
        forms_kept = self.grades.forms if formset is self.grades else self.kept(formset)
        form, name = forms_kept[int(place)], names[-1]
        if names[0] == "measures":
            number = form.filled()[int(names[1])] if form.filled() else 0
            name = f"{names[-1]}_{number}"
        form.add_error(name if name in form.fields else None, message)


def _line(line: Line) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": line.name, "name_en": line.name_en, "weight": _plain(line.weight)}
    for number, measure in enumerate(line.measures):
        facts |= {
            f"kpi_{number}": measure.kpi,
            f"floor_{number}": _plain(measure.floor),
            f"target_{number}": _plain(measure.target),
        }
    return facts


def _item(item: Item) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "name_en": item.name_en,
        "effect": item.effect.value,
        "source": item.source.value,
        "points": _plain(item.points),
    }


def _grade(grade: Grade) -> dict[str, Any]:
    return {
        "letter": grade.letter,
        "at_least": _plain(grade.at_least),
        "factor": _plain(grade.factor),
    }


def _plain(number: Decimal) -> Decimal:
    """Without the noughts behind it: 15, not 1.5E+1."""
    return Decimal(format(number.normalize(), "f"))


class AdoptForm(forms.Form):
    """From this month on, or one of the next."""

    from_month = forms.TypedChoiceField(
        label=_("In force from"),
        coerce=date.fromisoformat,
        help_text=_("Months before it keep their scheme."),
    )

    def __init__(self, *args: Any, this_month: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [period_of(this_month, "month").plus(ahead) for ahead in range(7)]
        self.fields["from_month"].choices = [(str(one.first), str(one)) for one in months]  # type: ignore[attr-defined]


class SimulationForm(forms.Form):
    """Of which group, and how many months back."""

    group = forms.ModelChoiceField(
        Group.objects.all(), to_field_name="code", label=_("Group"), empty_label=None, widget=SELECT
    )
    months = forms.TypedChoiceField(
        label=_("Months that are over"),
        coerce=int,
        choices=[(n, str(n)) for n in (1, 3, 6, 12)],
        initial=3,
        widget=SELECT,
    )

    def periods(self, this_month: date) -> list[Period]:
        last = period_of(this_month, "month")
        return [last.plus(-back) for back in range(1, self.cleaned_data["months"] + 1)]
