"""What is typed on the pages of weekly reports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meetings.models.reports import LONGEST
from meetings.reporting import WORDS


def _words(label: Any, rows: int, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=LONGEST, required=False, widget=area)


class ReportForm(forms.Form):
    """The words of a report. Only to submit it, what was done is required: an action says so."""

    done = _words(pgettext_lazy("weekly report", "What was done"), 8)
    problems = _words(_("Problems"), 4)
    plans = _words(_("Plans for the week"), 6)
    help_wanted = _words(_("Help wanted"), 3, _("From whom, for what. It stands on the meeting's agenda."))

    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WORDS}


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
