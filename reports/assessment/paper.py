"""All that an assessment says, as it is frozen when it becomes final: names, figures, items, words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import override

from reports.kpis import KPIS
from reports.models import Assessment, AssessmentItem
from staff.models import User

# What was entered by hand when an earlier version of the scheme was in force, and this one knows no more.
NOT_IN_SCHEME = {"name_en": "", "effect": "", "points": ""}
LANGUAGES = {"name": "zh-hans", "name_en": "en"}


def facts_of(assessment: Assessment) -> dict[str, Any]:
    """Return what its page, its file and its interface say: frozen, where it is final."""
    return assessment.snapshot if assessment.snapshot is not None else described(assessment)


def described(assessment: Assessment) -> dict[str, Any]:
    """Return it as JSON can hold it, as it stands now."""
    content = assessment.scheme.content
    rows = assessment.items.select_related("by", "out_by").prefetch_related("files").order_by("pk")
    kpis = [measure["kpi"] for line in assessment.result.get("lines", ()) for measure in line["measures"]]
    return {
        "month": f"{assessment.month:%Y-%m}",
        "group": _named(assessment.group, id=assessment.group.code),
        "person": _named(assessment.person, id=assessment.person.username) if assessment.person else None,
        "scheme": {
            "number": assessment.scheme.number,
            "title": assessment.scheme.title,
            "grades": content["grades"],
            "minimum_sample": content["minimum_sample"],
            "bonus_cap": content["bonus_cap"],
            "penalty_cap": content["penalty_cap"],
        },
        "kpis": {key: _kpi(key) for key in kpis},
        "result": assessment.result,
        "left_out": assessment.left_out,
        "items": _items(rows, assessment),
        "counted_at": _iso(assessment.counted_at),
        "note": assessment.note,
        "checked_by": _person(assessment.checked_by),
        "shown_at": _iso(assessment.shown_at),
        "appeal": assessment.appeal,
        "appealed_at": _iso(assessment.appealed_at),
        "outcome": assessment.outcome,
        "ruling": assessment.ruling,
        "ruled_by": _person(assessment.ruled_by),
    }


def _items(rows: Iterable[AssessmentItem], assessment: Assessment) -> list[dict[str, Any]]:
    known = {item["code"]: item for item in assessment.scheme.content["items"]}
    shown = []
    for row in rows:
        item = known.get(row.code, NOT_IN_SCHEME | {"name": row.code})
        shown.append(
            {
                "id": row.pk,
                "code": row.code,
                "name": item["name"],
                "name_en": item["name_en"],
                "effect": item["effect"],
                "points": item["points"],
                "source": row.source,
                "thing": row.thing,
                "thing_id": row.thing_id,
                "label": row.label,
                "label_en": row.label_en,
                "reason": row.reason,
                "by": _person(row.by),
                "at": _iso(row.at),
                "files": [{"id": file.pk, "name": file.name} for file in row.files.all()],
                "counts": row.out_at is None and row.code in known,
                "out_cause": row.out_cause,
                "out_because": row.out_because,
                "out_by": _person(row.out_by),
            }
        )
    return shown


def _kpi(key: str) -> dict[str, str]:
    """The name of a KPI in both languages, as it is called today."""
    kpi = KPIS.get(key)
    names = {}
    for field, language in LANGUAGES.items():
        with override(language):
            names[field] = str(kpi.name) if kpi else key
    return names | {"unit": str(kpi.unit) if kpi else ""}


def _person(user: User | None) -> dict[str, str] | None:
    return _named(user, id=user.username) if user else None


def _named(thing: Any, *, id: str) -> dict[str, str]:
    return {"id": id, "name": thing.name, "name_en": thing.name_en}


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
