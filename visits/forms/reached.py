"""The form of the call: what the client said, and the problems, needs, opinions and promises in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import System
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from tickets.models import OF_CALLS
from tickets.models import Kind as RecordKind
from visits.actions import NeedSaid, OpinionSaid, ProblemSaid, PromiseSaid, Said
from visits.forms.fields import day, lines, people_of, person
from visits.kinds import Satisfaction, Tone
from visits.models import LONGEST, Callback

# How many of each there is room for; another callback has room for more.
ROWS = 3
# The lists by the names of `Said`, each with the field without which a row says nothing.
LISTS = {"problems": "title", "needs": "title", "opinions": "text", "promises": "text"}
YES_NO = (("yes", _("Yes")), ("no", _("No")))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: its fields by their short names, and whether something stands in it."""

    name: str
    place: int
    fields: Mapping[str, forms.BoundField]
    is_used: bool


class ReachedForm(forms.Form):
    spoke_with = forms.CharField(
        label=_("Spoke with"), max_length=120, widget=forms.TextInput(attrs={"list": "contacts-known"})
    )
    is_solved = forms.ChoiceField(
        label=_("Is the fault really solved?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("No: the record is taken up again."),
    )
    satisfaction = forms.ChoiceField(
        label=_("How satisfied is the client?"),
        choices=Satisfaction.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    confirms = forms.BooleanField(
        label=_("The client says: solved and satisfied. Close the record."), required=False
    )
    summary = forms.CharField(label=_("What was said"), max_length=LONGEST, required=False, widget=lines(4))
    expectation_not_met = forms.BooleanField(label=_("An expectation was not met"), required=False)
    expectation_words = forms.CharField(
        label=_("Which, in the client's words"), max_length=LONGEST, required=False, widget=lines(2)
    )
    next_wish_on = day(_("Wishes the next callback on"), required=False)
    next_wish = forms.CharField(label=_("What about"), max_length=300, required=False)

    def __init__(
        self, data: Any = None, *, callback: Callback, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.callback = callback
        if not callback.is_after_fault:
            del self.fields["is_solved"], self.fields["confirms"]
        systems = System.objects.filter(client=callback.client_id, is_active=True)
        people = people_of(callback.group_id)
        for place in range(ROWS):
            for name, fields in _lists(systems, people).items():
                for short, field in fields.items():
                    self.fields[f"{name}_{place}_{short}"] = field

    def rows(self, name: str) -> Iterator[Row]:
        for place in range(ROWS):
            prefix = f"{name}_{place}_"
            fields = {
                full.removeprefix(prefix): self[full] for full in self.fields if full.startswith(prefix)
            }
            yield Row(name, place, fields, any(field.errors or _typed(field) for field in fields.values()))

    def problems(self) -> list[Row]:
        return list(self.rows("problems"))

    def needs(self) -> list[Row]:
        return list(self.rows("needs"))

    def opinions(self) -> list[Row]:
        return list(self.rows("opinions"))

    def promises(self) -> list[Row]:
        return list(self.rows("promises"))

    def clean(self) -> dict[str, Any]:
        """A row of a list in which something stands needs its words."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.places: dict[str, list[int]] = {name: [] for name in LISTS}
        for name, needed in LISTS.items():
            for row in self.rows(name):
                if not row.is_used:
                    continue
                full = f"{name}_{row.place}_{needed}"
                self.places[name].append(row.place)
                if not cleaned.get(full) and full not in self.errors:
                    self.add_error(full, forms.ValidationError(_("This field is required."), code="required"))
        return cleaned

    def said(self) -> Said:
        """What was typed, as the verb takes it."""
        clean = self.cleaned_data
        solved = clean.get("is_solved", "")
        return Said(
            spoke_with=clean["spoke_with"],
            summary=clean["summary"],
            is_solved={"yes": True, "no": False}.get(solved),
            satisfaction=clean["satisfaction"],
            confirms=clean.get("confirms", False),
            expectation_not_met=clean["expectation_not_met"],
            expectation_words=clean["expectation_words"],
            next_wish_on=clean["next_wish_on"],
            next_wish=clean["next_wish"],
            problems=[
                ProblemSaid(
                    one["title"], one["details"], RecordKind(one["kind"] or RecordKind.FAULT), one["system"]
                )
                for one in self._said("problems")
            ],
            needs=[
                NeedSaid(one["title"], one["details"], one["system"], one["owner"], one["due_on"])
                for one in self._said("needs")
            ],
            opinions=[
                OpinionSaid(one["text"], Tone(one["tone"] or Tone.SUGGESTION))
                for one in self._said("opinions")
            ],
            promises=[
                PromiseSaid(one["text"], one["due_on"], one["person"]) for one in self._said("promises")
            ],
        )

    def show(self, refused: Refused) -> None:
        """Put a refusal to its field; of a list `needs/0/title` is the first row that was used."""
        parts = (refused.field or "").split("/")
        if len(parts) == 3 and parts[0] in LISTS:
            place = self.places[parts[0]][int(parts[1])]
            refused = Refused(refused.message, field=f"{parts[0]}_{place}_{parts[2]}", code=refused.code)
        show_refusal(self, refused)

    def _said(self, name: str) -> Iterator[dict[str, Any]]:
        for place in self.places[name]:
            prefix = f"{name}_{place}_"
            yield {
                full.removeprefix(prefix): value
                for full, value in self.cleaned_data.items()
                if full.startswith(prefix)
            }


# What is chosen from the start says nothing by itself.
CHOSEN = ("kind", "tone")


def _typed(field: forms.BoundField) -> bool:
    if field.name.endswith(CHOSEN):
        return False
    return bool(str(field.value() or "").strip())


def _lists(systems: Any, people: Any) -> dict[str, dict[str, forms.Field]]:
    def words(label: Any, longest: int, rows: int = 0) -> forms.CharField:
        widget = lines(rows) if rows else forms.TextInput()
        return forms.CharField(label=label, max_length=longest, required=False, widget=widget)

    def system() -> forms.ModelChoiceField:
        return forms.ModelChoiceField(
            label=_("System"), queryset=systems, required=False, empty_label=_("none of them")
        )

    def who(label: Any, empty: Any) -> forms.ModelChoiceField:
        return person(label, people or User.objects.none(), required=False, empty=empty)

    kinds = [choice for choice in OF_CALLS if choice[0] != RecordKind.REQUEST]
    return {
        "problems": {
            "title": words(_("Problem"), 200),
            "details": words(_("Details"), LONGEST, 2),
            "kind": forms.ChoiceField(
                label=_("Kind"), choices=kinds, initial=RecordKind.FAULT, required=False
            ),
            "system": system(),
        },
        "needs": {
            "title": words(_("Need"), 200),
            "details": words(_("Details"), LONGEST, 2),
            "system": system(),
            "owner": who(_("Who sees to it"), _("decided later")),
            "due_on": day(_("Until"), required=False),
        },
        "opinions": {
            "tone": forms.ChoiceField(
                label=_("Kind"), choices=Tone.choices, initial=Tone.SUGGESTION, required=False
            ),
            "text": words(_("Opinion"), LONGEST, 2),
        },
        "promises": {
            "text": words(_("Promise"), 300),
            "person": who(_("Who keeps it"), _("I do")),
            "due_on": day(_("Until"), required=False),
        },
    }
