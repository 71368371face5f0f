"""How each figure of the report is defined, word for word as in the dictionary."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from reports.monthly.asked import About
from tickets.documents.structure import Part, Table, Text


def gather(about: About) -> None:
    """Nothing besides the dictionary."""


def parts(found: None, about: About) -> Iterable[Part]:
    yield Table(
        (_("Figure"), _("Clause"), _("How it is counted"), _("Least sample")),
        (22, 10, 56, 12),
        tuple(
            (str(kpi.name), kpi.clause, str(kpi.formula), str(about.numbers.aims[key].minimum_sample))
            for key, kpi in about.numbers.kpis.items()
        ),
    )
    yield Text(
        _(
            "A rate covers what fell due in the month; what is open and overdue has failed. A dash: nothing "
            "fell into the month. Intervals are those of 95 % certainty. Few cases are fewer than the "
            "least sample: the value says little then."
        )
    )
