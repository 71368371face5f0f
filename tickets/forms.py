"""What people type in, one form a verb. Clean values have the names that the verb takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from staff.filefield import FilesField
from staff.models import Group, Role, User
from tickets.actions.messages import address_of
from tickets.grading import CLAUSES, EXAMPLES, QUESTIONS, Answers, Proposal, propose
from tickets.models import Cause, Grade, PauseReason, TextKind, Ticket, TimeLimit
from tickets.timespent import parse_minutes

PERSONAL_CHANNELS = [choice for choice in Channel.choices if choice[0] != Channel.API]


def lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def tooled(rows: int, kind: TextKind, *, mentions: bool = False) -> forms.Textarea:
    """A text with the tools that static/js/texttools.js puts beside it: canned replies, and the @ list."""
    tools = {"data-replies": kind.value} | ({"data-mentions": ""} if mentions else {})
    return forms.Textarea(attrs={"rows": rows} | tools)


class MinutesField(forms.CharField):
    """A span of time as people write it; cleaned to whole minutes, None where nothing was typed."""

    def __init__(self, **options) -> None:
        attrs = {"autocomplete": "off", "placeholder": "45 · 1h30"}
        options = {"label": _("Time spent"), "required": False, "max_length": 20} | options
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: object) -> int | None:
        if not (text := super().clean(value)):
            return None
        try:
            return parse_minutes(text)
        except ValueError:
            raise forms.ValidationError(_("Write it like 45, 1h30 or 1.5h; 24 hours at most.")) from None


@dataclass(frozen=True, slots=True)
class GradeCard:
    """One grade to choose: its digit key, its definition, examples, and the clocks that it starts."""

    key: int
    grade: Grade
    clause: str
    limits: Iterable[TimeLimit]
    examples: Sequence[object]
    is_chosen: bool


class GradingFields(forms.Form):
    """The four questions, and the grade chosen by itself or against what they propose (§5.4.1.1)."""

    limits: Mapping[int, Iterable[TimeLimit]] = {}

    system_down = forms.BooleanField(label=QUESTIONS["system_down"], required=False)
    work_stopped = forms.BooleanField(label=QUESTIONS["work_stopped"], required=False)
    unstable = forms.BooleanField(label=QUESTIONS["unstable"], required=False)
    slow_or_impaired = forms.BooleanField(label=QUESTIONS["slow_or_impaired"], required=False)
    to = forms.TypedChoiceField(
        label=_("Grade"),
        choices=[("", _("as the answers propose")), *Grade.choices],
        widget=forms.RadioSelect,
        coerce=lambda value: Grade(int(value)),
        empty_value=None,
        required=False,
    )
    reason = forms.CharField(
        label=_("Why another grade than proposed"), max_length=500, required=False, widget=lines(2)
    )

    def proposal(self) -> Proposal:
        """What the answers propose, ticked or not; call after validation."""
        return propose(Answers(**{name: bool(self.cleaned_data.get(name)) for name in QUESTIONS}))

    @property
    def is_answered(self) -> bool:
        """Whether any question is ticked; call after validation."""
        return any(self.cleaned_data.get(name) for name in QUESTIONS)

    @property
    def is_contradicted(self) -> bool:
        """Whether another grade was chosen than the ticked answers propose; call after validation."""
        to = self.cleaned_data.get("to")
        return to is not None and self.is_answered and to != self.proposal().grade

    def graded(self) -> dict[str, object]:
        """The arguments of the verb `grade`: the grade's clause is the reason, unless one was written.

        Who chooses a grade without ticking an answer has answered by choosing.
        """
        to = self.cleaned_data["to"] or self.proposal().grade
        return {"to": to, "reason": self.cleaned_data["reason"] or str(CLAUSES[to])}

    @property
    def cards(self) -> list[GradeCard]:
        """The grades to choose from, the gravest first."""
        chosen = str(self["to"].value() or "")
        return [
            GradeCard(
                key=int(grade),
                grade=grade,
                clause=str(CLAUSES[grade]),
                limits=self.limits.get(grade, ()),
                examples=EXAMPLES[grade],
                is_chosen=chosen == str(int(grade)),
            )
            for grade in Grade
        ]

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if self.is_contradicted and not data.get("reason"):
            self.add_error("reason", _("Say in a sentence why the grade differs from the one proposed."))
        return data


class GradeForm(GradingFields):
    def verb_arguments(self) -> dict[str, object]:
        return self.graded()


class VerbForm(forms.Form):
    """A form whose clean values are the verb's arguments as they stand."""

    def verb_arguments(self) -> dict[str, object]:
        return self.cleaned_data


class AcknowledgeForm(VerbForm):
    pass


class NoteForm(VerbForm):
    """A note, files, or both."""

    text = forms.CharField(
        label=_("Note"),
        max_length=10_000,
        required=False,
        widget=tooled(3, TextKind.NOTE, mentions=True),
    )
    files = FilesField()
    minutes = MinutesField()

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if not data.get("text") and not data.get("files") and not self.errors:
            self.add_error("text", forms.Field.default_error_messages["required"])
        return data


