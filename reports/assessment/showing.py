"""An assessment as its page shows it: each line in the reader's language, each point with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from reports.addresses import rows_address
from reports.assessment.kinds import Excuse, Thing
from reports.assessment.scoring import Why
from reports.chosen import Chosen, may_read_person
from reports.kpis import KPIS
from reports.kpis.figure import NOTHING, Unit
from reports.models import Assessment
from reports.wording import target_words, with_unit
from staff.bilingual import as_read
from staff.models import User

ADDRESSES = {
    Thing.RECORD: "tickets:detail",
    Thing.OVERRUN: "tickets:overrun",
    Thing.INSPECTION: "duty:inspection",
}


def name_of(named: Mapping[str, str]) -> str:
    """A bilingual name, as it is kept, in the reader's language."""
    return as_read(named["name"], named["name_en"]) or named.get("id", "")


def shown_lines(facts: Mapping[str, Any], assessment: Assessment, reader: User) -> list[dict[str, Any]]:
    """The lines of a result, each KPI with its name, its value in words, and the address of its rows.

    Who rules on an appeal and reads no figures of the person's else is not sent to rows that he cannot open.
    """
    person = assessment.person
    chosen = Chosen(reader, None if person else assessment.group, person)
    opens_rows = person is None or may_read_person(reader, person)
    shown = []
    for line in facts["result"].get("lines", ()):
        measures = [
            {
                "name": name_of(facts["kpis"][one["kpi"]]),
                "value": value_in_words(one["value"], facts["kpis"][one["kpi"]]["unit"]),
                "floor": limit_in_words(one["floor"], facts["kpis"][one["kpi"]]["unit"]),
                "target": limit_in_words(one["target"], facts["kpis"][one["kpi"]]["unit"]),
                "n": one["n"],
                "points": one["points"],
                "why": why_in_words(one["why"], facts["scheme"]["minimum_sample"]),
                "rows": rows_address(one["kpi"], chosen, assessment.period)
                if opens_rows and one["kpi"] in KPIS and one["why"] != Why.NOT_MEASURED and one["n"]
                else "",
            }
            for one in line["measures"]
        ]
        shown.append(line | {"label": name_of(line), "kpis": measures})
    return shown


def shown_items(facts: Mapping[str, Any], assessment: Assessment) -> list[dict[str, Any]]:
    """The items, each with the address of its row; what the scheme knows no more counts nothing."""
    known = {item["code"] for item in assessment.scheme.content["items"]}
    return [
        item
        | {
            "title": name_of(item),
            "label": as_read(item["label"], item.get("label_en", "")),
            "url": reverse(ADDRESSES[Thing(item["thing"])], args=[item["thing_id"]]) if item["thing"] else "",
            "counts": item["counts"] and item["code"] in known,
            "is_dropped": item["code"] not in known,
            "cause": str(Excuse(item["out_cause"]).label) if item["out_cause"] else "",
        }
        for item in facts["items"]
    ]


def value_in_words(value: str | None, unit: str) -> str:
    """A KPI's value as it is kept, in its unit: `93.3 %`."""
    return NOTHING if value is None else with_unit(Unit(unit), float(value))


def limit_in_words(value: str, unit: str) -> str:
    """Where points begin, or are all given, in the KPI's unit: `80 %`."""
    return target_words(Unit(unit), float(value))


def why_in_words(why: str, minimum: int) -> str:
    match why:
        case Why.EMPTY:
            return _("not rated: nothing in this month")
        case Why.SMALL:
            return _("not rated: fewer than %(n)s") % {"n": minimum}
        case Why.NOT_MEASURED:
            return _("not rated: not measured here")
    return ""
