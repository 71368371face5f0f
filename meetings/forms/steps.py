"""What is typed about a meeting and in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meetings.kinds import Order, Presence, Step
from meetings.models import LONGEST, Meeting, MeetingPlan
from meetings.people import participants
from staff.models import User
from tickets.models import Ticket

LOCAL = "%Y-%m-%dT%H:%M"


def _words(label: object, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


class _Form(forms.Form):
    """A form of one step of one meeting."""

    def __init__(self, data: Any = None, *, meeting: Meeting, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        self.meeting, self.user = meeting, user
        self.furnish()

    def furnish(self) -> None:
        """Fill in what hangs on the meeting."""


class MoveForm(_Form):
    starts_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
        help_text=_("Inside its own week: each week has one meeting."),
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(
        label=_("Link of the video meeting"), max_length=300, required=False, assume_scheme="https"
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def furnish(self) -> None:
        for name in ("starts_at", "place", "link"):
            self.fields[name].initial = getattr(self.meeting, name)


class CancelForm(_Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)


class AddItemForm(_Form):
    title = forms.CharField(label=_("What it is about"), max_length=200)
    details = _words(_("In detail"), 2, required=False)


class NoteForm(_Form):
    item = forms.CharField(widget=forms.HiddenInput)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = _words(pgettext_lazy("meeting", "Note"), 3, required=False)


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return obj.label


class DecideForm(_Form):
    item = forms.CharField(widget=forms.HiddenInput)
    text = _words(pgettext_lazy("meeting", "Decision"), 2)
    owner = PersonField(User.objects.none(), label=_("Owner"))
    due_on = forms.DateField(label=_("Due on"), widget=forms.DateInput(attrs={"type": "date"}))
    record = forms.CharField(
        label=_("Maintenance record"),
        max_length=20,
        required=False,
        help_text=_("Its number, where it is about one."),
    )
    order = forms.ChoiceField(label=_("Set off at once"), choices=Order.choices, required=False)
    address = forms.CharField(
        label=_("Address"),
        max_length=200,
        required=False,
        help_text=_("Of a dispatch. Empty: where the system stands."),
    )

    def furnish(self) -> None:
        people = User.objects.visible_to(self.user).filter(is_active=True)
        members = User.objects.filter(pk__in=[person.pk for person in participants(self.meeting)])
        self.fields["owner"].queryset = (people | members).distinct().order_by("name", "pk")  # type: ignore[attr-defined]

    def clean_record(self) -> Ticket | None:
        """The record, as far as the writer may see it."""
        typed = self.cleaned_data["record"].strip().upper().removeprefix("T-")
        if not typed:
            return None
        found = None
        if typed.isdecimal() and len(typed) < 19:
            seen = Ticket.objects.visible_to(self.user)
            found = seen.select_related("client", "system__site", "owner").filter(pk=int(typed)).first()
        if found is None:
            raise forms.ValidationError(_("There is no record of this number, or you may not see it."))
        return found


class AttendForm(_Form):
    user = PersonField(User.objects.none(), label=_("Person"))
    presence = forms.ChoiceField(label=_("Presence"), choices=Presence.choices)
    deputy = PersonField(User.objects.none(), label=_("Deputy"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def furnish(self) -> None:
        people = (
            User.objects.visible_to(self.user).filter(is_active=True)
            | User.objects.filter(pk__in=self.meeting.attendance.values("user"))
        ).distinct()
        for name in ("user", "deputy"):
            self.fields[name].queryset = people.order_by("name", "pk")  # type: ignore[attr-defined]


class PublishForm(_Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class AddToForm(_Form):
    text = _words(_("What is added or corrected"))


class EmptyForm(_Form):
    pass


FORMS: dict[Step, type[_Form]] = {
    Step.MOVE: MoveForm,
    Step.CANCEL: CancelForm,
    Step.ADD_ITEM: AddItemForm,
    Step.START: EmptyForm,
    Step.NOTE: NoteForm,
    Step.ATTEND: AttendForm,
    Step.DECIDE: DecideForm,
    Step.END: EmptyForm,
    Step.PUBLISH: PublishForm,
    Step.ADD_TO: AddToForm,
}


class PlanForm(forms.ModelForm):
    """A group's weekday, time, place and chair."""

    chair = PersonField(
        User.objects.none(),
        label=_("Chair"),
        required=False,
        help_text=_("Empty: whoever begins the meeting, as a rule the supervisor."),
    )
    link = forms.URLField(
        label=_("Link of the video meeting"), max_length=300, required=False, assume_scheme="https"
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = MeetingPlan
        fields = ("weekday", "at", "minutes", "place", "link", "chair")
        widgets = {"at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        people = User.objects.visible_to(user) | User.objects.filter(group=self.instance.group_id)
        self.fields["chair"].queryset = people.filter(is_active=True).distinct().order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["seen_version"].initial = self.instance.version


class SettleForm(forms.Form):
    result = _words(_("What was done"), 2)


class DropForm(forms.Form):
    reason = _words(_("Why it is dropped"), 2)


class ChangeForm(forms.Form):
    owner = PersonField(User.objects.none(), label=_("Owner"))
    due_on = forms.DateField(label=_("Due on"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, user: User, owner: User, **more: Any) -> None:
        super().__init__(*args, **more)
        people = User.objects.visible_to(user).filter(is_active=True) | User.objects.filter(pk=owner.pk)
        self.fields["owner"].queryset = people.distinct().order_by("name", "pk")  # type: ignore[attr-defined]
