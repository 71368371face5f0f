"""What somebody writes for a notice or a report, and for whom it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tickets.documents.kinds import FIELDS, LONGEST, REQUIRED, DocumentKind, Edition, Entered, Order
from tickets.forms import lines
from tickets.models import Clock, ClockKind, IssuedDocument, Ticket
from tickets.remoteforms import INSTANTS, instant

TEXTS: dict[str, tuple[object, object]] = {
    "affected": (_("What is affected"), _("Which services, which places, how many people.")),
    "done": (_("What has been done, in a few words"), _("The course of events stands below it anyway.")),
    "next_step": (_("Next step, and when"), ""),
    "impact": (_("Impact"), _("What did not work, for whom, for how long; losses where there were any.")),
    "root_cause": (_("Root cause"), _("Where it lies deeper than the diagnosis says.")),
    "measures": (_("Prevention and corrective measures"), _("One a line, with who does it and by when.")),
}
SOON = timedelta(hours=1)


class IssueForm(forms.Form):
    """The fields of one kind; `next_message_at` is a notice's."""

    edition = forms.TypedChoiceField(
        label=_("Edition"),
        choices=Edition.choices,
        coerce=Edition,
        help_text=_("The client reads neither report-ups nor overruns, nor what we noted for ourselves."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, kind: DocumentKind, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = kind
        for name in FIELDS[kind]:
            label, help_text = TEXTS[name]
            self.fields[name] = forms.CharField(
                label=label,
                help_text=help_text,
                max_length=LONGEST,
                required=name in REQUIRED[kind],
                widget=lines(3),
            )
        if kind == DocumentKind.NOTICE:
            self.fields["next_message_at"] = instant(_("Next message by"))

    def order(self) -> Order:
        """What was ordered; call after validation."""
        texts = {
            name: value for name, value in self.cleaned_data.items() if name not in ("edition", "language")
        }
        return Order(self.kind, self.cleaned_data["edition"], self.cleaned_data["language"], Entered(**texts))

    def order_so_far(self) -> Order:
        """The same of a form that is not finished: what is not there yet, or not right, is empty."""
        self.is_valid()
        found = {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)}
        edition = found.pop("edition", Edition.INTERNAL)
        language = found.pop("language", get_language())
        return Order(self.kind, edition, language, Entered(**found))


def to_begin_with(kind: DocumentKind, ticket: Ticket, *, now: datetime) -> dict[str, Any]:
    """What a new form says: the texts of the last issue, else what the record knows."""
    last = IssuedDocument.objects.filter(ticket=ticket, kind=kind).order_by("-pk").first()
    begun: dict[str, Any] = {"edition": Edition.INTERNAL, "language": get_language()}
    if kind == DocumentKind.NOTICE:
        system = f"{ticket.system.label}: " if ticket.system else ""
        word = Clock.objects.running().filter(ticket=ticket, kind=ClockKind.PROGRESS, due_at__gt=now).first()
        next_message_at = word.due_at if word else now + SOON
        begun |= {
            "affected": f"{system}{ticket.title}",
            "next_message_at": timezone.localtime(next_message_at).strftime(INSTANTS[0]),
        }
    if last is not None:
        begun |= {"edition": last.edition, "language": last.language, **last.entered}
    return begun
