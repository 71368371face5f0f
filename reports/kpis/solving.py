"""KPIs of how well a matter was solved: at the first attempt, for good, on record (§3.2, §4.2.3)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import Rows, Share
from reports.kpis.records import OF_ITS_PARTS, OF_TICKET, calls, faults
from reports.scope import Axis
from tickets.models import Dispatch, Entry, EntryKind, Kind, Link, LinkKind, OnSiteOutcome, Status
from visits.models import Callback

REOPENED_WITHIN = timedelta(days=7)


def _entries(*kinds: EntryKind) -> Rows:
    """Entries of these kinds in the history of the record that is asked about."""
    return Entry.objects.filter(ticket=OuterRef("pk"), kind__in=kinds)


def _handed_on() -> Exists:
    """Whether it was given to another group, or from one person to another; not back to nobody (undone)."""
    was = _entries(EntryKind.ASSIGNED).alias(before=KT("changes__owner__0"), after=KT("changes__owner__1"))
    from_one_to_another = Q(before__isnull=False, after__isnull=False)
    return Exists(was.filter(Q(changes__has_key="group") | from_one_to_another))


def _called_again() -> Exists:
    """Whether the client came back to it before it was closed."""
    again = Entry.objects.repeat_contacts().filter(ticket=OuterRef("pk"), at__lte=OuterRef("closed_at"))
    return Exists(again)


SOLVED = Share(
    key="solved",
    name=_("Solved of closed"),
    clause="§3.2",
    formula=_(
        "Records closed in the period whose first solution held: that were never reopened, and of which no "
        "callback says that the fault is not really solved; over all records closed in the period and not "
        "open again. Merged records and changes do not count."
    ),
    rows=calls,
    at="closed_at",
    source="ticket",
    axes=OF_TICKET,
    counted=Q(reopened_count=0) & ~Q(Exists(Callback.objects.filter(ticket=OuterRef("pk"), is_solved=False))),
    target=98,
    beside=("merged",),
)
FIRST_TIME = Share(
    key="first_time",
    name=_("Solved at the first attempt"),
    clause="§3.2",
    formula=_(
        "Records closed in the period that were never reopened, never handed on (to another group, or from "
        "one person to another; that somebody else takes one up first is no handing on) and about which "
        "the client did not call or write again at or before their closing; over all records closed in the "
        "period and not open again. Merged records and changes do not count."
    ),
    rows=calls,
    at="closed_at",
    source="ticket",
    axes=OF_TICKET,
    counted=Q(reopened_count=0) & ~Q(_handed_on()) & ~Q(_called_again()),
    target=75,
    beside=("merged",),
)
SECOND_CALLS = Share(
    key="second_calls",
    name=_("Second calls"),
    clause="§3.2",
    formula=_(
        "Records closed in the period about which the client called or wrote again (a repeat contact, an "
        "e-mail that nobody had asked for, a duplicate merged in) at or before their closing, over all "
        "records closed in the period and not open again. Merged records and changes do not count."
    ),
    rows=calls,
    at="closed_at",
    source="ticket",
    axes=OF_TICKET,
    counted=Q(_called_again()),
    target=10,
    higher_is_better=False,
)
REPEAT_FAULTS = Share(
    key="repeat_faults",
    name=_("Repeat faults"),
    clause="§3.2",
    formula=_(
        "Faults solved in the period that are linked as repeating an earlier one (same system, same cause, "
        "solved within the window of the policy before), over all faults whose last solution lies in the "
        "period. Merged ones do not count."
    ),
    rows=faults,
    at="resolved_at",
    source="ticket",
    axes=OF_TICKET,
    counted=Q(Exists(Link.objects.filter(record=OuterRef("pk"), kind=LinkKind.REPEAT))),
    target=10,
    higher_is_better=False,
)
REOPENED = Share(
    key="reopened",
    name=_("Reopened within 7 days"),
    clause="§3.2",
    formula=_(
        "Solutions after which the record was reopened within 7 times 24 hours, over all solutions for "
        "which these 7 days end in the period. A record that was solved twice counts twice. Merged records "
        "and changes do not count."
    ),
    rows=lambda: (
        Entry.objects.filter(kind=EntryKind.RESOLVED)
        .exclude(ticket__status=Status.MERGED)
        .exclude(ticket__kind=Kind.CHANGE)
    ),
    at="at",
    lag=REOPENED_WITHIN,
    source="solution",
    axes=OF_ITS_PARTS,
    counted=Q(
        Exists(
            Entry.objects.filter(
                ticket=OuterRef("ticket"),
                kind=EntryKind.REOPENED,
                at__gte=OuterRef("at"),
                at__lte=OuterRef("at") + REOPENED_WITHIN,
            )
        )
    ),
    target=5,
    higher_is_better=False,
)
COMPLETE = Share(
    key="complete",
    name=_("Complete records"),
    clause="§3.2",
    formula=_(
        "Records closed in the period that name the system, the contact or a number to call back, the "
        "cause and the solution, and of a fault the grade and the reason for it; over all records closed "
        "in the period and not open again. Merged records and changes do not count."
    ),
    rows=calls,
    at="closed_at",
    source="ticket",
    axes=OF_TICKET,
    counted=Q(system__isnull=False)
    & (Q(contact__isnull=False) | ~Q(callback_number=""))
    & ~Q(cause="")
    & ~Q(solution="")
    & (~Q(kind=Kind.FAULT) | (Q(grade__isnull=False) & ~Q(grade_reason=""))),
    target=95,
)


def _first_visits() -> Rows:
    """Visits that ended, without those of a record at which somebody had been before."""
    visits = Dispatch.objects.filter(left_at__isnull=False, called_off_at__isnull=True)
    earlier = Q(left_at__lt=OuterRef("left_at")) | Q(left_at=OuterRef("left_at"), pk__lt=OuterRef("pk"))
    return visits.filter(~Exists(visits.filter(earlier, ticket=OuterRef("ticket"))))


FIRST_DISPATCH = Share(
    key="first_dispatch",
    name=_("Solved by the first visit"),
    clause="§4.2.3",
    formula=_(
        "Of the first visits to a client for a record, those that solved the matter, over all first visits "
        "that the engineer ended in the period (he left). Of several that end at once the one ordered "
        "first is the first. Dispatches that were called off do not count."
    ),
    rows=_first_visits,
    at="left_at",
    source="dispatch",
    axes=OF_ITS_PARTS | {Axis.PERSON: "engineer"},
    counted=Q(outcome=OnSiteOutcome.SOLVED),
    target=95,
    beside=("called_off",),
)
