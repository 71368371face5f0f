"""What inspections found, which were missed, and hidden dangers that audits raised (§5.1, §4.1.1).

Of what was abnormal that comes first of which no record was opened, then what is open still.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Case, Exists, OuterRef, When
from django.utils.translation import gettext as _

from audits.models import Finding
from duty.inspecting import Result
from duty.models import InspectionAnswer
from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, day, table
from tickets.documents.structure import Pairs, Part, Text, Tone
from tickets.lifecycle import OVER
from tickets.models import InspectionRecord, Ticket


@dataclass(frozen=True, slots=True)
class Found:
    """`records` is what was opened of each abnormal item, by the item's id."""

    abnormal: Rows
    records: Mapping[int, Ticket]
    dangers: Rows


OPEN = Exists(InspectionRecord.objects.filter(answer=OuterRef("pk")).exclude(ticket__status__in=OVER))
UNRESOLVED_FIRST = Case(When(recorded_at=None, then=0), When(OPEN, then=1), default=2)


def gather(about: About) -> Found:
    first, until = about.days
    client = "version__sheet__system__client"
    answers = InspectionAnswer.objects.filter(
        result=Result.ABNORMAL, inspection__day__gte=first, inspection__day__lt=until
    )
    own = about.of(answers, group="inspection__group", client=f"inspection__{client}")
    names = ("item", "inspection__version__sheet__system__client")
    abnormal = first_of(own.select_related(*names).order_by(UNRESOLVED_FIRST, "inspection__day", "pk"))
    opened = InspectionRecord.objects.filter(answer__in=[answer.pk for answer in abnormal.rows])
    records = {one.answer_id: one.ticket for one in opened.select_related("ticket")}
    if about.is_for_client:  # findings are the house's own
        return Found(abnormal, records, Rows())
    raised = Finding.objects.raised_in(about.start, about.end).dangers().with_names()
    return Found(abnormal, records, first_of(about.of(raised).order_by("raised_at", "pk")))


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
    head = [_("Day"), _("Sheet"), _("Item"), _("Value"), _("Record")]
    widths = [14, 30, 24, 14, 18]
    if not about.is_for_client:
        head, widths = [*head, _("Note")], [12, 22, 18, 10, 14, 24]
    yield from table(
        head,
        widths,
        found.abnormal,
        lambda answer: _answer(answer, found, about),
        lambda answer: Tone.GOOD if _is_settled(found.records.get(answer.pk)) else Tone.BAD,
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


def _answer(answer: InspectionAnswer, found: Found, about: About) -> list[str]:
    sheet = answer.inspection.sheet
    whose = sheet.system.label if sheet.system else ""
    if sheet.system and not about.is_for_client:
        whose = f"{sheet.system.client.label} · {whose}"
    record = found.records.get(answer.pk)
    line = [
        day(answer.inspection.day),
        "\n".join(filter(None, (sheet.label, whose))),
        answer.item.label,
        answer.shown_value or "–",
        f"{record.number}\n{record.get_status_display()}" if record else _("none"),
    ]
    if about.is_for_client:  # what was noted, and why there is no record, is the house's
        return line
    noted = "\n".join(filter(None, (answer.note, answer.reason if record is None else "")))
    return [*line, brief(noted, 120) or "–"]


def _is_settled(record: Ticket | None) -> bool:
    return record is not None and record.status in OVER
