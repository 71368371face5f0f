"""The floors that everything is measured against: bare views without middleware, on the same server and data.

`/page` fetches a list's page of rows by one indexed query and renders them through a three-column template,
`/dump` sends them as JSON, `/insert` writes one row through a serializer of Django REST framework. Pages that
show fewer rows than a list, or none, are held against the same page of rows. The insert writes the same row
as logging a call does, without its clocks, its history, its pieces for the search and its notices. `/board`
fetches the shifts of forty people in three months by one indexed query and renders them through a template of
people × days, without holidays, leave, gaps, or what is planned and not written out yet.
"""

from datetime import date, datetime, time, timedelta
from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path
from django.utils import timezone
from rest_framework import generics, serializers

from bench.roster import GROUP
from duty.models import Shift
from tickets.models import Ticket

ROWS = 50
ROW = "<tr><td>{{ t.pk }}</td><td>{{ t.title }}</td><td>{{ t.next_due_at }}</td></tr>"
DAYS = 92
HEAD = "{% for day in days %}<th>{{ day.day }}</th>{% endfor %}"
CELLS = "{% for cell in cells %}<td>{% for duty in cell %}{{ duty }}{% endfor %}</td>{% endfor %}"
LINES = f"{{% for name, cells in lines %}}<tr><th>{{{{ name }}}}</th>{CELLS}</tr>{{% endfor %}}"
BOARD = f"<table><tr>{HEAD}</tr>{LINES}</table>"
TABLE = f"<table>{{% for t in rows %}}{ROW}{{% endfor %}}</table>"


def rows() -> list[Ticket]:
    return list(Ticket.objects.open().order_by("next_due_at", "pk")[:ROWS])


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_template().render({"rows": rows()}))


def dump(request: HttpRequest) -> JsonResponse:
    return JsonResponse([{"id": t.pk, "title": t.title, "due": t.next_due_at} for t in rows()], safe=False)


def board(request: HttpRequest) -> HttpResponse:
    first = timezone.localdate().replace(day=1)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    midnight = datetime.combine(first, time(0), timezone.get_default_timezone())
    shifts = Shift.objects.filter(
        group__code=GROUP, ends_at__gt=midnight, starts_at__lt=midnight + timedelta(days=DAYS)
    )
    people: dict[str, dict[date, list[str]]] = {}
    for shift in shifts.select_related("user"):
        own = people.setdefault(shift.user.name, {})
        own.setdefault(timezone.localdate(shift.starts_at), []).append(shift.role)
    lines = [(name, [own.get(day, ()) for day in days]) for name, own in people.items()]
    return HttpResponse(_board().render({"days": days, "lines": lines}))


class Row(serializers.ModelSerializer):
    """The row of a record as it stands after a call was logged, and nothing else of it."""

    class Meta:
        model = Ticket
        fields = (
            *("kind", "channel", "client", "system", "group", "owner", "taken_by", "caller_name", "title"),
            *("reported_at", "logged_at", "next_due_at"),
        )


class Insert(generics.CreateAPIView):
    serializer_class = Row
    authentication_classes = permission_classes = ()


@cache
def _template():  # type: ignore[no-untyped-def]
    return engines["django"].from_string(TABLE)


@cache
def _board():  # type: ignore[no-untyped-def]
    return engines["django"].from_string(BOARD)


urlpatterns = [path("page", page), path("board", board), path("dump", dump), path("insert", Insert.as_view())]
