"""What is typed about rotations, the rest between shifts, and when alarms are raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from duty.actions import Turns
from duty.forms.fields import clock, day, instant
from duty.holes import DAYS_WATCHED
from duty.models import DayKind, DutyRole, RosterTerms, Rotation, TurnUnit
from duty.models.rotation import HIGHEST_PRIORITY, LONGEST_TURN
from staff.models import Group, User

MOST_DAYS_BEFORE = 30


class RotationForm(forms.Form):
    """A rotation of one group: each of its people may have a place in the order."""

    name = forms.CharField(label=_("Name"), max_length=60)
    role = forms.ChoiceField(label=_("Duty"), choices=DutyRole.choices)
    starts = clock(_("Shift from"))
    ends = clock(_("Shift to"), _("At or before the start: it ends on the day after."))
    every = forms.IntegerField(label=_("A turn lasts"), min_value=1, max_value=LONGEST_TURN, initial=1)
    unit = forms.ChoiceField(label=_("Counted in"), choices=TurnUnit.choices)
    first_day = day(_("First person's first day"), _("The turns are counted from there."))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Only on"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: on every day."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Only on these kinds of day"),
        choices=DayKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: on every kind. A shift belongs to the day on which it starts."),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=0,
        max_value=HIGHEST_PRIORITY,
        initial=0,
        help_text=_("0 is the base; a higher number lies over a lower one."),
    )
    for_holidays = forms.BooleanField(label=_("Holiday layer: lies over all others"), required=False)
    since = instant(_("Holds from"), _("What is over does not change."))

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group_people = list(User.objects.working().in_group(group).order_by("name", "pk"))
        for person in self.group_people:
            self.fields[self._place_of(person)] = forms.IntegerField(
                label=person.label, min_value=1, max_value=99, required=False
            )

    @staticmethod
    def _place_of(person: User) -> str:
        return f"place_{person.pk}"

    def places(self) -> Iterator[forms.BoundField]:
        for person in self.group_people:
            yield self[self._place_of(person)]

    def about(self) -> Iterator[forms.BoundField]:
        """All other fields, in order."""
        return (field for field in self if not field.name.startswith("place_"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        places = {person: typed.get(self._place_of(person)) for person in self.group_people}
        taken = [place for place in places.values() if place is not None]
        if not taken and not self.errors:
            raise forms.ValidationError(_("Give at least one person a place in the order."))
        for person, place in places.items():
            if place is not None and taken.count(place) > 1:
                self.add_error(self._place_of(person), _("Somebody else has this place."))
        return typed

    def turns(self) -> Turns:
        typed = self.cleaned_data
        places = [(typed[self._place_of(person)], person) for person in self.group_people]
        ordered = sorted((one for one in places if one[0] is not None), key=lambda one: one[0])
        return Turns(
            name=typed["name"],
            role=DutyRole(typed["role"]),
            people=[person for _place, person in ordered],
            starts=typed["starts"],
            ends=typed["ends"],
            first_day=typed["first_day"],
            every=typed["every"],
            unit=TurnUnit(typed["unit"]),
            weekdays=typed["weekdays"],
            kinds=typed["kinds"],
            priority=typed["priority"],
            for_holidays=typed["for_holidays"],
        )

    @classmethod
    def facts_of(cls, rotation: Rotation) -> dict[str, Any]:
        """What the form opens with when a rotation is changed."""
        names = ("name", "role", "starts", "ends", "every", "unit", "first_day", "weekdays", "kinds")
        facts = {name: getattr(rotation, name) for name in (*names, "priority", "for_holidays")}
        places = {cls._place_of(person): number for number, person in enumerate(rotation.people, start=1)}
        return facts | places


class TermsForm(forms.ModelForm):
    class Meta:
        model = RosterTerms
        fields = ["rest_hours", "longest_hours"]
        widgets = {
            "rest_hours": forms.NumberInput(attrs={"min": 0, "max": 48}),
            "longest_hours": forms.NumberInput(attrs={"min": 1, "max": 168}),
        }

    def clean_rest_hours(self) -> int:
        return within(self.cleaned_data["rest_hours"], 0, 48)

    def clean_longest_hours(self) -> int | None:
        if self.cleaned_data["longest_hours"] is None:
            return None
        return within(self.cleaned_data["longest_hours"], 1, 7 * 24)


class AlarmsForm(forms.ModelForm):
    class Meta:
        model = RosterTerms
        fields = ["warn_days", "plan_days", "plan_alarm_days"]
        widgets = {
            "plan_days": forms.NumberInput(attrs={"min": 1, "max": MOST_DAYS_BEFORE}),
            "plan_alarm_days": forms.NumberInput(attrs={"min": 7, "max": MOST_DAYS_BEFORE}),
        }

    def clean_warn_days(self) -> list[int]:
        return [within(days, 2, DAYS_WATCHED - 1) for days in self.cleaned_data["warn_days"]]

    def clean_plan_days(self) -> int:
        return within(self.cleaned_data["plan_days"], 1, MOST_DAYS_BEFORE)

    def clean_plan_alarm_days(self) -> int:
        return within(self.cleaned_data["plan_alarm_days"], 7, MOST_DAYS_BEFORE)


def within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise forms.ValidationError(_("Between %(least)s and %(most)s.") % {"least": least, "most": most})
    return value
