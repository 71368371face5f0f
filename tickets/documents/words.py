"""How documents write instants, spans and what they have in common. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from staff.templatetags.look import in_words
from tickets.clocks import ClockState
from tickets.documents.facts import Facts, Happening, Limit, Visit
from tickets.documents.structure import Pairs, Part, Section, Table, Text, Tone

NOTHING = "–"
MOST_TOLD = 200  # lines of the course of events
LONGEST_SAID = 600  # characters of one line in the course of events
LATE = (ClockState.BREACHED, ClockState.MISSED)


def moment(at: datetime | None) -> str:
    """An instant to the minute, always with its year: paper is read in other years."""
    return f"{at:%Y-%m-%d %H:%M}" if at else NOTHING


def span(length: timedelta) -> str:
    return in_words(length.total_seconds())


def listed(names: Iterable[str]) -> str:
    """Names one after the other, as the language writes a list."""
    return pgettext("between names in a list", ", ").join(filter(None, names)) or NOTHING


def shortened(text: str, longest: int = LONGEST_SAID) -> str:
    """A text of bounded length; where it was cut, it says so."""
    goes_on = _("(goes on in the record)")
    return text if len(text) <= longest else f"{text[:longest].rstrip()}… {goes_on}"


def texts(text: str) -> tuple[Part, ...]:
    return (Text(text.strip() or NOTHING),)


def rows_or_none(table: Table) -> tuple[Part, ...]:
    """A table, or in words that there is nothing to put into it."""
    return (table,) if table.rows else (Text(_("None.")),)


def numbered(sections: Iterable[Section]) -> tuple[Section, ...]:
    return tuple(
        Section(f"{number}. {section.title}", section.parts, section.restricted)
        for number, section in enumerate(sections, start=1)
    )


def limit_of(limit: Limit) -> str:
    """A limit with how it counts: a day of working time is not 24 hours long."""
    if limit.round_the_clock:
        return _("%(time)s round the clock") % {"time": span(limit.limit)}
    return _("%(hours)s h of working time") % {"hours": f"{limit.limit.total_seconds() / 3600:g}"}


def limits(facts: Facts, *, for_client: bool) -> tuple[Part, ...]:
    """The clocks against their limits: met, exceeded and by how much, or still running."""
    shown = [limit for limit in facts.limits if limit.is_promised or not for_client]
    return rows_or_none(
        Table(
            (_("Clock"), _("Limit"), _("From"), _("Due at"), _("Met at"), _("Result")),
            (14, 18, 17, 17, 17, 17),
            tuple(
                (
                    limit.name,
                    limit_of(limit),
                    moment(limit.started_at),
                    moment(limit.due_at),
                    moment(limit.stopped_at),
                    _result(limit, facts.now),
                )
                for limit in shown
            ),
            tuple(_tone(limit) for limit in shown),
        )
    )


def course(facts: Facts, *, for_client: bool) -> tuple[Part, ...]:
    """What happened, in order; for the client what concerns him, and nobody's name from inside meetings.

    Of a long story the beginning and the end are told: they say most.
    """
    told = [each for each in facts.happenings if each.for_client or not for_client]
    half = MOST_TOLD // 2
    shown = told if len(told) <= MOST_TOLD else told[:half] + told[-half:]
    table = Table(
        (_("When"), _("What"), _("Who"), _("In words")),
        (17, 17, 14, 52),
        tuple(
            (moment(each.at), each.what, _who(each, for_client), _in_words(each, for_client))
            for each in shown
        ),
    )
    if not (left_off := len(told) - len(shown)):
        return rows_or_none(table)
    words = ngettext("%(n)s more entry is in the record.", "%(n)s more entries are in the record.", left_off)
    return (table, Text(words % {"n": left_off}))


def visits(facts: Facts, *, for_client: bool) -> tuple[Part, ...]:
    return rows_or_none(
        Table(
            (_("Engineer"), _("Ordered"), _("Departed"), _("Arrived"), _("Left"), _("Result")),
            (13, 17, 17, 17, 17, 19),
            tuple(
                (
                    visit.engineer,
                    moment(visit.ordered_at),
                    moment(visit.departed_at),
                    moment(visit.arrived_at),
                    moment(visit.left_at),
                    visit_result(visit, for_client=for_client),
                )
                for visit in facts.visits
            ),
        )
    )


def visit_result(visit: Visit, *, for_client: bool) -> str:
    if visit.called_off_at is not None:
        return _("called off")
    if visit.left_at is None:
        return _("on site") if visit.arrived_at else _("on the way")
    why = "" if for_client else visit.reason
    signed = _("signed by %(name)s") % {"name": visit.signed_by} if visit.signed_by else ""
    return "\n".join(filter(None, (visit.outcome, why, signed)))


def meetings(facts: Facts, *, for_client: bool) -> tuple[Part, ...]:
    """The coordination meetings and what they decided; the reasons and the names are the house's own."""
    rows = []
    for meeting in facts.meetings:
        decided = [
            _decision(each.at, each.outcome, "" if for_client else f"{each.by}: {each.reason}")
            for each in meeting.decisions
        ]
        verdict = "\n".join(decided) or (_("no verdict yet") if meeting.is_open else _("solved before"))
        inside = () if for_client else (meeting.reason or NOTHING, listed(meeting.invited))
        rows.append((moment(meeting.convened_at), *inside, verdict))
    inside_head = () if for_client else (_("Why"), _("Invited"))
    head, widths = (_("Convened"), *inside_head, _("Verdict")), (20, 80) if for_client else (17, 25, 20, 38)
    return rows_or_none(Table(head, widths, tuple(rows)))


