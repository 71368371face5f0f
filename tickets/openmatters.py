"""What is open in a group when its duty changes hands: read from the rows, frozen with it (§5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, TextChoices
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from duty.inspecting import Result
from duty.models import InspectionAnswer
from staff.models import Group
from tickets.lifecycle import OVER, Status
from tickets.models import Custody, InspectionRecord, RemoteAuthorisation, RemoteSession, Ticket

MOST = 100  # rows of each kind; of records it is said how many there are beyond


class RemoteKind(TextChoices):
    SESSION = "session", _("logged in")
    ACCESS = "access", _("may be used")
    PAPER = "paper", _("to follow in writing")
    PASSWORD = "password", _("client must change it")


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record as it stood: `due_at` is its next deadline, the owner is empty where there was none."""

    id: int
    title: str
    client: str
    client_en: str
    grade: int | None
    status: str
    owner: str
    owner_en: str
    due_at: datetime | None

    @property
    def number(self) -> str:
        return f"T-{self.id}"

    @property
    def status_label(self) -> str:
        return str(Status(self.status).label)


@dataclass(frozen=True, slots=True)
class RemoteMatter:
    """Somebody logged in at a client, an authorisation that may be used, or what is still owed of one.

    `who` is the person logged in, who authorised it, or the account; `until_at` the end of the window, or by
    when what is written is due.
    """

    kind: str
    record: int
    authorisation: int
    client: str
    client_en: str
    who: str
    who_en: str
    until_at: datetime | None

    @property
    def number(self) -> str:
        return f"T-{self.record}"

    @property
    def kind_label(self) -> str:
        return str(RemoteKind(self.kind).label)


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """An item of the shift's inspections that was not in order; `record` is what was opened about it."""

    sheet: str
    sheet_en: str
    item: str
    item_en: str
    value: str
    value_en: str
    record: int | None

    @property
    def number(self) -> str:
        return f"T-{self.record}" if self.record else ""


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """All that is open, the worst first. `more_records` is how many records there are beyond those named."""

    records: list[OpenRecord] = field(default_factory=list)
    more_records: int = 0
    remote: list[RemoteMatter] = field(default_factory=list)
    failed_checks: list[FailedCheck] = field(default_factory=list)

    def frozen(self) -> dict[str, Any]:
        """The same as a row keeps it."""
        return asdict(self)

    @classmethod
    def thawed(cls, kept: Mapping[str, Any]) -> OpenMatters:
        """What `frozen` made, read back from a row."""
        return cls(
            records=[OpenRecord(**_with_instants(row)) for row in kept.get("records", [])],
            more_records=kept.get("more_records", 0),
            remote=[RemoteMatter(**_with_instants(row)) for row in kept.get("remote", [])],
            failed_checks=[FailedCheck(**row) for row in kept.get("failed_checks", [])],
        )


def open_matters(group: Group, *, since: datetime, now: datetime) -> OpenMatters:
    """Return what is open in a group at `now`, in eight queries at most; the shift began at `since`."""
    records = Ticket.objects.open().filter(group=group)
    found = open_records(records)
    return OpenMatters(
        records=found,
        more_records=records.count() - MOST if len(found) == MOST else 0,
        remote=list(_remote(group, now)),
        failed_checks=failed_checks(group, since=since, until=now),
    )


def open_records(records: QuerySet[Ticket]) -> list[OpenRecord]:
    """These records as they stand, the gravest first, then what is due first; no more than MOST."""
    worst_first = (F("grade").asc(nulls_last=True), "next_due_at", "pk")
    rows = records.select_related("client", "owner").only(
        "title",
        "grade",
        "status",
        "next_due_at",
        "client__name",
        "client__name_en",
        "owner__name",
        "owner__name_en",
    )
    return [
        OpenRecord(
            id=ticket.pk,
            title=ticket.title,
            client=ticket.client.name,
            client_en=ticket.client.name_en,
            grade=ticket.grade,
            status=ticket.status,
            owner=ticket.owner.name if ticket.owner else "",
            owner_en=ticket.owner.name_en if ticket.owner else "",
            due_at=ticket.next_due_at,
        )
        for ticket in rows.order_by(*worst_first)[:MOST]
    ]


def failed_checks(group: Group, *, since: datetime, until: datetime) -> list[FailedCheck]:
    """Return what the group's inspections found abnormal in [since, until), in the order of finding."""
    found = InspectionAnswer.objects.filter(
        inspection__group=group, result=Result.ABNORMAL, answered_at__gte=since, answered_at__lt=until
    )
    rows = list(found.select_related("item__version__sheet").order_by("answered_at", "pk")[:MOST])
    records = dict(InspectionRecord.objects.filter(answer__in=rows).values_list("answer", "ticket"))
    return [
        FailedCheck(
            sheet=(sheet := row.item.version.sheet).name,
            sheet_en=sheet.name_en,
            item=row.item.name,
            item_en=row.item.name_en,
            value=_said(row, "zh-hans"),
            value_en=_said(row, "en"),
            record=records.get(row.pk),
        )
        for row in rows
    ]


def _said(answer: InspectionAnswer, language: str) -> str:
    with translation.override(language):
        return answer.shown_value


def _remote(group: Group, now: datetime) -> Iterator[RemoteMatter]:
    granted = RemoteAuthorisation.objects.filter(ticket__group=group).select_related("ticket__client")
    sessions = RemoteSession.objects.open().filter(authorisation__ticket__group=group)
    related = ("operator", "authorisation__ticket__client")
    for session in sessions.select_related(*related).order_by("authorisation__window_to", "pk")[:MOST]:
        who, access = session.operator, session.authorisation
        yield _matter(RemoteKind.SESSION, access, who.name, access.window_to, who.name_en)
    usable = granted.filter(revoked_at__isnull=True, window_to__gt=now).exclude(ticket__status__in=OVER)
    for access in usable.order_by("window_to", "pk")[:MOST]:
        yield _matter(RemoteKind.ACCESS, access, access.given_by, access.window_to)
    for access in granted.awaiting_paper().order_by("written_due_at", "pk")[:MOST]:
        yield _matter(RemoteKind.PAPER, access, access.given_by, access.written_due_at)
    untold = Custody.objects.client_to_be_told().without_secrets().filter(authorisation__ticket__group=group)
    for custody in untold.select_related("authorisation__ticket__client").order_by("pk")[:MOST]:
        yield _matter(RemoteKind.PASSWORD, custody.authorisation, custody.account, None)


def _matter(
    kind: RemoteKind, access: RemoteAuthorisation, who: str, until_at: datetime | None, who_en: str = ""
) -> RemoteMatter:
    client = access.ticket.client
    return RemoteMatter(
        kind=kind.value,
        record=access.ticket_id,
        authorisation=access.pk,
        client=client.name,
        client_en=client.name_en,
        who=who,
        who_en=who_en,
        until_at=until_at,
    )


def _with_instants(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: parse_datetime(value) if name.endswith("_at") and isinstance(value, str) else value
        for name, value in row.items()
    }
