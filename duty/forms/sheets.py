"""What is typed about inspection sheets, their items, and plans."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import System
from duty.actions import Rhythm
from duty.forms.fields import clock, day
from duty.models import InspectionPlan, InspectionSheet, SheetItem
from duty.readings import LONGEST_TEXT, ItemKind, Level
from duty.recurrence import Often
from staff.models import Group

MARKS = {Level.NORMAL: "", Level.WARN: "!", Level.CRITICAL: "!!"}
LINE = re.compile(r"(?P<mark>!{0,2})\s*(?P<text>[^|]+?)\s*(?:\|\s*(?P<text_en>.*?)\s*)?")


class SheetForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    system = forms.ModelChoiceField(
        label=_("System"),
        queryset=System.objects.none(),
        required=False,
        empty_label=_("none: the group's own surroundings"),
    )

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        systems = System.objects.filter(client__group=group, client__is_active=True, is_active=True)
        field = self.fields["system"]
        field.queryset = systems.select_related("client").order_by("client__code", "pk")
        field.label_from_instance = lambda system: f"{system.client.label} · {system.label}"


class ItemForm(forms.ModelForm):
    """An item of a sheet. The values of a choice are lines; one with `!` warns, one with `!!` is critical."""

    options = forms.CharField(
        label=_("Values to choose from"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, English after |. With ! before it a value is a warning, with !! critical."),
    )

    class Meta:
        model = SheetItem
        fields = [
            "section",
            "name",
            "name_en",
            "kind",
            "unit",
            "critical_low",
            "warn_low",
            "warn_high",
            "critical_high",
            "expected",
            "options",
            "is_required",
            "needs_file",
            "reference",
        ]
        help_texts = {
            "expected": _("Of yes and no: the other answer is critical. Empty: neither is."),
            "is_required": _("An inspection cannot be finished without it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["options"] = written(self.instance.options)

    def clean_options(self) -> list[dict[str, str]]:
        """Read the lines. Names the first that cannot be read."""
        found = []
        for number, line in enumerate(self.cleaned_data["options"].splitlines(), start=1):
            if not line.strip():
                continue
            read = LINE.fullmatch(line.strip())
            if read is None or max(len(read["text"]), len(read["text_en"] or "")) > LONGEST_TEXT:
                message = _("Line %(number)s cannot be read, or is too long.")
                raise forms.ValidationError(message % {"number": number})
            level = next(level for level, mark in MARKS.items() if mark == read["mark"])
            found.append({"text": read["text"], "text_en": read["text_en"] or "", "level": level.value})
        return found

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def groups(self) -> list[tuple[ItemKind, list[forms.BoundField]]]:
        """The fields under the kind that they belong to; those without a kind are of all."""
        kinds = {
            ItemKind.NUMBER: ["unit", "critical_low", "warn_low", "warn_high", "critical_high"],
            ItemKind.YES_NO: ["expected"],
            ItemKind.CHOICE: ["options"],
        }
        return [(kind, [self[name] for name in names]) for kind, names in kinds.items()]

    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in ("section", "name", "name_en", "kind")]

    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in ("is_required", "needs_file", "reference")]


def written(options: list[dict[str, str]]) -> str:
    """The values of a choice as lines."""
    return "\n".join(
        " ".join(
            filter(
                None, [MARKS[Level(one["level"])], one["text"], one.get("text_en") and f"| {one['text_en']}"]
            )
        )
        for one in options
    )


class PlanForm(forms.ModelForm):
    due = clock(_("Due at"))
    since = day(_("From"), _("The first day."))

    class Meta:
        model = InspectionPlan
        fields = ["sheet", "often", "weekday", "month_day", "is_moved", "due", "window_minutes", "since"]
        help_texts = {
            "weekday": _("Of an inspection once a week."),
            "month_day": _("Of an inspection once a month; a shorter month has its last day instead."),
            "window_minutes": _("What is not finished by then is missed, and the supervisor is told."),
        }

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["sheet"]
            return
        sheets = InspectionSheet.objects.in_use().filter(group=group, versions__published_at__isnull=False)
        self.fields["sheet"].queryset = sheets.select_related("group", "system__client").distinct()
        self.fields["sheet"].label_from_instance = lambda sheet: f"{sheet.label} · {sheet.place}"

    def validate_constraints(self) -> None:
        """Leave it to the action, which names the field."""

    def rhythm(self) -> Rhythm:
        facts = {name: value for name, value in self.cleaned_data.items() if name != "sheet"}
        return Rhythm(**(facts | {"often": Often(facts["often"])}))
