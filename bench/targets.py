"""What is measured: pages, fragments of pages, answers of the REST interface, and the logging of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from bench.generate import WORDS
from bench.roster import GROUP, USER
from clients.models import Client
from meetings.models import Meeting
from reports.board.parts import PARTS
from reports.periods import period_of
from surveys.models import Campaign
from tickets.models import Ticket

REST = "/api/v1/"
LEADER = "benchall"  # who reads the figures of the whole department
Body = Callable[[], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Target:
    """Something to ask for, signed in. With a `body` it is sent there, each time another one.

    `unchanged`: asked as by a page that shows it already, so that the answer is 304. `user` asks for it, who
    supervises a group. `most_queries` may it cost. `htmx`: asked for as a part of a page.
    """

    name: str
    kind: str
    address: str
    body: Body | None = None
    unchanged: bool = False
    user: str = "bench"
    floor: str = ""  # where it is not that of its kind
    most_queries: int = 12
    htmx: bool = False


def targets() -> list[Target]:
    """Return everything to measure on the data that `generate` has made, for the supervisor `bench`."""
    records, live = reverse("tickets:list"), reverse("tickets:live")
    some = Ticket.objects.filter(group__code="g0").open().order_by("next_due_at").first()
    done = Ticket.objects.filter(group__code="g0").exclude(solution="").order_by("-pk").first()
    client = Client.objects.get(code="c0")
    meeting = Meeting.objects.filter(group__code="g0").earliest("starts_at")
    quarter = period_of(timezone.localdate(), "quarter").plus(-1)  # of which a day of the week fills a page
    common, frequent, unknown = *WORDS["common"], WORDS["unknown"]
    symptom = urlencode({"title": WORDS["symptom"], "system": some.system_id})
    pages = {
        "desk": reverse("home"),
        "list, open": records,
        **{f"list, {queue}": f"{records}?queue={queue}" for queue in QUEUES},
        "list, saved view": f"{records}?queue=open&grade=2&status=in_progress",
        "list, all, older page": f"{records}?queue=all&client=c0&status=closed",
        "list, one client": f"{records}?queue=all&client=c0",
        "search, 2 characters": f"{records}?queue=all&q={common}",
        "search, 4 characters": f"{records}?queue=all&q={frequent}",
        "search, rare word": f"{records}?queue=all&q={client.name}",
        "search, rare word in open": f"{records}?q={client.name}",
        "search, nothing found": f"{records}?queue=all&q={unknown}",
        "record": reverse("tickets:detail", args=[some.pk]),
        "record, closed": reverse("tickets:detail", args=[done.pk]),
        "log a call": reverse("tickets:create"),
        "clients": reverse("clients:list"),
        "client": reverse("clients:detail", args=[client.pk]),
        "inbox": reverse("staff:inbox"),
        "duty": reverse("duty:now"),
        "rows of a figure": reverse("reports:rows") + "?kpi=response&part=others",
        "records behind the map of the week": f"{reverse('reports:reported')}?day=0&period={quarter}",
        "agenda of a meeting": reverse("meetings:meeting", args=[meeting.pk]),
        "rows behind the agenda": reverse("meetings:rows", args=[meeting.pk, "leftovers"]),
        "timeline": reverse("client_timeline", args=[client.pk]),
        "callbacks": reverse("visits:today"),
        "needs": reverse("visits:needs"),
        "needs, all": reverse("visits:needs") + "?state=done",
        "promises": reverse("visits:promises"),
        "opinions": reverse("visits:opinions"),
        "faults drawn": reverse("visits:drawn"),
        "campaigns": reverse("surveys:campaigns"),
        "campaign": reverse("surveys:campaign", args=[Campaign.objects.latest("pk").pk]),
        "invitations": reverse("surveys:invitations"),
        "survey tasks": reverse("surveys:tasks"),
        "comments": reverse("satisfaction:comments"),
        "complaints": reverse("satisfaction:complaints"),
        "corrective actions": reverse("satisfaction:correctives"),
    }
    fragments = {
        "queue refresh": live,
        "desk refresh": reverse("tickets:live_desk"),
        "top bar refresh": reverse("frame"),
        "wall-board": f"{reverse('reports:wall')}?part=1",
        "caller by number": reverse("tickets:caller") + "?callback_number=0755-80000000",
        "caller while typing": reverse("tickets:caller") + "?callback_number=07558000",
        "client type-ahead": reverse("clients:lookup") + f"?client={WORDS['clients'][0]}",
        "similar records": f"{reverse('tickets:similar')}?{symptom}",
        "palette": f"{reverse('palette')}?q={common}",
        "what became of a record": reverse("tickets:afterwards", args=[done.pk]),
    }
    standing = reverse("clients:standing", args=[client.pk])
    api = {
        "REST list": f"{REST}tickets/",
        "REST list, one client": f"{REST}tickets/?client=c0",
        "REST search, 2 characters": f"{REST}tickets/?q={common}",
        "REST search, 4 characters": f"{REST}tickets/?q={frequent}",
        "REST search, rare word": f"{REST}tickets/?q={client.name}",
        "REST search, nothing found": f"{REST}tickets/?q={unknown}",
        "REST record": f"{REST}tickets/{some.number}/",
        "REST entries": f"{REST}tickets/{some.number}/entries/",
        "REST clients": f"{REST}clients/",
    }
    return [
        *(Target(name, "page", address) for name, address in pages.items()),
        Target("dashboard", "page", reverse("reports:dashboard"), user=LEADER, most_queries=15),
        Target("dashboard, a group", "page", reverse("reports:dashboard"), most_queries=15),
        Target("all figures", "page", reverse("reports:table"), user=LEADER, most_queries=15),
        *(Target(f"dashboard, {key}", "fragment", part(key), user=LEADER, htmx=True) for key in PARTS),
        Target("satisfaction", "page", reverse("satisfaction:statistics"), most_queries=18),
        *(Target(name, "fragment", address) for name, address in fragments.items()),
        Target("how a client stands", "fragment", standing, most_queries=17),  # of four apps
        Target("quarter board", "page", reverse("duty:wallchart", args=[GROUP]), user=USER, floor="/board"),
        Target("queue refresh, unchanged", "fragment", live, unchanged=True),
        Target("desk refresh, unchanged", "fragment", reverse("tickets:live_desk"), unchanged=True),
        *(Target(name, "api", address) for name, address in api.items()),
        *_writing(client),
    ]


def part(key: str) -> str:
    """The address of a part of a dashboard."""
    return reverse("reports:part", args=[key])


QUEUES = ("mine", "group", "unacknowledged", "near", "overdue", "waiting", "to_confirm", "all")


def _writing(client: Client) -> list[Target]:
    """A call logged through the form and through the REST interface, as the same bare insert is."""
    system = client.systems.exclude(maintainer=None).first()  # whose maintainer is told, by e-mail too
    call = {"client": client.code, "system": system.pk, "caller_name": WORDS["title"]}

    def another() -> dict[str, object]:
        return {**call, "title": f"{WORDS['symptom']} {uuid4().hex[:8]}", "kind": "fault", "channel": "phone"}

    return [
        Target("create by form", "page", reverse("tickets:create"), body=another, most_queries=30),
        Target("create by REST", "api", f"{REST}tickets/", body=another, most_queries=30),
    ]
