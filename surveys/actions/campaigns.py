"""Campaigns: prepared, started, closed; and whom a periodic one asks (§4.1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, ClientType, Contact, System
from staff.models import Group, User
from staff.refused import Refused
from surveys.actions.common import check_between, check_may_run, log
from surveys.actions.withdrawing import end, withdraw_all
from surveys.models import (
    ASKED_BY,
    Campaign,
    CampaignKind,
    CampaignState,
    Exclusion,
    Invitation,
    InvitationState,
    QuestionnaireVersion,
    SamplingRule,
    SurveyEventKind,
    Withdrawal,
)
from surveys.reaching import candidate, last_sent, ways_to, with_open
from surveys.sampling import excluded

MOST_REMINDERS = 5
LISTS = ("types", "systems", "clients", "rules")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of a hundred closed records of a grade (None: no fault) and a client type (None: all)."""

    percent: int
    grade: int | None = None
    type: ClientType | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a campaign says: the fields of `Campaign`. Defaults are not from the process document."""

    name: str
    kind: CampaignKind
    version: QuestionnaireVersion
    channels: Sequence[str]
    name_en: str = ""
    group: Group | None = None
    opens_on: date | None = None
    closes_on: date | None = None
    cooldown_days: int = 90
    delay_hours: int = 24
    reminder_days: Sequence[int] = (3, 7)
    next_way_days: int = 10
    close_days: int = 21
    token_days: int = 14
    is_double_keyed: bool = False
    types: Sequence[ClientType] = ()
    systems: Sequence[System] = ()
    clients: Sequence[Client] = ()
    rules: Sequence[Share] = field(default=())

    @property
    def facts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name not in LISTS}


@transaction.atomic
def make_campaign(terms: Terms, *, by: User, now: datetime) -> Campaign:
    """Prepare a campaign; nobody is asked before it is started. Raises `Refused` naming the field."""
    check_may_run(terms.group, by)
    _check(terms)
    campaign = Campaign.objects.create(**terms.facts, made_by=by)
    _write_lists(campaign, terms)
    log(campaign, SurveyEventKind.CAMPAIGN_MADE, by=by, now=now)
    return campaign


@transaction.atomic
def change_campaign(
    campaign: Campaign, terms: Terms, *, by: User, now: datetime, edition: int | None = None
) -> Campaign:
    """Change a campaign that is being prepared; the standing one after records also while it runs.

    `edition` is the one that was looked at: where somebody else has changed it since, this is refused. What
    was sent keeps its questionnaire.
    """
    campaign = _locked(campaign, by)
    if edition is not None and campaign.edition != edition:
        raise Refused(_("Somebody else has changed this meanwhile: look again."), code="changed")
    is_standing = campaign.kind == CampaignKind.AFTER_TICKET and campaign.state == CampaignState.RUNNING
    if campaign.state != CampaignState.DRAFT and not is_standing:
        raise Refused(_("A campaign that was started does not change."), code="wrong_status")
    check_may_run(terms.group, by)
    _check(terms)
    if is_standing and (terms.kind != campaign.kind or terms.group != campaign.group):
        message = _("A campaign that runs keeps its kind and its group.")
        raise Refused(message, field="group", code="wrong_status")
    for name, value in terms.facts.items():
        setattr(campaign, name, value)
    campaign.edition = F("edition") + 1
    campaign.save()
    campaign.refresh_from_db()
    _write_lists(campaign, terms)
    log(campaign, SurveyEventKind.CAMPAIGN_CHANGED, by=by, now=now)
    return campaign


@transaction.atomic
def start_campaign(campaign: Campaign, *, by: User, now: datetime) -> Campaign:
    """Start it. A periodic one plans whom it asks; the standing one asks of what is closed from now on."""
    campaign = _locked(campaign, by)
    if campaign.state != CampaignState.DRAFT:
        raise Refused(_("This campaign was started already."), code="wrong_status")
    if campaign.version.questionnaire.retired_at is not None:
        raise Refused(_("This questionnaire is not used any more."), field="version", code="wrong_status")
    campaign.state, campaign.started_at, campaign.sampled_until = CampaignState.RUNNING, now, now
    try:
        with transaction.atomic():
            campaign.save(update_fields=["state", "started_at", "sampled_until"])
    except IntegrityError:
        message = _("Another campaign after records runs already: close it first.")
        raise Refused(message, code="in_use") from None
    log(campaign, SurveyEventKind.STARTED, by=by, now=now)
    if campaign.kind == CampaignKind.PERIODIC:
        _plan(campaign, now)
    return campaign


@transaction.atomic
def close_campaign(campaign: Campaign, *, by: User | None, now: datetime) -> Campaign:
    """Close it: who was not asked yet is not asked any more, who was has not answered. Again: nothing."""
    campaign = _locked(campaign, by)
    if campaign.state == CampaignState.CLOSED:
        return campaign
    campaign.state, campaign.closed_at = CampaignState.CLOSED, now
    campaign.save(update_fields=["state", "closed_at"])
    planned = campaign.invitations.filter(state=InvitationState.PLANNED)
    withdraw_all(planned, Withdrawal.CAMPAIGN, by=by, now=now)
    waiting = campaign.invitations.filter(state=InvitationState.OPEN)
    for invitation in waiting.select_for_update(of=("self",)).order_by("pk"):
        end(invitation, InvitationState.NO_RESPONSE, SurveyEventKind.NO_RESPONSE, by=by, now=now)
    log(campaign, SurveyEventKind.CLOSED, by=by, now=now)
    return campaign


def contacts_of(campaign: Campaign) -> QuerySet[Contact]:
    """Whom a periodic campaign means, before anybody is left out: contacts of the clients that it names."""
    found = Contact.objects.filter(is_active=True, client__is_active=True)
    if campaign.group_id is not None:
        found = found.filter(client__group=campaign.group_id)
    if types := list(campaign.types.all()):
        found = found.filter(client__type__in=types)
    if clients := list(campaign.clients.all()):
        found = found.filter(client__in=clients)
    if systems := list(campaign.systems.all()):
        found = found.filter(client__systems__in=systems).distinct()
    return found.select_related("client__type", "user").prefetch_related("phones").order_by("pk")


def opens_at(campaign: Campaign, now: datetime) -> datetime:
    """When the first may be sent: at nine on the first day of its window, or at once."""
    if campaign.opens_on is None:
        return now
    return max(now, datetime.combine(campaign.opens_on, time(9), timezone.get_default_timezone()))


def _plan(campaign: Campaign, now: datetime) -> None:
    people = list(contacts_of(campaign))
    found = [one.pk for one in people]
    rest, busy = last_sent(found), with_open(found)
    cooldown, at = timedelta(days=campaign.cooldown_days), opens_at(campaign, now)
    invitations, left_out = [], []
    for contact in people:
        reason = excluded(candidate(contact, campaign.channels, rest, busy), cooldown=cooldown, now=at)
        if reason is not None:
            left_out.append(
                Exclusion(campaign=campaign, client=contact.client, contact=contact, reason=reason, at=now)
            )
            continue
        invitations.append(
            Invitation(
                campaign=campaign,
                version=campaign.version,
                client=contact.client,
                contact=contact,
                group_id=contact.client.group_id,
                client_type_id=contact.client.type_id,
                system=_only(campaign.systems.all()),
                channel=ways_to(contact, campaign.channels)[0],
                created_at=now,
                next_at=at,
            )
        )
    Invitation.objects.bulk_create(invitations)
    Exclusion.objects.bulk_create(left_out)


def _only(systems: Iterable[System]) -> System | None:
    """The one system that a campaign is about, where it is about one."""
    found = list(systems)
    return found[0] if len(found) == 1 else None


def _write_lists(campaign: Campaign, terms: Terms) -> None:
    campaign.types.set(terms.types)
    campaign.systems.set(terms.systems)
    campaign.clients.set(terms.clients)
    campaign.rules.all().delete()
    SamplingRule.objects.bulk_create(
        SamplingRule(campaign=campaign, grade=one.grade, type=one.type, percent=one.percent)
        for one in terms.rules
    )


def _check(terms: Terms) -> None:
    if not terms.name.strip():
        raise Refused(_("This field is required."), field="name", code="required")
    if terms.version.is_draft or terms.version.questionnaire.retired_at is not None:
        raise Refused(_("Choose a published questionnaire."), field="version", code="invalid")
    if not terms.channels:
        raise Refused(_("Choose at least one way."), field="channels", code="required")
    if len(set(terms.channels)) < len(terms.channels) or not set(terms.channels) <= set(ASKED_BY):
        raise Refused(_("Each way once, out of those offered."), field="channels", code="invalid")
    if terms.opens_on and terms.closes_on and terms.closes_on < terms.opens_on:
        raise Refused(_("The last day comes before the first."), field="closes_on", code="invalid")
    check_between(terms.cooldown_days, 0, 730, "cooldown_days")
    check_between(terms.delay_hours, 0, 720, "delay_hours")
    check_between(terms.token_days, 1, 90, "token_days")
    check_between(terms.close_days, 1, 180, "close_days")
    check_between(terms.next_way_days, 1, 180, "next_way_days")
    if len(terms.reminder_days) > MOST_REMINDERS or any(not 0 < day <= 180 for day in terms.reminder_days):
        message = _("At most five days, each from 1 to 180.")
        raise Refused(message, field="reminder_days", code="out_of_range")
    for one in terms.rules:
        check_between(one.percent, 0, 100, "rules")
    if len({(one.grade, one.type) for one in terms.rules}) < len(terms.rules):
        raise Refused(_("A grade and a client type are named twice."), field="rules", code="duplicate")
    if terms.kind == CampaignKind.AFTER_TICKET and not terms.rules:
        raise Refused(_("Say how many records are asked about."), field="rules", code="required")


def _locked(campaign: Campaign, by: User | None) -> Campaign:
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("version__questionnaire", "group")
    campaign = rows.get(pk=campaign.pk)
    if by is not None:
        check_may_run(campaign.group, by)
    return campaign
