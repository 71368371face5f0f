"""Every page of the process register in a state that shows all of it, for the tests in a browser."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from audits.actions import clauses, suggestions
from audits.models import ProcessVersion
from audits.tests.processes import changed, filed, loaded
from opsdesk.testing import Cast

DAY = timedelta(days=1)
LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 4


def process_pages(cast: Cast) -> list[tuple[str, str]]:
    now = timezone.now()
    loaded(now - 90 * DAY)
    first = filed(cast, now - 60 * DAY, text=LONG, wording=LONG)
    suggestions.adopt(first, answer=LONG, by=cast.zhou, now=now - 50 * DAY)
    draft = ProcessVersion.objects.get(number=2)
    changed(draft, "3.2", cast, text=f"{LONG}夜里由值班人员跟进。", text_en="Whoever is on duty follows it.")
    clauses.save_clause(draft, {"number": "7", "title": LONG[:100], "text": LONG}, line=None, by=cast.zhou)
    clauses.remove_clause(draft, draft.clauses.get(number="3.3").line, by=cast.zhou)
    draft.refresh_from_db()
    draft = clauses.publish_version(
        draft, in_force_on=timezone.localdate(now), note=LONG[:80], by=cast.zhao, now=now - DAY
    )
    overdue = filed(cast, now - 40 * DAY, text=LONG)
    reviewed = suggestions.review(filed(cast, now, by=cast.chen), by=cast.zhou, now=now)
    suggestions.adopt(filed(cast, now, number="5.1"), answer="好", by=cast.zhou, now=now)
    suggestions.tend_suggestions(now=now)
    clauses.confirm_reading(draft, by=cast.wang, now=now)
    one = draft.clauses.get(number="3.2")
    pages: list[tuple[str, str, list[object]]] = [
        ("li", "current", []),
        ("wang", "current", []),
        ("zhou", "versions", []),
        ("li", "version", [1]),
        ("zhou", "version", [3]),
        ("li", "clause", ["3.2"]),
        ("zhou", "clause_of", [1, "3.2"]),
        ("li", "diff", [2]),
        ("zhou", "diff", [3]),
        ("wang", "readings", [2]),
        ("zhou", "suggestions", []),
        ("li", "suggestion", [overdue.pk]),
        ("zhou", "suggestion", [reviewed.pk]),
        ("zhou", "suggestion", [first.pk]),
        ("zhou", "draft", []),
        ("zhou", "clause_edit", [one.line]),
        ("zhou", "clause_new", []),
        ("zhao", "terms", []),
    ]
    return [(who, reverse(f"process:{name}", args=args)) for who, name, args in pages]
