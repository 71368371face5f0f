"""What is typed about a draft of a roster, and about one's wishes for days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from duty.actions import Wanted
from duty.forms.fields import clock, day
from duty.models import DutyRole, WishKind
from duty.models.drafts import MOST_A_WEEK, MOST_REST_DAYS
from staff.models import Group, User


class DraftForm(forms.Form):
    """A period to propose a roster for, and who of the group takes which duty."""

    name = forms.CharField(label=_("Name"), max_length=60)
    first_day = day(_("First day"))
    last_day = day(_("Last day"))
    starts = clock(_("Shift from"))
    ends = clock(_("Shift to"), _("At or before the start: it ends on the day after."))
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
        self.people = list(User.objects.working().in_group(group).order_by("name", "pk"))
        for person in self.people:
            self.fields[self.name_of(person)] = forms.MultipleChoiceField(
                label=person.label, choices=DutyRole.choices, required=False
            )

    @staticmethod
    def name_of(person: User) -> str:
        return f"takes_{person.pk}"

    def about(self) -> Iterator[forms.BoundField]:
        return (field for field in self if not field.name.startswith("takes_"))

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
            starts=typed["starts"],
            ends=typed["ends"],
            takers={role: people for role, people in takers.items() if people},
            rest_days=typed["rest_days"],
            most_a_week=typed["most_a_week"],
        )

    @classmethod
    def usual(cls, takers: Mapping[int, list[str]]) -> dict[str, list[str]]:
        """The boxes that are ticked when the form opens: the duties that people have by number."""
        return {f"takes_{number}": roles for number, roles in takers.items()}


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
