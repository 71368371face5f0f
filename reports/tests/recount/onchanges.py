"""The changes of a random history, and the papers of authorisations that are taken back."""

from __future__ import annotations

from reports.tests.recount.histories import HOUR, History
from reports.tests.recount.onrecords import goes_on
from tickets import actions as tickets
from tickets.models import Attachment, Change, WorkType
from tickets.tests.works import WHOLE, client_said_yes, file_all


def change(history: History) -> None:
    client = history.one_of(history.world.clients)
    staff, lead = history.world.staff[client.group_id], history.world.leads[client.group_id]
    planner, owner, now = staff[0], history.one_of(staff), history.now
    draft = tickets.Draft(
        type=WorkType.objects.get(code="optimisation"),
        client=client,
        title="x",
        system=history.world.systems[client.pk][0],
        owner=owner,
        text=WHOLE,
    )
    drafted = history.attempt("draft_change", lambda: tickets.draft_change(draft, by=planner, now=now))
    if drafted is None:
        return
    submitted = history.attempt("submit_change", lambda: tickets.submit_change(drafted, by=planner, now=now))
    if submitted is None:
        return
    if history.chance(0.1):
        history.attempt(
            "reject_change", lambda: tickets.reject_change(submitted, reason="x", by=lead, now=now)
        )
        return

    def prepared() -> Change:
        change = tickets.approve_change(submitted, note="x", by=lead, now=now)
        file_all(change, planner, now=now)
        if change.needs_client:
            change = client_said_yes(change, planner, now=now)
        opens = history.one_of([now + HOUR, history.boundary()])
        opens = opens if opens > now else now + HOUR
        return tickets.schedule_change(
            change, window_from=opens, window_to=opens + 4 * HOUR, by=planner, now=now
        )

    scheduled = history.attempt("schedule_change", prepared)
    if scheduled is not None and scheduled.window_from is not None:
        if history.chance(0.15):
            history.attempt(
                "withdraw_change", lambda: tickets.withdraw_change(scheduled, reason="x", by=lead, now=now)
            )
            return
        history.plan(scheduled.window_from, lambda: work(history, scheduled.pk))


def work(history: History, pk: int) -> None:
    """The window is open: begun; its end is near the end of the window."""
    one, now = Change.objects.select_related("ticket__owner", "planner").get(pk=pk), history.now
    by = one.ticket.owner or one.planner
    started = history.attempt("start_change", lambda: tickets.start_change(one, by=by, now=now))
    if started is not None and started.window_to is not None and history.chance(0.9):
        ends = history.one_of([history.near(started.window_to), now + HOUR])
        history.plan(ends, lambda: end_work(history, pk))


def end_work(history: History, pk: int) -> None:
    one, now = Change.objects.select_related("ticket__owner", "planner").get(pk=pk), history.now
    by, outcome = one.ticket.owner or one.planner, history.one_of(["succeeded", "rolled_back", "failed"])
    done = history.attempt(
        f"finish_change {outcome}",
        lambda: tickets.finish_change(one, outcome=outcome, result="x", by=by, now=now),
    )
    if done is not None and history.chance(0.7):
        lead = history.world.leads[one.ticket.group_id]
        history.attempt("review_change", lambda: tickets.review_change(done, review="x", by=lead, now=now))
        goes_on(history, pk)


def take_paper_back(history: History) -> None:
    """A file is withdrawn that proved an authorisation."""
    papers = Attachment.objects.present().filter(ticket__remote_authorisations__isnull=False).order_by("-pk")
    if (paper := history.any_of(papers)) is not None:
        history.attempt(
            "withdraw paper",
            lambda: tickets.withdraw(paper, reason="x", by=history.cast.admin, now=history.now),
        )
