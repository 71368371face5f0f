"""What happens to the records of a random history, from the call to the client's word and beyond."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from io import BytesIO

from clients.models import Channel
from reports.tests.recount.histories import DAY, HOUR, MINUTE, History
from reports.tests.recount.onsite import on_the_way, remote
from staff.files import Upload
from surveys.actions.complaints import rule_on_complaint
from tickets import actions
from tickets.actions import Call, Grant
from tickets.documents.kinds import DocumentKind, Edition, Entered, Order
from tickets.linking import LinkKind
from tickets.mailing import read
from tickets.models import (
    Cause,
    Clock,
    Dispatch,
    Escalation,
    Grade,
    HowGiven,
    Kind,
    Outcome,
    Overrun,
    PauseReason,
    Status,
    Ticket,
    TimeSpent,
)

CAUSES = [Cause.SOFTWARE, Cause.HARDWARE]  # few, so that faults repeat
LIMITS = [timedelta(minutes=m) for m in (15, 30, 60, 240, 720, 1440)]  # round the clock, by the policy


def begin(history: History) -> None:
    """Plan the calls: some so that their deadlines fall on the very change of a month."""
    for _number in range(history.records):
        at = history.some_time()
        if history.chance(0.3):
            at = history.near(history.boundary()) - history.one_of(LIMITS)
        history.plan(at, lambda: call(history))

    for boundary in history.boundaries():
        history.plan(boundary - history.one_of(LIMITS), lambda: on_the_edge(history))
        history.plan(boundary + 3 * HOUR, lambda: twins(history))  # still last month in UTC


def twins(history: History) -> None:
    """Two calls about one matter, the second of which is merged into the first and stays so."""
    client, now = history.one_of(history.world.clients), history.now
    by = history.world.staff[client.group_id][0]
    facts = Call(client=client, caller_name="x", title="x", kind=Kind.REQUEST)
    first, second = (actions.log_call(facts, by=by, now=now) for _time in range(2))
    history.attempt("merge twins", lambda: actions.merge(second, into=first, by=by, now=now))


def on_the_edge(history: History) -> None:
    """A request that meets each of its deadlines to the very instant, and is reopened after seven days."""
    client, now = history.one_of(history.world.clients), history.now
    by = history.world.staff[client.group_id][0]
    facts = Call(client=client, caller_name="x", title="x", kind=Kind.REQUEST, reported_at=now)
    ticket = actions.log_call(facts, by=by, now=now)
    due = dict(Clock.objects.filter(ticket=ticket).values_list("kind", "due_at"))

    def happens(name: str, at: datetime, **more: object) -> datetime:
        def act() -> None:
            fresh = Ticket.objects.get(pk=ticket.pk)
            history.attempt(f"edge {name}", lambda: getattr(actions, name)(fresh, **more, by=by, now=at))

        history.plan(at, act)
        return at

    happens("acknowledge", due["response"])
    solved = happens("resolve", due["resolution"], solution="x", cause=Cause.OTHER)
    again = happens("reopen", solved + 7 * DAY, reason="x")
    happens("resolve", again + DAY, solution="x", cause=Cause.OTHER)
    happens("confirm", again + 2 * DAY, confirmed_by="x", channel=Channel.PHONE)


def call(history: History, like: Ticket | None = None) -> None:
    client = like.client if like else history.one_of(history.world.clients)
    kind = history.one_of([Kind.FAULT] * 7 + [Kind.REQUEST, Kind.COMPLAINT])
    late = history.one_of([0, 0, 0, 5, 40, 600])
    facts = Call(
        client=client,
        system=like.system if like else history.one_of([*history.world.systems[client.pk], None]),
        contact=history.one_of([*[history.world.contacts[client.pk]] * 3, None]),
        caller_name="x",
        title="x",
        kind=Kind.FAULT if like else kind,
        channel=history.one_of(list(Channel)),
        reported_at=history.now - late * MINUTE,
    )
    by = history.one_of(history.world.people)  # whoever gets the call records it (§5.1)
    ticket = history.attempt("log_call", lambda: actions.log_call(facts, by=by, now=history.now))
    if ticket is not None:
        history.done[f"log_call {facts.kind}"] += 1
        if history.chance(0.35):
            history.straight.add(ticket.pk)
        goes_on(history, ticket.pk)


def goes_on(history: History, pk: int) -> None:
    """Plan the next thing that happens to a record."""
    clocks = Clock.objects.running().filter(ticket=pk).values_list("due_at", flat=True)
    due = [*clocks, *Dispatch.objects.open().filter(ticket=pk).values_list("ordered_at", flat=True)]
    if resolved := Ticket.objects.values_list("resolved_at", flat=True).get(pk=pk):
        due += [resolved + 7 * DAY, resolved + 7 * DAY]
    history.plan(history.soon(due), lambda: step(history, pk))


def step(history: History, pk: int) -> None:
    """Do one thing to a record, if the rules let it be done, and go on."""
    if history.chance(0.3):
        actions.enforce_deadlines(now=history.now)
    record = Record(history, Ticket.objects.select_related("client", "system", "group").get(pk=pk))
    name = history.one_of(POSSIBLE[Status(record.ticket.status)])
    if record.ticket.kind == Kind.COMPLAINT and history.chance(0.2):
        name = "rule_on_complaint"
    elif pk in history.straight and history.chance(0.9):
        name = record.natural()
    history.attempt(name, getattr(record, name))
    if history.chance(0.04 if record.ticket.is_open else 0.25):
        return  # nobody touches it any more
    goes_on(history, pk)


class Record:
    """One record at the instant at which something is done to it."""

    def __init__(self, history: History, ticket: Ticket) -> None:
        self.history, self.ticket, self.now = history, ticket, history.now
        self.by = history.anybody(ticket.group_id)
        if ticket.owner is not None and history.chance(0.5):
            self.by = ticket.owner
        self.lead = history.world.leads[ticket.group_id]

    def natural(self) -> str:
        """What is done next to a record with which all goes well."""
        if self.ticket.needs_grade:
            return "grade"
        return {Status.LOGGED: "acknowledge", Status.RESOLVED: "confirm", Status.CLOSED: "add_note"}.get(
            Status(self.ticket.status), "resolve"
        )

    def _minutes(self) -> int | None:
        return self.history.one_of([None, 15, 45, 90])

    # Working on it

    def grade(self) -> None:
        to = self.history.one_of(list(Grade))
        actions.grade(self.ticket, to, reason="x", by=self.lead, now=self.now)
        if self.ticket.grade is not None:
            self.history.done["regrade"] += 1

    def assign(self) -> None:
        owner = self.history.one_of(self.history.world.staff[self.ticket.group_id])
        actions.assign(self.ticket, owner=owner, by=self.lead, now=self.now)

    def assign_elsewhere(self) -> None:
        group = self.history.one_of(self.history.world.groups)
        owner = self.history.one_of([None, *self.history.world.staff[group.pk]])
        actions.assign(self.ticket, owner=owner, group=group, by=self.lead, now=self.now)

    def acknowledge(self) -> None:
        actions.acknowledge(self.ticket, by=self.by, now=self.now)

    def diagnose(self) -> None:
        actions.diagnose(
            self.ticket,
            diagnosis="x",
            cause=self.history.one_of(CAUSES),
            minutes=self._minutes(),
            by=self.by,
            now=self.now,
        )

    def add_note(self) -> None:
        actions.add_note(self.ticket, text="x", minutes=self._minutes(), by=self.by, now=self.now)

    def correct_time(self) -> None:
        spent = TimeSpent.objects.filter(ticket=self.ticket, corrects=None).select_related("person").first()
        if spent is None:
            return self.add_note()
        actions.correct_time(self.ticket, spent, minutes=10, reason="x", by=spent.person, now=self.now)
        return None

    def tell_client(self) -> None:
        actions.tell_client(self.ticket, text="x", told="x", by=self.by, now=self.now)

    def pause(self) -> None:
        until = self.history.soon() + HOUR
        reason = self.history.one_of(list(PauseReason))
        actions.pause(self.ticket, reason=reason, text="x", until=until, by=self.by, now=self.now)

    def resume(self) -> None:
        actions.resume(self.ticket, by=self.by, now=self.now)

    def resolve(self) -> None:
        cause = self.history.one_of(CAUSES)
        solved = actions.resolve(
            self.ticket, solution="x", cause=cause, minutes=self._minutes(), by=self.by, now=self.now
        )
        if solved.system is not None and self.history.chance(0.5):
            # The same again: just within the window of a repeated fault, on its end, or beyond.
            again = self.now + self.history.one_of([2, 9, 30, 30, 31]) * DAY
            self.history.plan(self.history.near(again), lambda: call(self.history, like=solved))

    # The client's word

    def repeat_contact(self) -> None:
        actions.repeat_contact(
            self.ticket,
            text="x",
            caller_name="x",
            callback_number="",
            channel=Channel.PHONE,
            by=self.by,
            now=self.now,
        )

    def write_in(self) -> None:
        """The client sends an e-mail that names the record."""
        message = EmailMessage()
        message["From"], message["Subject"] = "sun@hospital.test", f"[{self.ticket.number}] x"
        message["Message-ID"] = f"<{self.history.dice.randrange(10**12)}@hospital.test>"
        message.set_content("x")
        raw = bytes(message)
        taken = actions.take_mail(read(raw), raw, arrived_at=self.now, now=self.now)
        if taken is not None and taken.entry is not None:
            self.history.done[f"write_in {taken.entry.kind}"] += 1

    def confirm(self) -> None:
        actions.confirm(self.ticket, confirmed_by="x", channel=Channel.PHONE, by=self.by, now=self.now)

    def reopen(self) -> None:
        actions.reopen(self.ticket, reason="x", by=self.by, now=self.now)

    def rule_on_complaint(self) -> None:
        verdict = self.history.one_of(["founded", "unfounded"])
        rule_on_complaint(self.ticket, verdict=verdict, reason="x", by=self.lead, now=self.now)

    # Other records

    def _other(self) -> Ticket | None:
        others = Ticket.objects.filter(client=self.ticket.client).exclude(pk=self.ticket.pk)
        return others.order_by("-pk")[:6][self.history.dice.randrange(6)] if others.count() > 6 else None

    def merge(self) -> None:
        if (other := self._other()) is not None:
            actions.merge(self.ticket, into=other, by=self.by, now=self.now)
            self.history.done["merged"] += 1

    def unmerge(self) -> None:
        actions.unmerge(self.ticket, reason="x", by=self.lead, now=self.now)

    def link(self) -> None:
        kind = self.history.one_of([LinkKind.RELATED, LinkKind.REPEAT, LinkKind.CHILD])
        if (other := self._other()) is not None:
            actions.link(self.ticket, other=other, kind=kind, by=self.by, now=self.now)
            self.history.done[f"linked {kind}"] += 1

    def split(self) -> None:
        part = actions.split(self.ticket, title="x", by=self.by, now=self.now)
        goes_on(self.history, part.pk)

    # Report-ups, meetings, verdicts

    def acknowledge_report_up(self) -> None:
        told = Escalation.objects.fired().filter(ticket=self.ticket).prefetch_related("told")
        for one in told:
            for person in one.told.all():
                actions.acknowledge_report_up(self.ticket, one, by=person, now=self.now)
                self.history.done["report-up acknowledged"] += 1
                return

    def convene(self) -> None:
        actions.convene(self.ticket, reason="x", by=self.by, now=self.now)

    def decide(self) -> None:
        outcome = self.history.one_of(list(Outcome))
        by = self.history.cast.liu
        actions.decide(self.ticket, outcome=outcome, reason="x", by=by, now=self.now)

    # On site

    def file_written_report(self) -> None:
        actions.file_written_report(self.ticket, written_by="x", text="x", by=self.by, now=self.now)

    def dispatch(self) -> None:
        engineer = self.history.one_of(self.history.world.staff[self.ticket.group_id])
        order = actions.dispatch(
            self.ticket, engineer=engineer, address="x", contact_name="x", by=self.lead, now=self.now
        )
        self.history.plan(self._when(order.ticket_id), lambda: on_the_way(self.history, order.pk))

    def _when(self, pk: int) -> datetime:
        arrival = Clock.objects.running().filter(ticket=pk, kind="arrival").values_list("due_at", flat=True)
        return self.history.soon([*arrival])

    # Remote access

    def authorise_remote(self) -> None:
        how = self.history.one_of(list(HowGiven))
        opens = self.now + self.history.one_of([timedelta(0), timedelta(0), 2 * HOUR])
        grant = Grant(
            given_by="x",
            how=how,
            purpose="x",
            other_systems="x",
            callback_number="1" if how == HowGiven.PHONE else "",
            window_from=opens,
            window_to=opens + self.history.one_of([HOUR, 8 * HOUR, 60 * HOUR]),
            max_sessions=self.history.one_of([1, 3]),
            evidence=self.history.one_of([Upload("a.txt", BytesIO(b"x")), None]),
        )
        access = actions.authorise_remote(self.ticket, grant, by=self.by, now=self.now)
        for _time in range(self.history.one_of([1, 2, 3])):
            at = self.history.soon([access.window_to])
            self.history.plan(at, lambda: remote(self.history, access.pk))

    # Papers, overruns

    def issue_document(self) -> None:
        kind = DocumentKind.REPORT if self.ticket.resolved_at else DocumentKind.NOTICE
        edition = self.history.one_of(list(Edition))
        entered = Entered(impact="x", measures="x")
        if kind == DocumentKind.NOTICE:
            entered = Entered(affected="x", next_step="x", next_message_at=self.now + HOUR)
        actions.issue_document(
            self.ticket, Order(kind, edition, "zh-hans", entered), by=self.lead, now=self.now
        )
        self.history.done[f"issued {kind}"] += 1

    def settle_overrun(self) -> None:
        """The next step of an overrun: explained, ruled on, appealed against, decided."""
        case = Overrun.objects.filter(ticket=self.ticket).exclude(state="settled").first()
        if case is None:
            return
        causes = {"text": "x", "cause": "client"}
        if case.state == "open" and case.person is not None:
            actions.explain(case, **causes, by=case.person, now=self.now)
        elif case.state == "explained":
            cause = self.history.one_of(["own", "client", "third_party"])
            actions.rule(case, cause=cause, is_excused=cause != "own", reason="x", by=self.lead, now=self.now)
        elif case.state == "ruled" and case.person is not None:
            actions.appeal(case, text="x", by=case.person, now=self.now)
        elif case.state == "appealed":
            actions.decide_appeal(
                case, cause="client", is_excused=True, reason="x", by=self.history.cast.zhao, now=self.now
            )
        else:
            return
        self.history.done[f"overrun {case.state}"] += 1


ANYTIME = ["add_note", "correct_time", "link", "settle_overrun", "settle_overrun", "acknowledge_report_up"]
AT_WORK = [
    *("grade", "assign", "assign_elsewhere", "repeat_contact", "write_in", "merge", "split"),
    *("authorise_remote", "authorise_remote", "convene", "decide", "decide", "file_written_report"),
    *("dispatch", "dispatch", "tell_client", "issue_document", "rule_on_complaint", *ANYTIME),
]
POSSIBLE = {
    Status.LOGGED: [*AT_WORK, *("acknowledge", "grade") * 12],
    Status.IN_PROGRESS: [*AT_WORK, *("grade", "diagnose", "diagnose", "pause", "resolve", "resolve") * 3],
    Status.WAITING: [*AT_WORK, *["resume"] * 12, "resolve"],
    Status.RESOLVED: [
        *ANYTIME,
        *("repeat_contact", "write_in"),
        *("confirm", "reopen", "issue_document") * 3,
    ],
    Status.CLOSED: [*ANYTIME, *("reopen", "issue_document") * 2],
    Status.MERGED: [*ANYTIME, *["unmerge"] * 5],
}
