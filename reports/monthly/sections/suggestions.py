"""What staff found defective in the process and what was answered (§1.1)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from audits.models import Suggestion
from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, table
from tickets.documents.structure import Part


def gather(about: About) -> Rows:
    filed = Q(filed_at__gte=about.start, filed_at__lt=about.end)
    answered = Q(over_at__gte=about.start, over_at__lt=about.end)
    rows = Suggestion.objects.filter(filed | answered).with_names().order_by("filed_at", "pk")
    return first_of(about.of(rows, group="by__group"))


def parts(found: Rows, about: About) -> Iterable[Part]:
    yield from table(
        (_("Number"), _("Clause"), _("What is wrong or missing"), _("State"), _("Answer")),
        (12, 10, 38, 14, 26),
        found,
        lambda one: (
            one.number,
            f"§{one.clause.number}",
            brief(one.text, 200),
            str(one.get_state_display()),
            brief(one.answer, 160) or "–",
        ),
    )
