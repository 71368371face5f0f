"""What is typed about a draft of a roster, and about one's wishes for days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from itertools import chain
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from duty.actions import Wanted
from duty.forms.fields import clock, day
from duty.models import DutyRole, WishKind
from duty.models.drafts import MOST_A_WEEK, MOST_REST_DAYS
from staff.models import Group, User

# What a duty's shifts of a day are typed as: from, to, and a second one where there is one.
TIMES = {
    "shifts": _("Shift from"),
    "to": _("Shift to"),
    "second": _("Second shift from"),
    "second_to": _("Second shift to"),
}


class DraftForm(forms.Form):
    """A period to propose a roster for, the shifts of each duty, and who of the group takes which."""

    name = forms.CharField(label=_("Name"), max_length=60)
    first_day = day(_("First day"))
    last_day = day(_("Last day"))
    rest_days = forms.IntegerField(
        label=_("Free days between two duties"), min_value=0, max_value=MOST_REST_DAYS, initial=1
    )
    most_a_week = forms.IntegerField(
        label=_("At most so many duties a week"),
        min_value=1,
        max_value=MOST_A_WEEK,
        required=False,
        help_text=_("Of one person, Monday to Sunday. Empty: no limit."),
    )

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in DutyRole:
            for name, label in TIMES.items():
                self.fields[f"{role.value}_{name}"] = clock(f"{role.label}: {label}", required=False)
        self.people = list(User.objects.working().in_group(group).order_by("name", "pk"))
        for person in self.people:
            self.fields[self.name_of(person)] = forms.MultipleChoiceField(
                label=person.label, choices=DutyRole.choices, required=False
            )

    @staticmethod
    def name_of(person: User) -> str:
        return f"takes_{person.pk}"

    def about(self) -> Iterator[forms.BoundField]:
        """What is asked about the draft as a whole."""
        return (self[name] for name in self.base_fields)

    def shifts(self) -> Iterator[tuple[DutyRole, list[tuple[Any, forms.BoundField]]]]:
        """Each duty with the times of its shifts of a day, and what each is called."""
        for role in DutyRole:
            yield role, [(label, self[f"{role.value}_{name}"]) for name, label in TIMES.items()]

    def takers(self) -> Iterator[tuple[User, list[tuple[DutyRole, str, bool]]]]:
        """Each person with each duty: its box's name, and whether it is ticked."""
        for person in self.people:
            name = self.name_of(person)
            ticked = self[name].value() or []
            yield person, [(role, name, role.value in ticked) for role in DutyRole]

    def wanted(self) -> Wanted:
        typed = self.cleaned_data
        takers = {
            role: [person for person in self.people if role.value in typed[self.name_of(person)]]
            for role in DutyRole
        }
        return Wanted(
            name=typed["name"],
            first_day=typed["first_day"],
            last_day=typed["last_day"],
            shifts={role: self._shifts_of(role) for role in DutyRole},
            takers={role: people for role, people in takers.items() if people},
            rest_days=typed["rest_days"],
            most_a_week=typed["most_a_week"],
        )

    def clean(self) -> dict[str, Any] | None:
        """A shift has both its times, or none."""
        for role in DutyRole:
            names = [f"{role.value}_{name}" for name in TIMES]
            for pair in (names[:2], names[2:]):
                missing = [name for name in pair if self.cleaned_data.get(name) is None]
                if len(missing) == 1 and missing[0] not in self.errors:
                    self.add_error(missing[0], _("A shift needs both its times."))
        return self.cleaned_data

    def _shifts_of(self, role: DutyRole) -> list[tuple[time, time]]:
        first, to, second, second_to = (self.cleaned_data[f"{role.value}_{name}"] for name in TIMES)
        return [shift for shift in ((first, to), (second, second_to)) if shift[0] is not None]

    @classmethod
    def usual(
        cls, takers: Mapping[int, list[str]], shifts: Mapping[str, Sequence[tuple[time, time]]]
    ) -> dict[str, object]:
        """What the form opens with: the duties that people have by number, and when those are."""
        ticked = {f"takes_{number}": roles for number, roles in takers.items()}
        times = {
            f"{role}_{name}": instant
            for role, spans in shifts.items()
            for name, instant in zip(TIMES, chain.from_iterable(spans), strict=False)
        }
        return ticked | times


class PublishForm(forms.Form):
    even_so = forms.BooleanField(label=_("Publish although some duties have nobody"), required=False)


class GiveForm(forms.Form):
    """Whom a duty of a draft is given to: one of those among whom the duties are shared, or nobody."""

    user = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), required=False, empty_label=_("nobody")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people


class WishForm(forms.Form):
    day = day(_("Day"))
    kind = forms.TypedChoiceField(label=_("Wish"), choices=WishKind.choices, coerce=WishKind)
