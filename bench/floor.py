"""The floors that everything is measured against: bare views without middleware, on the same server and data.

`/page` fetches a list's page of rows by one indexed query and renders them through a three-column template,
`/dump` sends them as JSON, `/insert` writes one row through a serializer of Django REST framework. Pages that
show fewer rows than a list, or none, are held against the same page of rows. The insert writes the same row
as logging a call does, without its clocks, its history, its pieces for the search and its notices.
"""

from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path
from rest_framework import generics, serializers

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


urlpatterns = [path("page", page), path("dump", dump), path("insert", Insert.as_view())]