class MessageForm(VerbForm):
    text = forms.CharField(label=_("Message"), max_length=10_000, widget=tooled(5, TextKind.MESSAGE))

    def __init__(self, *args, ticket: Ticket, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        address = address_of(ticket)
        self.fields["text"].help_text = (
            _("Goes to %(address)s by e-mail; he reads it here too when he signs in.") % {"address": address}
            if address
            else _("No e-mail address of his is known: tell him by phone. He reads it here when he signs in.")
        )


class DiagnoseForm(VerbForm):
    diagnosis = forms.CharField(label=_("Diagnosis"), max_length=4000, widget=tooled(3, TextKind.NOTE))
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", "—"), *Cause.choices])
    minutes = MinutesField()


class PauseForm(VerbForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=PauseReason.choices)
    text = forms.CharField(label=_("What exactly are we waiting for"), max_length=2000, widget=lines(2))
    until = forms.DateTimeField(
        label=_("Look again at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localtime() + timedelta(days=1)


class ResumeForm(VerbForm):
    text = forms.CharField(label=_("What has changed"), max_length=2000, required=False, widget=lines(2))


class ResolveForm(VerbForm):
    solution = forms.CharField(label=_("Solution"), max_length=4000, widget=tooled(3, TextKind.SOLUTION))
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", "—"), *Cause.choices])
    minutes = MinutesField()


class ConfirmForm(VerbForm):
    confirmed_by = forms.CharField(label=_("Who says that he is satisfied"), max_length=120)
    channel = forms.ChoiceField(label=_("How he said so"), choices=PERSONAL_CHANNELS)
    text = forms.CharField(label=_("In his words"), max_length=2000, required=False, widget=lines(2))


class RepeatContactForm(VerbForm):
    text = forms.CharField(label=_("What he says"), max_length=10_000, required=False, widget=lines(2))
    caller_name = forms.CharField(label=_("Caller"), max_length=120)
    callback_number = forms.CharField(label=_("Call back on"), max_length=40, required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=PERSONAL_CHANNELS)
    minutes = MinutesField()


class ReopenForm(VerbForm):
    reason = forms.CharField(label=_("What is not solved"), max_length=2000, widget=lines(2))


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Why is it taken away?"), max_length=2000, widget=lines(2))


def working_people() -> list[User]:
    """Who works on records, with their groups; one query serves the forms, the filters and the frame."""
    return list(User.objects.working().select_related("group").order_by("role", "name"))


def groups_of(people: Sequence[User]) -> list[Group]:
    """The groups in which somebody works, in the order of their codes."""
    found = {person.group_id: person.group for person in people if person.group_id}
    return sorted(found.values(), key=lambda group: group.code)


def is_technical(person: User) -> bool:
    """Whether he belongs to the company's technical team, which helps every group (§5.4.1.2)."""
    return person.role == Role.SPECIALIST


class AssignForm(VerbForm):
    """To a person, or to another group; the people offered are the group's own and the technical team."""

    owner = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), required=False)
    group = forms.ModelChoiceField(label=_("Or another group"), queryset=Group.objects.all(), required=False)
    text = forms.CharField(label=_("Word to the new owner"), max_length=2000, required=False, widget=lines(2))

    def __init__(self, *args, ticket: Ticket, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        everybody = working_people()
        near = [person for person in everybody if ticket.group_id == person.group_id or is_technical(person)]
        self._offer("owner", User.objects.working(), near)
        others = [group for group in groups_of(everybody) if group.pk != ticket.group_id]
        self._offer("group", Group.objects.exclude(pk=ticket.group_id), others)

    def _offer(self, name: str, queryset: QuerySet[Any], things: Sequence[User] | Sequence[Group]) -> None:
        """Offer what has been read already: one query serves both fields."""
        field = self.fields[name]
        field.queryset = queryset.filter(pk__in=[thing.pk for thing in things])
        field.choices = [("", field.empty_label), *((thing.pk, thing.label) for thing in things)]

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if not data.get("owner") and not data.get("group"):
            raise forms.ValidationError(_("Choose a person or a group."))
        if data.get("owner") and data.get("group"):
            raise forms.ValidationError(_("Choose either a person or a group."))
        return data


FORMS: dict[str, type[forms.Form]] = {
    "acknowledge": AcknowledgeForm,
    "grade": GradeForm,
    "assign": AssignForm,
    "diagnose": DiagnoseForm,
    "note": NoteForm,
    "message": MessageForm,
    "repeat_contact": RepeatContactForm,
    "pause": PauseForm,
    "resume": ResumeForm,
    "resolve": ResolveForm,
    "confirm": ConfirmForm,
    "reopen": ReopenForm,
}
