"""What grouped answers say by question, by wave, and by whom and what they are about (§4.1.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from clients.models import Channel, ClientType, System
from staff.models import Group, User
from surveys.correcting import RootCause
from surveys.figureshapes import Breakdown, Causes, Distribution, Part, Wave
from surveys.grouping import Counted, Grouped
from surveys.models import Answer, Campaign, CorrectiveAction, Question
from surveys.questions import QuestionKind
from surveys.scope import Scope
from surveys.statistics import Share, change, may_be_told, mean_of, mean_of_percents, pareto, satisfied
from tickets.models import Cause, Kind, Status, Ticket

WAVES_SHOWN = 12


def distributions(scope: Scope, grouped: Grouped, answers: QuerySet[Answer]) -> list[Distribution]:
    """Each question that has points or options, of all versions under one line, in the newest wording."""
    questions = _questions(scope)
    if not questions:
        return []
    counts: dict[int, Counter[Any]] = {line: Counter() for line in questions}
    for (_kind, _dimension, line), points in grouped.points.items():
        if line in counts:
            counts[line] += points
    _add_options(questions, answers, counts)
    return [_distribution(question, counts[line]) for line, question in questions.items()]


def _questions(scope: Scope) -> dict[int, Question]:
    """By line, in the newest published wording."""
    rows = Question.objects.filter(
        version__questionnaire=scope.questionnaire, version__published_at__isnull=False
    )
    found: dict[int, Question] = {}
    shown = [kind for kind in QuestionKind if kind not in (QuestionKind.TEXT, QuestionKind.DATE)]
    for question in rows.filter(kind__in=shown).order_by("-version__number", "position"):
        found.setdefault(question.line, question)
    return found


def _add_options(
    questions: Mapping[int, Question], answers: QuerySet[Answer], counts: dict[int, Counter[Any]]
) -> None:
    lines = [line for line, one in questions.items() if one.kind in (QuestionKind.SINGLE, QuestionKind.MULTI)]
    if not lines:
        return
    chosen = answers.filter(question__line__in=lines).order_by().values_list("question__line", "value")
    for line, value, found in chosen.annotate(found=Count("pk")):
        for key in value if isinstance(value, list) else [value]:
            counts[line][key] += found


def _distribution(question: Question, counts: Counter[Any]) -> Distribution:
    kind, n = QuestionKind(question.kind), counts.total()
    if kind in (QuestionKind.SINGLE, QuestionKind.MULTI):
        options = [
            (one["key"], question.shown(one["key"] if kind == QuestionKind.SINGLE else [one["key"]]))
            for one in question.options
        ]
        rows = [(label, Share(counts[key], n)) for key, label in options]
        return Distribution(question.label, kind, rows, None, None)
    if kind == QuestionKind.YES_NO:
        rows = [(_("Yes"), Share(counts[1.0], n)), (_("No"), Share(counts[0.0], n))]
        return Distribution(question.label, kind, rows, None, None)
    mean = mean_of(counts)
    if kind in (QuestionKind.NUMBER, QuestionKind.MATRIX):
        return Distribution(question.label, kind, [], mean, None)
    low, high = {QuestionKind.NPS: (0, 10), QuestionKind.CES: (1, 7)}.get(kind, (1, 5))
    rows = [(question.shown(point), Share(counts[float(point)], n)) for point in range(high, low - 1, -1)]
    good = satisfied(counts) if kind == QuestionKind.SCALE else None
    return Distribution(question.label, kind, rows, mean, good)


def waves_of(scope: Scope, grouped: Grouped) -> list[Wave]:
    """Periodic waves one after another; of what is asked after records, the months."""
    groups = grouped.parts["wave"]
    if groups and scope.campaign is None:
        asked = Campaign.objects.filter(pk__in=groups).order_by("started_at", "pk")
        names = {campaign.pk: campaign.label for campaign in asked}
    else:
        groups = grouped.parts["month"]
        names = {month: f"{month:%Y-%m}" for month in sorted(groups)}
    waves: list[Wave] = []
    for one, label in list(names.items())[-WAVES_SHOWN:]:
        share = satisfied(groups[one].points)
        mean = mean_of_percents(groups[one].scores)
        before = waves[-1].satisfied if waves else None
        waves.append(Wave(label, mean, share, change(before, share) if before else None))
    return waves


def breakdowns(scope: Scope, grouped: Grouped, most: int | None) -> list[Breakdown]:
    """By whom and what answers are about, of each the `most` with the most answers; None: all."""
    wanted: list[tuple[str, str, Any]] = [
        (_("By channel of the answer"), "channel", Channel),
        (_("By client type"), "client_type", ClientType),
        (_("By system"), "system", System),
    ]
    if not scope.is_own:
        wanted += [(_("By group"), "group", Group)] * (scope.group is None)
        wanted += [(_("By engineer"), "engineer", User)]
    found = []
    for title, part, names in wanted:
        groups = sorted(grouped.parts[part].items(), key=lambda item: (-item[1].scores.total(), item[0]))
        shown = dict(groups[:most])
        labels, more = _names(names, shown), grouped.number_of(part) - len(shown)
        found.append(_breakdown(title, shown, labels, more=more, is_of_persons=names is User))
    return [one for one in found if one.rows]


def _breakdown(
    title: str, groups: Mapping[Any, Counted], names: Mapping[Any, str], *, more: int, is_of_persons: bool
) -> Breakdown:
    rows = []
    for part, group in groups.items():
        n = group.scores.total()
        hidden = is_of_persons and not may_be_told(n)
        mean = mean_of_percents([] if hidden else group.scores)
        share = Share(0, 0) if hidden else satisfied(group.points)
        rows.append(Part(names.get(part, "–"), n, mean, share, hidden))
    rows.sort(key=lambda row: (-row.n, row.label))
    return Breakdown(title, rows, is_of_persons, more)


def causes_of(scope: Scope) -> list[Causes]:
    """Causes of corrective actions opened, of complaints made and of faults solved in the period, as the
    dashboards count them: merged ones do not count. Nothing about persons.
    """
    if scope.is_own:
        return []
    span = scope.start, scope.end
    opened = _within(CorrectiveAction.objects.exclude(root_cause=""), "opened_at", span)
    records = Ticket.objects.exclude(status=Status.MERGED).exclude(cause="")
    complaints = _within(records.filter(kind=Kind.COMPLAINT), "reported_at", span)
    faults = _within(records.filter(kind=Kind.FAULT), "resolved_at", span)
    if scope.group is not None:
        opened, complaints, faults = (rows.filter(group=scope.group) for rows in (opened, complaints, faults))
    tables = [
        (_("Root causes of corrective actions"), opened, "root_cause", RootCause),
        (_("Causes of complaints"), complaints, "cause", Cause),
        (_("Causes of faults"), faults, "cause", Cause),
    ]
    return [Causes(title, pareto(_weights(rows, column, words))) for title, rows, column, words in tables]


def _within(rows: QuerySet[Any], column: str, span: tuple[datetime, datetime]) -> QuerySet[Any]:
    return rows.filter(**{f"{column}__gte": span[0], f"{column}__lt": span[1]})


def _weights(rows: QuerySet[Any], column: str, words: Any) -> dict[str, int]:
    """How many rows there are of each cause, by its name."""
    counted = rows.order_by().values_list(column).annotate(n=Count("*"))
    return {str(words(cause).label): n for cause, n in counted}


def _names(model: Any, pks: Iterable[Any]) -> dict[Any, str]:
    if model is Channel:
        return {channel.value: str(channel.label) for channel in Channel}
    if model is System:  # many clients have one of that name
        systems = System.objects.filter(pk__in=list(pks)).select_related("client")
        return {one.pk: f"{one.label} · {one.client.label}" for one in systems}
    return {one.pk: one.label for one in model.objects.filter(pk__in=list(pks))}
