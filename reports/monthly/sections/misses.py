"""Which limits were missed how often, and why; and what a rate leaves out: waiting and merged records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.kpis.definition import Share
from reports.kpis.records import NOT_COUNTED
from reports.monthly.asked import About
from reports.wording import whole_words
from tickets.documents.structure import Pairs, Part, Table, Tone
from tickets.models import ClockKind, Overrun, OverrunCause

OF_LIMITS = ("clock", "escalation")  # the sources of figures that say whether limits were kept
CAUSES = (*OverrunCause.values, "")


@dataclass(frozen=True, slots=True)
class Found:
    """Overruns by clock and cause; of who answers for them, and of what he says, nothing is known here."""

    reasons: Mapping[tuple[str, str], int]


def gather(about: About) -> Found:
    if about.is_for_client:
        return Found({})
    rows = Overrun.objects.standing().filter(due_at__gte=about.start, due_at__lt=about.end)
    counted = about.of(rows, client="ticket__client").order_by().values_list("kind", "cause")
    return Found({(kind, cause): n for kind, cause, n in counted.annotate(n=Count("pk"))})


def parts(found: Found, about: About) -> Iterable[Part]:
    numbers = about.numbers
    rows, tones = [], []
    for key, kpi in numbers.kpis.items():
        figure = numbers.month[key]
        if kpi.source not in OF_LIMITS or not isinstance(kpi, Share) or not figure.denominator:
            continue
        missed = figure.denominator - int(figure.numerator)
        rows.append((str(kpi.name), str(figure.denominator), str(missed), whole_words(figure)))
        tones.append(Tone.BAD if missed else Tone.GOOD)
    if rows:
        head = (_("Limit"), _("Fell due"), pgettext("limits", "Missed"), pgettext("limits", "Kept"))
        yield Table(head, (46, 18, 18, 18), tuple(rows), tuple(tones))
    if found.reasons:
        yield _reasons(found.reasons)
    # What makes such rates beautiful is said beside them: what waits, and what was merged.
    beside = [key for key in NOT_COUNTED if key in numbers.kpis]
    if beside and rows:
        yield Pairs(tuple((str(numbers.kpis[key].name), whole_words(numbers.month[key])) for key in beside))


def _reasons(reasons: Mapping[tuple[str, str], int]) -> Table:
    """Overruns by clock, each cause a column; those that nobody has ruled on are the last."""
    kinds = [kind for kind in ClockKind if any((kind.value, cause) in reasons for cause in CAUSES)]
    causes = [cause for cause in CAUSES if any((kind.value, cause) in reasons for kind in kinds)]
    return Table(
        (_("Overruns by cause"), *map(_cause, causes)),
        (30, *(70 // len(causes) for _each in causes)),
        tuple(
            (str(kind.label), *(str(reasons.get((kind.value, cause), 0)) for cause in causes))
            for kind in kinds
        ),
    )


def _cause(cause: str) -> str:
    return str(OverrunCause(cause).label) if cause else _("not ruled on yet")
