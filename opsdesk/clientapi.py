"""What several apps know of a client, through the REST interface: its timeline, and how it stands."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.archive import BY_CODE
from clients.api.things import house_only
from clients.happenings import About
from clients.models import Client
from opsdesk.timeline import mark_of, timeline
from staff.models import User
from staff.rest import ListQuery, Person, QueryInvalid, RestView, page_of
from tickets.clienthealth import health_of


class TimelineQuery(ListQuery):
    about = serializers.ChoiceField(About.choices, required=False, help_text=_("One kind of happening."))


class HappeningRow(serializers.Serializer):
    """One thing that happened with a client."""

    at = serializers.DateTimeField()
    about = serializers.ChoiceField(About.choices)
    source = serializers.CharField(help_text=_("What tells of it; with the id it is unique."))
    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    detail = serializers.CharField()
    url = serializers.CharField(help_text=_("Its page, where it has one."))
    by = Person(allow_null=True)


class GradeCount(serializers.Serializer):
    grade = serializers.CharField()
    records = serializers.IntegerField()


class HealthSpan(serializers.Serializer):
    days = serializers.IntegerField()
    records = serializers.IntegerField()
    by_grade = serializers.SerializerMethodField()
    limits_met = serializers.IntegerField(source="met")
    limits_due = serializers.IntegerField(source="due")
    repeats = serializers.IntegerField()

    @extend_schema_field(GradeCount(many=True))
    def get_by_grade(self, span: Any) -> list[dict[str, Any]]:
        return [{"grade": grade, "records": count} for grade, count in span.by_grade]


class HealthRow(serializers.Serializer):
    """How a client stands, by his records of the last days."""

    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    last_contact = serializers.DateTimeField(allow_null=True)
    spans = HealthSpan(many=True)


class TimelineView(RestView):
    @extend_schema(
        operation_id="clients_timeline",
        summary=_("Everything that happened with a client, newest first"),
        tags=["clients"],
        parameters=[BY_CODE, TimelineQuery],
        responses=page_of(HappeningRow, "HappeningPage"),
    )
    def get(self, request: Request, code: str) -> Response:
        client, query = seen(request.user, code, request), self.asked(TimelineQuery)
        cursor = query.get("cursor", "")
        if cursor and mark_of(cursor) is None:
            raise QueryInvalid({"cursor": [_("This cursor is not one that this list gave out.")]})
        about = [query["about"]] if "about" in query else []
        found = timeline(
            client,
            viewer=request.user,
            now=timezone.now(),
            about=about,
            cursor=cursor,
            limit=query["limit"],
        )
        next_url = None
        if found.older:
            address = request.query_params.copy()
            address["cursor"] = found.older
            next_url = request.build_absolute_uri(f"{request.path}?{address.urlencode()}")
        rows = HappeningRow(found.happenings, many=True, context={"user": request.user}).data
        headers = {"Link": f'<{next_url}>; rel="next"'} if next_url else {}
        return Response({"results": rows, "next": next_url}, headers=headers)


class HealthView(RestView):
    @extend_schema(
        operation_id="clients_health",
        summary=_("How a client stands: records, limits met, repeats, last contact"),
        tags=["clients"],
        parameters=[BY_CODE],
        responses=HealthRow,
    )
    def get(self, request: Request, code: str) -> Response:
        client = seen(request.user, code, request)
        return Response(HealthRow(health_of(client, request.user, timezone.now())).data)


def seen(user: User, code: str, request: Request) -> Client:
    house_only(request)
    visible = Client.objects.visible_to(user)
    client = visible.filter(code=code).first()
    if client is not None and client.merged_into_id:
        client = visible.filter(pk=client.merged_into_id).first()
    if client is None:
        raise Http404
    return client
