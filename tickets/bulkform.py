"""One verb for many records: what is typed for it."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.models import Group, Role, User
from tickets.forms import PERSONAL_CHANNELS, groups_of, lines
from tickets.linkforms import RecordField


class BulkForm(forms.Form):
    """One verb for many records, with what it needs; which records are chosen stands in the table."""

    VERBS = ("acknowledge", "assign", "note", "confirm", "adopt")

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS])
    owner = forms.TypedChoiceField(label=_("Person"), empty_value=None, required=False)
    group = forms.TypedChoiceField(label=_("Or another group"), empty_value=None, required=False)
    word = forms.CharField(label=_("Word to the new owner"), max_length=2000, required=False, widget=lines(2))
    note = forms.CharField(label=_("Note"), max_length=10_000, required=False, widget=lines(3))
    confirmed_by = forms.CharField(
        label=_("Who says that he is satisfied"),
        max_length=120,
        required=False,
        help_text=_("Empty: the caller of each record."),
    )
    channel = forms.ChoiceField(label=_("How he said so"), choices=PERSONAL_CHANNELS, required=False)

    parent = RecordField(label=_("Which mass fault"), for_verb="adopt", required=False)

    def __init__(self, *args, user: User | None, people: Sequence[User], **kwargs) -> None:
        """`people` are all who work on records, with their groups: whoever is offered comes from them.

        Without them it is the same form for everybody, and for nobody (`user`) in particular.
        """
        super().__init__(*args, prefix="bulk", **kwargs)
        near = [
            person
            for person in people
            if user is not None
            and (user.sees_everything or person.group_id == user.group_id or person.role == Role.SPECIALIST)
        ]
        self._offer("owner", near)
        self._offer("group", groups_of(people))
        self.fields["parent"].of(user)
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
        if verb == "adopt" and not data.get("parent") and "parent" not in self.errors:
            self.add_error("parent", _("Choose the mass fault."))
        return data
