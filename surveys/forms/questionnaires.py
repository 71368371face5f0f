"""What is typed about questionnaires and their questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.models import Question, QuestionnaireVersion
from surveys.questions import QuestionKind

LONGEST_OPTION = 120


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)


class WordsForm(forms.ModelForm):
    class Meta:
        model = QuestionnaireVersion
        fields = [
            "intro",
            "intro_en",
            "thanks",
            "thanks_en",
            "script",
            "script_en",
            "asks_complaint",
            "asks_reply",
        ]
        widgets = {
            name: forms.Textarea(attrs={"rows": 3})
            for name in ("intro", "intro_en", "thanks", "thanks_en", "script", "script_en")
        }
        help_texts = {
            "script": _("What is said on the phone before the first question."),
            "asks_complaint": _("A complaint ticked as one is followed up; words alone are not."),
        }


class QuestionForm(forms.ModelForm):
    """A question. Anchors, values and lines are lines of text, English after |."""

    anchors = forms.CharField(
        label=_("What the points mean"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, from the lowest point up, English after |."),
    )
    options = forms.CharField(
        label=_("Values to choose from"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, English after |."),
    )
    rows = forms.CharField(
        label=_("Lines of the matrix"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, English after |. Each gets 1 to 5 points."),
    )

    class Meta:
        model = Question
        fields = [
            "kind",
            "dimension",
            "text",
            "text_en",
            "anchors",
            "options",
            "rows",
            "is_required",
            "weight",
            "bad_at",
            "why_at",
        ]
        help_texts = {
            "weight": _("Of its points in the mean; 0: they do not count there."),
            "bad_at": _("Points at or below are followed up; empty: none are. Of yes and no, 0 is no."),
            "why_at": _("Points at or below ask for the reason."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("anchors", "options", "rows"):
            self.initial[name] = written(getattr(self.instance, name))
        self.initial.setdefault("weight", 1)
        for name in ("bad_at", "why_at"):
            self.fields[name].min_value = 0

    def clean_anchors(self) -> list[dict[str, str]]:
        return self._lines("anchors")

    def clean_options(self) -> list[dict[str, str]]:
        return self._with_keys("options")

    def clean_rows(self) -> list[dict[str, str]]:
        return self._with_keys("rows")

    def validate_constraints(self) -> None:
        """Leave it to the action, which names the field."""

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The fields under the kinds that they belong to: kinds as words, and as names for the page's CSS."""
        found = (
            ("points", ("anchors", "why_at"), (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.CES)),
            ("options", ("options",), (QuestionKind.SINGLE, QuestionKind.MULTI)),
            ("rows", ("rows",), (QuestionKind.MATRIX,)),
        )
        return [
            (name, " · ".join(str(kind.label) for kind in kinds), [self[one] for one in names])
            for name, names, kinds in found
        ]

    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in ("text", "text_en", "dimension", "kind")]

    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in ("is_required", "weight", "bad_at")]

    def _with_keys(self, name: str) -> list[dict[str, str]]:
        """The same words keep their key; a changed word keeps that of its place, where it is free."""
        lines, before = self._lines(name), getattr(self.instance, name)
        by_text = {one["text"]: one["key"] for one in before}
        left = {one["key"] for one in before} - {by_text.get(line["text"]) for line in lines}
        for place, line in enumerate(lines):
            if line["text"] in by_text:
                line["key"] = by_text[line["text"]]
            elif place < len(before) and len(lines) == len(before) and before[place]["key"] in left:
                line["key"] = before[place]["key"]
        return lines

    def _lines(self, name: str) -> list[dict[str, str]]:
        found = []
        for number, line in enumerate(self.cleaned_data[name].splitlines(), start=1):
            if not line.strip():
                continue
            text, _bar, english = (part.strip() for part in line.partition("|"))
            if not text or max(len(text), len(english)) > LONGEST_OPTION:
                message = _("Line %(number)s cannot be read, or is too long.")
                raise forms.ValidationError(message % {"number": number})
            found.append({"text": text, "text_en": english})
        return found


def written(lines: list[dict[str, str]]) -> str:
    return "\n".join(
        f"{one['text']} | {one['text_en']}" if one.get("text_en") else one["text"] for one in lines
    )
