"""What people type in, one form a verb. Clean values have the names that the verb takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, Contact, System
from staff.models import Group, Role, User
from tickets.grading import QUESTIONS, Answers, Proposal, propose
from tickets.models import Cause, Grade, Kind, PauseReason, Ticket

PERSONAL_CHANNELS = [choice for choice in Channel.choices if choice[0] != Channel.API]


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class GradingFields(forms.Form):
    """The four questions, and the grade where it differs from what they propose (§5.4.1.1)."""

    system_down = forms.BooleanField(label=QUESTIONS["system_down"], required=False)
    work_stopped = forms.BooleanField(label=QUESTIONS["work_stopped"], required=False)
    unstable = forms.BooleanField(label=QUESTIONS["unstable"], required=False)
    slow_or_impaired = forms.BooleanField(label=QUESTIONS["slow_or_impaired"], required=False)
    to = forms.TypedChoiceField(
        label=_("Grade"),
        choices=[("", _("as the answers propose")), *Grade.choices],
        coerce=lambda value: Grade(int(value)),
        empty_value=None,
        required=False,
    )
    reason = forms.CharField(
        label=_("Why another grade than proposed"), max_length=500, required=False, widget=_lines(2)
    )

    def proposal(self) -> Proposal:
        """What the answers propose, ticked or not; call after validation."""
        return propose(Answers(**{name: bool(self.cleaned_data.get(name)) for name in QUESTIONS}))

    def graded(self) -> dict[str, object]:
        """The arguments of the verb `grade`; the clause is the reason unless another grade was chosen."""
        proposal, to = self.proposal(), self.cleaned_data["to"]
        own = to is not None and to != proposal.grade
        return {"to": to or proposal.grade, "reason": self.cleaned_data["reason"] if own else proposal.clause}

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        to = data.get("to")
        if to is not None and to != self.proposal().grade and not data.get("reason"):
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
    text = forms.CharField(label=_("Note"), max_length=10_000, widget=_lines(3))


class DiagnoseForm(VerbForm):
    diagnosis = forms.CharField(label=_("Diagnosis"), max_length=4000, widget=_lines(3))
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", "—"), *Cause.choices])


class PauseForm(VerbForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=PauseReason.choices)
    text = forms.CharField(label=_("What exactly are we waiting for"), max_length=2000, widget=_lines(2))
    until = forms.DateTimeField(
        label=_("Look again at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localtime() + timedelta(days=1)


class ResumeForm(VerbForm):
    text = forms.CharField(label=_("What has changed"), max_length=2000, required=False, widget=_lines(2))


class ResolveForm(VerbForm):
    solution = forms.CharField(label=_("Solution"), max_length=4000, widget=_lines(3))
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", "—"), *Cause.choices])


class ConfirmForm(VerbForm):
    confirmed_by = forms.CharField(label=_("Who says that he is satisfied"), max_length=120)
    channel = forms.ChoiceField(label=_("How he said so"), choices=PERSONAL_CHANNELS)
    text = forms.CharField(label=_("In his words"), max_length=2000, required=False, widget=_lines(2))


class ReopenForm(VerbForm):
    reason = forms.CharField(label=_("What is not solved"), max_length=2000, widget=_lines(2))


class AssignForm(VerbForm):
    """To a person, or to another group; the people offered are the group's own and the technical team."""

    owner = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), required=False)
    group = forms.ModelChoiceField(label=_("Or another group"), queryset=Group.objects.all(), required=False)
    text = forms.CharField(
        label=_("Word to the new owner"), max_length=2000, required=False, widget=_lines(2)
    )

    def __init__(self, *args, ticket: Ticket, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.working().filter(Q(group=ticket.group) | Q(role=Role.SPECIALIST))
        self.fields["owner"].queryset = people.order_by("role", "name")
        self.fields["group"].queryset = Group.objects.exclude(pk=ticket.group_id)

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
    "pause": PauseForm,
    "resume": ResumeForm,
    "resolve": ResolveForm,
    "confirm": ConfirmForm,
    "reopen": ReopenForm,
}


