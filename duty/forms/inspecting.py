"""What is typed while an inspection is done: all items on one page, any of which may be left for later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from duty.actions import ItemsRefused, Said
from duty.inspecting import Result
from duty.models import Inspection, InspectionAnswer, InspectionFile, SheetItem
from duty.models.inspections import LONGEST_NOTE
from duty.readings import LONGEST_TEXT, ItemKind, YesNo
from staff.filefield import FilesField
from staff.forms import show_refusal

PARTS = ("value", "result", "note", "reason", "files")


@dataclass(frozen=True, slots=True)
class Row:
    """An item with its fields, what was answered so far, and what it was the last time."""

    item: SheetItem
    answer: InspectionAnswer | None
    last: InspectionAnswer | None
    value: forms.BoundField
    result: forms.BoundField
    note: forms.BoundField
    reason: forms.BoundField
    files: forms.BoundField
    stamp: str

    @property
    def is_chosen(self) -> bool:
        """Whether its value is chosen from several rather than typed."""
        return self.item.kind in (ItemKind.YES_NO, ItemKind.CHOICE)

    @property
    def kept(self) -> Sequence[InspectionFile]:
        return list(self.answer.files.all()) if self.answer else []


class InspectionForm(forms.Form):
    """Of each item a value, a result, a note, a reason and files.

    A field left empty empties what stands there only if it was on the page with that: two may fill in the
    same inspection, and the page of one does not know yet what the other has entered.
    """

    def __init__(
        self,
        *args: Any,
        inspection: Inspection,
        last: Mapping[int, InspectionAnswer],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(inspection.version.items.all())
        self.inspection, self.last = inspection, last
        self.answers = _answers(inspection)
        self.unseen: set[int] = set()
        for item in self.items:
            self._ask(item, self.answers.get(item.pk))

    def _ask(self, item: SheetItem, answer: InspectionAnswer | None) -> None:
        def named(part: str) -> str:
            return f"{part}_{item.pk}"

        self.fields[named("value")] = forms.CharField(
            label=item.label,
            required=False,
            max_length=None if item.options or item.kind == ItemKind.YES_NO else LONGEST_TEXT,
            widget=_widget(item),
            initial=answer.value if answer else "",
        )
        self.fields[named("result")] = forms.ChoiceField(
            label=_("Result"),
            choices=Result.choices,
            required=False,
            widget=forms.RadioSelect,
            initial=answer.result if answer else "",
        )
        for part, label in (("note", _("Note")), ("reason", _("Why no record is opened"))):
            self.fields[named(part)] = forms.CharField(
                label=label,
                required=False,
                max_length=LONGEST_NOTE,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=getattr(answer, part) if answer else "",
            )
        self.fields[named("files")] = FilesField(label=_("Photo or file"))
        self.fields[named("seen")] = forms.CharField(required=False)

    def rows(self) -> Iterator[Row]:
        for item in self.items:
            fields = {part: self[f"{part}_{item.pk}"] for part in PARTS}
            yield Row(
                item, self.answers.get(item.pk), self.last.get(item.line), stamp=self._stamp(item), **fields
            )

    def renew(self) -> None:
        """Know what stands there now, and show the result of what was kept without one.

        What the person has not had before him stays so.
        """
        self.unseen = {item.pk for item in self.items if self.is_bound and not self._has_seen(item)}
        self.answers = _answers(self.inspection)
        if self.is_bound:
            self.data = self.data.copy()
            for pk, answer in self.answers.items():
                self.data[f"result_{pk}"] = self.data.get(f"result_{pk}") or answer.result

    def said(self) -> dict[int, Said]:
        """What was typed of each item."""
        return {item.pk: self._said(item) for item in self.items}

    def _said(self, item: SheetItem) -> Said:
        has_seen, files = self._has_seen(item), self.cleaned_data[f"files_{item.pk}"]

        def text(part: str) -> str | None:
            name = f"{part}_{item.pk}"
            typed = self.cleaned_data[name]
            return typed if typed or (has_seen and name in self.data) else None

        return Said(text("value"), text("result"), text("note"), text("reason"), files=files)

    def _has_seen(self, item: SheetItem) -> bool:
        return str(self[f"seen_{item.pk}"].value() or "") == _stamp(self.answers.get(item.pk))

    def _stamp(self, item: SheetItem) -> str:
        return "" if item.pk in self.unseen else _stamp(self.answers.get(item.pk))

    def show(self, refused: ItemsRefused) -> None:
        """Put what was refused to the fields at fault."""
        for pk, fault in refused.faults.items():
            name = f"{fault.field}_{pk}"
            if name in self.fields:
                self.add_error(name, str(fault.message))
            else:
                show_refusal(self, fault)


def _widget(item: SheetItem) -> forms.Widget:
    match item.kind:
        case ItemKind.YES_NO:
            return forms.RadioSelect(choices=YesNo.choices)
        case ItemKind.CHOICE:
            texts = [option["text"] for option in item.options]
            return forms.RadioSelect(choices=[(text, item.option_label(text)) for text in texts])
        case ItemKind.NUMBER:
            return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.TextInput(attrs={"autocomplete": "off"})


def _answers(inspection: Inspection) -> dict[int, InspectionAnswer]:
    answers = inspection.answers.select_related("item").prefetch_related("files")
    return {answer.item_id: answer for answer in answers}


def _stamp(answer: InspectionAnswer | None) -> str:
    return answer.answered_at.isoformat() if answer else ""
