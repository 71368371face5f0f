"""Answers counted by question, by wave, and by whom and what they are about (§4.1.2).

Whose work an answer is about was frozen when the survey was sent; it is read from the invitation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from clients.models import Channel, ClientType, System
from staff.models import Group, User
from surveys.correcting import RootCause
from surveys.figureshapes import Breakdown, Causes, Distribution, Part, Wave
from surveys.models import Answer, AnswerSheet, Campaign, CampaignKind, CorrectiveAction, Dimension, Question
from surveys.questions import QuestionKind
from surveys.scope import Scope
from surveys.statistics import Share, change, may_be_told, mean_of, mean_of_percents, pareto, satisfied
from tickets.models import Cause, Kind, Ticket

WAVES_SHOWN = 12


def distributions(scope: Scope, answers: QuerySet[Answer]) -> list[Distribution]:
    """Each question that has points or options, of all versions under one line, in the newest wording."""
    questions = _questions(scope)
    if not questions:
        return []
    counts: dict[int, Counter[Any]] = {line: Counter() for line in questions}
    keys = ("question__line", "number")
    pointed = answers.exclude(number=None).order_by().values_list(*keys).annotate(found=Count("pk"))
    for line, number, found in pointed:
        if line in counts:
            counts[line][float(number)] += found
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
    mean = mean_of(counts.elements())
    if kind in (QuestionKind.NUMBER, QuestionKind.MATRIX):
        return Distribution(question.label, kind, [], mean, None)
    low, high = {QuestionKind.NPS: (0, 10), QuestionKind.CES: (1, 7)}.get(kind, (1, 5))
    rows = [(question.shown(point), Share(counts[float(point)], n)) for point in range(high, low - 1, -1)]
    good = satisfied(counts.elements()) if kind == QuestionKind.SCALE else None
    return Distribution(question.label, kind, rows, mean, good)


def waves_of(scope: Scope, answers: QuerySet[Answer], sheets: QuerySet[AnswerSheet]) -> list[Wave]:
    """Periodic waves one after another; of what is asked after records, the months."""
    is_periodic = sheets.filter(invitation__campaign__kind=CampaignKind.PERIODIC).exists()
    if is_periodic and scope.campaign is None:
        periodic = Q(sheet__invitation__campaign__kind=CampaignKind.PERIODIC)
        grouped = _by(answers.filter(periodic).annotate(wave=F("sheet__invitation__campaign")), "wave")
        asked = Campaign.objects.filter(pk__in=grouped).order_by("started_at", "pk")
        names = {campaign.pk: campaign.label for campaign in asked}
    else:
        grouped = _by(answers.annotate(wave=TruncMonth("sheet__given_at")), "wave")
        names = {month: f"{month:%Y-%m}" for month in sorted(grouped)}
    waves: list[Wave] = []
    for one, label in list(names.items())[-WAVES_SHOWN:]:
        scores, points = grouped[one]
        share = satisfied(points.elements())
        before = waves[-1].satisfied if waves else None
        waves.append(
            Wave(label, mean_of_percents(scores.elements()), share, change(before, share) if before else None)
        )
    return waves


def breakdowns(scope: Scope, sheets: QuerySet[AnswerSheet], answers: QuerySet[Answer]) -> list[Breakdown]:
    found = [
        _breakdown(
            _("By channel of the answer"),
            answers,
            "sheet__channel",
            lambda pks: {value: str(label) for value, label in Channel.choices},
        ),
        _breakdown(_("By client type"), answers, "sheet__invitation__client_type", _names(ClientType)),
        _breakdown(_("By system"), answers, "sheet__invitation__system", _names(System)),
    ]
    if not scope.is_own:
        if scope.group is None:
            found.append(_breakdown(_("By group"), answers, "sheet__invitation__group", _names(Group)))
        found.append(
            _breakdown(
                _("By engineer"), answers, "sheet__invitation__engineer", _names(User), is_of_persons=True
            )
        )
    return [one for one in found if one.rows]


def _breakdown(
    title: str, answers: QuerySet[Answer], key: str, names: Any, *, is_of_persons: bool = False
) -> Breakdown:
    grouped = _by(answers.exclude(**{key: None}).annotate(part=F(key)), "part")
    labels = names(list(grouped))
    rows = []
    for part, (scores, points) in grouped.items():
        n = scores.total()
        hidden = is_of_persons and not may_be_told(n)
        mean = mean_of_percents([] if hidden else scores.elements())
        share = Share(0, 0) if hidden else satisfied(points.elements())
        rows.append(Part(labels.get(part, "–"), n, mean, share, hidden))
    rows.sort(key=lambda row: (-row.n, row.label))
    return Breakdown(title, rows, is_of_persons)


def _by(answers: QuerySet[Answer], name: str) -> dict[Any, tuple[Counter[Any], Counter[Any]]]:
    """The scores of sheets, and the points of their overall question, by a part: two queries."""
    found: dict[Any, tuple[Counter[Any], Counter[Any]]] = {}
    sheets = answers.exclude(sheet__score=None).order_by().values_list(name, "sheet__score")
    for part, score, n in sheets.annotate(n=Count("sheet", distinct=True)):
        found.setdefault(part, (Counter(), Counter()))[0][float(score)] += n
    overall = answers.filter(question__dimension=Dimension.OVERALL, question__kind=QuestionKind.SCALE)
    rows = overall.exclude(number=None).order_by().values_list(name, "number")
    for part, number, n in rows.annotate(n=Count("pk")):
        found.setdefault(part, (Counter(), Counter()))[1][float(number)] += n
    return found


def causes_of(scope: Scope) -> list[Causes]:
    """Causes of corrective actions, of complaints and of faults in the period; nothing about persons."""
    if scope.is_own:
        return []
    opened = CorrectiveAction.objects.filter(opened_at__gte=scope.start, opened_at__lt=scope.end)
    records = Ticket.objects.filter(reported_at__gte=scope.start, reported_at__lt=scope.end).exclude(cause="")
    if scope.group is not None:
        opened, records = opened.filter(group=scope.group), records.filter(group=scope.group)
    tables = [
        (_("Root causes of corrective actions"), opened.exclude(root_cause=""), "root_cause", RootCause),
        (_("Causes of complaints"), records.filter(kind=Kind.COMPLAINT), "cause", Cause),
        (_("Causes of faults"), records.filter(kind=Kind.FAULT), "cause", Cause),
    ]
    return [
        Causes(title, pareto({str(words(key).label): n for key, n in _count(rows, field).items()}))
        for title, rows, field, words in tables
    ]


def _count(rows: QuerySet[Any], field: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(field).annotate(n=Count("pk")))


def counts_of(rows: QuerySet[Any]) -> Counter[float]:
    """How often each value occurs, of a query for one column."""
    return Counter({float(value): n for value, n in rows.order_by().annotate(n=Count("pk"))})


def points_of(answers: QuerySet[Answer], **of: Any) -> Counter[float]:
    rows = answers.filter(**{f"question__{name}": value for name, value in of.items()})
    return counts_of(rows.exclude(number=None).values_list("number"))


def _names(model: Any) -> Any:
    """What turns ids into names, in one query."""
    return lambda pks: {one.pk: one.label for one in model.objects.filter(pk__in=pks)}
