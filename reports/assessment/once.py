"""A row counts once: whoever enters it, and in whichever month a rule finds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Q

from reports.assessment.gathering import Found
from reports.assessment.scheme import Content, Item
from reports.models import AssessmentItem
from staff.models import Group, User


def counted_once(
    content: Content, found: Iterable[Found], taken: Iterable[AssessmentItem]
) -> Mapping[str, tuple[Item, Found]]:
    """Return by its key what a scheme makes of each row that rules found, but for what counts already."""
    by_rule, by_hand = set(), set()
    for row in taken:
        if row.by_id is None:
            by_rule.add(row.key)
        else:
            by_hand.add((row.code, row.thing, row.thing_id))
    return {
        one.key: (item, one)
        for one in found
        if (item := content.item_found_by(one.source)) is not None
        and one.key not in by_rule
        and (item.code, one.thing, one.thing_id) not in by_hand
    }


def items_of(group: Group | None, people: Sequence[User], found: Iterable[Found]) -> list[AssessmentItem]:
    """Return what was ever entered or found of these rows, of a group itself and of people. One query."""
    whose = Q(assessment__person__in=people)
    if group is not None:
        whose |= Q(assessment__person=None, assessment__group=group)
    rows = AssessmentItem.objects.filter(whose, thing_id__in={one.thing_id for one in found})
    return list(rows.select_related("assessment"))


def taken(items: Iterable[AssessmentItem], month: date) -> list[AssessmentItem]:
    """Those of one subject that a rule does not find once more in a month: what was entered by hand in it,
    and what was shown in an earlier one.
    """
    return [item for item in items if _is_taken(item, month)]


def _is_taken(item: AssessmentItem, month: date) -> bool:
    of = item.assessment
    if of.month > month or of.month < month and of.is_draft:
        return False
    if item.by_id is None:
        return of.month < month
    # What its supervisor took back is as if never entered; what a ruling struck afterwards stays struck.
    is_struck = item.out_at is not None and of.shown_at is not None and item.out_at >= of.shown_at
    return item.out_at is None or is_struck
