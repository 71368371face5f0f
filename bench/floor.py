"""The floor that pages are measured against: a bare view, no middleware, one indexed query, three columns."""

from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path

from tickets.models import Ticket

ROWS = 50
ROW = "<tr><td>{{ t.pk }}</td><td>{{ t.title }}</td><td>{{ t.next_due_at }}</td></tr>"
TABLE = f"<table>{{% for t in rows %}}{ROW}{{% endfor %}}</table>"


def rows() -> list[Ticket]:
    return list(Ticket.objects.open().order_by("next_due_at", "pk")[:ROWS])


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_template().render({"rows": rows()}))


def dump(request: HttpRequest) -> JsonResponse:
    return JsonResponse([{"id": t.pk, "title": t.title, "due": t.next_due_at} for t in rows()], safe=False)


@cache
def _template():  # type: ignore[no-untyped-def]
    return engines["django"].from_string(TABLE)


urlpatterns = [path("page", page), path("dump", dump)]
