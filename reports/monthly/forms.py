"""What is typed about monthly reports: words, comments, terms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clients.models import Client, ClientType, Contact
from reports.kpis import KPIS
from reports.models import ClientEdition, MonthlyReport, MonthlyTerms
from reports.monthly.kinds import COMMENT, LONGEST_COMMENT, LONGEST_LINE, MOST_LINES, lists_of
from reports.monthly.reading import reads_section
from reports.monthly.sections import COMMENTED
from staff.models import ALL_SEEING_ROLES, User

LONGEST_LIST = MOST_LINES * (LONGEST_LINE + 2)


class WordsForm(forms.Form):
    """The lists of the first page, and a comment on each section that its writer may read."""

    def __init__(self, data: Any = None, *, report: MonthlyReport, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        how = _("At most %(lines)s lines, each of at most %(characters)s characters.") % {
            "lines": MOST_LINES,
            "characters": LONGEST_LINE,
        }
        for name, label in lists_of(report.edition).items():
            self._add(name, label, report, longest=LONGEST_LIST, rows=3, help_text=how)
        english = (get_language() or "").startswith("en")
        document = report.content.get("en" if english else "zh-hans", {"sections": []})
        titles = [section["title"] for section in document["sections"]]
        for key, title in zip(report.content.get("keys", []), titles, strict=False):
            if key in COMMENTED and reads_section(user, report, key):
                self._add(f"{COMMENT}{key}", title, report, longest=LONGEST_COMMENT, rows=2)

    def _add(
        self, name: str, label: Any, report: MonthlyReport, *, longest: int, rows: int, **more: Any
    ) -> None:
        self.fields[name] = forms.CharField(
            label=label,
            required=False,
            max_length=longest,
            initial=report.words.get(name, ""),
            widget=forms.Textarea(attrs={"rows": rows}),
            **more,
        )

    @property
    def lists(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith(COMMENT)]

    @property
    def comments(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(COMMENT)]

    @property
    def has_comments(self) -> bool:
        """Whether there is one already, or one that is refused: then they are to be seen."""
        return any(field.value() or field.errors for field in self.comments)

    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.fields}


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"), max_length=LONGEST_COMMENT, widget=forms.Textarea(attrs={"rows": 3})
    )


class TermsForm(forms.Form):
    editors = forms.ModelMultipleChoiceField(
        label=_("Editors of the department's report"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: the QA auditors."),
    )
    readers = forms.ModelMultipleChoiceField(
        label=_("Who is told of each report of the house"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: the company's leaders."),
    )
    client_types = forms.ModelMultipleChoiceField(
        label=_("Types of client that get a report"),
        queryset=ClientType.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Of these every client with a contract; each client may have it otherwise."),
    )
    headlines = forms.MultipleChoiceField(
        label=_("Figures of the first page"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At most five."),
    )
    due_working_day = forms.IntegerField(label=_("To be published by working day"), min_value=1, max_value=20)

    def __init__(self, data: Any = None, *, terms: MonthlyTerms, **more: Any) -> None:
        super().__init__(data, **more)
        people = User.objects.filter(is_active=True, role__in=ALL_SEEING_ROLES).order_by("role", "pk")
        types = ClientType.objects.filter(is_active=True)
        querysets = {"editors": people, "readers": people, "client_types": types}
        is_there = not terms._state.adding
        for name, rows in querysets.items():
            field = self.fields[name]
            field.queryset = rows  # type: ignore[attr-defined]
            field.initial = list(getattr(terms, name).values_list("pk", flat=True)) if is_there else []
        self.fields["headlines"].choices = [(key, kpi.name) for key, kpi in KPIS.items()]  # type: ignore[attr-defined]
        self.fields["headlines"].initial = [key for key in terms.headlines if key in KPIS]
        self.fields["due_working_day"].initial = terms.due_working_day


class AgreementForm(forms.Form):
    is_wanted = forms.BooleanField(
        label=pgettext_lazy("client", "gets a monthly report"), required=False, initial=True
    )
    told = forms.ModelMultipleChoiceField(
        label=_("Contacts who are told"),
        queryset=Contact.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those with an account; the others of the client find it in the portal all the same."),
    )

    def __init__(
        self, data: Any = None, *, client: Client, agreed: ClientEdition | None, **more: Any
    ) -> None:
        super().__init__(data, **more)
        people = client.contacts.filter(is_active=True, user__isnull=False).order_by("pk")
        self.fields["told"].queryset = people  # type: ignore[attr-defined]
        if agreed is not None:
            self.fields["is_wanted"].initial = agreed.is_wanted
            self.fields["told"].initial = list(agreed.told.values_list("pk", flat=True))
