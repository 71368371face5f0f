"""A report is published once: frozen as it stands, and told to whoever waits for it (§5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from reports.models import (
    ClientEdition,
    MonthlyReport,
    MonthlySnapshot,
    MonthlySubscription,
)
from reports.monthly.actions.common import editing, log, tell, tz
from reports.monthly.actions.writing import save, set_words
from reports.monthly.composing import LANGUAGES, digest_of, with_words
from reports.monthly.kinds import Edition, ReportEventKind, ReportState
from reports.monthly.reading import terms
from staff.models import Role, User
from staff.refused import Refused
from tickets.lifecycle import Moved


@transaction.atomic
def publish_report(
    report: MonthlyReport,
    words: Mapping[str, str],
    *,
    counted_at: datetime,
    by: User,
    now: datetime,
) -> MonthlyReport:
    """Publish a draft with these words and the numbers that he has before him (`counted_at`); for good.

    Words that are not given stay. Raises `Moved` where words or numbers are others meanwhile, `Refused` while
    it is being counted.
    """
    fresh = editing(report, by)
    if fresh.is_counting:
        raise Refused(_("Its figures are being counted: wait until they are there."), code="wrong_status")
    if fresh.counted_at != counted_at:
        raise Moved(_("It was counted anew meanwhile: look at it as it is now."))
    set_words(fresh, words, by=by)
    content = with_words(fresh.content, fresh.words, published=(_names(by), timezone.localtime(now, tz())))
    MonthlySnapshot.objects.create(
        report=fresh,
        content=content,
        figures=fresh.figures,
        digest=digest_of(content, fresh.figures),
        by=by,
        at=now,
    )
    fresh.state, fresh.published_at = ReportState.PUBLISHED, now
    fresh.edited_at = now
    save(fresh, "words", "edited_at", "state", "published_at")
    log(fresh, ReportEventKind.PUBLISHED, by=by, now=now)
    _tell(fresh, by=by, now=now)
    return fresh


def _names(by: User) -> dict[str, str]:
    names = {}
    for language in LANGUAGES:
        with translation.override(language):
            names[language] = by.label
    return names


def _tell(report: MonthlyReport, *, by: User, now: datetime) -> None:
    """The leaders, or whom the terms name; whoever has asked for it; at a client the contacts agreed on."""
    wanted = Q(edition=report.edition, group=report.group, client=report.client)
    people = {
        one.user_id: one.user for one in MonthlySubscription.objects.filter(wanted).select_related("user")
    }
    if report.edition != Edition.CLIENT:
        people |= {person.pk: person for person in readers()}
    seeing = [
        person
        for person in people.values()
        if person.is_active and MonthlyReport.objects.visible_to(person).filter(pk=report.pk).exists()
    ]
    tell(seeing, report, "published", now=now, by=by)
    if report.client is not None:
        contacts = contacts_told(report.client.pk)
        url = reverse("monthly_portal:report", args=[report.pk])
        tell(contacts, report, "published", now=now, url=url, key="contacts")


def readers() -> list[User]:
    """Who is told of each report of the house: whom the terms name, else the company's leaders."""
    in_force = terms()
    chosen = in_force.readers.filter(is_active=True) if not in_force._state.adding else User.objects.none()
    return list(chosen) or list(User.objects.filter(is_active=True, role=Role.LEADER).order_by("pk"))


def contacts_told(client: int) -> list[User]:
    """The accounts of those at a client who are told."""
    agreed = ClientEdition.objects.filter(client=client).first()
    if agreed is None:
        return []
    told = agreed.told.filter(client=client, is_active=True, user__is_active=True).select_related("user")
    return [contact.user for contact in told if contact.user]
