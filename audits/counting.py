"""Audits in figures: by month and person, each with how many stand behind it (§4.1.1, §5.2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from audits.filters import AGES, of_age
from audits.kinds import AuditKind, FindingKind, FindingState, Result
from audits.models import Audit, Check, Finding
from staff.models import Group, User
from surveys.statistics import Share


@dataclass(frozen=True, slots=True)
class MonthOf:
    """One month: findings by kind, and of what was looked at how much conforms."""

    month: str
    findings: tuple[int, ...]  # in the order of FindingKind
    conformity: Share

    @property
    def total(self) -> int:
        return sum(self.findings)


def by_month(user: User, group: Group | None, months: list[date]) -> list[MonthOf]:
    """Count for each month, given by its first day, as far as the person sees: two queries."""
    tz = timezone.get_default_timezone()
    first = datetime(months[0].year, months[0].month, 1, tzinfo=tz)
    found = (
        Finding.objects.visible_to(user).filter(raised_at__gte=first).exclude(state=FindingState.WITHDRAWN)
    )
    looked = checks_seen(user, group).filter(at__gte=first)
    if group is not None:
        found = found.filter(group=group)
    counts: Counter[tuple[str, str]] = Counter()
    rows = found.annotate(month=TruncMonth("raised_at", tzinfo=tz)).order_by().values_list("month", "kind")
    for month, kind, n in rows.annotate(n=Count("pk")):
        counts[f"{month:%Y-%m}", kind] = n
    good: dict[str, Share] = {}
    parts = looked.annotate(month=TruncMonth("at", tzinfo=tz)).order_by().values_list("month")
    for month, n, conforms in parts.annotate(
        n=Count("pk"), good=Count("pk", filter=Q(result=Result.CONFORMS))
    ):
        good[f"{month:%Y-%m}"] = Share(conforms, n)
    return [
        MonthOf(
            f"{month:%Y-%m}",
            tuple(counts[f"{month:%Y-%m}", kind] for kind in FindingKind),
            good.get(f"{month:%Y-%m}", Share(0, 0)),
        )
        for month in months
    ]


def by_kind(user: User, group: Group | None, since: datetime) -> list[tuple[AuditKind, Share]]:
    """How much conforms by the kind of audit; what does not apply is not counted."""
    rows = checks_seen(user, group).filter(at__gte=since).order_by().values_list("audit__kind")
    counts = rows.annotate(n=Count("pk"), good=Count("pk", filter=Q(result=Result.CONFORMS)))
    found = {kind: Share(good, n) for kind, n, good in counts}
    return [(kind, found.get(kind.value, Share(0, 0))) for kind in AuditKind]


def open_by_age(user: User, group: Group | None, now: datetime) -> list[tuple[str, tuple[int, ...]]]:
    """Open findings by how many days ago they were raised, in the order of FindingKind; a query an age."""
    found = Finding.objects.visible_to(user).open()
    if group is not None:
        found = found.filter(group=group)
    lines = []
    for age in AGES:
        counts = dict(of_age(found, age, now).order_by().values_list("kind").annotate(n=Count("pk")))
        lines.append((age, tuple(counts.get(kind.value, 0) for kind in FindingKind)))
    return lines


def hidden_dangers(start: datetime, end: datetime) -> QuerySet[Finding]:
    """Hidden dangers found before a failure, raised in [start, end): count by `raised_by` or `owner`."""
    return Finding.objects.raised_in(start, end).dangers()


def documents_conform(start: datetime, end: datetime) -> dict[int | None, Share]:
    """Of what audits of documents looked at in [start, end) how much conforms, by whose record it was.

    The key is the id of the record's owner when it was sampled; None of what is no one record's.
    """
    rows = Check.objects.filter(audit__kind=AuditKind.DOCUMENTS, at__gte=start, at__lt=end)
    rows = rows.filter(result__in=(Result.CONFORMS, Result.DEVIATES)).order_by()
    counts = rows.values_list("sampled__person").annotate(
        n=Count("pk"), good=Count("pk", filter=Q(result=Result.CONFORMS))
    )
    return {person: Share(good, n) for person, n, good in counts}


def checks_seen(user: User, group: Group | None) -> QuerySet[Check]:
    """What was looked at and applies, in the audits that the person sees."""
    audits = Audit.objects.visible_to(user)
    if group is not None:
        audits = audits.filter(group=group)
    return Check.objects.filter(audit__in=audits, result__in=(Result.CONFORMS, Result.DEVIATES))
