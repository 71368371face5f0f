"""The major-fault notice: what is down since when, who does what, when there is more to say. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets.documents import words
from tickets.documents.facts import Facts
from tickets.documents.kinds import Edition, Order
from tickets.documents.structure import Section
from tickets.documents.words import moment, pairs, span


def sections(facts: Facts, order: Order) -> tuple[Section, ...]:
    """Return what a notice says as the record stands, as far as this edition may say it."""
    entered, for_client = order.entered, order.edition == Edition.CLIENT
    found = [
        Section(_("What is affected"), words.texts(entered.affected)),
        Section(
            _("Since when, and how grave"),
            (
                pairs(
                    (_("Reported at"), moment(facts.reported_at)),
                    (_("Runs for"), span(facts.now - facts.reported_at)),
                    (_("Status"), facts.status),
                    *words.graded(facts, for_client=for_client),
                ),
            ),
        ),
        Section(
            _("What has been done"),
            (
                *(words.texts(entered.done) if entered.done.strip() else ()),
                *words.course(facts, for_client=for_client),
            ),
        ),
        Section(_("Who is on it"), (pairs(*_people(facts, for_client=for_client)),)),
        Section(
            _("What comes next"),
            (
                pairs(
                    (_("Next step"), entered.next_step),
                    (_("Next message by"), moment(entered.next_message_at)),
                ),
                *words.limits(facts, for_client=for_client),
            ),
        ),
    ]
    if not for_client:
        found.append(Section(_("Reported up so far"), words.report_ups(facts)))
    return words.numbered(found)


def _people(facts: Facts, *, for_client: bool) -> list[tuple[str, str]]:
    going = [
        f"{visit.engineer} ({words.visit_result(visit, for_client=for_client)})"
        for visit in facts.visits
        if visit.is_open
    ]
    logged_in = [session.operator for session in facts.sessions if session.ended_at is None]
    is_met = any(meeting.is_open for meeting in facts.meetings)
    rows = [(_("Owner"), facts.owner), (_("Group"), facts.group), (_("Hotline"), facts.hotline)]
    if going:
        rows.append((_("Engineers on site"), words.listed(going)))
    if logged_in:
        rows.append((_("Working remotely"), words.listed(logged_in)))
    if is_met:
        rows.append((_("Technical coordination meeting"), _("in session")))
    return rows