def sessions(facts: Facts, *, for_client: bool) -> tuple[Part, ...]:
    """Who was logged in and when; what he wrote about it is the house's own. No secrets are known here."""
    inside_head, inside_widths = ((), ()) if for_client else ((_("What was done"),), (38,))
    return rows_or_none(
        Table(
            (_("Logged in"), _("Allowed by"), _("From"), _("To"), *inside_head),
            (25, 25, 25, 25) if for_client else (14, 14, 17, 17, *inside_widths),
            tuple(
                (
                    each.operator,
                    each.allowed_by,
                    moment(each.started_at),
                    moment(each.ended_at),
                    *(() if for_client else (each.summary or NOTHING,)),
                )
                for each in facts.sessions
            ),
        )
    )


def report_ups(facts: Facts) -> tuple[Part, ...]:
    return rows_or_none(
        Table(
            (_("When"), _("Clock"), _("Reported to"), _("Who was told"), _("Acknowledged by")),
            (17, 15, 18, 25, 25),
            tuple(
                (
                    moment(each.at),
                    each.clock,
                    each.target,
                    listed(each.told),
                    listed(each.acknowledged),
                )
                for each in facts.report_ups
            ),
        )
    )


def graded(facts: Facts, *, for_client: bool) -> list[tuple[str, str]]:
    """The grade with the clause that it rests on, and for the house the reason as it was given."""
    reason = [] if for_client or not facts.grade_reason else [(_("Reason for the grade"), facts.grade_reason)]
    return [(_("Grade"), facts.grade), (_("Clause"), facts.clause), *reason]


def footnote(facts: Facts) -> str:
    return _("Drawn up from record %(number)s as of %(when)s. Times: %(zone)s.") % {
        "number": facts.number,
        "when": moment(facts.now),
        "zone": facts.zone,
    }


def pairs(*rows: tuple[str, str]) -> Pairs:
    return Pairs(tuple((name, value or NOTHING) for name, value in rows))


def _who(each: Happening, for_client: bool) -> str:
    return each.who if each.names_who_to_client or not for_client else NOTHING


def _in_words(each: Happening, for_client: bool) -> str:
    said = each.said if each.said_to_client or not for_client else ""
    return "\n".join(filter(None, (each.detail, shortened(said)))) or NOTHING


def _decision(at: datetime, outcome: str, why: str) -> str:
    return "\n".join(filter(None, (f"{moment(at)} {outcome}", why)))


def _result(limit: Limit, now: datetime) -> str:
    if limit.state in LATE and limit.due_at is not None:
        late = span((limit.stopped_at or now) - limit.due_at)
        return _("exceeded by %(time)s") % {"time": late}
    if limit.state == ClockState.MET:
        return _("met")
    return _("stands still") if limit.state == ClockState.PAUSED else _("running")


def _tone(limit: Limit) -> Tone:
    if limit.state in LATE:
        return Tone.BAD
    return Tone.GOOD if limit.state == ClockState.MET else Tone.PLAIN
