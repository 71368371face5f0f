"""The limits and report-up rules in force, older ones and a draft, for everybody of the house to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clients.models import Contract
from staff.models import User
from staff.views.access import house_only
from tickets.actions.drafting import may_rule
from tickets.actions.policy import required_limits
from tickets.histories import terms_of
from tickets.models import OVERRUN_WINDOWS, ClockKind, EscalationRule, PolicyVersion, TimeLimit, Window
from tickets.policychanges import Change, Remark, changes, remarks
from tickets.policyforms import AdoptForm
from tickets.terms import offsets


@dataclass(frozen=True, slots=True)
class Line:
    """What holds for one clock of one grade; the limits of contracts and kinds of work below the default."""

    grade: int | None
    limits: list[TimeLimit]
    rules: list[EscalationRule]


@house_only
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """What is in force, and the versions that there are."""
    versions = PolicyVersion.objects.visible_to(request.user).select_related("drafted_by", "adopted_by")
    found = list(versions)
    adopted = get_object_or_404(versions.adopted())
    draft = next((version for version in found if version.is_draft), None)
    windows = {row.kind: row for row in Window.objects.all()}
    context = {
        **shown(adopted, request.user),
        "versions": found,
        "draft": draft,
        "may_draft": draft is None and may_rule(request.user),
        "windows": [row for kind, row in windows.items() if kind not in OVERRUN_WINDOWS],
        "terms": [windows[kind] for kind in OVERRUN_WINDOWS if kind in windows],
    }
    return render(request, "tickets/policy.html", context)


@house_only
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version as it stands, and what it changes in the one before it."""
    found = version_of(request.user, number)
    return render(request, "tickets/policy_version.html", version_context(found, request.user))


def version_of(user: User, number: int) -> PolicyVersion:
    """The version of an address; 404 where it is not there or not the person's to see."""
    rows = PolicyVersion.objects.visible_to(user).select_related("drafted_by", "adopted_by")
    return get_object_or_404(rows, number=number)


def version_context(found: PolicyVersion, user: User) -> dict[str, object]:
    """What a version's page shows: its table, the difference from `before`, and what is odd with it."""
    before = compared_with(found)
    differing = changes(terms_of(before), terms_of(found)) if before else []
    names = named(differing, user)
    may_edit = found.is_draft and may_rule(user)
    return {
        **shown(found, user),
        "before": before,
        "changes": [change for change in differing if _is_visible(change, names["contracts"])],
        "names": names,
        "remarks": list_of_remarks(found) if found.is_draft else [],
        "may_edit": may_edit,
        "may_ask": may_rule(user),
        "adopt_form": AdoptForm() if may_edit else None,
    }


def compared_with(found: PolicyVersion) -> PolicyVersion | None:
    """A draft is compared with what is in force, another version with the one before it."""
    if found.is_draft:
        return PolicyVersion.objects.adopted().first()
    return PolicyVersion.objects.filter(number__lt=found.number).first()


def list_of_remarks(found: PolicyVersion) -> list[Remark]:
    """What is missing or odd with a version, what is missing first."""
    every = remarks(terms_of(found), required_limits())
    return sorted(every, key=lambda remark: not remark.is_error)


def shown(found: PolicyVersion, user: User) -> dict[str, object]:
    """A version clock by clock and grade by grade, with the names of the people whom rules name."""
    limits = list(
        found.limits.visible_to(user).select_related("contract__client").order_by("contract_id", "work", "pk")
    )
    rules = list(found.rules.filter(is_active=True).select_related("person"))
    clocks = []
    for kind in ClockKind:
        grades = {row.grade for row in (*limits, *rules) if row.kind == kind}
        lines = [_line(kind, grade, limits, rules) for grade in sorted(grades, key=lambda grade: grade or 0)]
        if lines:
            clocks.append((kind, lines))
    people = {rule.person_id: rule.person.label for rule in rules if rule.person}
    return {"version": found, "clocks": clocks, "people": people}


def named(found: list[Change], user: User) -> Mapping[str, Mapping[int, str]]:
    """The names of the people and of the contracts (those that the reader may see) of which changes speak."""
    rows = [row for change in found for row in (change.old, change.new) if row is not None]
    of_people, of_contracts = (
        {getattr(row, name, None) for row in rows} - {None} for name in ("person_id", "contract_id")
    )
    people = User.objects.filter(pk__in=of_people)
    contracts = Contract.objects.visible_to(user).filter(pk__in=of_contracts).select_related("client")
    return {
        "people": {person.pk: person.label for person in people},
        "contracts": {
            one.pk: f"{one.client.label} · {one.number}" for one in contracts.select_related("client")
        },
    }


def _is_visible(change: Change, contracts: Mapping[int, str]) -> bool:
    contract = getattr(change.about, "contract_id", None)
    return contract is None or contract in contracts


def _line(kind: ClockKind, grade: int | None, limits: list[TimeLimit], rules: list[EscalationRule]) -> Line:
    """The rules in the order in which they report up under the limit for everybody."""
    its = [row for row in limits if (row.kind, row.grade) == (kind, grade)]
    general = next((row.limit for row in its if row.contract_id is None and not row.work), timedelta(0))
    ladder = [row for row in rules if (row.kind, row.grade) == (kind, grade)]
    return Line(grade, its, sorted(ladder, key=lambda rule: (offsets(rule, general)[0], rule.pk)))
