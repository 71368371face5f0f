"""The figures of satisfaction, gathered once, so that pages and files say the same (§4.1.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q

from clients.models import Channel
from surveys.figureshapes import Figures
from surveys.grouping import group_sheets
from surveys.models import Answer, CampaignKind, CorrectiveAction, Dimension, InvitationState
from surveys.questions import QuestionKind
from surveys.scope import Scope
from surveys.statistics import Share, easy, mean_of, mean_of_percents, promoters, response_rate, satisfied
from surveys.tallying import breakdowns, causes_of, distributions, waves_of


def gather(scope: Scope, now: datetime, *, most: int | None = None) -> Figures:
    """Gather all figures of a scope, of each breakdown the `most` parts with the most answers; a fixed number
    of queries, whatever there is.
    """
    sheets = scope.sheets()
    answers = Answer.objects.filter(sheet__in=sheets)
    found = group_sheets(sheets, most)
    overall = found.points_of(QuestionKind.SCALE, Dimension.OVERALL)
    nps = promoters(found.points_of(QuestionKind.NPS))
    ces = found.points_of(QuestionKind.CES)
    ways = _ways(scope)
    return Figures(
        n=found.n,
        mean=mean_of_percents(found.scores),
        satisfied=satisfied(overall),
        bad=Share(found.bad, found.n),
        recommend=nps,
        margin=nps.margin(_population(scope)),
        effort=easy(ces),
        effort_mean=mean_of(ces),
        response=_sum(share for _label, share in ways),
        by_way=ways,
        distributions=distributions(scope, found, answers),
        waves=waves_of(scope, found),
        breakdowns=breakdowns(scope, found, most),
        causes=causes_of(scope),
        verified_in_time=_verified(scope, now),
    )


def _population(scope: Scope) -> int | None:
    """How many people a periodic wave asked: of these the answers are a part. Unknown of anything else."""
    if scope.campaign is None or scope.campaign.kind != CampaignKind.PERIODIC or scope.is_own:
        return None
    return scope.invitations().values("contact").distinct().count()


def _ways(scope: Scope) -> list[tuple[str, Share]]:
    """Per way in which somebody was asked last: finished over sent without what came back undelivered.

    All invitations that were sent in the period; what is still open counts as not finished yet.
    """
    rows = scope.invitations().order_by().values("channel")
    counted = rows.annotate(
        sent=Count("pk"),
        bounced=Count("pk", filter=Q(state=InvitationState.BOUNCED)),
        finished=Count("pk", filter=Q(state=InvitationState.ANSWERED)),
    )
    found = {row["channel"]: row for row in counted}
    return [
        (
            str(Channel(way).label),
            response_rate(**{name: found[way][name] for name in ("sent", "bounced", "finished")}),
        )
        for way in Channel.values
        if way in found
    ]


def _verified(scope: Scope, now: datetime) -> Share:
    """Corrective actions whose day lay in the period: how many were carried out by then and verified."""
    rows = CorrectiveAction.objects.due_in(scope.start, min(scope.end, now))
    if scope.is_own:
        rows = rows.filter(owner=scope.user)
    elif scope.group is not None:
        rows = rows.filter(group=scope.group)
    in_time = rows.verified_in_time().values("pk")
    return Share(*rows.aggregate(done=Count("pk", filter=Q(pk__in=in_time)), n=Count("pk")).values())


def _sum(shares: Iterable[Share]) -> Share:
    found = list(shares)
    return Share(sum(one.count for one in found), sum(one.n for one in found))
