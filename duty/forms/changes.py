"""What is typed about changes of a roster: overrides, temporary schedules, leave, swaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duty.actions import Duty, Placed
from duty.forms.fields import clock, day, instant
from duty.models import DutyRole, OverrideKind, Shift
from staff.models import Group, User

ONE_DAY = timedelta(days=1)
# Of one screen; the rule itself is `set_temporary`'s.
MOST_DAYS = 31


class OverrideForm(forms.Form):
    """A change in one group: its people alone can be chosen."""

    kind = forms.TypedChoiceField(
        label=_("What is to happen"), choices=OverrideKind.choices, coerce=OverrideKind
    )
    role = forms.TypedChoiceField(label=_("Duty"), choices=DutyRole.choices, coerce=DutyRole)
    user = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), required=False, help_text=_("Who comes.")
    )
    instead_of = forms.ModelChoiceField(
        label=_("Instead of"),
        queryset=User.objects.none(),
        required=False,
        help_text=_("Only where this person has the duty. Empty: whoever has it."),
    )
    starts_at = instant(_("From"))
    ends_at = instant(_("To"), _("The shift does not hold at its end: the next one may begin then."))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.working().in_group(group).order_by("name")
        self.fields["instead_of"].queryset = User.objects.filter(group=group).order_by("name")


class BlockForm(forms.Form):
    """Which days a temporary schedule is for."""

    first_day = day(_("First day"))
    last_day = day(_("Last day"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        first, last = typed.get("first_day"), typed.get("last_day")
        if first and last and not 0 <= (last - first).days < MOST_DAYS:
            self.add_error("last_day", _("A block lasts 1 to %(most)s days.") % {"most": MOST_DAYS})
        return typed


class TemporaryForm(forms.Form):
    """Who has which duty on each day of a block; a day's shift may end on the day after."""

    name = forms.CharField(label=_("Name"), max_length=60)
    starts = clock(_("Shift from"))
    ends = clock(_("Shift to"), _("At or before the start: it ends on the day after."))

    def __init__(self, *args: Any, group: Group, days: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days
        people = list(User.objects.working().in_group(group).order_by("name", "pk"))
        self.people = {str(person.pk): person for person in people}
        choices = [("", "–"), *((number, person.label) for number, person in self.people.items())]
        for one in days:
            for role in DutyRole:
                self.fields[self._name_of(one, role)] = forms.ChoiceField(
                    label=f"{role.label} {one:%m-%d}", choices=choices, required=False
                )

    @staticmethod
    def _name_of(on: date, role: DutyRole) -> str:
        return f"{role.value}_{on:%Y%m%d}"

    def about(self) -> list[forms.BoundField]:
        return [self["name"], self["starts"], self["ends"]]

    def rows(self) -> Iterator[tuple[date, list[tuple[DutyRole, forms.BoundField]]]]:
        for one in self.days:
            yield one, [(role, self[self._name_of(one, role)]) for role in DutyRole]

    def placed(self) -> list[Placed]:
        typed, tz = self.cleaned_data, timezone.get_default_timezone()
        found = []
        for one in self.days:
            last = one if typed["ends"] > typed["starts"] else one + ONE_DAY
            starts_at = datetime.combine(one, typed["starts"], tz)
            ends_at = datetime.combine(last, typed["ends"], tz)
            for role in DutyRole:
                name = self._name_of(one, role)
                if typed[name]:
                    found.append(Placed(self.people[typed[name]], role, starts_at, ends_at, name))
        return found


class LeaveForm(forms.Form):
    """Leave for oneself or, where people are given, for one of them."""

    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    starts_at = instant(_("From"))
    ends_at = instant(_("To"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, group: Group | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if group is None:
            del self.fields["user"]
        else:
            self.fields["user"].queryset = User.objects.working().in_group(group).order_by("name")


class SwapForm(forms.Form):
    """A duty of one's own, whole or in part, that somebody else is to take."""

    starts_at = instant(_("From"))
    ends_at = instant(_("To"), _("A part of the shift is enough."))
    asked = forms.ModelChoiceField(
        label=_("Whom do you ask"), queryset=User.objects.none(), required=False, empty_label=_("anybody")
    )
    back = forms.ModelChoiceField(
        label=_("For this duty of a colleague"),
        queryset=Shift.objects.none(),
        required=False,
        empty_label=_("none: I ask for cover"),
        help_text=_("A swap: whoever has it is asked."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, shift: Shift, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role = DutyRole(shift.role)
        people = User.objects.working().in_group(shift.group).exclude(pk=shift.user_id)
        self.fields["asked"].queryset = people.order_by("name")
        theirs = Shift.objects.filter(group=shift.group, user__in=people, starts_at__gt=now)
        self.fields["back"].queryset = theirs.select_related("user").order_by("starts_at")
        self.fields["back"].label_from_instance = _shift_in_words

    def asked_for(self) -> dict[str, Any]:
        """What `ask_swap` is told: whoever has the duty wanted back is asked, unless somebody is named."""
        typed = self.cleaned_data
        back: Shift | None = typed["back"]
        return {
            "duty": Duty(self.role, typed["starts_at"], typed["ends_at"]),
            "asked": typed["asked"] or (back and back.user),
            "back": back and Duty(DutyRole(back.role), back.starts_at, back.ends_at),
            "reason": typed["reason"],
        }


def _shift_in_words(shift: Shift) -> str:
    starts_at, ends_at = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
    role = shift.get_role_display()
    return f"{starts_at:%m-%d %H:%M} – {ends_at:%m-%d %H:%M} · {shift.user.label} · {role}"


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer"), max_length=200, required=False, help_text=_("Required where it is declined.")
    )
