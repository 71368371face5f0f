"""Whose figures somebody may see: a supervisor his group's, leaders and QA all, others their own (§1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from staff.models import Group, ManagementLevel, Role, User
from surveys.models import AnswerSheet, Campaign, CampaignKind, Invitation, Questionnaire

USUAL_DAYS = 365
LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Scope:
    """What an address asks for, as far as the person may see it. The period is in local days, both inclusive.

    `is_own`: the figures are those of his own work alone, and nobody else is named.
    """

    user: User
    is_own: bool
    group: Group | None
    groups: list[Group]
    questionnaire: Questionnaire | None
    questionnaires: list[Questionnaire]
    campaign: Campaign | None
    campaigns: list[Campaign]
    since: date
    until: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.since, time.min, timezone.get_current_timezone())

    @property
    def end(self) -> datetime:
        return datetime.combine(self.until + timedelta(days=1), time.min, timezone.get_current_timezone())

    @property
    def asked(self) -> dict[str, str]:
        """The same as an address says it."""
        found = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        if self.questionnaire:
            found["questionnaire"] = str(self.questionnaire.pk)
        if self.campaign:
            found["campaign"] = str(self.campaign.pk)
        if self.group and self.groups:
            found["group"] = self.group.code
        return found

    def invitations(self) -> QuerySet[Invitation]:
        """All that were sent in the period; a planned one has asked nobody yet."""
        rows = self._own(Invitation.objects.filter(sent_at__gte=self.start, sent_at__lt=self.end))
        return self._of(rows, "version__questionnaire", "campaign")

    def sheets(self) -> QuerySet[AnswerSheet]:
        """The finished answers of the period."""
        rows = AnswerSheet.objects.finished().filter(given_at__gte=self.start, given_at__lt=self.end)
        if self.is_own:
            rows = rows.filter(invitation__engineer=self.user)
        elif self.group:
            rows = rows.filter(invitation__group=self.group)
        return self._of(rows, "invitation__version__questionnaire", "invitation__campaign")

    def _own(self, rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
        if self.is_own:
            return rows.filter(engineer=self.user)
        return rows.filter(group=self.group) if self.group else rows

    def _of(self, rows, questionnaire: str, campaign: str):  # type: ignore[no-untyped-def]
        if self.questionnaire is not None:
            rows = rows.filter(**{questionnaire: self.questionnaire})
        if self.campaign is not None:
            return rows.filter(**{campaign: self.campaign})
        # Who is asked again is chosen for having been dissatisfied: he would tell the same twice.
        return rows.exclude(**{f"{campaign}__kind": CampaignKind.AGAIN})


def scope_of(query: Mapping[str, str], user: User, now: datetime) -> Scope:
    """Read an address. What it names must exist and be his to see: Http404 otherwise."""
    is_own = not user.sees_everything and not _supervises(user)
    groups = list(Group.objects.all()) if user.sees_everything else []
    group = None if is_own or user.sees_everything else user.group
    if code := query.get("group", ""):
        found = next((each for each in groups if each.code == code), None)
        if found is None and (group is None or code != group.code):
            raise Http404
        group = found or group
    questionnaires = list(Questionnaire.objects.visible_to(user))
    questionnaire = _named(questionnaires, query.get("questionnaire", ""))
    if questionnaire is None:
        questionnaire = _most_asked(questionnaires)
    campaigns = list(
        Campaign.objects.visible_to(user)
        .filter(version__questionnaire=questionnaire, started_at__isnull=False)
        .order_by("-started_at", "-pk")[:100]
        if questionnaire
        else []
    )
    until = _day(query.get("until", "")) or timezone.localdate(now)
    since = _day(query.get("since", "")) or until - timedelta(days=USUAL_DAYS - 1)
    if since > until or (until - since).days > LONGEST_DAYS:
        since = until - timedelta(days=USUAL_DAYS - 1)
    return Scope(
        user=user,
        is_own=is_own,
        group=group,
        groups=groups,
        questionnaire=questionnaire,
        questionnaires=questionnaires,
        campaign=_named(campaigns, query.get("campaign", "")),
        campaigns=campaigns,
        since=since,
        until=until,
    )


def _supervises(user: User) -> bool:
    is_supervisor = user.role == Role.SUPERVISOR or user.management_level == ManagementLevel.SUPERVISOR
    return is_supervisor and user.group_id is not None


def _named(rows, pk: str):  # type: ignore[no-untyped-def]
    """The row of a list that an address names; None where it names none."""
    if not pk:
        return None
    found = next((row for row in rows if str(row.pk) == pk), None)
    if found is None:
        raise Http404
    return found


def _most_asked(questionnaires: list[Questionnaire]) -> Questionnaire | None:
    """The one that was answered last; else the first."""
    last = (
        AnswerSheet.objects.finished()
        .order_by("-finished_at")
        .values_list("invitation__version__questionnaire", flat=True)[:1]
    )
    pks = list(last)
    return next(
        (one for one in questionnaires if one.pk in pks), questionnaires[0] if questionnaires else None
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
