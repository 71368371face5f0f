"""What inspections found, which were missed, and hidden dangers that audits raised (§5.1, §4.1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audits.models import Finding
from duty.inspecting import Result
from duty.models import InspectionAnswer
from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, day, table
from tickets.documents.structure import Pairs, Part, Text, Tone


@dataclass(frozen=True, slots=True)
class Found:
    abnormal: Rows
    dangers: Rows


def gather(about: About) -> Found:
    first, until = about.days
    client = "version__sheet__system__client"
    answers = InspectionAnswer.objects.filter(
        result=Result.ABNORMAL, inspection__day__gte=first, inspection__day__lt=until
    )
    own = about.of(answers, group="inspection__group", client=f"inspection__{client}")
    names = ("item", "inspection__version__sheet__system__client")
    abnormal = first_of(own.select_related(*names).order_by("inspection__day", "pk"))
    if about.is_for_client:  # findings are the house's own
        return Found(abnormal=abnormal, dangers=Rows())
    raised = Finding.objects.raised_in(about.start, about.end).dangers().with_names()
    return Found(abnormal=abnormal, dangers=first_of(about.of(raised).order_by("raised_at", "pk")))


def parts(found: Found, about: About) -> Iterable[Part]:
    done, due = about.numbers.share("inspections") or (0, 0)
    if not due and not found.abnormal.rows and not found.dangers.rows:
        return
    yield Pairs(
        (
            (_("Inspections due"), str(due)),
            (_("Finished in time"), str(done)),
            (_("Late or missed"), str(due - done)),
        )
    )
    head = [_("Day"), _("Sheet"), _("Item"), _("Value")]
    widths = [14, 34, 30, 22]
    if not about.is_for_client:
        head, widths = [*head, _("Note")], [12, 28, 22, 12, 26]
    yield from table(
        head, widths, found.abnormal, lambda answer: _answer(answer, about), lambda _answer: Tone.BAD
    )
    yield from table(
        (_("Number"), _("Hidden danger"), _("To be remedied by"), _("State")),
        (14, 50, 18, 18),
        found.dangers,
        lambda one: (
            f"QF-{one.pk:04d}",
            brief(one.title),
            day(one.due_on),
            str(one.get_state_display()),
        ),
        lambda one: Tone.BAD if one.is_open else Tone.GOOD,
    )
    if not found.abnormal.rows and not found.dangers.rows:
        all_well = _("Nothing abnormal, and no hidden dangers.")
        yield Text(_("Nothing abnormal.") if about.is_for_client else all_well)


def _answer(answer: InspectionAnswer, about: About) -> list[str]:
    sheet = answer.inspection.sheet
    whose = sheet.system.label if sheet.system else ""
    if sheet.system and not about.is_for_client:
        whose = f"{sheet.system.client.label} · {whose}"
    line = [
        day(answer.inspection.day),
        "\n".join(filter(None, (sheet.label, whose))),
        answer.item.label,
        answer.shown_value or "–",
    ]
    return line if about.is_for_client else [*line, brief(answer.note, 120) or "–"]
