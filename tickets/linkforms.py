"""What people type in to tie records together: a typed search for the other record, never a list of all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.forms import VerbForm, lines
from tickets.linking import BY_HAND, LinkKind
from tickets.models import Entry, EntryKind, Ticket
from tickets.search import number_in

# What the client has said, or somebody has written of it: a second matter may begin there.
TOLD_IN = (EntryKind.REPEAT_CONTACT, EntryKind.ABSORBED, EntryKind.NOTE)
KINDS = [(kind.value, kind.label) for kind in BY_HAND]


class RecordPicker(forms.TextInput):
    """A field for a record's number that finds it by words too (static/js/picker.js)."""

    template_name = "tickets/_picker.html"
    address = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["address"] = f"{self.address}&{urlencode({'field': name})}"
        return context


class RecordField(forms.CharField):
    """The record of a number, among those that the person may see: any other is not there."""

    widget = RecordPicker

    def __init__(self, *, for_verb: str, **more: Any) -> None:
        super().__init__(max_length=200, **more)
        self.for_verb = for_verb
        self.user: User | None = None

    def of(self, user: User | None, ticket: Ticket | None = None) -> None:
        """Let it find the records of this person, but for the one on whose page it stands."""
        self.user = user
        query = {"for": self.for_verb} | ({"record": ticket.pk} if ticket else {})
        self.widget.address = f"{reverse('tickets:find')}?{urlencode(query)}"

    def clean(self, value: Any) -> Ticket | None:
        text = super().clean(value)
        if not text:
            return None
        number = number_in(text)
        found = (
            Ticket.objects.visible_to(self.user).filter(pk=number).select_related("client").first()
            if number is not None and self.user is not None
            else None
        )
        if found is None:
            raise forms.ValidationError(
                _("There is no such record. Choose one from the list, or type its number.")
            )
        return found


class TyingForm(VerbForm):
    """A form that names another record than the one on whose page it stands."""

    def __init__(self, *args: Any, ticket: Ticket, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.ticket = ticket
        for field in self.fields.values():
            if isinstance(field, RecordField):
                field.of(user, ticket)


class LinkForm(TyingForm):
    kind = forms.TypedChoiceField(
        label=_("This record …"), choices=KINDS, coerce=LinkKind, initial=LinkKind.RELATED
    )
    other = RecordField(label=_("Which record"), for_verb="link")
    reason = forms.CharField(label=_("Why"), max_length=2000, required=False, widget=lines(2))


class UnlinkForm(TyingForm):
    other = RecordField(label=_("Which record"), for_verb="link", widget=forms.HiddenInput)
    kind = forms.TypedChoiceField(choices=KINDS, coerce=LinkKind, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why"), max_length=2000, required=False, widget=lines(2))


class AdoptForm(TyingForm):
    child = RecordField(label=_("Which record is part of it"), for_verb="adopt")


class MergeForm(TyingForm):
    into = RecordField(label=_("Which record answers for it"), for_verb="merge")
    text = forms.CharField(label=_("Why"), max_length=2000, required=False, widget=lines(2))


class UnmergeForm(VerbForm):
    reason = forms.CharField(label=_("Why the two are not one matter"), max_length=2000, widget=lines(2))


class EntryChoice(forms.ModelChoiceField):
    def label_from_instance(self, entry: Entry) -> str:
        text = entry.text or entry.get_kind_display()
        short = f"{text[:50]}…" if len(text) > 50 else text
        return f"{timezone.localtime(entry.at):%m-%d %H:%M} · {short}"


class SplitForm(TyingForm):
    title = forms.CharField(label=_("The second matter, in one line"), max_length=200)
    text = forms.CharField(label=_("Details"), max_length=10_000, required=False, widget=lines(3))
    since = EntryChoice(
        label=_("The client has told of it"),
        queryset=Entry.objects.none(),
        required=False,
        empty_label=_("when he first called"),
    )

    def __init__(self, *args: Any, ticket: Ticket, user: User, **more: Any) -> None:
        super().__init__(*args, ticket=ticket, user=user, **more)
        told = Entry.objects.visible_to(user).filter(ticket=ticket, kind__in=TOLD_IN).exclude(text="")
        self.fields["since"].queryset = told.order_by("pk")


class PartsForm(forms.Form):
    """One message to the callers of a mass fault and of all its open parts."""

    prefix = "parts"

    text = forms.CharField(label=_("One message to all callers"), max_length=10_000, widget=lines(3))


LINK_FORMS: dict[str, type[forms.Form]] = {
    "link": LinkForm,
    "merge": MergeForm,
    "split": SplitForm,
    "adopt": AdoptForm,
    "unmerge": UnmergeForm,
    "unlink": UnlinkForm,
}
