"""The call form: what is typed while the caller speaks, and what of it may be missing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, Contact, System
from staff.filefield import FilesField
from staff.models import User
from staff.prepared import prepared
from tickets.actions import Call, Solved
from tickets.forms import PERSONAL_CHANNELS, GradingFields
from tickets.grading import QUESTIONS
from tickets.models import OF_CALLS, Cause, Kind

STAFF_ONLY = (
    "callback_number",
    "contact",
    "caller_name",
    "save_contact",
    "channel",
    "solved",
    "solution",
    "cause",
    "is_confirmed",
    "to",
    "reason",
    *QUESTIONS,
)


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CallForm(GradingFields):
    """Three mandatory fields (who, which client, what), everything else may follow (§3.2).

    `client` is the caller's, where it is known already; else it is found by what the field holds.
    """

    callback_number = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "inputmode": "tel"}),
    )
    client = forms.CharField(label=_("Client"), max_length=160)
    contact = forms.ModelChoiceField(label=_("Contact"), queryset=Contact.objects.none(), required=False)
    caller_name = forms.CharField(
        label=_("Caller"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    save_contact = forms.BooleanField(
        label=_("Save as a new contact of this client, with this number"), required=False
    )
    system = forms.ModelChoiceField(
        label=_("System"), queryset=System.objects.none(), required=False, empty_label=_("not known yet")
    )
    title = forms.CharField(
        label=_("What happened"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    details = forms.CharField(label=_("Details"), max_length=10_000, required=False, widget=_lines(3))
    files = FilesField()
    kind = forms.ChoiceField(label=_("Kind"), choices=OF_CALLS, initial=Kind.FAULT)
    channel = forms.ChoiceField(label=_("Channel"), choices=PERSONAL_CHANNELS, initial=Channel.PHONE)
    solved = forms.BooleanField(label=_("Solved on the phone"), required=False)
    solution = forms.CharField(label=_("Solution"), max_length=4000, required=False, widget=_lines(2))
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", "—"), *Cause.choices], required=False)
    is_confirmed = forms.BooleanField(
        label=_("The client says on the phone that he is satisfied: close it"), required=False
    )

    def __init__(self, *args: Any, user: User, client: Client | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.known_client: Client | None = None
        if user.is_contact:
            for name in STAFF_ONLY:
                del self.fields[name]
            self.know(user.contact.client)
            self.fields["client"].initial = client_text(user.contact.client)
            self.fields["client"].disabled = True
        else:
            self.know(client or find_client(self.typed("client"), user))
        attrs = self.fields["client"].widget.attrs
        attrs.update({"list": "client-options", "autocomplete": "off", "spellcheck": "false"})

    def typed(self, name: str) -> str:
        """What a field holds, sent or not."""
        return str(self[name].value() or "")

    def know(self, client: Client | None) -> None:
        """Offer the systems and contacts of this client; where it runs one system, that is the one."""
        self.known_client = client
        if client is None:
            return
        systems = _systems(client.pk)
        self.fields["system"].queryset = client.systems.filter(is_active=True)
        self.fields["system"].choices = [("", _("not known yet")), *((s.pk, s.label) for s in systems)]
        if len(systems) == 1:
            self.fields["system"].initial = systems[0].pk
        if "contact" in self.fields:
            self.fields["contact"].queryset = client.contacts.filter(is_active=True)

    def clean_client(self) -> Client:
        client = self.known_client
        if client is None:
            raise forms.ValidationError(_("No such client. Choose one from the list, or type its code."))
        return client

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if data.get("solved"):
            for name in ("solution", "cause"):
                if not data.get(name):
                    self.add_error(name, _("What solved it? A solved record has its solution and its cause."))
        if data.get("save_contact") and not data.get("callback_number"):
            self.add_error("callback_number", _("A new contact is saved with his number."))
        return data

    def call(self) -> Call:
        """The call as it was told; a contact calls for himself, through the web."""
        data, user = self.cleaned_data, self.user
        contact = user.contact if user.is_contact else data["contact"]
        return Call(
            client=data["client"],
            system=data["system"],
            contact=contact,
            caller_name=contact.name if user.is_contact else data["caller_name"],
            callback_number=data.get("callback_number", ""),
            title=data["title"],
            details=data["details"],
            kind=Kind(data["kind"]),
            channel=Channel.WEB if user.is_contact else Channel(data["channel"]),
        )

    def settled(self) -> dict[str, Any]:
        """What was settled on the phone, as `take_call` takes it; nothing chosen or ticked: no grade yet."""
        data = self.cleaned_data
        more: dict[str, Any] = {"new_contact": data.get("save_contact", False) and not data.get("contact")}
        if data["kind"] == Kind.FAULT and (data.get("to") or self.is_answered):
            more |= self.graded()
        if data.get("solved"):
            more["solved"] = Solved(data["solution"], Cause(data["cause"]), data["is_confirmed"])
        return more


@prepared
def _systems(client: int) -> QuerySet[System]:
    return System.objects.filter(client=client, is_active=True)


def client_text(client: Client) -> str:
    """How a client stands in the type-ahead field: its name, and the code that makes it unique."""
    return f"{client.label} ({client.code})"


def find_client(text: str, user: User) -> Client | None:
    """Find the client that a field of `client_text` names: by code, else by a name that fits just one.

    The exact code finds any client, since anyone records for any client (§5.1); names are searched only
    among the clients that the person may see.
    """
    text = text.replace("\0", "").strip()
    code = text.rpartition("(")[2].rstrip(")") if text.endswith(")") else text
    active = Client.objects.active().select_related("type", "group", "hours")
    if not text:
        return None
    if found := active.filter(code__iexact=code).first():
        return found
    named = list(active.visible_to(user).matching(text)[:2])
    return named[0] if len(named) == 1 else None