class BulkForm(forms.Form):
    """One verb for many records, with what it needs; which records are chosen stands in the table."""

    VERBS = ("acknowledge", "assign", "note", "confirm")

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS])
    owner = forms.TypedChoiceField(label=_("Person"), empty_value=None, required=False)
    group = forms.TypedChoiceField(label=_("Or another group"), empty_value=None, required=False)
    word = forms.CharField(
        label=_("Word to the new owner"), max_length=2000, required=False, widget=_lines(2)
    )
    note = forms.CharField(label=_("Note"), max_length=10_000, required=False, widget=_lines(3))
    confirmed_by = forms.CharField(
        label=_("Who says that he is satisfied"),
        max_length=120,
        required=False,
        help_text=_("Empty: the caller of each record."),
    )
    channel = forms.ChoiceField(label=_("How he said so"), choices=PERSONAL_CHANNELS, required=False)

    def __init__(self, *args, user: User, people: Sequence[User], **kwargs) -> None:
        """`people` are all who work on records, with their groups: whoever is offered comes from them."""
        super().__init__(*args, prefix="bulk", **kwargs)
        near = [
            person
            for person in people
            if user.sees_everything or person.group_id == user.group_id or person.role == Role.SPECIALIST
        ]
        self._offer("owner", near)
        self._offer("group", groups_of(people))
        for name, field in self.fields.items():
            if name != "verb":
                css = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
                field.widget.attrs["class"] = css

    def _offer(self, name: str, things: Sequence[User] | Sequence[Group]) -> None:
        field = self.fields[name]
        field.choices = [("", "—"), *((thing.pk, thing.label) for thing in things)]
        field.coerce = {str(thing.pk): thing for thing in things}.__getitem__

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        verb = data.get("verb")
        if verb == "assign" and bool(data.get("owner")) == bool(data.get("group")):
            self.add_error("owner", _("Choose either a person or a group."))
        if verb == "note" and not data.get("note"):
            self.add_error("note", _("Write the note first."))
        if verb == "confirm" and not data.get("channel"):
            self.add_error("channel", _("Say how the client confirmed it."))
        return data


def groups_of(people: Sequence[User]) -> list[Group]:
    """The groups in which somebody works, in the order of their codes."""
    found = {person.group_id: person.group for person in people if person.group_id}
    return sorted(found.values(), key=lambda group: group.code)


class CallForm(GradingFields):
    """The call form: three mandatory fields (who, which client, what), everything else may follow (§3.2)."""

    callback_number = forms.CharField(label=_("Phone"), max_length=40, required=False)
    client = forms.CharField(label=_("Client"), max_length=160)
    contact = forms.ModelChoiceField(label=_("Contact"), queryset=Contact.objects.none(), required=False)
    caller_name = forms.CharField(label=_("Caller"), max_length=120)
    system = forms.ModelChoiceField(
        label=_("System"), queryset=System.objects.none(), required=False, empty_label=_("not known yet")
    )
    title = forms.CharField(label=_("What happened"), max_length=200)
    details = forms.CharField(label=_("Details"), max_length=10_000, required=False, widget=_lines(4))
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.FAULT)
    channel = forms.ChoiceField(label=_("Channel"), choices=PERSONAL_CHANNELS, initial=Channel.PHONE)
    grade_now = forms.BooleanField(label=_("Grade it now"), required=False, initial=True)

    CALLER = ("callback_number", "client", "contact", "caller_name", "system")

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.known_client: Client | None = None
        if user.is_contact:
            for name in ("callback_number", "contact", "caller_name", "channel", "grade_now", "to", "reason"):
                del self.fields[name]
            for name in QUESTIONS:
                del self.fields[name]
            contact = user.contact
            self.know(contact.client)
            self.fields["client"].initial = client_text(contact.client)
            self.fields["client"].disabled = True
        else:
            text = (
                self.data.get("client")
                if self.is_bound
                else self.get_initial_for_field(self["client"].field, "client")
            )
            self.know(find_client(text or "", user))
        attrs = self.fields["client"].widget.attrs
        attrs.update({"list": "client-options", "autocomplete": "off", "spellcheck": "false"})

    def know(self, client: Client | None) -> None:
        """Offer the systems and contacts of this client."""
        self.known_client = client
        if client is not None:
            self.fields["system"].queryset = client.systems.filter(is_active=True)
            if "contact" in self.fields:
                self.fields["contact"].queryset = client.contacts.filter(is_active=True)

    def clean_client(self) -> Client:
        client = self.known_client
        if client is None:
            raise forms.ValidationError(_("No such client. Choose one from the list, or type its code."))
        return client


def client_text(client: Client) -> str:
    """How a client stands in the type-ahead field: its name, and the code that makes it unique."""
    return f"{client.label} ({client.code})"


def find_client(text: str, user: User) -> Client | None:
    """Find the client that a field of `client_text` names: by code, else by a name that fits just one.

    The exact code finds any client, since anyone records for any client (§5.1); names are searched only
    among the clients that the person may see.
    """
    text = text.strip()
    code = text.rpartition("(")[2].rstrip(")") if text.endswith(")") else text
    active = Client.objects.active()
    if found := active.filter(code__iexact=code).first():
        return found
    named = list(active.visible_to(user).matching(text)[:2]) if text else []
    return named[0] if len(named) == 1 else None
