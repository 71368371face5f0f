"""The client is asked again after the measure was verified: the same contact, in spite of rest (§4.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import Refused
from surveys.actions.common import log as log_survey
from surveys.actions.corrective import log, stepping
from surveys.correcting import Step
from surveys.models import (
    Campaign,
    CampaignKind,
    CampaignState,
    CorrectiveAction,
    CorrectiveEventKind,
    Invitation,
    QuestionnaireVersion,
    SurveyEventKind,
)
from surveys.reaching import ways_to


def ask_again(action: CorrectiveAction, *, by: User, now: datetime) -> CorrectiveAction:
    """Invite the contact once more, by the questionnaire of the bad answer, else that of closed records.

    It is about the measure, not about the engineer or the record: neither is put down. Raises `Refused` where
    there is nobody to ask, he wants no surveys, or no questionnaire is in use.
    """
    with stepping(action, Step.ASK_AGAIN, by=by, now=now) as (fresh, _terms):
        if fresh.resurvey_id is not None:
            raise Refused(_("The client has been asked again already."), code="taken")
        version = version_for(fresh)
        if fresh.contact is None or not fresh.contact.is_active:
            raise Refused(_("There is no contact to ask."), code="no_contact")
        if fresh.contact.wants_no_surveys or fresh.client.wants_no_surveys:
            raise Refused(_("This contact wants no surveys: call him, and write down what he says."))
        if version is None:
            raise Refused(_("No questionnaire is in use."), code="no_questionnaire")
        campaign = _standing(version, now)
        ways = ways_to(fresh.contact, campaign.channels)
        if not ways:
            raise Refused(_("There is no way to reach this contact."), code="no_way")
        invitation = Invitation.objects.create(
            campaign=campaign,
            version=version,
            client=fresh.client,
            contact=fresh.contact,
            group=fresh.group,
            client_type_id=fresh.client.type_id,
            system=fresh.system,
            channel=ways[0],
            is_exception=True,
            created_at=now,
            next_at=now,
        )
        fresh.resurvey = invitation
        log_survey(invitation, SurveyEventKind.PLANNED, by=by, now=now, note=fresh.number)
        changes = {"invitation": [None, invitation.number]}
        log(fresh, CorrectiveEventKind.ASKED_AGAIN, by=by, now=now, changes=changes)
    return fresh


def may_be_asked_again(action: CorrectiveAction) -> bool:
    """Whether there is somebody to ask who has not been asked again yet."""
    contact = action.contact
    return (
        action.resurvey_id is None
        and contact is not None
        and contact.is_active
        and not contact.wants_no_surveys
        and not action.client.wants_no_surveys
    )


def version_for(action: CorrectiveAction) -> QuestionnaireVersion | None:
    """Return the newest version of the questionnaire that was answered badly, else of the usual one."""
    published = QuestionnaireVersion.objects.filter(published_at__isnull=False)
    published = published.filter(questionnaire__retired_at=None).order_by("-number", "-pk")
    if action.answer is not None:
        own = published.filter(questionnaire__versions=action.answer.invitation.version_id).first()
        if own is not None:
            return own
    usual = Campaign.objects.running().filter(kind=CampaignKind.AFTER_TICKET)
    after = published.filter(questionnaire__versions__campaigns__in=usual).first()
    return after or published.order_by("pk").first()


def _standing(version: QuestionnaireVersion, now: datetime) -> Campaign:
    """The standing campaign of re-surveys by a questionnaire; there is one for each version."""
    running = Campaign.objects.running().filter(kind=CampaignKind.AGAIN, version=version)
    if (found := running.first()) is not None:
        return found
    names = {}
    for field, language in (("name", "zh-hans"), ("name_en", "en")):
        with translation.override(language):
            names[field] = _("After corrective actions")
    facts = {"kind": CampaignKind.AGAIN, "version": version, "state": CampaignState.RUNNING}
    try:
        with transaction.atomic():
            return Campaign.objects.create(**names, **facts, started_at=now, cooldown_days=0)
    except IntegrityError:  # another worker has made it
        return running.get()
